//! Who has a file open, or had it some minutes ago. Nothing here is an entry of a journal.

/// The way up from a file, as the beginning of a statement. ?1 space, ?2 item
macro_rules! with_way {
    ($statement:expr) => {
        concat!(
            "
WITH RECURSIVE path (id, parent, depth) AS (
  SELECT id, parent, 1 FROM items WHERE space = ?1 AND id = ?2 AND version IS NOT NULL
  UNION ALL
  SELECT i.id, i.parent, path.depth + 1
  FROM path CROSS JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
)
",
            $statement
        )
    };
}

/// The grants on that way that last. `$now` is the time.
macro_rules! grants_on_the_way {
    ($now:literal) => {
        concat!(
            "path CROSS JOIN grants g INDEXED BY grants_of_items
    ON g.space = ?1 AND g.item = path.id
  WHERE ",
            lasts!($now)
        )
    };
}

/// What somebody last said of a file. ?1 space, ?2 item, ?3 user
pub const SAID: &str = "
SELECT said_at, is_open, told_at, told_open FROM openings
WHERE space = ?1 AND item = ?2 AND user = ?3";

/// Writes down what somebody says of a file, if that is shared. ?1 space, ?2 item, ?3 user,
/// ?4 their name, ?5 now, ?6 whether they have it open, ?7 when others were last told,
/// ?8 what was so then, ?9 whether it is theirs. No row comes back if nothing is written: nobody
/// else has the file, or what was said later was faster.
pub const PUT: &str = with_way!(concat!(
    "INSERT INTO openings
  (space, item, user, user_name, is_known, said_at, is_open, told_at, told_open)
SELECT ?1, ?2, ?3, ?4, ?9 OR EXISTS (
    SELECT 1 FROM ",
    grants_on_the_way!("?5"),
    " AND g.user = ?3 AND g.role = 'editor'
  ), ?5, ?6, ?7, ?8
WHERE EXISTS (
  SELECT 1 FROM ",
    grants_on_the_way!("?5"),
    "
)
ON CONFLICT (space, item, user) DO UPDATE SET user_name = excluded.user_name,
  is_known = excluded.is_known, said_at = excluded.said_at, is_open = excluded.is_open,
  told_at = excluded.told_at, told_open = excluded.told_open
WHERE excluded.said_at >= openings.said_at
RETURNING is_known"
));

/// Who has access to a file, by which owner. ?1 space, ?2 item, ?3 now
pub const AUDIENCE: &str = with_way!(concat!(
    "SELECT DISTINCT g.user, g.owner FROM ",
    grants_on_the_way!("?3")
));

/// What everybody but one said lately, the latest first. ?1 space, ?2 after this time,
/// ?3 but by this person, ?4 at most
pub const BY_OTHERS: &str = "
SELECT item, user, user_name, is_known, said_at, is_open FROM openings
WHERE space = ?1 AND said_at > ?2 AND user <> ?3
ORDER BY said_at DESC, item, user LIMIT ?4";

/// Forgets what somebody said. ?1 JSON list of spaces, ?2 user
pub const FORGET: &str = "
DELETE FROM openings WHERE (space, item, user) IN (
  SELECT o.space, o.item, o.user
  FROM json_each(?1) c CROSS JOIN openings o ON o.space = c.value AND o.user = ?2
)";

/// Forgets what is told to nobody any more. ?1 space, ?2 said before
pub const SWEEP_SPACE: &str = "DELETE FROM openings WHERE space = ?1 AND said_at <= ?2";

/// The same of all spaces. ?1 said before, ?2 at most
pub const SWEEP: &str = "
DELETE FROM openings WHERE (space, item, user) IN (
  SELECT space, item, user FROM openings WHERE said_at <= ?1 LIMIT ?2
)";
