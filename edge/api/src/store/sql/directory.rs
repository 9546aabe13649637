//! Users, devices and sign-ins under way.

/// ?1 name key
pub const USER_BY_NAME: &str = "SELECT id, name, home_space, lower(hex(sign_in_record)) AS record FROM users WHERE name_key = ?1";

/// ?1 id
pub const USER_BY_ID: &str =
    "SELECT id, name, home_space, lower(hex(sign_in_record)) AS record FROM users WHERE id = ?1";

/// ?1 id, ?2 name, ?3 name key, ?4 home space, ?5 record, ?6 now
pub const INSERT_USER: &str = "
INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
VALUES (?1, ?2, ?3, ?4, unhex(?5), ?6)";

/// A new device, or one that signs in again and keeps its id. It keeps it only
/// if it is the user's own and of the same kind; a guard on the answer is not
/// needed, because the caller looks at the number of changes.
/// ?1 id, ?2 user, ?3 kind, ?4 name, ?5 token hash, ?6 now
pub const PUT_DEVICE: &str = "
INSERT INTO devices (id, user, kind, name, token_hash, created_at, last_seen_at)
VALUES (?1, ?2, ?3, ?4, unhex(?5), ?6, ?6)
ON CONFLICT (id) DO UPDATE SET
  name = excluded.name, token_hash = excluded.token_hash,
  last_seen_at = excluded.last_seen_at, revoked_at = NULL
WHERE user = excluded.user AND kind = excluded.kind
RETURNING id, name, kind, created_at AS created_at_ms, last_seen_at AS last_seen_at_ms";

/// ?1 token hash
pub const DEVICE_BY_TOKEN: &str = "
SELECT d.id, d.name, d.kind, d.created_at AS created_at_ms, d.last_seen_at AS last_seen_at_ms,
  d.revoked_at, u.id AS user, u.name AS user_name, u.home_space
FROM devices d JOIN users u ON u.id = d.user
WHERE d.token_hash = unhex(?1)";

/// ?1 device, ?2 now
pub const TOUCH_DEVICE: &str = "UPDATE devices SET last_seen_at = ?2 WHERE id = ?1";

/// ?1 user, ?2 last seen after
pub const DEVICES_OF_USER: &str = "
SELECT id, name, kind, created_at AS created_at_ms, last_seen_at AS last_seen_at_ms
FROM devices
WHERE user = ?1 AND revoked_at IS NULL AND last_seen_at > ?2
ORDER BY created_at, id";

/// ?1 device, ?2 user, ?3 now
pub const REVOKE_DEVICE: &str =
    "UPDATE devices SET revoked_at = ?3 WHERE id = ?1 AND user = ?2 AND revoked_at IS NULL";

/// ?1 id hash, ?2 user, ?3 state, ?4 end
pub const INSERT_ATTEMPT: &str = "
INSERT INTO sign_in_attempts (id_hash, user, state, expires_at)
VALUES (unhex(?1), ?2, unhex(?3), ?4)";

/// Takes an attempt, so that it is good once. ?1 id hash
pub const TAKE_ATTEMPT: &str = "
DELETE FROM sign_in_attempts WHERE id_hash = unhex(?1)
RETURNING user, lower(hex(state)) AS state, expires_at";

/// Those that nobody finished. ?1 now
pub const SWEEP_ATTEMPTS: &str = "DELETE FROM sign_in_attempts WHERE expires_at < ?1";
