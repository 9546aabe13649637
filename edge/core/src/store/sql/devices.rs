//! Devices and access tokens.

/// The columns of a device `d`.
macro_rules! device_columns {
    () => {
        "id, name, kind, created_at AS created_at_ms, last_seen_at AS last_seen_at_ms,
  coalesce(ends_at, created_at + 15552000000) AS ends_at_ms, scope, is_token, folder"
    };
}

/// True of a device that can get in: not revoked, seen after `$seen`, and before
/// its end at `$now`.
macro_rules! is_in {
    ($seen:literal, $now:literal) => {
        concat!(
            "revoked_at IS NULL AND last_seen_at > ",
            $seen,
            " AND coalesce(ends_at, created_at + 15552000000) > ",
            $now
        )
    };
}

/// A new device, or one that signs in again and keeps its id: it does only if it
/// is the user's own, of the same kind, and no token. A name that its person gave it
/// stays. Nothing is written, and no
/// row is answered, if the user's record is not the one that the sign-in began
/// with, if the account has ended or is disabled, or if there are as many devices as there may be.
/// ?1 id, ?2 user, ?3 kind, ?4 name, ?5 token hash, ?6 now, ?7 end, ?8 record
/// version, ?9 seen after, ?10 at most
pub const PUT_DEVICE: &str = concat!(
    "
INSERT INTO devices (id, user, kind, name, token_hash, created_at, last_seen_at, ends_at, proven_at)
SELECT ?1, ?2, ?3, ?4, unhex(?5), ?6, ?6, ?7, ?6
WHERE EXISTS (
    SELECT 1 FROM users
    WHERE id = ?2 AND record_version = ?8 AND (ends_at IS NULL OR ends_at > ?6)
      AND disabled_at IS NULL
  )
  AND (SELECT count(*) FROM devices WHERE user = ?2 AND id <> ?1 AND ",
    is_in!("?9", "?6"),
    ") < ?10
ON CONFLICT (id) DO UPDATE SET
  name = CASE WHEN is_named THEN name ELSE excluded.name END,
  token_hash = excluded.token_hash, last_seen_at = excluded.last_seen_at,
  ends_at = excluded.ends_at, proven_at = excluded.proven_at, revoked_at = NULL
WHERE user = excluded.user AND kind = excluded.kind AND NOT is_token
RETURNING ",
    device_columns!()
);

/// An access token, if the device that makes it is in and has confirmed the
/// password. ?1 id, ?2 user, ?3 name, ?4 token hash, ?5 now, ?6 end, ?7 scope,
/// ?8 maker, ?9 confirmed after, ?10 seen after, ?11 at most, ?12 folder or null
pub const INSERT_TOKEN: &str = concat!(
    "
INSERT INTO devices
  (id, user, kind, name, token_hash, created_at, last_seen_at, ends_at, scope, is_token, folder)
SELECT ?1, ?2, 'program', ?3, unhex(?4), ?5, ?5, ?6, ?7, 1, ?12
WHERE EXISTS (
  SELECT 1 FROM devices
  WHERE id = ?8 AND user = ?2 AND revoked_at IS NULL AND NOT is_token AND proven_at > ?9
) AND (SELECT count(*) FROM devices WHERE user = ?2 AND ",
    is_in!("?10", "?5"),
    ") < ?11
RETURNING ",
    device_columns!()
);

/// ?1 token hash
pub const BY_TOKEN: &str = "
SELECT d.id, d.name, d.kind, d.created_at AS created_at_ms, d.last_seen_at AS last_seen_at_ms,
  coalesce(d.ends_at, d.created_at + 15552000000) AS ends_at_ms, d.scope, d.is_token, d.folder,
  d.proven_at, d.revoked_at, u.id AS user, u.name AS user_name, u.home_space,
  u.ends_at AS account_ends_at, u.disabled_at, u.is_admin
FROM devices d JOIN users u ON u.id = d.user
WHERE d.token_hash = unhex(?1)";

/// ?1 device, ?2 now
pub const TOUCH: &str = "UPDATE devices SET last_seen_at = ?2 WHERE id = ?1";

/// The password was given again, and is still the one that it was given for.
/// ?1 device, ?2 user, ?3 now, ?4 record version
pub const CONFIRM: &str = "
UPDATE devices SET proven_at = ?3
WHERE id = ?1 AND user = ?2 AND revoked_at IS NULL AND NOT is_token
  AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND record_version = ?4)";

/// The devices that can get in. ?1 user, ?2 seen after, ?3 now
pub const OF_USER: &str = concat!(
    "
SELECT ",
    device_columns!(),
    "
FROM devices WHERE user = ?1 AND ",
    is_in!("?2", "?3"),
    "
ORDER BY created_at, id"
);

/// Gives a device that can get in another name. ?1 id, ?2 user, ?3 name, ?4 seen after,
/// ?5 now
pub const RENAME: &str = concat!(
    "
UPDATE devices SET name = ?3, is_named = 1
WHERE id = ?1 AND user = ?2 AND ",
    is_in!("?4", "?5"),
    "
RETURNING ",
    device_columns!()
);

/// How many can get in, and the one that was not used for the longest time.
/// ?1 user, ?2 seen after, ?3 now
pub const OLDEST_OF_USER: &str = concat!(
    "
SELECT ",
    device_columns!(),
    ", count(*) OVER () AS of
FROM devices WHERE user = ?1 AND ",
    is_in!("?2", "?3"),
    "
ORDER BY last_seen_at, id LIMIT 1"
);

/// ?1 device, ?2 user, ?3 now
pub const REVOKE: &str =
    "UPDATE devices SET revoked_at = ?3 WHERE id = ?1 AND user = ?2 AND revoked_at IS NULL";

/// All but those that are kept, once the user has a new record.
/// ?1 user, ?2 now, ?3 JSON list of devices that are kept, ?4 the new record
pub const REVOKE_OTHERS: &str = "
UPDATE devices SET revoked_at = ?2
WHERE user = ?1 AND revoked_at IS NULL AND id NOT IN (SELECT value FROM json_each(?3))
  AND EXISTS (SELECT 1 FROM users WHERE id = ?1 AND sign_in_record = unhex(?4))
RETURNING id";

/// What was confirmed, was so with the password from before the new record.
/// ?1 user, ?2 the device that has changed it, ?3 the new record
pub const UNCONFIRM_OTHERS: &str = "
UPDATE devices SET proven_at = 0
WHERE user = ?1 AND id <> ?2 AND revoked_at IS NULL AND proven_at > 0
  AND EXISTS (SELECT 1 FROM users WHERE id = ?1 AND sign_in_record = unhex(?3))";

/// ?1 user, ?2 at most
pub const REMOVE_OF_USER: &str = "
DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user = ?1 LIMIT ?2)";

/// Rows of devices that have ended long ago. ?1 ended before, ?2 at most
pub const SWEEP: &str = "
DELETE FROM devices WHERE id IN (
  SELECT id FROM devices WHERE ends_at < ?1 ORDER BY ends_at LIMIT ?2
)";

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::limits::SESSION_MILLIS;

    #[test]
    fn a_row_without_an_end_ends_as_sign_ins_do() {
        let added = format!("created_at + {SESSION_MILLIS}");
        for sql in [
            PUT_DEVICE,
            INSERT_TOKEN,
            BY_TOKEN,
            OF_USER,
            RENAME,
            OLDEST_OF_USER,
        ] {
            assert!(sql.contains(&added), "{sql}");
        }
    }
}
