-- How a block is stored, and patches that are kept for other devices.

-- A codec of shared/src/frame.rs: 0 plain, 1 LZ4.
ALTER TABLE blocks ADD COLUMN codec INTEGER NOT NULL DEFAULT 0;
-- Bytes in the pack; NULL if they are the block's own, length bytes.
ALTER TABLE blocks ADD COLUMN stored_length INTEGER;
-- When the block was found missing or not to be what its hash says. The row
-- stays, since versions need it; whoever has the block is asked to send it
-- again.
ALTER TABLE blocks ADD COLUMN damaged_at INTEGER;
CREATE INDEX damaged_blocks ON blocks (space, hash) WHERE damaged_at IS NOT NULL;

-- The patch that a block came as, for devices that hold its base blocks. It
-- stands in the block's own pack and goes with the block at the latest.
CREATE TABLE patches (
  space     TEXT NOT NULL,
  -- The block that it makes.
  hash      BLOB NOT NULL,
  pack      TEXT NOT NULL,
  offset    INTEGER NOT NULL,
  -- Bytes in the pack.
  length    INTEGER NOT NULL,
  -- A JSON list of hashes: the base blocks.
  bases     TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  PRIMARY KEY (space, hash),
  FOREIGN KEY (space, hash) REFERENCES blocks (space, hash) ON DELETE CASCADE
) WITHOUT ROWID;
