-- Running it for others: who administers, who is shut out, who may make an account, what
-- was done in that, and how the jobs went.

ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0;
-- Since when the person is shut out by an administrator. What is theirs stays.
ALTER TABLE users ADD COLUMN disabled_at INTEGER;
-- The quota that an administrator has set; the space's row follows it.
ALTER TABLE users ADD COLUMN quota_bytes INTEGER;
CREATE INDEX administrators ON users (id) WHERE is_admin = 1;

-- Somebody has to be: the oldest account that nobody has ended.
UPDATE users SET is_admin = 1 WHERE id = (
  SELECT id FROM users ORDER BY ends_at IS NOT NULL, created_at, id LIMIT 1
);

-- What administrators have set; what is not here is as the operator has configured it.
CREATE TABLE server_settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Invitations that nobody has used yet.
CREATE TABLE invites (
  id       TEXT PRIMARY KEY,
  -- The BLAKE3 of the secret in its address; the secret itself is stored nowhere.
  key_hash BLOB NOT NULL UNIQUE,
  -- Whom it is for, as whoever made it wrote; may be empty.
  note     TEXT NOT NULL,
  -- By the name of that time.
  made_by  TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  ends_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX invites_by_end ON invites (ends_at);

-- Who did what to whom. Names are those of that time, and no ids are here, so that nothing
-- of an account that is removed leads to another one.
CREATE TABLE audit (
  n       INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  act     TEXT NOT NULL,
  by_name TEXT NOT NULL,
  -- To whom; NULL if it is about nobody.
  of_name TEXT,
  -- To what: a quota in bytes, a mode of sign-up, whom an invitation is for.
  detail  TEXT
);
CREATE INDEX audit_by_time ON audit (at);

-- How each job went when it ran last.
CREATE TABLE job_runs (
  job     TEXT PRIMARY KEY,
  at      INTEGER NOT NULL,
  -- 1 if it did what it is to do.
  is_done INTEGER NOT NULL,
  -- When it last did; NULL if never.
  done_at INTEGER,
  -- What it did, or why it stopped, in words for whoever runs this.
  detail  TEXT NOT NULL
) WITHOUT ROWID;
