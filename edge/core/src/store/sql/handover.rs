//! An item is handed over: what it is, which of its blocks the new space lacks, and the batch
//! that moves its rows. That batch does not depend on what was read before: its first
//! statement writes down in the table `moving` what is below the item, the others go by
//! that, and the last one empties the table.

/// An item with all that is below it, also what is in the trash, as the table `below`. ?1
/// space, ?2 item. The indexes are named and the plus is there for the reasons that
/// `deletion::subtrees` has.
macro_rules! with_below {
    ($statement:expr) => {
        concat!(
            "
WITH RECURSIVE below (id, parent, name, mount, folder, depth) AS MATERIALIZED (
  SELECT id, parent, name, mount IS NOT NULL, version IS NULL AND mount IS NULL, 0
  FROM items WHERE space = ?1 AND id = ?2
  UNION ALL
  SELECT c.id, c.parent, c.name, c.mount IS NOT NULL, c.version IS NULL AND c.mount IS NULL,
    b.depth + 1
  FROM below b CROSS JOIN items c ON c.space = ?1 AND c.id IN (
    SELECT l.id FROM items l INDEXED BY live_names
    WHERE l.space = ?1 AND coalesce(l.parent, '') = +b.id AND l.trashed_at IS NULL
    UNION ALL
    SELECT t.id FROM items t INDEXED BY trashed_items
    WHERE t.space = ?1 AND coalesce(t.parent, '') = +b.id AND t.trashed_at IS NOT NULL
  )
  WHERE b.folder AND b.depth <= 10000
)",
            $statement
        )
    };
}

/// The blocks that the lists of those below refer to, each once, as the table `needed`.
macro_rules! needed {
    () => {
        ", needed (hash) AS MATERIALIZED (
  SELECT f.hash FROM below b CROSS JOIN file_blocks f ON f.space = ?1 AND f.item = b.id
  UNION
  SELECT l.hash FROM below b
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
  CROSS JOIN conflict_blocks l ON l.space = ?1 AND l.conflict = k.id
)"
    };
}

/// The ids of the conflicts of what moves, from the space ?1.
macro_rules! conflicts_of_moving {
    () => {
        "
  SELECT k.id FROM moving m
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = m.id
  WHERE m.kind = 0
"
    };
}

/// True if `$space` lacks a block `n.hash`, or has it damaged.
macro_rules! lacks {
    ($space:literal) => {
        concat!(
            "NOT EXISTS (
  SELECT 1 FROM blocks h WHERE h.space = ",
            $space,
            " AND h.hash = n.hash AND h.damaged_at IS NULL
)"
        )
    };
}

/// True if no list of `$space` has a block `n.hash`.
macro_rules! in_no_list_of {
    ($space:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = ",
            $space,
            " AND f.hash = n.hash)
  AND NOT EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = ",
            $space,
            " AND c.hash = n.hash)"
        )
    };
}

/// How many rows there are of what is below an item: items without mounts, versions and
/// conflicts, entries of block lists. ?1 space, ?2 item
pub const COUNTS: &str = with_below!(
    "
SELECT (SELECT count(*) FROM below WHERE NOT mount) AS items, (
    SELECT count(*) FROM below b CROSS JOIN versions v ON v.space = ?1 AND v.item = b.id
  ) + (
    SELECT count(*) FROM below b
    CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
  ) AS versions, (
    SELECT count(*) FROM below b CROSS JOIN file_blocks f ON f.space = ?1 AND f.item = b.id
  ) + (
    SELECT count(*) FROM below b
    CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
    CROSS JOIN conflict_blocks l ON l.space = ?1 AND l.conflict = k.id
  ) AS list_rows"
);

/// The blocks that are needed of an item: all of them, those that no list of another space
/// has, and the bytes of those that this one lacks. ?1 space, ?2 item, ?3 the other space
pub const BLOCKS: &str = with_below!(concat!(
    needed!(),
    "
SELECT count(*) AS blocks, coalesce(sum(b.length), 0) AS bytes,
  coalesce(sum(n.is_new), 0) AS new_blocks,
  coalesce(sum(CASE WHEN n.is_new THEN b.length END), 0) AS new_bytes,
  coalesce(sum(CASE WHEN n.is_lacked THEN b.length END), 0) AS lacked_bytes
FROM (
  SELECT n.hash, ",
    in_no_list_of!("?3"),
    " AS is_new, ",
    lacks!("?3"),
    " AS is_lacked
  FROM needed n
) n CROSS JOIN blocks b ON b.space = ?1 AND b.hash = n.hash"
));

/// The places of blocks that are needed of an item and that another space lacks, as a JSON
/// list of `[hash, place]`, in the order in which they are stored.
/// ?1 space, ?2 item, ?3 the other space, ?4 at most
pub const LACKED: &str = with_below!(concat!(
    needed!(),
    "
SELECT json_group_array(json_array(hash, ",
    place_list!(),
    ")) AS list FROM (
  SELECT lower(hex(n.hash)) AS hash, ",
    select_place!(),
    "
  FROM needed n CROSS JOIN blocks b ON b.space = ?1 AND b.hash = n.hash
  WHERE ",
    lacks!("?3"),
    "
  ORDER BY b.pack, b.offset LIMIT ?4
)"
));

/// A file that needs a damaged block which another space lacks. ?1 space, ?2 item, ?3 the
/// other space
pub const DAMAGED: &str = with_below!(concat!(
    ", damaged (item) AS (
  SELECT b.id FROM below b CROSS JOIN file_blocks n ON n.space = ?1 AND n.item = b.id
  CROSS JOIN blocks d INDEXED BY damaged_blocks ON d.space = ?1 AND d.hash = n.hash
    AND d.damaged_at IS NOT NULL
  WHERE ",
    lacks!("?3"),
    "
  UNION ALL
  SELECT b.id FROM below b
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
  CROSS JOIN conflict_blocks n ON n.space = ?1 AND n.conflict = k.id
  CROSS JOIN blocks d INDEXED BY damaged_blocks ON d.space = ?1 AND d.hash = n.hash
    AND d.damaged_at IS NOT NULL
  WHERE ",
    lacks!("?3"),
    "
)
SELECT i.id, i.name FROM (SELECT item FROM damaged LIMIT 1) n
CROSS JOIN items i ON i.space = ?1 AND i.id = n.item"
));

/// Whether an id of what is below an item is in use in another space, by an item or by what
/// is left over of one, or that of a conflict. ?1 space, ?2 item, ?3 the other space
pub const TAKEN: &str = with_below!(
    "
SELECT 1 AS any FROM (
  SELECT 1 FROM below b CROSS JOIN items i ON i.space = ?3 AND i.id = b.id WHERE NOT b.mount
  UNION ALL
  SELECT 1 FROM below b CROSS JOIN doomed d ON d.space = ?3 AND d.id = b.id
  UNION ALL
  SELECT 1 FROM below b
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
  CROSS JOIN conflicts o ON o.space = ?3 AND o.id = k.id
  UNION ALL
  SELECT 1 FROM below b
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = b.id
  CROSS JOIN doomed d ON d.space = ?3 AND d.id = k.id
) LIMIT 1"
);

/// How many grants and links go along, and how many another space has. ?1 space, ?2 item,
/// ?3 the other space
pub const ACCESS: &str = with_below!(
    "
SELECT (
    SELECT count(*) FROM below b CROSS JOIN grants g INDEXED BY grants_of_items
      ON g.space = ?1 AND g.item = b.id
  ) AS grants, (
    SELECT count(*) FROM below b CROSS JOIN links l INDEXED BY links_of_items
      ON l.space = ?1 AND l.item = b.id
  ) AS links,
  (SELECT count(*) FROM grants WHERE space = ?3) AS has_grants,
  (SELECT count(*) FROM links WHERE space = ?3) AS has_links"
);

/// Makes an offer, unless it is made. ?1 space, ?2 grant, ?3 now
pub const OFFER: &str = "
UPDATE grants SET offered_at = ?3 WHERE space = ?1 AND id = ?2 AND offered_at IS NULL";

/// Ends an offer. ?1 space, ?2 grant
pub const END_OFFER: &str = "
UPDATE grants SET offered_at = NULL WHERE space = ?1 AND id = ?2 AND offered_at IS NOT NULL";

/// Aborts the batch unless a person is offered an item by a grant that lasts, in the same
/// offer. ?1 space, ?2 grant, ?3 user, ?4 item, ?5 since when, ?6 now
pub const GUARD_OFFERED: &str = concat!(
    "
INSERT INTO guards (parent) SELECT NULL WHERE NOT EXISTS (
  SELECT 1 FROM grants g
  WHERE g.space = ?1 AND g.id = ?2 AND g.user = ?3 AND g.item = ?4 AND g.offered_at = ?5
    AND ",
    lasts!("?6"),
    "
)"
);

/// Aborts the batch unless there is a space whose account has not ended. ?1 space, ?2 now
pub const GUARD_LASTS: &str = "
INSERT INTO guards (parent) SELECT NULL WHERE NOT EXISTS (
  SELECT 1 FROM spaces s WHERE s.id = ?1 AND (s.ends_at IS NULL OR s.ends_at > ?2)
)";

/// Writes down what moves, and the mounts in it. ?1 space, ?2 item
pub const FILL: &str = concat!(
    "INSERT INTO moving (kind, id, nth, place, parent, name)",
    with_below!(
        "
SELECT mount, id, row_number() OVER (ORDER BY depth, id),
  row_number() OVER (PARTITION BY mount ORDER BY depth, id), parent, name
FROM below"
    )
);

/// Adds the mounts of the new owner that lead to what moves. ?1 space, ?2 new space, ?3 user
pub const FILL_MOUNTS: &str = "
INSERT INTO moving (kind, id, nth, place, parent, name)
SELECT 2, i.id, row_number() OVER (ORDER BY i.id), row_number() OVER (ORDER BY i.id), i.parent,
  i.name
FROM moving m CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = ?1 AND g.item = m.id AND g.user = ?3
CROSS JOIN items i INDEXED BY mounts ON i.space = ?2 AND i.mount = g.id
WHERE m.kind = 0";

/// Aborts the batch if more moves than may. ?1 space, ?2 the most items, ?3 the most rows of
/// versions, conflicts and lists
pub const GUARD_SIZE: &str = "
INSERT INTO guards (quota) SELECT NULL WHERE (SELECT count(*) FROM moving WHERE kind = 0) > ?2 OR (
  SELECT count(*) FROM moving m CROSS JOIN versions v ON v.space = ?1 AND v.item = m.id
  WHERE m.kind = 0
) + (
  SELECT count(*) FROM moving m CROSS JOIN file_blocks f ON f.space = ?1 AND f.item = m.id
  WHERE m.kind = 0
) + (
  SELECT count(*) FROM moving m
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ?1 AND k.item = m.id
  LEFT JOIN conflict_blocks l ON l.space = ?1 AND l.conflict = k.id
  WHERE m.kind = 0
) > ?3";

/// The rows of what moves, in a space: `versions` with conflicts, and `list_rows`.
macro_rules! rows_of_moving {
    ($space:literal) => {
        concat!(
            "(
    SELECT count(*) FROM moving m CROSS JOIN versions v ON v.space = ",
            $space,
            " AND v.item = m.id WHERE m.kind = 0
  ) + (
    SELECT count(*) FROM moving m
    CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ",
            $space,
            " AND k.item = m.id WHERE m.kind = 0
  ) AS versions, (
    SELECT count(*) FROM moving m CROSS JOIN file_blocks f ON f.space = ",
            $space,
            " AND f.item = m.id WHERE m.kind = 0
  ) + (
    SELECT count(*) FROM moving m
    CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ",
            $space,
            " AND k.item = m.id
    CROSS JOIN conflict_blocks l ON l.space = ",
            $space,
            " AND l.conflict = k.id WHERE m.kind = 0
  ) AS list_rows"
        )
    };
}

/// The blocks of what moves that no list of `$other` has, while the rows are in `$space`.
macro_rules! blocks_of_moving {
    ($space:literal, $other:literal) => {
        concat!(
            "
  SELECT count(*) AS blocks, coalesce(sum(b.length), 0) AS bytes FROM (
    SELECT f.hash FROM moving m CROSS JOIN file_blocks f ON f.space = ",
            $space,
            " AND f.item = m.id WHERE m.kind = 0
    UNION
    SELECT l.hash FROM moving m
    CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = ",
            $space,
            " AND k.item = m.id
    CROSS JOIN conflict_blocks l ON l.space = ",
            $space,
            " AND l.conflict = k.id WHERE m.kind = 0
  ) n CROSS JOIN blocks b ON b.space = ?1 AND b.hash = n.hash
  WHERE ",
            in_no_list_of!($other)
        )
    };
}

/// Moves the journal of the new space on, and counts what comes into it: to be run before
/// the rows move. ?1 space, ?2 new space
pub const COUNT_IN: &str = concat!(
    "
UPDATE spaces SET head_seq = head_seq + n.come + n.gone, item_count = item_count + n.come - n.gone,
  version_count = version_count + r.versions, row_count = row_count + r.list_rows,
  needed_blocks = needed_blocks + b.blocks, needed_bytes = needed_bytes + b.bytes
FROM (
  SELECT coalesce(sum(kind = 0), 0) AS come, coalesce(sum(kind = 2), 0) AS gone FROM moving
) n, (SELECT ",
    rows_of_moving!("?1"),
    ") r, (",
    blocks_of_moving!("?1", "?2"),
    ") b
WHERE id = ?2 RETURNING head_seq"
);

/// Moves the journal of the old space on by what goes and two entries more, and counts it
/// out, and one mount in: to be run after the rows have moved. ?1 space, ?2 new space
pub const COUNT_OUT: &str = concat!(
    "
UPDATE spaces SET head_seq = head_seq + n.gone + 2, item_count = item_count - n.gone + 1,
  version_count = version_count - r.versions, row_count = row_count - r.list_rows,
  needed_blocks = needed_blocks - b.blocks, needed_bytes = needed_bytes - b.bytes
FROM (SELECT count(*) AS gone FROM moving WHERE kind <> 2) n, (SELECT ",
    rows_of_moving!("?2"),
    ") r, (",
    blocks_of_moving!("?2", "?1"),
    ") b
WHERE id = ?1 RETURNING head_seq"
);

/// Remembers the ids that are not used again in the old space. ?1 space
pub const REMEMBER: &str = "
INSERT INTO deleted_items (space, id) SELECT ?1, id FROM moving WHERE kind <> 2
ON CONFLICT DO NOTHING";

/// The same of the new owner's mounts. ?1 new space
pub const REMEMBER_MOUNTS: &str = "
INSERT INTO deleted_items (space, id) SELECT ?1, id FROM moving WHERE kind = 2
ON CONFLICT DO NOTHING";

/// Forgets that what comes back was here before. ?1 new space
pub const FORGET_DELETED: &str = "
DELETE FROM deleted_items
WHERE space = ?1 AND id IN (SELECT id FROM moving WHERE kind = 0)";

/// Takes the mounts in it away. ?1 space
pub const DELETE_MOUNTS: &str = "
DELETE FROM items WHERE space = ?1 AND id IN (SELECT id FROM moving WHERE kind = 1)";

/// Takes the new owner's mounts away. ?1 new space
pub const DELETE_OWN_MOUNTS: &str = "
DELETE FROM items WHERE space = ?1 AND id IN (SELECT id FROM moving WHERE kind = 2)";

/// Forgets who has files open that move. ?1 space
pub const FORGET_OPENINGS: &str = "
DELETE FROM openings WHERE space = ?1 AND item IN (SELECT id FROM moving WHERE kind = 0)";

/// Moves the items; the first of them gets another place. ?1 space, ?2 new space, ?3 item,
/// ?4 parent, ?5 name, ?6 name key
pub const MOVE_ITEMS: &str = "
UPDATE items SET space = ?2,
  parent = CASE id WHEN ?3 THEN ?4 ELSE parent END,
  name = CASE id WHEN ?3 THEN ?5 ELSE name END,
  name_key = CASE id WHEN ?3 THEN ?6 ELSE name_key END,
  place_version = CASE id WHEN ?3 THEN min(place_version + 1, 9007199254740991)
    ELSE place_version END
WHERE space = ?1 AND id IN (SELECT id FROM moving WHERE kind = 0)";

/// ?1 space, ?2 new space
pub const MOVE_VERSIONS: &str = "
UPDATE versions SET space = ?2
WHERE space = ?1 AND item IN (SELECT id FROM moving WHERE kind = 0)";

/// Moves along what was written down of files with rows that no version needs. ?1 space,
/// ?2 new space
pub const MOVE_THINNED: &str = "
UPDATE OR REPLACE thinned SET space = ?2
WHERE space = ?1 AND item IN (SELECT id FROM moving WHERE kind = 0)";

/// A foreign key aborts the batch if the new space lacks a block. ?1 space, ?2 new space
pub const MOVE_LISTS: &str = "
UPDATE file_blocks SET space = ?2
WHERE space = ?1 AND item IN (SELECT id FROM moving WHERE kind = 0)";

/// As above, and before the conflicts move. ?1 space, ?2 new space
pub const MOVE_CONFLICT_LISTS: &str = concat!(
    "
UPDATE conflict_blocks SET space = ?2 WHERE space = ?1 AND conflict IN (",
    conflicts_of_moving!(),
    ")"
);

/// ?1 space, ?2 new space
pub const MOVE_CONFLICTS: &str = concat!(
    "
UPDATE conflicts SET space = ?2 WHERE space = ?1 AND id IN (",
    conflicts_of_moving!(),
    ")"
);

/// Ends the access that the new owner had. ?1 space, ?2 user
pub const END_GRANTS: &str = "
DELETE FROM grants WHERE (space, id) IN (
  SELECT g.space, g.id FROM moving m CROSS JOIN grants g INDEXED BY grants_of_items
    ON g.space = ?1 AND g.item = m.id AND g.user = ?2
  WHERE m.kind = 0
)";

/// Moves the access of all others, and tells whose it is. The new owner has offered nothing.
/// ?1 space, ?2 new space, ?3 new owner, ?4 their name
pub const MOVE_GRANTS: &str = "
UPDATE grants SET space = ?2, owner = ?3, owner_name = ?4, offered_at = NULL
WHERE (space, id) IN (
  SELECT g.space, g.id FROM moving m CROSS JOIN grants g INDEXED BY grants_of_items
    ON g.space = ?1 AND g.item = m.id
  WHERE m.kind = 0
) RETURNING user";

/// ?1 space, ?2 new space, ?3 the name of the new owner
pub const MOVE_LINKS: &str = "
UPDATE links SET space = ?2, owner_name = ?3 WHERE (space, id) IN (
  SELECT l.space, l.id FROM moving m CROSS JOIN links l INDEXED BY links_of_items
    ON l.space = ?1 AND l.item = m.id
  WHERE m.kind = 0
)";

/// Where something stood, for the journal, from `$parent` and `$name`; null if nobody can
/// read what it was called.
macro_rules! spot {
    ($parent:literal, $name:literal) => {
        concat!(
            "CASE typeof(",
            $name,
            ") WHEN 'text' THEN json_object('parent', ",
            $parent,
            ", 'name', ",
            $name,
            ") END"
        )
    };
}

/// Writes into the journal of the old space what has gone; two entries follow. Of the
/// first, it says to whom. ?1 space, ?2 to whom, ?3 now, ?4 user, ?5 their name, ?6 device,
/// ?7 its name
pub const APPEND_GONE: &str = concat!(
    "
INSERT INTO changes
  (space, seq, item, at, event, detail, user, user_name, device, device_name)
SELECT ?1, s.head_seq - 1 - m.nth, m.id, ?3,
  CASE m.kind WHEN 0 THEN 'handed_over' ELSE 'mount' END,
  json_object('from', json(",
    spot!("m.parent", "m.name"),
    "), 'person', CASE m.nth WHEN 1 THEN ?2 END), ?4, ?5, ?6, ?7
FROM spaces s CROSS JOIN moving m WHERE s.id = ?1 AND m.kind <> 2"
);

/// Writes into the journal of the new space what has come, and then which mounts have gone.
/// Of the first, it says from whom. ?1 new space, ?2 from whom, ?3 now, ?4 user, ?5 their
/// name, ?6 device, ?7 its name, ?8 parent of the first, ?9 its name
pub const APPEND_COME: &str = concat!(
    "
INSERT INTO changes
  (space, seq, item, at, event, detail, user, user_name, device, device_name)
SELECT ?1, s.head_seq - n.gone - n.come + m.place, m.id, ?3, 'handed_over', CASE m.nth
    WHEN 1 THEN json_object('at', json_object('parent', ?8, 'name', ?9), 'person', ?2)
    ELSE json_object('at', json(",
    spot!("m.parent", "m.name"),
    ")) END, ?4, ?5, ?6, ?7
FROM spaces s CROSS JOIN (
  SELECT coalesce(sum(kind = 0), 0) AS come, coalesce(sum(kind = 2), 0) AS gone FROM moving
) n CROSS JOIN moving m WHERE s.id = ?1 AND m.kind = 0
UNION ALL
SELECT ?1, s.head_seq - n.gone + m.place, m.id, ?3, 'mount',
  json_object('from', json(",
    spot!("m.parent", "m.name"),
    ")), ?4, ?5, ?6, ?7
FROM spaces s CROSS JOIN (SELECT coalesce(sum(kind = 2), 0) AS gone FROM moving) n
CROSS JOIN moving m WHERE s.id = ?1 AND m.kind = 2"
);

/// Empties the table of what moves.
pub const EMPTY: &str = "DELETE FROM moving";

/// Writes down that something was handed over. ?1 old space, ?2 new space, ?3 grant, ?4 item,
/// ?5 now
pub const INSERT: &str = "
INSERT INTO handovers (space, grant_id, from_space, item, at) VALUES (?2, ?3, ?1, ?4, ?5)";

/// What was handed over to a space by a grant. ?1 space, ?2 grant
pub const FIND: &str = "
SELECT space, grant_id, from_space, item, mended_at IS NOT NULL AS is_mended FROM handovers
WHERE space = ?1 AND grant_id = ?2";

/// What was handed over to a space and the directory's indexes do not know yet. ?1 space
pub const UNMENDED_OF: &str = "
SELECT space, grant_id, from_space, item, mended_at IS NOT NULL AS is_mended FROM handovers
WHERE space = ?1 AND mended_at IS NULL";

/// The same of all spaces, the oldest first. ?1 at most
pub const UNMENDED: &str = "
SELECT space, grant_id, from_space, item, mended_at IS NOT NULL AS is_mended
FROM handovers INDEXED BY unmended_handovers WHERE mended_at IS NULL ORDER BY at LIMIT ?1";

/// ?1 space, ?2 grant, ?3 now
pub const MENDED: &str = "
UPDATE handovers SET mended_at = ?3 WHERE space = ?1 AND grant_id = ?2";

/// Forgets what the directory's indexes know. ?1 handed over before
pub const SWEEP: &str = "
DELETE FROM handovers INDEXED BY handovers_by_age WHERE at < ?1 AND mended_at IS NOT NULL";

/// All grants of a space, as the directory's index has them. ?1 space
pub const GRANTS: &str = "SELECT id, item, user FROM grants WHERE space = ?1";

/// The keys of all links of a space. ?1 space
pub const LINK_KEYS: &str = "SELECT key FROM links WHERE space = ?1";

/// Who has access to an item or to something that is below it. ?1 space, ?2 item
pub const PEOPLE: &str = with_below!(
    "
SELECT DISTINCT g.user FROM below b CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = ?1 AND g.item = b.id"
);

/// Which of these items somebody has no access to. ?1 space, ?2 user, ?3 JSON list of items
pub const NOT_HELD: &str = "
SELECT c.value AS id FROM json_each(?3) c LEFT JOIN grants g
  ON g.space = ?1 AND g.item = c.value AND g.user = ?2
WHERE g.id IS NULL";
