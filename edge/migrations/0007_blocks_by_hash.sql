-- Where a block is needed, once more: by its hash alone. SQLite looked for the
-- lists that refer to a removed block through their primary keys, of which it knew
-- the space only, and so read every list of the space for each block, although the
-- hash was in an index with the space in front.
DROP INDEX file_blocks_by_hash;
DROP INDEX conflict_blocks_by_hash;
CREATE INDEX file_blocks_by_hash ON file_blocks (hash);
CREATE INDEX conflict_blocks_by_hash ON conflict_blocks (hash);
