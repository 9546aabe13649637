//! What the scrub compares packs with. A pack's key is the name of its object,
//! `space/pack`; packs are gone through in the order of it.

/// Comes after every key.
pub const END_OF_KEYS: &str = "~";

/// The last pack of a full page. ?1 after the pack of this space, ?2 with this id, ?3 packs of
/// a page less one
pub const PACKS_END: &str = "
SELECT DISTINCT space, pack AS key FROM blocks
WHERE (space, pack) > (?1, ?2) ORDER BY space, pack LIMIT 1 OFFSET ?3";

/// The blocks that packs hold, pack by pack, read in the order of the index
/// `blocks_by_pack`. ?1 after the pack of this space, ?2 with this id, ?3 up to the
/// pack of this space, ?4 with this id, ?5 at most
pub const BLOCKS: &str = "
SELECT space, pack, lower(hex(hash)) AS hash, offset, length, codec,
  coalesce(stored_length, length) AS stored_length, damaged_at IS NOT NULL AS is_damaged
FROM blocks
WHERE (space, pack) > (?1, ?2) AND (space, pack) <= (?3, ?4)
ORDER BY space, pack, offset LIMIT ?5";

/// Marks blocks of a pack, unless they have been sent again meanwhile.
/// ?1 space, ?2 pack, ?3 JSON list of hashes, ?4 now
pub const MARK: &str = "
UPDATE blocks SET damaged_at = ?4
WHERE space = ?1 AND hash IN (SELECT unhex(value) FROM json_each(?3)) AND pack = ?2
  AND damaged_at IS NULL";

/// Takes the mark from blocks of a pack that turned out to be whole.
/// ?1 space, ?2 pack, ?3 JSON list of hashes
pub const UNMARK: &str = "
UPDATE blocks SET damaged_at = NULL
WHERE space = ?1 AND hash IN (SELECT unhex(value) FROM json_each(?3)) AND pack = ?2
  AND damaged_at IS NOT NULL";

/// How many blocks are marked, and in how many spaces.
pub const MARKED: &str = "
SELECT count(*) AS blocks, count(DISTINCT space) AS spaces
FROM blocks INDEXED BY damaged_blocks WHERE damaged_at IS NOT NULL";
