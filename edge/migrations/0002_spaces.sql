-- A space: its tree, its content and its journal. Every key starts with the
-- space, so that no row of one space can be reached through another, and ids
-- that clients choose can not collide across spaces.

CREATE TABLE spaces (
  id          TEXT PRIMARY KEY,
  -- The newest journal entry.
  head_seq    INTEGER NOT NULL DEFAULT 0,
  -- The sum of blocks.length.
  used_bytes  INTEGER NOT NULL DEFAULT 0,
  quota_bytes INTEGER NOT NULL
) WITHOUT ROWID;

-- Files and folders as they are now.
CREATE TABLE items (
  space         TEXT NOT NULL REFERENCES spaces (id),
  id            TEXT NOT NULL,
  -- NULL is the root.
  parent        TEXT,
  name          TEXT NOT NULL,
  name_key      TEXT NOT NULL,
  -- Counts changes of parent, name and trashed_at.
  place_version INTEGER NOT NULL,
  -- The head in versions; NULL for a folder.
  version       INTEGER,
  created_at    INTEGER NOT NULL,
  -- Set on the item that was trashed, not on what is below it.
  trashed_at    INTEGER,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

-- One live child for each name of a folder.
CREATE UNIQUE INDEX live_names ON items (space, coalesce(parent, ''), name_key)
  WHERE trashed_at IS NULL;

-- Every version that a file has had. The primary key is what makes the second
-- of two commits on one base fail.
CREATE TABLE versions (
  space       TEXT NOT NULL,
  item        TEXT NOT NULL,
  version     INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  size_class  INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  -- Names are kept as they were at the time of the commit.
  user_name   TEXT NOT NULL,
  device      TEXT NOT NULL,
  device_name TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (space, item, version)
) WITHOUT ROWID;

-- What is stored, and where in R2.
CREATE TABLE blocks (
  space  TEXT NOT NULL,
  hash   BLOB NOT NULL,
  pack   TEXT NOT NULL,
  -- Bytes from the start of the pack.
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (space, hash)
) WITHOUT ROWID;

-- Block lists as temporal rows: this block stood at this place from one
-- version until, and without, another. The foreign key makes a version that
-- needs a block which is not stored impossible.
CREATE TABLE file_blocks (
  space         TEXT NOT NULL,
  item          TEXT NOT NULL,
  ord           INTEGER NOT NULL,
  since_version INTEGER NOT NULL,
  until_version INTEGER,
  hash          BLOB NOT NULL,
  length        INTEGER NOT NULL,
  PRIMARY KEY (space, item, ord, since_version),
  FOREIGN KEY (space, hash) REFERENCES blocks (space, hash)
) WITHOUT ROWID;

-- The journal: which item changed, in order and without gaps. What it is now
-- is in items.
CREATE TABLE changes (
  space    TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  item     TEXT NOT NULL,
  -- Set where it is a conflict of the item that is new or was resolved.
  conflict TEXT,
  at       INTEGER NOT NULL,
  PRIMARY KEY (space, seq)
) WITHOUT ROWID;

-- The first answer to each change, given again when the change is repeated.
CREATE TABLE operations (
  space        TEXT NOT NULL,
  id           TEXT NOT NULL,
  -- The BLAKE3 of the request: an id is good for one request only.
  request_hash BLOB NOT NULL,
  answer       TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

-- Versions that came second, until someone decides.
CREATE TABLE conflicts (
  space        TEXT NOT NULL,
  id           TEXT NOT NULL,
  item         TEXT NOT NULL,
  base_version INTEGER NOT NULL,
  size         INTEGER NOT NULL,
  size_class   INTEGER NOT NULL,
  modified_at  INTEGER NOT NULL,
  user_name    TEXT NOT NULL,
  device       TEXT NOT NULL,
  device_name  TEXT NOT NULL,
  at           INTEGER NOT NULL,
  -- The choice as the API writes it, in JSON.
  choice       TEXT,
  resolved_at  INTEGER,
  PRIMARY KEY (space, id)
) WITHOUT ROWID;

CREATE TABLE conflict_blocks (
  space    TEXT NOT NULL,
  conflict TEXT NOT NULL,
  ord      INTEGER NOT NULL,
  hash     BLOB NOT NULL,
  length   INTEGER NOT NULL,
  PRIMARY KEY (space, conflict, ord),
  FOREIGN KEY (space, hash) REFERENCES blocks (space, hash)
) WITHOUT ROWID;

-- Always empty. A batch that must not go through inserts NULL into the column
-- of the guard that failed, and the error names it.
CREATE TABLE guards (
  version    INTEGER NOT NULL DEFAULT 1,
  place      INTEGER NOT NULL DEFAULT 1,
  parent     INTEGER NOT NULL DEFAULT 1,
  quota      INTEGER NOT NULL DEFAULT 1,
  conflict   INTEGER NOT NULL DEFAULT 1
);
