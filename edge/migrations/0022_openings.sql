-- Who has a file open that several people have, or had it a moment ago: one row for each
-- person and file, which dies some minutes after it was last said, and with its file.

CREATE TABLE openings (
  space     TEXT NOT NULL,
  item      TEXT NOT NULL,
  user      TEXT NOT NULL,
  -- The name that they had then.
  user_name TEXT NOT NULL,
  -- 1 for the owner, and for whoever could change it: what they do is told to everybody
  -- who has the file. That somebody else has it is for the owner alone to know.
  is_known  INTEGER NOT NULL,
  -- When they last said whether they have it open, and what.
  said_at   INTEGER NOT NULL,
  is_open   INTEGER NOT NULL,
  -- When polls were last woken for it, and what was so then.
  told_at   INTEGER NOT NULL,
  told_open INTEGER NOT NULL,
  PRIMARY KEY (space, item, user),
  FOREIGN KEY (space, item) REFERENCES items (space, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- In the directory: whether a person tells others what they have open, and is told.
ALTER TABLE users ADD COLUMN tells_openings INTEGER NOT NULL DEFAULT 1;
