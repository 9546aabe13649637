//! The statements of the Notification Service, apart from what runs them, so that they
//! are tested natively.

/// Whose own these spaces are. ?1 JSON list of spaces
pub const OWNERS: &str = "
SELECT home_space AS space, id AS user FROM users
WHERE home_space IN (SELECT value FROM json_each(?1))";

/// Writes down that changes were told, and how long that took. ?1 now, ?2 in words
pub const DELIVERED: &str = "
INSERT INTO job_runs (job, at, is_done, done_at, detail) VALUES ('delivery', ?1, 1, ?1, ?2)
ON CONFLICT (job) DO UPDATE SET at = excluded.at, is_done = 1, done_at = excluded.at,
  detail = excluded.detail";

/// Writes down that a batch was put off. ?1 now, ?2 why
pub const PUT_OFF: &str = "
INSERT INTO job_runs (job, at, is_done, done_at, detail) VALUES ('delivery', ?1, 0, NULL, ?2)
ON CONFLICT (job) DO UPDATE SET at = excluded.at, is_done = 0, detail = excluded.detail";

// Of its own accord SQLite reads all grants of a space for each item.

/// Who has access to items, by a grant of each or of a folder that it is in, and that
/// has not ended, neither by itself nor with its owner's account; and since when. ?1 JSON list of `[space, item]`, ?2 now
pub const WITH_ACCESS: &str = "
WITH RECURSIVE path (space, id, parent) AS (
  SELECT i.space, i.id, i.parent FROM json_each(?1) c
  CROSS JOIN items i ON i.space = c.value ->> 0 AND i.id = c.value ->> 1
  WHERE EXISTS (SELECT 1 FROM grants g WHERE g.space = c.value ->> 0)
  UNION
  SELECT i.space, i.id, i.parent
  FROM path CROSS JOIN items i ON i.space = path.space AND i.id = path.parent
)
SELECT g.space, g.user, MIN(g.created_at) AS since
FROM path CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = path.space AND g.item = path.id
WHERE (g.ends_at IS NULL OR g.ends_at > ?2)
  AND NOT EXISTS (SELECT 1 FROM spaces s WHERE s.id = g.space AND s.ends_at <= ?2)
GROUP BY g.space, g.user";

/// Who has access to something that is in one of these folders, by a grant that has not
/// ended. It walks up from all that is shared of their spaces, which is less than what
/// may be in a folder. ?1 JSON list of `[space, folder]`, ?2 now
pub const WITH_ACCESS_BELOW: &str = "
WITH RECURSIVE path (space, root, id, parent) AS (
  SELECT i.space, i.id, i.id, i.parent
  FROM (SELECT DISTINCT c.value ->> 0 AS space FROM json_each(?1) c) s
  CROSS JOIN grants g ON g.space = s.space
  CROSS JOIN items i ON i.space = g.space AND i.id = g.item
  UNION
  SELECT i.space, path.root, i.id, i.parent
  FROM path CROSS JOIN items i ON i.space = path.space AND i.id = path.parent
)
SELECT DISTINCT g.space, g.user
FROM path CROSS JOIN grants g INDEXED BY grants_of_items
  ON g.space = path.space AND g.item = path.root
WHERE (path.space, path.id) IN (SELECT c.value ->> 0, c.value ->> 1 FROM json_each(?1) c)
  AND (g.ends_at IS NULL OR g.ends_at > ?2)
  AND NOT EXISTS (SELECT 1 FROM spaces s WHERE s.id = g.space AND s.ends_at <= ?2)";
