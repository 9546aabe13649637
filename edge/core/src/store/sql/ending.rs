//! The end of an account, as far as it is about its space.

/// When the account ends whose space this is. ?1 space
pub const END: &str = "SELECT ends_at FROM spaces WHERE id = ?1";

/// Sets the end, unless there is one. ?1 space, ?2 the end
pub const SET_END: &str = "UPDATE spaces SET ends_at = ?2 WHERE id = ?1 AND ends_at IS NULL";

/// Takes the end away, if it is still this one. ?1 space, ?2 the end
pub const TAKE_END: &str = "UPDATE spaces SET ends_at = NULL WHERE id = ?1 AND ends_at = ?2";

/// Those whose accounts end before so long, the soonest first. ?1 before, ?2 at most
pub const ENDING: &str = "
SELECT id AS space, ends_at FROM spaces WHERE ends_at < ?1 ORDER BY ends_at LIMIT ?2";

/// The ends of some spaces that are there. ?1 JSON list of spaces
pub const ENDS: &str = "
SELECT s.id AS space, s.ends_at FROM json_each(?1) c CROSS JOIN spaces s ON s.id = c.value";

/// With whom something of a space is shared. ?1 space, ?2 now
pub const PEOPLE: &str = concat!(
    "SELECT DISTINCT g.user FROM grants g WHERE g.space = ?1 AND ",
    lasts!("?2")
);

/// Moves the journals of some spaces on, by one entry each. ?1 JSON list of spaces
pub const ADVANCE_EACH: &str = "
UPDATE spaces SET head_seq = head_seq + 1 WHERE id IN (SELECT value FROM json_each(?1))
RETURNING id AS space, head_seq";

/// Writes that entry. ?1 JSON list of `[space, what is known of it in JSON]`, ?2 now,
/// ?3 item, ?4 event, ?5 user, ?6 their name, ?7 device, ?8 its name
pub const APPEND_EACH: &str = "
INSERT INTO changes
  (space, seq, item, at, event, detail, user, user_name, device, device_name)
SELECT s.id, s.head_seq, ?3, ?2, ?4, c.value ->> 1, ?5, ?6, ?7, ?8
FROM json_each(?1) c CROSS JOIN spaces s ON s.id = c.value ->> 0";

/// What is left of a space: of each kind, whether there is any.
/// ?1 space
pub const LEFT: &str = "
SELECT s.ends_at,
  EXISTS (SELECT 1 FROM grants WHERE space = ?1) AS grants,
  EXISTS (SELECT 1 FROM links WHERE space = ?1) AS links,
  EXISTS (SELECT 1 FROM items WHERE space = ?1) AS items,
  EXISTS (SELECT 1 FROM doomed WHERE space = ?1) AS doomed,
  EXISTS (SELECT 1 FROM file_blocks WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM conflict_blocks WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM versions WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM conflicts WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM changes WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM operations WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM deleted_items WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM thinned WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM openings WHERE space = ?1)
    OR EXISTS (SELECT 1 FROM handovers WHERE space = ?1) AS others,
  EXISTS (SELECT 1 FROM blocks WHERE space = ?1) AS blocks,
  EXISTS (SELECT 1 FROM condemned_packs WHERE space = ?1) AS packs
FROM spaces s WHERE s.id = ?1";

/// In which spaces a person has access to some items. ?1 user, ?2 JSON list of
/// `[space, item]`
pub const SPACES_OF_HELD: &str = "
SELECT DISTINCT g.space FROM json_each(?2) c CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = c.value ->> 0 AND g.item = c.value ->> 1 AND g.user = ?1";

/// Takes that access away. ?1 user, ?2 JSON list of `[space, item]`
pub const REMOVE_HELD: &str = "
DELETE FROM grants WHERE (space, id) IN (
  SELECT g.space, g.id FROM json_each(?2) c CROSS JOIN grants g INDEXED BY grants_of_items
    ON g.space = c.value ->> 0 AND g.item = c.value ->> 1 AND g.user = ?1
)";

/// Some grants of a space. ?1 space, ?2 at most
pub const GRANTS: &str = "
SELECT id, item, user, user_name FROM grants WHERE space = ?1 ORDER BY id LIMIT ?2";

/// Takes those away. ?1 space, ?2 at most
pub const REMOVE_GRANTS: &str = "
DELETE FROM grants WHERE space = ?1 AND id IN (
  SELECT id FROM grants WHERE space = ?1 ORDER BY id LIMIT ?2
)";

/// Some links of a space. ?1 space, ?2 at most
pub const LINK_KEYS: &str = "SELECT id, key FROM links WHERE space = ?1 ORDER BY id LIMIT ?2";

/// Takes those away. ?1 space, ?2 at most
pub const REMOVE_LINKS: &str = "
DELETE FROM links WHERE space = ?1 AND id IN (
  SELECT id FROM links WHERE space = ?1 ORDER BY id LIMIT ?2
)";

/// Some items of a space, as a JSON list. ?1 space, ?2 at most
pub const ITEMS: &str = "
SELECT json_group_array(id) AS list FROM (
  SELECT id FROM items WHERE space = ?1 ORDER BY id LIMIT ?2
)";

/// Takes items that are there out of the count, and their conflicts. ?1 space, ?2 JSON list
/// of items
pub const UNCOUNT: &str = "
UPDATE spaces SET item_count = item_count - (
    SELECT count(*) FROM json_each(?2) c
    CROSS JOIN items i ON i.space = ?1 AND i.id = c.value
  ), version_count = version_count - (
    SELECT count(*) FROM json_each(?2) c
    CROSS JOIN conflicts k ON k.space = ?1 AND k.item = c.value
  )
WHERE id = ?1";

// What is in no list of a file or a conflict that goes: what was written down of the
// space, and what was left over by damage.

/// ?1 space, ?2 at most
pub const REMOVE_FILE_ROWS: &str = remove_some!("file_blocks", "space, item, ord, since_version");

/// ?1 space, ?2 at most
pub const REMOVE_CONFLICT_ROWS: &str = remove_some!("conflict_blocks", "space, conflict, ord");

/// ?1 space, ?2 at most
pub const REMOVE_VERSIONS: &str = remove_some!("versions", "space, item, version");

/// ?1 space, ?2 at most
pub const REMOVE_CONFLICTS: &str = remove_some!("conflicts", "space, id");

/// ?1 space, ?2 at most
pub const REMOVE_CHANGES: &str = remove_some!("changes", "space, seq");

/// ?1 space, ?2 at most
pub const REMOVE_OPERATIONS: &str = remove_some!("operations", "space, id");

/// ?1 space, ?2 at most
pub const REMOVE_DELETED: &str = remove_some!("deleted_items", "space, id");

/// ?1 space, ?2 at most
pub const REMOVE_THINNED: &str = remove_some!("thinned", "space, item");

/// ?1 space, ?2 at most
pub const REMOVE_OPENINGS: &str = remove_some!("openings", "space, item, user");

/// ?1 space, ?2 at most
pub const REMOVE_HANDOVERS: &str = remove_some!("handovers", "space, grant_id");

/// Removes a space whose account has ended, if nothing is left of it. ?1 space, ?2 ended
/// before
pub const REMOVE_SPACE: &str = "
DELETE FROM spaces AS s WHERE s.id = ?1 AND s.ends_at < ?2
  AND NOT EXISTS (SELECT 1 FROM grants WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM links WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM items WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM doomed WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM file_blocks WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM conflict_blocks WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM versions WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM conflicts WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM changes WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM operations WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM deleted_items WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM thinned WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM openings WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM handovers WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM blocks WHERE space = ?1)
  AND NOT EXISTS (SELECT 1 FROM condemned_packs WHERE space = ?1)";
