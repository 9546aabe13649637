-- Codes with which a person gets back in who has lost their password, a set of which they
-- make in their browser. The codes themselves are stored nowhere.

-- Counts the sets that were made. 0: none yet.
ALTER TABLE users ADD COLUMN recovery_version INTEGER NOT NULL DEFAULT 0;
-- When the newest set was made.
ALTER TABLE users ADD COLUMN recovery_made_at INTEGER;

-- Those of the newest set that were not used.
CREATE TABLE recovery_codes (
  user TEXT NOT NULL REFERENCES users (id),
  -- The BLAKE3 of the code together with the user's id.
  hash BLOB NOT NULL,
  PRIMARY KEY (user, hash)
) WITHOUT ROWID;
