-- A person ends their account: a while later it goes, with all that is in it. Until then
-- it is as before, and can be kept after all. Both databases know when it ends: the space,
-- because access to it ends then, and the directory, because nobody comes in any more. The
-- space knows it first.

ALTER TABLE spaces ADD COLUMN ends_at INTEGER;
CREATE INDEX ending_spaces ON spaces (ends_at) WHERE ends_at IS NOT NULL;

ALTER TABLE users ADD COLUMN ends_at INTEGER;
CREATE INDEX ending_users ON users (ends_at) WHERE ends_at IS NOT NULL;

-- What the directory's indexes know of a space that goes.
CREATE INDEX shares_of_spaces ON shares (space);
CREATE INDEX link_keys_of_spaces ON link_keys (space);
