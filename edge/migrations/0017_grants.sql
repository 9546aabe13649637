-- What the owner of a space has shared: one item, with all that is in it, with one
-- person. It stands beside the items, so that a change is refused in its own batch once
-- the access is no more.

CREATE TABLE grants (
  space      TEXT NOT NULL,
  id         TEXT NOT NULL,
  item       TEXT NOT NULL,
  -- Who was given access, and by whom. Names are kept as they were then.
  user       TEXT NOT NULL,
  user_name  TEXT NOT NULL,
  owner      TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  -- 'viewer' or 'editor'; any other is of a later release, and gives no access to this
  -- one.
  role       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- From then on it is no more; NULL: until it is taken back.
  ends_at    INTEGER,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX grants_of_items ON grants (space, item, user);

-- In the directory: by which a request of somebody who was given access finds the space.
-- A hint that may be of a grant which is no more: the space's row decides.
CREATE TABLE shares (
  user       TEXT NOT NULL,
  item       TEXT NOT NULL,
  space      TEXT NOT NULL,
  grant_id   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user, item)
) WITHOUT ROWID;
