-- What deletion for good needs: what is in the trash, what is below it, and whose
-- rows are still to be removed.

-- The children of a folder that are in the trash; the live ones are in live_names.
CREATE INDEX trashed_items ON items (space, coalesce(parent, ''), id)
  WHERE trashed_at IS NOT NULL;

CREATE INDEX conflicts_of_items ON conflicts (space, item);

-- Files and conflicts that were deleted for good: their own rows are gone, so nothing
-- leads to their versions and block lists any more, which are removed bit by bit.
CREATE TABLE doomed (
  space TEXT NOT NULL,
  -- The id of a file or of a conflict.
  id    TEXT NOT NULL,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

-- Items that were deleted for good: an id is never used again. A request that was sent
-- before may arrive after, and a version of that number, or a place version, was another.
CREATE TABLE deleted_items (
  space TEXT NOT NULL,
  id    TEXT NOT NULL,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;
