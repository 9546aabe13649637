-- What a space is charged for: the blocks that something refers to, and the rows of
-- its metadata. What was uploaded and nothing refers to is in used_bytes only.

-- The sum of blocks.length of those that a version or a conflict refers to.
ALTER TABLE spaces ADD COLUMN needed_bytes INTEGER NOT NULL DEFAULT 0;
-- How many they are, and how many rows blocks has: used_bytes is the sum of these.
ALTER TABLE spaces ADD COLUMN needed_blocks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN used_blocks INTEGER NOT NULL DEFAULT 0;
-- How many rows there are of items, of versions with conflicts, and of file_blocks
-- with conflict_blocks.
ALTER TABLE spaces ADD COLUMN item_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN version_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN row_count INTEGER NOT NULL DEFAULT 0;

UPDATE spaces SET
  used_blocks = (SELECT count(*) FROM blocks b WHERE b.space = spaces.id),
  item_count = (SELECT count(*) FROM items i WHERE i.space = spaces.id),
  version_count = (SELECT count(*) FROM versions v WHERE v.space = spaces.id)
    + (SELECT count(*) FROM conflicts c WHERE c.space = spaces.id),
  row_count = (SELECT count(*) FROM file_blocks f WHERE f.space = spaces.id)
    + (SELECT count(*) FROM conflict_blocks c WHERE c.space = spaces.id);

UPDATE spaces SET (needed_bytes, needed_blocks) = (
  SELECT coalesce(sum(b.length), 0), count(*) FROM blocks b
  WHERE b.space = spaces.id AND (
    EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)
    OR EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = b.space AND c.hash = b.hash)
  )
);
