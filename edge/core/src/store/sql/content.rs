//! Versions and their block lists.

/// ?1 space, ?2 item, ?3 version, ?4 size, ?5 size class, ?6 modified at,
/// ?7 user name, ?8 device, ?9 device name, ?10 now
pub const INSERT_VERSION: &str = "
INSERT INTO versions (space, item, version, size, size_class, modified_at,
  user_name, device, device_name, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// A version's size, or what its blocks come to if its row does not say it, and when
/// it was taken. The rows of what was deleted for good may still be there.
/// ?1 space, ?2 item, ?3 version
pub const VERSION_SIZE: &str = concat!(
    "
SELECT CASE WHEN ",
    is_count!("v.size", "0"),
    " THEN v.size ELSE (
  SELECT coalesce(sum(length), 0) FROM file_blocks
  WHERE space = ?1 AND item = ?2 AND since_version <= ?3
    AND (until_version IS NULL OR until_version > ?3)
) END AS size, CASE WHEN ",
    is_count!("v.at", "0"),
    " THEN v.at ELSE 0 END AS at
FROM (SELECT ?3 AS version) asked LEFT JOIN versions v
  ON v.space = ?1 AND v.item = ?2 AND v.version = asked.version
WHERE EXISTS (
  SELECT 1 FROM items i WHERE i.space = ?1 AND i.id = ?2
    AND (v.version IS NOT NULL OR i.version = ?3)
)"
);

/// What a list tells of versions of a file. ?1 space, ?2 item
macro_rules! listed {
    () => {
        "
SELECT version, size, modified_at, user_name, device, device_name, at, name, pinned, marks
FROM versions WHERE space = ?1 AND item = ?2 AND "
    };
}

/// The versions of a file before one, the newest first. ?1 space, ?2 item, ?3 the version,
/// ?4 at most
pub const VERSIONS: &str = concat!(listed!(), "version < ?3 ORDER BY version DESC LIMIT ?4");

/// One of them. ?1 space, ?2 item, ?3 the version
pub const VERSION: &str = concat!(listed!(), "version = ?3");

/// Names and pins a version, if its marks are those that were seen. ?1 space, ?2 item,
/// ?3 the version, ?4 the marks, ?5 name, ?6 whether it is pinned
pub const MARK_VERSION: &str = "
UPDATE versions SET name = ?5, pinned = ?6, marks = marks + 1
WHERE space = ?1 AND item = ?2 AND version = ?3 AND marks = ?4";

/// Where the versions that [`VERSIONS`] reads end, and how many there are. ?1 space, ?2 item,
/// ?3 the version, ?4 at most
pub const VERSIONS_END: &str = "
SELECT min(version) AS version, count(*) AS count FROM (
  SELECT version FROM versions
  WHERE space = ?1 AND item = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4
)";

/// A version's rows as one JSON list of `[ord, hash, length]`.
/// ?1 space, ?2 item, ?3 version
pub const LIST: &str = "
SELECT json_group_array(json_array(ord, hash, length)) AS list FROM (
  SELECT ord, lower(hex(hash)) AS hash, length FROM file_blocks
  WHERE space = ?1 AND item = ?2 AND since_version <= ?3
    AND (until_version IS NULL OR until_version > ?3)
  ORDER BY ord
)";

/// The damaged ones of a version's blocks. ?1 space, ?2 item, ?3 version
pub const DAMAGED: &str = "
SELECT DISTINCT lower(hex(b.hash)) AS hash
FROM file_blocks f CROSS JOIN blocks b ON b.space = f.space AND b.hash = f.hash
WHERE f.space = ?1 AND f.item = ?2 AND f.since_version <= ?3
  AND (f.until_version IS NULL OR f.until_version > ?3)
  AND b.damaged_at IS NOT NULL";

/// The lists of several bases, block by block: each has a row for every block, or
/// one without a block if its list is empty, and none if there is no such version.
/// ?1 space, ?2 JSON list, in which a base is `[item, version]` and is told by its
/// place, ?3 at most so many rows
pub const BASES: &str = "
WITH base AS MATERIALIZED (
  SELECT key AS place, value ->> 0 AS item, value ->> 1 AS version FROM json_each(?2)
)
SELECT base.place, v.size, f.ord, nullif(lower(hex(f.hash)), '') AS hash, f.length,
  b.damaged_at IS NOT NULL AS damaged
FROM base
CROSS JOIN items i ON i.space = ?1 AND i.id = base.item
CROSS JOIN versions v ON v.space = ?1 AND v.item = i.id AND v.version = base.version
LEFT JOIN file_blocks f ON f.space = v.space AND f.item = v.item
  AND f.since_version <= v.version
  AND (f.until_version IS NULL OR f.until_version > v.version)
LEFT JOIN blocks b ON b.space = f.space AND b.hash = f.hash
ORDER BY base.place, f.ord LIMIT ?3";

/// Where a version's blocks are stored, as one JSON list of
/// places. ?1 space, ?2 item, ?3 version
pub const PLACES: &str = concat!(
    "
SELECT json_group_array(",
    place_list!(),
    ") AS list FROM (
  SELECT ",
    select_place!(),
    "
  FROM file_blocks f CROSS JOIN blocks b ON b.space = f.space AND b.hash = f.hash
  WHERE f.space = ?1 AND f.item = ?2 AND f.since_version <= ?3
    AND (f.until_version IS NULL OR f.until_version > ?3)
  ORDER BY f.ord
)"
);

/// The blocks of a file's head and where they are stored, as one JSON list of
/// `[hash, place]`. ?1 space, ?2 item
pub const HEAD_PLACES: &str = concat!(
    "
SELECT json_group_array(json_array(hash, ",
    place_list!(),
    ")) AS list FROM (
  SELECT lower(hex(b.hash)) AS hash, ",
    select_place!(),
    "
  FROM items i CROSS JOIN file_blocks f ON f.space = i.space AND f.item = i.id
    AND f.since_version <= i.version
    AND (f.until_version IS NULL OR f.until_version > i.version)
  CROSS JOIN blocks b ON b.space = f.space AND b.hash = f.hash
  WHERE i.space = ?1 AND i.id = ?2 ORDER BY f.ord
)"
);

/// ?1 space, ?2 item, ?3 the first version without them, ?4 JSON list of ords
pub const CLOSE_ROWS: &str = "
UPDATE file_blocks SET until_version = ?3
WHERE space = ?1 AND item = ?2 AND until_version IS NULL
  AND ord IN (SELECT value FROM json_each(?4))";

/// The first versions of new files. ?1 space,
/// ?2 JSON list of `[item, size, size class, modified at]`, ?3 user name,
/// ?4 device, ?5 device name, ?6 now
pub const INSERT_FIRST_VERSIONS: &str = "
INSERT INTO versions (space, item, version, size, size_class, modified_at,
  user_name, device, device_name, at)
SELECT ?1, value ->> 0, 1, value ->> 1, value ->> 2, value ->> 3, ?3, ?4, ?5, ?6
FROM json_each(?2)";

/// Their lists. ?1 space, ?2 JSON list of `[item, list of [ord, hash, length]]`
pub const OPEN_FIRST_ROWS: &str = "
WITH file AS MATERIALIZED (SELECT value ->> 0 AS item, value -> 1 AS list FROM json_each(?2))
INSERT INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, file.item, r.value ->> 0, 1, unhex(r.value ->> 1), r.value ->> 2
FROM file CROSS JOIN json_each(file.list) r";

/// The thumbnails of the newest versions of files. ?1 space, ?2 JSON list of files, ?3 where
/// thumbnails stand in lists
pub const THUMBNAILS: &str = "
SELECT i.id AS item, f.since_version AS version, lower(hex(f.hash)) AS hash, f.length
FROM json_each(?2) c
CROSS JOIN items i ON i.space = ?1 AND i.id = c.value
CROSS JOIN file_blocks f ON f.space = i.space AND f.item = i.id AND f.ord = ?3
  AND f.since_version = i.version";

/// Puts a thumbnail beside the newest version of a file: it stands in the list of no
/// version, because it ends where it begins. ?1 space, ?2 item, ?3 the version,
/// ?4 where thumbnails stand in lists, ?5 hash, ?6 length
pub const PUT_THUMBNAIL: &str = "
INSERT INTO file_blocks (space, item, ord, since_version, until_version, hash, length)
SELECT i.space, i.id, ?4, i.version, i.version, unhex(?5), ?6 FROM items i
WHERE i.space = ?1 AND i.id = ?2 AND i.version = ?3 AND i.trashed_at IS NULL";

/// ?1 space, ?2 item, ?3 the first version with them,
/// ?4 JSON list of `[ord, hash, length]`
pub const OPEN_ROWS: &str = "
INSERT INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, ?2, value ->> 0, ?3, unhex(value ->> 1), value ->> 2 FROM json_each(?4)";
