//! What people have marked for themselves: stars and saved searches, in the directory.

/// True if the account of a person has not gone, nor come to its end. `$user` and `$now` are
/// parameters.
macro_rules! is_account {
    ($user:literal, $now:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM users u WHERE u.id = ",
            $user,
            " AND (u.ends_at IS NULL OR u.ends_at > ",
            $now,
            "))"
        )
    };
}

/// True if a person has no more stars than they may, once those of ?2 are given and those of
/// ?3 are taken away. It is the same before, between and after these two. What only takes
/// away always fits.
macro_rules! stars_fit {
    () => {
        "(json_array_length(?2) = 0 OR json_array_length(?2) + (
  SELECT count(*) FROM stars s WHERE s.user = ?1
    AND s.item NOT IN (SELECT c.value ->> 0 FROM json_each(?2) c)
    AND s.item NOT IN (SELECT c.value FROM json_each(?3) c)
) <= ?4)"
    };
}

/// Whether a person has any marks. ?1 user
pub const ANY: &str = "
SELECT EXISTS (SELECT 1 FROM stars WHERE user = ?1)
  OR EXISTS (SELECT 1 FROM saved_searches WHERE user = ?1) AS has_any";

/// The newest first. ?1 user
pub const STARS: &str = "SELECT item, root, at FROM stars WHERE user = ?1 ORDER BY at DESC, item";

/// In the order in which they were saved. ?1 user
pub const SEARCHES: &str = "
SELECT id, name, query, version, at FROM saved_searches WHERE user = ?1 ORDER BY at, id";

/// Whether the next two do what they are to. ?1 user, ?2 JSON list of `[item, root or null]`,
/// ?3 JSON list of items, ?4 how many stars there may be, ?5 now
pub const FIT: &str = concat!(
    "SELECT ",
    is_account!("?1", "?5"),
    " AS is_account, ",
    stars_fit!(),
    " AS fits"
);

/// Gives stars. ?1 to ?5 as above
pub const STAR: &str = concat!(
    "
INSERT INTO stars (user, item, root, at)
SELECT ?1, n.value ->> 0, n.value ->> 1, ?5 FROM json_each(?2) n
WHERE ",
    is_account!("?1", "?5"),
    " AND ",
    stars_fit!(),
    "
ON CONFLICT (user, item) DO UPDATE SET root = excluded.root WHERE root IS NOT excluded.root"
);

/// Takes stars away. ?1 to ?4 as above
pub const UNSTAR: &str = concat!(
    "DELETE FROM stars WHERE user = ?1 AND item IN (SELECT value FROM json_each(?3)) AND ",
    stars_fit!()
);

/// Saves a search, unless there are as many as there may be. ?1 user, ?2 id, ?3 name,
/// ?4 query, ?5 now, ?6 at most
pub const SAVE_SEARCH: &str = concat!(
    "
INSERT INTO saved_searches (user, id, name, query, version, at)
SELECT ?1, ?2, ?3, ?4, 1, ?5
WHERE ",
    is_account!("?1", "?5"),
    " AND (SELECT count(*) FROM saved_searches WHERE user = ?1) < ?6
ON CONFLICT (user, id) DO NOTHING"
);

/// ?1 user, ?2 id
pub const SEARCH: &str = "
SELECT id, name, query, version, at FROM saved_searches WHERE user = ?1 AND id = ?2";

/// Changes a search that is as the person saw it. ?1 user, ?2 id, ?3 version, ?4 name or
/// null, ?5 query or null
pub const CHANGE_SEARCH: &str = "
UPDATE saved_searches
SET name = coalesce(?4, name), query = coalesce(?5, query), version = version + 1
WHERE user = ?1 AND id = ?2 AND version = ?3";

/// ?1 user, ?2 id
pub const REMOVE_SEARCH: &str = "DELETE FROM saved_searches WHERE user = ?1 AND id = ?2";

/// ?1 user
pub const REMOVE_STARS: &str = "DELETE FROM stars WHERE user = ?1";

/// ?1 user
pub const REMOVE_SEARCHES: &str = "DELETE FROM saved_searches WHERE user = ?1";
