-- What a person has marked for themselves, in the directory: it belongs to the account and
-- not to the space of what is marked, whose journal says nothing of it.

-- A row of an item that is no more, or no more the person's to see, stays until they take
-- the star away, or their account goes: it says nothing of the item but that it was starred.
CREATE TABLE stars (
  user TEXT NOT NULL REFERENCES users (id),
  item TEXT NOT NULL,
  -- Of what others share with the person, where they found it; NULL in their own drive.
  root TEXT,
  at   INTEGER NOT NULL,
  PRIMARY KEY (user, item)
) WITHOUT ROWID;

CREATE TABLE saved_searches (
  user    TEXT NOT NULL REFERENCES users (id),
  id      TEXT NOT NULL,
  name    TEXT NOT NULL,
  query   TEXT NOT NULL,
  -- Counts the changes of name and query, from 1.
  version INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (user, id)
) WITHOUT ROWID;
