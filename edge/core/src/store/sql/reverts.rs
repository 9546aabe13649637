//! Old versions of many files that become their newest again. What is read and written is
//! the difference of two lists, and no list leaves the database whole.

/// Files with the version that each is to have again and its head, by their places in the
/// list. ?1 space, ?2 JSON list of `[file, version, head]`
macro_rules! with_files {
    ($($statement:tt)+) => {
        concat!(
            "
WITH n AS MATERIALIZED (
  SELECT key AS place, value ->> 0 AS item, value ->> 1 AS version, value ->> 2 AS base
  FROM json_each(?2)
)
",
            $($statement)+
        )
    };
}

/// True of a row `$row` that is in the list of a version of a file of `n`.
macro_rules! is_of {
    ($row:literal, $version:literal) => {
        concat!(
            $row,
            ".space = ?1 AND ",
            $row,
            ".item = n.item AND ",
            $row,
            ".since_version <= n.",
            $version,
            "
  AND (",
            $row,
            ".until_version IS NULL OR ",
            $row,
            ".until_version > n.",
            $version,
            ")"
        )
    };
}

/// The versions, those that are there. ?1 and ?2 as above
pub const VERSIONS: &str = with_files!(
    "SELECT n.place, v.size, v.size_class, v.modified_at FROM n
CROSS JOIN versions v ON v.space = ?1 AND v.item = n.item AND v.version = n.version"
);

/// The blocks that each version has where the head has another one or none, in order.
/// ?1 and ?2 as above, ?3 at most so many rows
pub const OTHERS: &str = with_files!(concat!(
    "SELECT n.place, lower(hex(f.hash)) AS hash, f.length, b.damaged_at IS NOT NULL AS damaged
FROM n CROSS JOIN file_blocks f ON ",
    is_of!("f", "version"),
    "
CROSS JOIN blocks b ON b.space = ?1 AND b.hash = f.hash
WHERE NOT EXISTS (
  SELECT 1 FROM file_blocks g WHERE ",
    is_of!("g", "base"),
    " AND g.ord = f.ord AND g.hash = f.hash
)
ORDER BY n.place, f.ord LIMIT ?3"
));

/// Adds the next versions, as copies of the rows of the old ones. ?1 and ?2 as above,
/// ?3 user name, ?4 device, ?5 device name, ?6 now
pub const INSERT_VERSIONS: &str = with_files!(
    "INSERT INTO versions (space, item, version, size, size_class, modified_at,
  user_name, device, device_name, at)
SELECT ?1, v.item, n.base + 1, v.size, v.size_class, v.modified_at, ?3, ?4, ?5, ?6 FROM n
CROSS JOIN versions v ON v.space = ?1 AND v.item = n.item AND v.version = n.version"
);

/// Ends the rows of the heads that the versions do not have, with the version that comes next:
/// the batch is refused where that is not the one after `head`. The rows are found first, file
/// by file: joined with those that are to be written, D1 went through all rows of the space
/// for each file. ?1 and ?2 as above
pub const CLOSE_ROWS: &str = with_files!(concat!(
    "UPDATE file_blocks SET until_version = (
  SELECT i.version + 1 FROM items i WHERE i.space = ?1 AND i.id = file_blocks.item
)
WHERE (space, item, ord, since_version) IN (
  SELECT h.space, h.item, h.ord, h.since_version FROM n
  CROSS JOIN file_blocks h ON h.space = ?1 AND h.item = n.item AND h.until_version IS NULL
  WHERE NOT EXISTS (
    SELECT 1 FROM file_blocks f WHERE ",
    is_of!("f", "version"),
    " AND f.ord = h.ord AND f.hash = h.hash
  )
)"
));

/// Begins the rows that are missing then. ?1 and ?2 as above
pub const OPEN_ROWS: &str = with_files!(concat!(
    "INSERT INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, f.item, f.ord, n.base + 1, f.hash, f.length
FROM n CROSS JOIN file_blocks f ON ",
    is_of!("f", "version"),
    "
WHERE NOT EXISTS (
  SELECT 1 FROM file_blocks g
  WHERE g.space = ?1 AND g.item = n.item AND g.ord = f.ord AND g.until_version IS NULL
)"
));

/// Moves the heads on by one. ?1 and ?2 as above
pub const UPDATE_HEADS: &str = with_files!(
    "UPDATE items SET version = n.base + 1 FROM n
WHERE items.space = ?1 AND items.id = n.item AND items.version = n.base
  AND items.trashed_at IS NULL"
);
