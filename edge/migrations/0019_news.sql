-- Up to when a person has seen what others did: the time of the newest entry that they were
-- shown. What is older than this column counts as seen.
ALTER TABLE users ADD COLUMN news_seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE users SET news_seen_at = unixepoch() * 1000;
