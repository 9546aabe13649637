-- What keeps an account's door: which keys its sign-in record was made with,
-- what a device may do and until when, and how often somebody has guessed.

-- The OPAQUE keys that new records are made with, told by their fingerprint. A
-- server that has other keys signs nobody in or up. At most one row.
CREATE TABLE sign_in_key (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  fingerprint TEXT NOT NULL,
  since       INTEGER NOT NULL
);

-- The fingerprint of the keys that the record was made with. NULL for a record
-- from before this column, until a sign-in has shown which keys those are.
ALTER TABLE users ADD COLUMN sign_in_key TEXT;
-- OPAQUE's credential identifier, random; NULL stands for the name's key.
ALTER TABLE users ADD COLUMN credential TEXT;
-- Counts the records: a sign-in that was started with one ends with it.
ALTER TABLE users ADD COLUMN record_version INTEGER NOT NULL DEFAULT 1;

-- Made by a signed-in device, and not by a password.
ALTER TABLE devices ADD COLUMN is_token INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN scope TEXT NOT NULL DEFAULT 'full';
-- From then on it is out, used or not. NULL, in a row that an older program
-- wrote while this one was deployed, stands for 180 days after created_at.
ALTER TABLE devices ADD COLUMN ends_at INTEGER;
-- When it last gave the password.
ALTER TABLE devices ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
-- Nobody knows which programs have signed in and which were given a token.
UPDATE devices SET is_token = 1 WHERE kind = 'program';
UPDATE devices SET ends_at = unixepoch() * 1000
  + CASE kind WHEN 'program' THEN 366 ELSE 180 END * 24 * 60 * 60 * 1000;
CREATE INDEX devices_by_end ON devices (ends_at);

ALTER TABLE sign_in_attempts ADD COLUMN record_version INTEGER NOT NULL DEFAULT 1;
-- The fingerprint of the keys that were tried on a record of unknown keys.
ALTER TABLE sign_in_attempts ADD COLUMN tried_key TEXT;
-- A JSON list of the keys in guesses under which it was counted.
ALTER TABLE sign_in_attempts ADD COLUMN counted TEXT NOT NULL DEFAULT '[]';

-- Sign-ins and sign-ups that were started and have not succeeded, counted by
-- name, by network and by known place. Names and addresses are in it as hashes
-- under a key of the server's.
CREATE TABLE guesses (
  key     TEXT PRIMARY KEY,
  count   INTEGER NOT NULL,
  -- When the count begins anew.
  ends_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX guesses_by_end ON guesses (ends_at);

-- Browsers and networks from which somebody has signed in: what strangers try
-- does not count against them.
CREATE TABLE known_places (
  user    TEXT NOT NULL REFERENCES users (id),
  -- The hash of a browser's mark, or of a network.
  key     TEXT NOT NULL,
  -- Revoking the device forgets what it made known.
  device  TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) WITHOUT ROWID;
CREATE INDEX known_places_by_time ON known_places (seen_at);
