-- Whether the patch says deflate streams by their symbols: pages of earlier releases can't
-- read that, and are not given it.
ALTER TABLE patches ADD COLUMN by_symbols INTEGER NOT NULL DEFAULT 0;
