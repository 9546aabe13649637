//! What has been shared of a space, and with whom. Its index, by which the space is
//! found, is in the directory: [`super::shares`].

/// A grant `g`, with its item `i` as it is now.
macro_rules! columns {
    () => {
        concat!(
            "g.space, g.id, g.item, i.name, i.version IS NULL AS is_folder, g.owner, g.owner_name,
  g.user, g.user_name, g.role, g.created_at, g.ends_at, g.offered_at,
  ",
            account_end!(),
            " AS account_ends_at"
        )
    };
}

/// What somebody may do with an item, ended or not. ?1 space, ?2 item, ?3 user
pub const HELD: &str = concat!(
    "
SELECT g.role, g.created_at, g.ends_at, ",
    account_end!(),
    " AS account_ends_at
FROM grants g WHERE g.space = ?1 AND g.item = ?2 AND g.user = ?3"
);

/// Aborts the batch unless somebody may change an item. ?1 space, ?2 item, ?3 user, ?4 now
pub const GUARD_EDITS: &str = concat!(
    "
INSERT INTO guards (parent) SELECT NULL WHERE NOT EXISTS (
  SELECT 1 FROM grants g
  WHERE g.space = ?1 AND g.item = ?2 AND g.user = ?3 AND g.role = 'editor' AND ",
    lasts!("?4"),
    "
)"
);

/// Aborts the batch unless somebody may see an item. ?1 space, ?2 item, ?3 user, ?4 now
pub const GUARD_SEES: &str = concat!(
    "
INSERT INTO guards (parent) SELECT NULL WHERE NOT EXISTS (
  SELECT 1 FROM grants g
  WHERE g.space = ?1 AND g.item = ?2 AND g.user = ?3 AND g.role IN ('viewer', 'editor') AND ",
    lasts!("?4"),
    "
)"
);

/// ?1 space, ?2 grant
pub const GRANT: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM grants g CROSS JOIN items i ON i.space = g.space AND i.id = g.item
WHERE g.space = ?1 AND g.id = ?2"
);

/// One of an item for a person. ?1 space, ?2 item, ?3 user
pub const GRANT_FOR: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM grants g CROSS JOIN items i ON i.space = g.space AND i.id = g.item
WHERE g.space = ?1 AND g.item = ?2 AND g.user = ?3"
);

/// Those of an item and of all folders that it is in, the item's first. ?1 space, ?2 item,
/// ?3 now
pub const OF_ITEM: &str = concat!(
    "
WITH RECURSIVE path (id, parent, depth) AS (
  SELECT id, parent, 1 FROM items WHERE space = ?1 AND id = ?2
  UNION ALL
  SELECT i.id, i.parent, path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
)
SELECT ",
    columns!(),
    "
FROM path CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = ?1 AND g.item = path.id
CROSS JOIN items i ON i.space = g.space AND i.id = g.item
WHERE ",
    lasts!("?3"),
    "
ORDER BY path.depth, g.created_at, g.id"
);

/// Those of a space. ?1 space, ?2 now
pub const OF_SPACE: &str = live!(columns, "grants g WHERE g.space = ?1", "?2");

/// Those of a person in some spaces. ?1 user, ?2 JSON list of `[space, item]`, ?3 now
pub const OF_PERSON: &str = live!(
    columns,
    "json_each(?2) c CROSS JOIN grants g
  ON g.space = c.value ->> 0 AND g.item = c.value ->> 1 AND g.user = ?1
  WHERE true",
    "?3"
);

/// How many there are that last. ?1 space, ?2 now
pub const COUNT: &str = concat!(
    "SELECT count(*) AS count FROM grants g WHERE g.space = ?1 AND ",
    lasts!("?2")
);

/// ?1 space, ?2 id, ?3 item, ?4 owner, ?5 their name, ?6 user, ?7 their name, ?8 role,
/// ?9 now, ?10 end
pub const INSERT: &str = "
INSERT INTO grants
  (space, id, item, owner, owner_name, user, user_name, role, created_at, ends_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// ?1 space, ?2 id, ?3 role, ?4 end
pub const CHANGE: &str = "UPDATE grants SET role = ?3, ends_at = ?4 WHERE space = ?1 AND id = ?2";

/// ?1 space, ?2 id
pub const REMOVE: &str = "DELETE FROM grants WHERE space = ?1 AND id = ?2";

/// Forgets those that are over. ?1 space, ?2 ended before
pub const SWEEP: &str = "DELETE FROM grants WHERE space = ?1 AND ends_at < ?2";

/// Takes those away of items that are deleted for good. ?1 space, ?2 JSON list of items
pub const REMOVE_OF_ITEMS: &str = "
DELETE FROM grants WHERE (space, id) IN (
  SELECT g.space, g.id FROM json_each(?2) c
  CROSS JOIN grants g ON g.space = ?1 AND g.item = c.value
) RETURNING space, id, item, user, user_name, ends_at";
