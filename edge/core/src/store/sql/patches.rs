//! Patches that are kept for devices that hold their base blocks.

/// Keeps the patches of those blocks that stand in the pack: they are in it, too.
/// ?1 space, ?2 pack, ?3 JSON list of `[hash, offset, length, [base…], is by symbols]`,
/// ?4 now
pub const INSERT: &str = "
INSERT INTO patches (space, hash, pack, offset, length, bases, by_symbols, stored_at)
SELECT ?1, b.hash, ?2, p.value ->> 1, p.value ->> 2, p.value ->> 3, p.value ->> 4, ?4
FROM json_each(?3) p CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(p.value ->> 0)
WHERE b.pack = ?2
ON CONFLICT DO NOTHING";

/// Forgets the patches of blocks that were moved into the pack, which are still
/// where these blocks have been. ?1 space, ?2 pack, ?3 JSON list of `[hash, …]`
pub const FORGET_MOVED: &str = "
DELETE FROM patches WHERE space = ?1 AND pack <> ?2 AND hash IN (
  SELECT b.hash FROM json_each(?3) c
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0) WHERE b.pack = ?2
)";

/// The blocks that are wanted, those that are stored, in the order wanted, as a
/// JSON list of `[hash, place, patch offset or null, patch length or null, bases
/// or null, is by symbols or null]`; a patch is in its block's pack. ?1 space, ?2 JSON
/// list of hashes
pub const WANTED: &str = concat!(
    "
SELECT json_group_array(json_array(hash, ",
    place_list!(),
    ", patch_offset, patch_length, json(bases), by_symbols)) AS list FROM (
  SELECT c.value AS hash, ",
    select_place!(),
    ",
    p.offset AS patch_offset, p.length AS patch_length, p.bases, p.by_symbols
  FROM json_each(?2) c CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value)
  LEFT JOIN patches p ON p.space = b.space AND p.hash = b.hash
  ORDER BY c.key
)"
);

/// The last patch of a full page. ?1 after this space, ?2 and this hash,
/// ?3 rows of a page less one
pub const END: &str = "
SELECT space, lower(hex(hash)) AS key FROM patches
WHERE (space, hash) > (?1, unhex(?2)) ORDER BY space, hash LIMIT 1 OFFSET ?3";

/// Removes a page's old patches, and those of which a base block is gone.
/// ?1 after this space, ?2 and this hash, ?3 rows of a page, ?4 stored before
pub const TRIM: &str = "
DELETE FROM patches AS p WHERE (space, hash) IN (
  SELECT space, hash FROM patches
  WHERE (space, hash) > (?1, unhex(?2)) ORDER BY space, hash LIMIT ?3
) AND (
  stored_at < ?4 OR EXISTS (
    SELECT 1 FROM json_each(p.bases) base WHERE NOT EXISTS (
      SELECT 1 FROM blocks b WHERE b.space = p.space AND b.hash = unhex(base.value)
    )
  )
)";
