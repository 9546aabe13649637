-- What a version is called, which versions stay whatever their age, and for how long the
-- others do.

-- NULL of a version without a name.
ALTER TABLE versions ADD COLUMN name TEXT;
-- 1 of a version that is never thinned. One with a name is pinned, too.
ALTER TABLE versions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
-- Counts the changes of these two.
ALTER TABLE versions ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;

-- What the space's owner has chosen, as the API writes it, in JSON. NULL: what the
-- operator has set.
ALTER TABLE spaces ADD COLUMN retention TEXT;

-- Files of which versions were thinned and of whose lists rows may be left that no
-- version needs, which are removed bit by bit.
CREATE TABLE thinned (
  space TEXT NOT NULL,
  item  TEXT NOT NULL,
  PRIMARY KEY (space, item)
) WITHOUT ROWID;
