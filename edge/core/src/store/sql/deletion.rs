//! Deletion for good: items out of the trash, and then all that was theirs.

/// Items with all that is below them, each folder before what is in it, and nothing
/// else in between: depth first. An item that was trashed by itself below a trashed
/// folder comes twice. `$roots` says where it begins; ?1 space, ?3 at most. The indexes
/// are named because SQLite would read the whole space for each folder; the plus takes
/// the affinity away, with which it could not look up an expression.
macro_rules! subtrees {
    ($roots:literal) => {
        concat!(
            "
WITH RECURSIVE below (id, parent, name, place_version, folder, trashed, mount, depth) AS (
  SELECT * FROM (
    SELECT id, parent, name, place_version, version IS NULL, trashed_at IS NOT NULL,
      mount IS NOT NULL, 0
    FROM items ",
            $roots,
            " LIMIT ?3
  )
  UNION ALL
  SELECT c.id, c.parent, c.name, c.place_version, c.version IS NULL,
    c.trashed_at IS NOT NULL, c.mount IS NOT NULL, b.depth + 1
  FROM below b CROSS JOIN items c ON c.space = ?1 AND c.id IN (
    SELECT * FROM (
      SELECT l.id FROM items l INDEXED BY live_names
      WHERE l.space = ?1 AND coalesce(l.parent, '') = +b.id AND l.trashed_at IS NULL LIMIT ?3
    )
    UNION ALL
    SELECT * FROM (
      SELECT t.id FROM items t INDEXED BY trashed_items
      WHERE t.space = ?1 AND coalesce(t.parent, '') = +b.id AND t.trashed_at IS NOT NULL
      LIMIT ?3
    )
  )
  WHERE b.folder
  ORDER BY 8 DESC LIMIT ?3
)
SELECT id, parent, name, place_version, folder, trashed, mount FROM below"
        )
    };
}

/// ?1 space, ?2 item, ?3 at most
pub const SUBTREE: &str = subtrees!("WHERE space = ?1 AND id = ?2");

/// ?1 space, ?2 trashed at this time or before, ?3 at most
pub const TRASHED_SUBTREES: &str = subtrees!(
    "INDEXED BY trashed_items WHERE space = ?1 AND trashed_at IS NOT NULL AND trashed_at <= ?2"
);

/// The open conflicts with the ways up from their files.
macro_rules! with_open_conflicts {
    ($statement:literal) => {
        concat!(
            "
WITH RECURSIVE path (conflict, id, parent, trashed_at, depth) AS (
  SELECT c.id, i.id, i.parent, i.trashed_at, 1
  FROM conflicts c CROSS JOIN items i ON i.space = ?1 AND i.id = c.item
  WHERE c.space = ?1 AND c.resolved_at IS NULL
  UNION ALL
  SELECT path.conflict, i.id, i.parent, i.trashed_at, path.depth + 1
  FROM path CROSS JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 300
)
SELECT count(DISTINCT conflict) AS count FROM path WHERE ",
            $statement
        )
    };
}

/// How many conflicts are open of an item and of what is below it. ?1 space, ?2 item
pub const OPEN_CONFLICTS_BELOW: &str = with_open_conflicts!("id = ?2");

/// The same of all that is in the trash. ?1 space, ?2 trashed at this time or before
pub const OPEN_CONFLICTS_IN_TRASH: &str =
    with_open_conflicts!("trashed_at IS NOT NULL AND trashed_at <= ?2");

/// Aborts the batch unless these items are at these place versions: what was restored
/// meanwhile stays. ?1 space, ?2 JSON list of `[item, place version]`
pub const GUARD_PLACES_ARE: &str = "
INSERT INTO guards (place) SELECT NULL FROM json_each(?2) c
WHERE NOT EXISTS (
  SELECT 1 FROM items i
  WHERE i.space = ?1 AND i.id = c.value ->> 0 AND i.place_version = c.value ->> 1
)";

/// Aborts the batch if a conflict of these items is open. ?1 space, ?2 JSON list of items
pub const GUARD_NO_OPEN_CONFLICT: &str = "
INSERT INTO guards (conflict) SELECT NULL FROM json_each(?2) c
CROSS JOIN conflicts k INDEXED BY conflicts_of_items
  ON k.space = ?1 AND k.item = c.value AND k.resolved_at IS NULL";

/// Moves the journal on, and takes items and their conflicts out of the count.
/// ?1 space, ?2 how many entries follow, ?3 JSON list of items
pub const ADVANCE_AND_UNCOUNT: &str = "
UPDATE spaces SET head_seq = head_seq + ?2, item_count = item_count - ?2,
  version_count = version_count - (
    SELECT count(*) FROM json_each(?3) c
    CROSS JOIN conflicts k ON k.space = ?1 AND k.item = c.value
  )
WHERE id = ?1 RETURNING head_seq";

/// How many conflicts these items have. ?1 space, ?2 JSON list of items
pub const COUNT_CONFLICTS: &str = "
SELECT count(*) AS count FROM json_each(?2) c
CROSS JOIN conflicts k ON k.space = ?1 AND k.item = c.value";

/// What is to be removed of these items later on: their files, and their conflicts.
/// ?1 space, ?2 JSON list of items
pub const DOOM: &str = "
INSERT INTO doomed (space, id)
SELECT ?1, i.id FROM json_each(?2) c CROSS JOIN items i ON i.space = ?1 AND i.id = c.value
WHERE i.version IS NOT NULL
UNION ALL
SELECT ?1, k.id FROM json_each(?2) c CROSS JOIN conflicts k ON k.space = ?1 AND k.item = c.value
WHERE true
ON CONFLICT DO NOTHING";

/// Remembers the given items that are there, so that none is made again.
/// ?1 space, ?2 JSON list of items
pub const REMEMBER: &str = "
INSERT INTO deleted_items (space, id)
SELECT ?1, i.id FROM json_each(?2) c CROSS JOIN items i ON i.space = ?1 AND i.id = c.value";

/// ?1 space, ?2 JSON list of items
pub const DELETE_CONFLICTS: &str = "
DELETE FROM conflicts WHERE space = ?1 AND id IN (
  SELECT k.id FROM json_each(?2) c CROSS JOIN conflicts k ON k.space = ?1 AND k.item = c.value
)";

/// ?1 space, ?2 JSON list of items
pub const DELETE_ITEMS: &str = "
DELETE FROM items WHERE space = ?1 AND id IN (SELECT value FROM json_each(?2))";

/// Rows of the lists of doomed files, as a JSON list of `[item, ord, since, hash]`.
/// ?1 space, ?2 at most
pub const DOOMED_FILE_ROWS: &str = "
SELECT json_group_array(json_array(item, ord, since_version, hash)) AS list FROM (
  SELECT f.item, f.ord, f.since_version, lower(hex(f.hash)) AS hash
  FROM doomed d CROSS JOIN file_blocks f ON f.space = d.space AND f.item = d.id
  WHERE d.space = ?1 LIMIT ?2
)";

/// The same of doomed conflicts, `[conflict, ord, 0, hash]`. ?1 space, ?2 at most
pub const DOOMED_CONFLICT_ROWS: &str = "
SELECT json_group_array(json_array(conflict, ord, 0, hash)) AS list FROM (
  SELECT f.conflict, f.ord, lower(hex(f.hash)) AS hash
  FROM doomed d CROSS JOIN conflict_blocks f ON f.space = d.space AND f.conflict = d.id
  WHERE d.space = ?1 LIMIT ?2
)";

/// ?1 space, ?2 JSON list of `[item, ord, since, …]`
pub const DELETE_FILE_ROWS: &str = "
DELETE FROM file_blocks WHERE (space, item, ord, since_version) IN (
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)
)";

/// ?1 space, ?2 JSON list of `[conflict, ord, …]`
pub const DELETE_CONFLICT_ROWS: &str = "
DELETE FROM conflict_blocks WHERE (space, conflict, ord) IN (
  SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)
)";

/// Aborts the batch unless the statement before it changed so many rows: else another
/// one has removed them. ?1 rows
pub const GUARD_REMOVED: &str = "INSERT INTO guards (version) SELECT NULL WHERE changes() <> ?1";

/// What a step gives back, once its rows are removed: blocks that no list has any
/// more, their bytes, and versions. ?1 space, ?2 JSON list of the rows' hashes,
/// ?3 versions at most
macro_rules! given_back {
    () => {
        "SELECT count(*) AS blocks, coalesce(sum(b.length), 0) AS bytes, (
    SELECT count(*) FROM (
      SELECT 1 FROM doomed d CROSS JOIN versions v ON v.space = d.space AND v.item = d.id
      WHERE d.space = ?1 LIMIT ?3
    )
  ) AS versions
  FROM (SELECT DISTINCT unhex(value) AS hash FROM json_each(?2)) n
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = n.hash
  WHERE NOT EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = ?1 AND f.hash = n.hash)
    AND NOT EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = ?1 AND c.hash = n.hash)"
    };
}

/// See above.
pub const GIVEN_BACK: &str = given_back!();

/// Takes it out of the space's use. The same parameters, and ?4 the rows that were
/// removed
pub const GIVE_BACK: &str = concat!(
    "
UPDATE spaces SET needed_blocks = needed_blocks - g.blocks,
  needed_bytes = needed_bytes - g.bytes, version_count = version_count - g.versions,
  row_count = row_count - ?4
FROM (",
    given_back!(),
    ") g
WHERE id = ?1"
);

/// Removes versions of doomed files. ?1 space, ?2 at most
pub const DELETE_VERSIONS: &str = "
DELETE FROM versions WHERE (space, item, version) IN (
  SELECT v.space, v.item, v.version
  FROM doomed d CROSS JOIN versions v ON v.space = d.space AND v.item = d.id
  WHERE d.space = ?1 LIMIT ?2
)";

/// Forgets those of which nothing is left. ?1 space
pub const FORGET_DOOMED: &str = "
DELETE FROM doomed AS d WHERE d.space = ?1
  AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.space = d.space AND v.item = d.id)
  AND NOT EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = d.space AND f.item = d.id)
  AND NOT EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = d.space AND c.conflict = d.id)";

/// Whether anything is left to be removed. ?1 space
pub const IS_LEFT: &str = "SELECT count(*) AS count FROM (
  SELECT 1 FROM doomed WHERE space = ?1 LIMIT 1
)";

/// A space of which something is left.
pub const SPACE_WITH_DOOMED: &str = "SELECT space FROM doomed ORDER BY space LIMIT 1";

/// Aborts the batch if an item is not there any more. ?1 space, ?2 item
pub const GUARD_IS_THERE: &str = "
INSERT INTO guards (version) SELECT NULL
WHERE NOT EXISTS (SELECT 1 FROM items WHERE space = ?1 AND id = ?2)";

/// The items of a page of the journal that are not there any more, the last ones
/// last. Those that entries of access are about may be other people's.
/// ?1 space, ?2 after this entry, ?3 at most
pub const DELETED: &str = "
SELECT page.item AS id FROM (
  SELECT item, max(seq) AS seq FROM (
    SELECT item, seq, event FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
  ) WHERE coalesce(event, '') NOT IN ('share_granted', 'share_changed', 'share_revoked', 'share_offered')
  GROUP BY item
) page
WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.space = ?1 AND i.id = page.item)
ORDER BY page.seq";
