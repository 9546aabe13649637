-- Links: whoever has the address of one has something of one item, without an account.
-- They stand beside the items, so that what a visitor does is refused in its own batch
-- once the link is no more.

CREATE TABLE links (
  space           TEXT NOT NULL,
  id              TEXT NOT NULL,
  -- The secret in its address, for its owner to read again.
  key             TEXT NOT NULL,
  item            TEXT NOT NULL,
  -- Whose space it is, by the name that they had then.
  owner_name      TEXT NOT NULL,
  -- What its owner calls it; may be empty.
  label           TEXT NOT NULL,
  -- 'view', 'upload' or 'view_and_upload'; any other is of a later release, and allows
  -- nothing to this one.
  may             TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  -- From then on it is no more; NULL: until it is taken back.
  ends_at         INTEGER,
  -- Once so many were downloaded it is no more.
  most_downloads  INTEGER,
  opened          INTEGER NOT NULL DEFAULT 0,
  downloaded      INTEGER NOT NULL DEFAULT 0,
  -- OPAQUE's record of the password, NULL if there is none, with the fingerprint of the
  -- keys that it was made with, and OPAQUE's identifier.
  record          BLOB,
  sign_in_key     TEXT,
  credential      TEXT,
  -- Counts its passwords: a pass is for one of them.
  password_number INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

CREATE INDEX links_of_items ON links (space, item);

-- In the directory: by which a visitor's request finds the space. A hint that may be of
-- a link which is no more: the space's row decides.
CREATE TABLE link_keys (
  -- The BLAKE3 of the key.
  key_hash   BLOB PRIMARY KEY,
  space      TEXT NOT NULL,
  link       TEXT NOT NULL,
  item       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The link whose password an attempt is at; NULL for a sign-in.
ALTER TABLE sign_in_attempts ADD COLUMN link TEXT;
