//! Versions and their block lists.

/// ?1 space, ?2 item, ?3 version, ?4 size, ?5 size class, ?6 modified at,
/// ?7 user name, ?8 device, ?9 device name, ?10 now
pub const INSERT_VERSION: &str = "
INSERT INTO versions (space, item, version, size, size_class, modified_at,
  user_name, device, device_name, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// The rows of what was deleted for good may still be there. ?1 space, ?2 item, ?3 version
pub const VERSION_SIZE: &str = "
SELECT size FROM versions WHERE space = ?1 AND item = ?2 AND version = ?3
  AND EXISTS (SELECT 1 FROM items WHERE space = ?1 AND id = ?2)";

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
SELECT c.key AS place, v.size, f.ord, nullif(lower(hex(f.hash)), '') AS hash, f.length,
  b.damaged_at IS NOT NULL AS damaged
FROM json_each(?2) c
CROSS JOIN items i ON i.space = ?1 AND i.id = c.value ->> 0
CROSS JOIN versions v
  ON v.space = ?1 AND v.item = i.id AND v.version = c.value ->> 1
LEFT JOIN file_blocks f ON f.space = v.space AND f.item = v.item
  AND f.since_version <= v.version
  AND (f.until_version IS NULL OR f.until_version > v.version)
LEFT JOIN blocks b ON b.space = f.space AND b.hash = f.hash
ORDER BY c.key, f.ord LIMIT ?3";

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
INSERT INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, c.value ->> 0, r.value ->> 0, 1, unhex(r.value ->> 1), r.value ->> 2
FROM json_each(?2) c CROSS JOIN json_each(c.value, '$[1]') r";

/// ?1 space, ?2 item, ?3 the first version with them,
/// ?4 JSON list of `[ord, hash, length]`
pub const OPEN_ROWS: &str = "
INSERT INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, ?2, value ->> 0, ?3, unhex(value ->> 1), value ->> 2 FROM json_each(?4)";
