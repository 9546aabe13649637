-- The directory: who may sign in, and with what. No statement joins these
-- tables with those of a space, so that the two can be two databases.

CREATE TABLE users (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL,
  -- The case-folded name: what must be unique.
  name_key       TEXT NOT NULL UNIQUE,
  home_space     TEXT NOT NULL UNIQUE,
  -- OPAQUE's server registration. No password can be read from it.
  sign_in_record BLOB NOT NULL,
  created_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- Whatever holds one secret: a signed-in browser or an access token.
CREATE TABLE devices (
  id           TEXT PRIMARY KEY,
  user         TEXT NOT NULL REFERENCES users (id),
  kind         TEXT NOT NULL CHECK (kind IN ('browser', 'program')),
  name         TEXT NOT NULL,
  -- The BLAKE3 of the secret; the secret itself is stored nowhere.
  token_hash   BLOB NOT NULL UNIQUE,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- Set by sign-out and by revocation; the row stays so that its token is
  -- answered with "ended" and not with "unknown".
  revoked_at   INTEGER
) WITHOUT ROWID;

CREATE INDEX devices_of_user ON devices (user);

-- Sign-ins between their two requests. Deleted when they finish, so that each
-- is good once.
CREATE TABLE sign_in_attempts (
  -- The BLAKE3 of the id that the client holds.
  id_hash    BLOB PRIMARY KEY,
  -- NULL for a name that does not exist: OPAQUE answers that one too.
  user       TEXT,
  -- OPAQUE's state, encrypted under a key derived from the client's id.
  state      BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX attempts_by_end ON sign_in_attempts (expires_at);
