//! Stored blocks, and the quota that counts them.

/// Which of the claimed blocks are not stored or are damaged, or have another
/// length, in the order of the claim. ?1 space, ?2 JSON list of `[hash, length]`
pub const UNMET: &str = "
SELECT c.value ->> 0 AS hash, c.value ->> 1 AS claimed, b.length AS stored
FROM json_each(?2) c
LEFT JOIN blocks b
  ON b.space = ?1 AND b.hash = unhex(c.value ->> 0) AND b.damaged_at IS NULL
WHERE b.length IS NOT c.value ->> 1
ORDER BY c.key";

/// Which of these are not stored or are damaged, in their order, and in which
/// pack the damaged ones are. ?1 space, ?2 JSON list of hashes
pub const MISSING: &str = "
SELECT c.value AS hash, b.pack AS damaged_in FROM json_each(?2) c
LEFT JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value)
WHERE b.hash IS NULL OR b.damaged_at IS NOT NULL
ORDER BY c.key";

/// Which of these blocks some files have, in any version or conflict, as a JSON list of
/// `[hash, [place of a file in the list…]]`. ?1 space, ?2 JSON list of hashes, ?3 JSON list of files
pub const HAD: &str = "
WITH c AS MATERIALIZED (SELECT unhex(value) AS hash FROM json_each(?2)),
file AS MATERIALIZED (SELECT key AS place, value AS item FROM json_each(?3)),
had AS (
  SELECT c.hash, file.place FROM c
  CROSS JOIN file_blocks f ON f.hash = c.hash AND f.space = ?1
  CROSS JOIN file ON file.item = f.item
  UNION
  SELECT c.hash, file.place FROM c
  CROSS JOIN conflict_blocks k ON k.hash = c.hash AND k.space = ?1
  CROSS JOIN conflicts x ON x.space = ?1 AND x.id = k.conflict
  CROSS JOIN file ON file.item = x.item
)
SELECT json_group_array(json_array(hash, json(places))) AS list FROM (
  SELECT lower(hex(hash)) AS hash, json_group_array(place) AS places FROM had GROUP BY hash
)";

/// The place of a block, as a JSON list of one. ?1 space, ?2 hash
pub const BLOCK: &str = concat!(
    "
SELECT json_array(",
    place_list!(),
    ") AS list FROM (
  SELECT ",
    select_place!(),
    "
  FROM blocks b WHERE b.space = ?1 AND b.hash = unhex(?2)
)"
);

/// The places of the given blocks that are stored, as a JSON list of `[hash, place]`.
/// ?1 space, ?2 JSON list of hashes
pub const PLACES: &str = concat!(
    "
SELECT json_group_array(json_array(hash, ",
    place_list!(),
    ")) AS list FROM (
  SELECT c.value AS hash, ",
    select_place!(),
    "
  FROM json_each(?2) c CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value)
)"
);

/// The blocks whose hashes begin with the given bytes, and their places, as a JSON list of
/// `[hash, place]`. ?1 space, ?2 JSON list of the first 16 digits of hashes
pub const NAMED: &str = concat!(
    "
SELECT json_group_array(json_array(hash, ",
    place_list!(),
    ")) AS list FROM (
  SELECT lower(hex(b.hash)) AS hash, ",
    select_place!(),
    "
  FROM json_each(?2) c CROSS JOIN blocks b ON b.space = ?1 AND b.hash >= unhex(c.value)
    AND b.hash <= unhex(c.value || 'ffffffffffffffffffffffffffffffffffffffffffffffff')
)"
);

/// ?1 space, ?2 pack,
/// ?3 JSON list of `[hash, offset, length, codec, stored length or null]`, ?4 now
pub const INSERT: &str = "
INSERT INTO blocks (space, hash, pack, offset, length, codec, stored_length, stored_at)
SELECT ?1, unhex(value ->> 0), ?2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?4
FROM json_each(?3) WHERE true
ON CONFLICT DO NOTHING";

/// Those of these blocks that are damaged stand in the new pack from now on. They
/// have been counted ever since they were first stored.
/// ?1 space, ?2 pack,
/// ?3 JSON list of `[hash, offset, length, codec, stored length or null]`, ?4 now
pub const REPAIR: &str = "
INSERT INTO blocks (space, hash, pack, offset, length, codec, stored_length, stored_at)
SELECT ?1, unhex(value ->> 0), ?2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?4
FROM json_each(?3) WHERE true
ON CONFLICT (space, hash) DO UPDATE SET
  pack = excluded.pack, offset = excluded.offset, length = excluded.length,
  codec = excluded.codec, stored_length = excluded.stored_length,
  stored_at = excluded.stored_at, damaged_at = NULL
WHERE damaged_at IS NOT NULL";

/// Gives blocks another place, those that still stand where they were read.
/// ?1 space, ?2 pack, ?3 JSON list of
/// `[hash, offset, length, codec, stored length or null, the pack before]`
pub const MOVE: &str = "
INSERT INTO blocks (space, hash, pack, offset, length, codec, stored_length, stored_at)
SELECT ?1, b.hash, ?2, c.value ->> 1, b.length, c.value ->> 3, c.value ->> 4, b.stored_at
FROM json_each(?3) c CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
WHERE b.pack = c.value ->> 5 AND b.damaged_at IS NULL
ON CONFLICT (space, hash) DO UPDATE SET
  pack = excluded.pack, offset = excluded.offset, codec = excluded.codec,
  stored_length = excluded.stored_length";

/// Counts what the statement before it has inserted: of the given blocks, those
/// that stand in the given pack. A repeat inserts nothing and counts nothing.
/// ?1 space, ?2 pack, ?3 JSON list of `[hash, …]`
pub const COUNT: &str = "
UPDATE spaces SET (used_bytes, used_blocks) = (
  SELECT used_bytes + coalesce(sum(b.length), 0), used_blocks + count(*)
  FROM json_each(?3) c
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
  WHERE b.pack = ?2
)
WHERE id = ?1 AND changes() > 0";

/// How many of these blocks stand in a pack.
/// ?1 space, ?2 pack, ?3 JSON list of `[hash, …]`
pub const IN_PACK: &str = "
SELECT count(*) AS count FROM json_each(?3) c
CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
WHERE b.pack = ?2";
