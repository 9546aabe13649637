//! Statements as the deliberate bugs of `protocol::seeded` have them. Without its
//! feature, nothing refers to them.

/// Of two writers the second replaces the first.
pub const INSERT_VERSION: &str = "
INSERT OR REPLACE INTO versions (space, item, version, size, size_class, modified_at,
  user_name, device, device_name, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// The head moves on, whatever it is now.
pub const UPDATE_HEAD: &str = "
UPDATE items SET version = version + 1
WHERE space = ?1 AND id = ?2 AND ?3 IS NOT NULL AND trashed_at IS NULL";

/// The rows of a list that another writer has opened are replaced.
pub const OPEN_ROWS: &str = "
INSERT OR REPLACE INTO file_blocks (space, item, ord, since_version, hash, length)
SELECT ?1, ?2, value ->> 0, ?3, unhex(value ->> 1), value ->> 2 FROM json_each(?4)";

/// Places are written over whatever they are now.
pub const UPDATE_PLACES: &str = "
WITH c AS MATERIALIZED (
  SELECT value ->> 0 AS id, value ->> 1 AS base, value ->> 2 AS parent, value ->> 3 AS name,
    value ->> 4 AS name_key, value ->> 5 AS trashed_at
  FROM json_each(?2)
)
UPDATE items SET place_version = c.base + 1,
  parent = c.parent, name = c.name, name_key = c.name_key, trashed_at = c.trashed_at
FROM c
WHERE items.space = ?1 AND items.id = c.id";

/// All blocks that were sent count, also those that were there.
pub const COUNT: &str = "
UPDATE spaces SET (used_bytes, used_blocks) = (
  SELECT used_bytes + coalesce(sum(b.length), 0), used_blocks + count(*)
  FROM json_each(?3) c
  CROSS JOIN blocks b ON b.space = ?1 AND b.hash = unhex(c.value ->> 0)
  WHERE ?2 IS NOT NULL
)
WHERE id = ?1";

/// Blocks that were not needed a moment ago are removed.
pub const REMOVE: &str = "
DELETE FROM blocks AS b
WHERE b.space = ?1 AND b.hash IN (SELECT unhex(value) FROM json_each(?2)) AND ?3 IS NOT NULL";

/// A pack is condemned with the first of its blocks.
pub const CONDEMN: &str = "
INSERT INTO condemned_packs (space, pack)
SELECT ?1, value FROM json_each(?2) WHERE true
ON CONFLICT DO NOTHING";

/// What the second side wrote is forgotten. ?1 space, ?2 conflict
pub const FORGET_CONFLICT_BLOCKS: &str = "
DELETE FROM conflict_blocks WHERE space = ?1 AND conflict = ?2";
