//! Packs of which little is needed.

/// How much of each pack its blocks take, but for those that are damaged, pack by pack, read
/// in the order of the index `blocks_by_pack`. ?1 after the pack of this space, ?2 with this
/// id, ?3 up to the pack of this space, ?4 with this id, ?5 rows of blocks at most
pub const STORED: &str = "
SELECT space, pack, count(*) AS blocks,
  sum(CASE WHEN damaged_at IS NULL THEN stored ELSE 0 END) AS bytes
FROM (
  SELECT space, pack, coalesce(stored_length, length) AS stored, damaged_at FROM blocks
  WHERE (space, pack) > (?1, ?2) AND (space, pack) <= (?3, ?4)
  ORDER BY space, pack, offset LIMIT ?5
)
GROUP BY space, pack ORDER BY space, pack";

/// The blocks of these packs that are needed and not damaged, pack by pack in their order.
/// ?1 JSON list of `[space, pack]`, ?2 at most
pub const NEEDED: &str = "
WITH c AS MATERIALIZED (
  SELECT key AS n, value ->> 0 AS space, value ->> 1 AS pack FROM json_each(?1)
)
SELECT b.space, b.pack, lower(hex(b.hash)) AS hash, b.offset, b.length, b.codec,
  coalesce(b.stored_length, b.length) AS stored_length
FROM c CROSS JOIN blocks b INDEXED BY blocks_by_pack
  ON b.space = c.space AND b.pack = c.pack
WHERE b.damaged_at IS NULL AND (
  EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)
  OR EXISTS (SELECT 1 FROM conflict_blocks k WHERE k.space = b.space AND k.hash = b.hash)
)
ORDER BY c.n, b.offset LIMIT ?2";

/// Those of these packs that no block stands in. ?1 space, ?2 JSON list of packs
pub const EMPTIED: &str = "
SELECT p.value AS pack FROM json_each(?2) p
WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.space = ?1 AND b.pack = p.value)";

/// Condemns packs that no block stands in, of spaces that are in this database.
/// ?1 JSON list of `[space, pack]`
pub const CONDEMN_STRAYS: &str = "
INSERT INTO condemned_packs (space, pack)
SELECT p.value ->> 0, p.value ->> 1 FROM json_each(?1) p
WHERE EXISTS (SELECT 1 FROM spaces s WHERE s.id = p.value ->> 0)
  AND NOT EXISTS (
    SELECT 1 FROM blocks b WHERE b.space = p.value ->> 0 AND b.pack = p.value ->> 1
  )
ON CONFLICT DO NOTHING";
