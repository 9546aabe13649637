-- The scrub goes through the blocks pack by pack: without this, each of its pages
-- would read and sort all blocks of a space.
CREATE INDEX blocks_by_pack ON blocks (space, pack, offset);
