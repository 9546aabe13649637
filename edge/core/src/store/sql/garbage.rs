//! What the collector looks for and removes. It goes through a table in the
//! order of its key, page by page; the statements of a page take where the page
//! begins and how many rows it has.

/// ?1 table
pub const POSITION: &str = "SELECT space, key FROM collector WHERE what = ?1";

/// ?1 table, ?2 space, ?3 the rest of the last row's key
pub const PUT_POSITION: &str = "
INSERT INTO collector (what, space, key) VALUES (?1, ?2, ?3)
ON CONFLICT (what) DO UPDATE SET space = excluded.space, key = excluded.key";

/// The last block of a full page. ?1 after this space, ?2 and this hash,
/// ?3 rows of a page less one
pub const BLOCKS_END: &str = "
SELECT space, lower(hex(hash)) AS key FROM blocks
WHERE (space, hash) > (?1, unhex(?2)) ORDER BY space, hash LIMIT 1 OFFSET ?3";

/// True of a block `b` that nothing needs, if it was stored before `$before`.
macro_rules! unneeded {
    ($before:literal) => {
        concat!(
            "b.stored_at < ",
            $before,
            "
  AND NOT EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)
  AND NOT EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = b.space AND c.hash = b.hash)"
        )
    };
}

/// The blocks of a page that nothing needs. ?1 after this space, ?2 and this
/// hash, ?3 rows of a page, ?4 stored before
pub const UNNEEDED: &str = concat!(
    "
SELECT b.space, lower(hex(b.hash)) AS hash, b.pack FROM (
  SELECT space, hash, pack, stored_at FROM blocks
  WHERE (space, hash) > (?1, unhex(?2)) ORDER BY space, hash LIMIT ?3
) b
WHERE ",
    unneeded!("?4")
);

/// What nothing refers to and is not among the given, the oldest first. ?1 space,
/// ?2 JSON list of hashes, ?3 at most, ?4 stored before
pub const OLDEST_UNNEEDED: &str = concat!(
    "
SELECT b.space, lower(hex(b.hash)) AS hash, b.pack, b.length FROM blocks b
WHERE b.space = ?1 AND b.hash NOT IN (SELECT unhex(value) FROM json_each(?2)) AND ",
    unneeded!("?4"),
    "
ORDER BY b.stored_at, b.hash LIMIT ?3"
);

/// Takes the blocks that the next statement removes out of the space's use.
/// ?1 space, ?2 JSON list of hashes, ?3 stored before, ?4 pack
pub const UNCOUNT_OF_PACK: &str = concat!(
    "
UPDATE spaces SET (used_bytes, used_blocks) = (
  SELECT used_bytes - coalesce(sum(b.length), 0), used_blocks - count(*)
  FROM json_each(?2) h
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(h.value)
  WHERE b.pack = ?4 AND ",
    unneeded!("?3"),
    "
)
WHERE id = ?1"
);

/// Removes those of the given blocks that stand in a pack and nothing needs.
/// ?1 space, ?2 JSON list of hashes, ?3 stored before, ?4 pack
pub const REMOVE_OF_PACK: &str = concat!(
    "
DELETE FROM blocks AS b
WHERE b.space = ?1 AND b.hash IN (SELECT unhex(value) FROM json_each(?2)) AND b.pack = ?4 AND ",
    unneeded!("?3")
);

/// Takes the blocks that the next statement removes out of the space's use.
/// ?1 space, ?2 JSON list of hashes, ?3 stored before
pub const UNCOUNT: &str = concat!(
    "
UPDATE spaces SET (used_bytes, used_blocks) = (
  SELECT used_bytes - coalesce(sum(b.length), 0), used_blocks - count(*)
  FROM json_each(?2) h
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(h.value)
  WHERE ",
    unneeded!("?3"),
    "
)
WHERE id = ?1"
);

/// Removes those of the given blocks that still nothing needs.
/// ?1 space, ?2 JSON list of hashes, ?3 stored before
pub const REMOVE: &str = concat!(
    "
DELETE FROM blocks AS b
WHERE b.space = ?1 AND b.hash IN (SELECT unhex(value) FROM json_each(?2)) AND ",
    unneeded!("?3")
);

/// The given packs that have no block left, whose objects stay until a time. ?1 space, ?2 JSON
/// list of packs, ?3 until when
pub const CONDEMN: &str = "
INSERT INTO condemned_packs (space, pack, stays_until)
SELECT ?1, p.value, ?3 FROM json_each(?2) p
WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.space = ?1 AND b.pack = p.value)
ON CONFLICT DO NOTHING";

/// The given pack, if the statement before it removed blocks and none is left.
/// ?1 space, ?2 pack
pub const CONDEMN_OBJECT: &str = "
INSERT INTO condemned_packs (space, pack)
SELECT ?1, ?2 WHERE changes() > 0
  AND NOT EXISTS (SELECT 1 FROM blocks WHERE space = ?1 AND pack = ?2)
ON CONFLICT DO NOTHING";

/// Those whose objects need not stay any longer. ?1 at most, ?2 now
pub const CONDEMNED: &str = "
SELECT space, pack FROM condemned_packs WHERE stays_until <= ?2 ORDER BY space, pack LIMIT ?1";

/// Has no condemned pack of a space stay any longer. ?1 space
pub const STAY_NO_LONGER: &str = "
UPDATE condemned_packs SET stays_until = 0 WHERE space = ?1 AND stays_until > 0";

/// ?1 JSON list of `[space, pack]`
pub const FORGET_CONDEMNED: &str = "
DELETE FROM condemned_packs
WHERE (space, pack) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))";

/// The last operation of a full page. ?1 after this space, ?2 and this id,
/// ?3 rows of a page less one
pub const OPERATIONS_END: &str = "
SELECT space, id AS key FROM operations
WHERE (space, id) > (?1, ?2) ORDER BY space, id LIMIT 1 OFFSET ?3";

/// Removes a page's old operations. ?1 after this space, ?2 and this id,
/// ?3 rows of a page, ?4 from before
pub const TRIM_OPERATIONS: &str = "
DELETE FROM operations WHERE at < ?4 AND (space, id) IN (
  SELECT space, id FROM operations
  WHERE (space, id) > (?1, ?2) ORDER BY space, id LIMIT ?3
)";
