//! The directory's index of grants: in which space something is that was shared with
//! somebody. A row is a hint, and may be of a grant that is no more.

/// Which space an item is in that was shared with whom a token is of.
/// ?1 token hash, ?2 item
pub const SPACE_BY_TOKEN: &str = "
SELECT s.space FROM devices d CROSS JOIN shares s ON s.user = d.user AND s.item = ?2
WHERE d.token_hash = unhex(?1)";

/// The newest of a person. ?1 user, ?2 at most
pub const OF_USER: &str = "
SELECT item, space, grant_id FROM shares WHERE user = ?1 ORDER BY created_at DESC LIMIT ?2";

/// ?1 user, ?2 item
pub const OF_ITEM: &str = "SELECT item, space, grant_id FROM shares WHERE user = ?1 AND item = ?2";

/// ?1 user, ?2 grant
pub const OF_GRANT: &str = "
SELECT item, space, grant_id FROM shares WHERE user = ?1 AND grant_id = ?2";

/// An item of the same id in another space keeps its row. Of somebody who is gone nothing
/// is written down. ?1 user, ?2 item, ?3 space, ?4 grant, ?5 now
pub const PUT: &str = "
INSERT INTO shares (user, item, space, grant_id, created_at)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM users WHERE id = ?1)
ON CONFLICT (user, item) DO UPDATE SET grant_id = excluded.grant_id
WHERE space = excluded.space";

/// Where the items of some grants are from now on, which were in another space. Of somebody
/// who is gone nothing is written down. ?1 the other space, ?2 space, ?3 JSON list of `[user,
/// item, grant]`, ?4 now
pub const MOVE: &str = "
WITH c AS MATERIALIZED (
  SELECT value ->> 0 AS user, value ->> 1 AS item, value ->> 2 AS grant_id FROM json_each(?3)
)
INSERT INTO shares (user, item, space, grant_id, created_at)
SELECT c.user, c.item, ?2, c.grant_id, ?4
FROM c CROSS JOIN users u ON u.id = c.user WHERE true
ON CONFLICT (user, item) DO UPDATE SET space = excluded.space, grant_id = excluded.grant_id
WHERE space = ?1";

/// What was shared with somebody of a space. ?1 user, ?2 space
pub const OF_USER_IN: &str = "SELECT item AS id FROM shares WHERE user = ?1 AND space = ?2";

/// ?1 user, ?2 item, ?3 space
pub const REMOVE: &str = "DELETE FROM shares WHERE user = ?1 AND item = ?2 AND space = ?3";

/// ?1 space, ?2 JSON list of `[user, item]`
pub const REMOVE_EACH: &str = "
DELETE FROM shares
WHERE space = ?1 AND (user, item) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))";

/// Some of a person. ?1 user, ?2 at most
pub const SOME_OF_USER: &str = "
SELECT item, space, grant_id FROM shares WHERE user = ?1 ORDER BY item LIMIT ?2";

/// Removes those. ?1 user, ?2 at most
pub const REMOVE_SOME: &str = "
DELETE FROM shares WHERE user = ?1 AND item IN (
  SELECT item FROM shares WHERE user = ?1 ORDER BY item LIMIT ?2
)";

/// ?1 space, ?2 at most
pub const REMOVE_OF_SPACE: &str = remove_some!("shares", "user, item");

/// Somebody whose account has not ended. ?1 name key, ?2 now
pub const PERSON_BY_NAME: &str = "
SELECT id, name, home_space FROM users
WHERE name_key = ?1 AND (ends_at IS NULL OR ends_at > ?2)";

/// ?1 id
pub const PERSON_BY_ID: &str = "SELECT id, name, home_space FROM users WHERE id = ?1";

/// ?1 JSON list of ids
pub const PEOPLE_BY_ID: &str = "
SELECT u.id, u.name, u.home_space FROM json_each(?1) c CROSS JOIN users u ON u.id = c.value";
