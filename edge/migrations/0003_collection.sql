-- What the collector needs: since when a block is stored, whether a list refers
-- to it, and which objects are still to be deleted.

-- Milliseconds since 1970. Blocks from before this column count as old.
ALTER TABLE blocks ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0;

-- Where a block is needed. Without these, removing one block would read every
-- list of its space, twice: the collector asks, and the foreign key asks again.
CREATE INDEX file_blocks_by_hash ON file_blocks (space, hash);
CREATE INDEX conflict_blocks_by_hash ON conflict_blocks (space, hash);

-- Packs of which no block is left, until their objects are deleted as well.
CREATE TABLE condemned_packs (
  space TEXT NOT NULL,
  pack  TEXT NOT NULL,
  PRIMARY KEY (space, pack)
) WITHOUT ROWID;

-- How far the collector has gone through a table; without a row, it begins.
CREATE TABLE collector (
  -- The table's name.
  what  TEXT PRIMARY KEY,
  space TEXT NOT NULL,
  -- The rest of the last row's key, as text.
  key   TEXT NOT NULL
) WITHOUT ROWID;
