//! Stored blocks, and the quota that counts them.

/// Which of the claimed blocks are not stored, or have another length, in the
/// order of the claim. ?1 space, ?2 JSON list of `[hash, length]`
pub const UNMET: &str = "
SELECT c.value ->> 0 AS hash, c.value ->> 1 AS claimed, b.length AS stored
FROM json_each(?2) c
LEFT JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
WHERE b.length IS NOT c.value ->> 1
ORDER BY c.key";

/// Which of these are not stored, in their order. ?1 space, ?2 JSON list of hashes
pub const MISSING: &str = "
SELECT c.value AS hash FROM json_each(?2) c
LEFT JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value)
WHERE b.hash IS NULL
ORDER BY c.key";

/// Where a block is stored, as a JSON list of one `[pack, offset, length]`.
/// ?1 space, ?2 hash
pub const BLOCK: &str = "
SELECT json_array(json_array(pack, offset, length)) AS list FROM blocks
WHERE space = ?1 AND hash = unhex(?2)";

/// ?1 space, ?2 pack, ?3 JSON list of `[hash, offset, length]`, ?4 now
pub const INSERT: &str = "
INSERT INTO blocks (space, hash, pack, offset, length, stored_at)
SELECT ?1, unhex(value ->> 0), ?2, value ->> 1, value ->> 2, ?4 FROM json_each(?3) WHERE true
ON CONFLICT DO NOTHING";

/// Counts what the statement before it has inserted: of the given blocks, those
/// that stand in the given pack. A repeat inserts nothing and counts nothing.
/// ?1 space, ?2 pack, ?3 JSON list of `[hash, offset, length]`
pub const COUNT: &str = "
UPDATE spaces SET used_bytes = used_bytes + (
  SELECT coalesce(sum(b.length), 0) FROM json_each(?3) c
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
  WHERE b.pack = ?2
)
WHERE id = ?1 AND changes() > 0";

/// Aborts the batch if the space is now over its quota. ?1 space
pub const GUARD_QUOTA: &str = "
INSERT INTO guards (quota) SELECT NULL FROM spaces WHERE id = ?1 AND used_bytes > quota_bytes";

/// How many of these blocks stand in a pack.
/// ?1 space, ?2 pack, ?3 JSON list of `[hash, offset, length]`
pub const IN_PACK: &str = "
SELECT count(*) AS count FROM json_each(?3) c
CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
WHERE b.pack = ?2";
