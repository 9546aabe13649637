//! The directory's index of links: in which space a link is. A row is a hint, and may be
//! of a link that is no more.

/// ?1 hash of the key
pub const FIND: &str = "SELECT space, link, item FROM link_keys WHERE key_hash = unhex(?1)";

/// Once more, it changes nothing. ?1 hash of the key, ?2 space, ?3 link, ?4 item, ?5 now
pub const PUT: &str = "
INSERT INTO link_keys (key_hash, space, link, item, created_at)
VALUES (unhex(?1), ?2, ?3, ?4, ?5)
ON CONFLICT DO NOTHING";

/// Some links of another space are in this one now. ?1 the other space, ?2 space, ?3 JSON
/// list of hashes of keys
pub const MOVE: &str = "
UPDATE link_keys SET space = ?2
WHERE space = ?1 AND key_hash IN (SELECT unhex(value) FROM json_each(?3))";

/// ?1 hash of the key
pub const REMOVE: &str = "DELETE FROM link_keys WHERE key_hash = unhex(?1)";

/// ?1 JSON list of hashes of keys
pub const REMOVE_EACH: &str = "
DELETE FROM link_keys WHERE key_hash IN (SELECT unhex(value) FROM json_each(?1))";

/// ?1 space, ?2 at most
pub const REMOVE_OF_SPACE: &str = "
DELETE FROM link_keys WHERE key_hash IN (
  SELECT key_hash FROM link_keys WHERE space = ?1 LIMIT ?2
)";

/// ?1 id hash, ?2 link, ?3 state, ?4 end, ?5 number of the password, ?6 JSON list of keys in
/// guesses
pub const INSERT_ATTEMPT: &str = "
INSERT INTO sign_in_attempts (id_hash, link, state, expires_at, record_version, counted)
VALUES (unhex(?1), ?2, unhex(?3), ?4, ?5, ?6)";

/// Takes an attempt, so that it is good once. ?1 id hash, ?2 link
pub const TAKE_ATTEMPT: &str = "
DELETE FROM sign_in_attempts WHERE id_hash = unhex(?1) AND link = ?2
RETURNING lower(hex(state)) AS state, expires_at, record_version, counted";
