-- An owner hands an item over to somebody who has access to it.

-- Since when the person of a grant is asked to become the owner; NULL: they are not.
ALTER TABLE grants ADD COLUMN offered_at INTEGER;

-- What the batch is moving that hands an item over. Its first statement fills the table and
-- its last one empties it, so that nobody ever sees a row.
CREATE TABLE moving (
  -- 0: an item that goes to the new owner. 1: a mount among these, which goes away.
  -- 2: a mount of the new owner that led to one of these, which goes away as well.
  kind   INTEGER NOT NULL,
  id     TEXT NOT NULL,
  -- Counts those of kinds 0 and 1 together, and those of 2, from 1; a folder comes before
  -- what is in it.
  nth    INTEGER NOT NULL,
  -- Counts each kind by itself, from 1.
  place  INTEGER NOT NULL,
  parent TEXT,
  -- Of any type, as a damaged record has it.
  name,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- What was handed over, until the directory's indexes say so, and then for a while, so that
-- a repeat of the request is answered.
CREATE TABLE handovers (
  -- The space that has it now.
  space      TEXT NOT NULL,
  -- The grant of the new owner, which is no more.
  grant_id   TEXT NOT NULL,
  from_space TEXT NOT NULL,
  item       TEXT NOT NULL,
  at         INTEGER NOT NULL,
  -- When the directory's indexes did.
  mended_at  INTEGER,
  PRIMARY KEY (space, grant_id)
) WITHOUT ROWID;

CREATE INDEX unmended_handovers ON handovers (at) WHERE mended_at IS NULL;
CREATE INDEX handovers_by_age ON handovers (at);
