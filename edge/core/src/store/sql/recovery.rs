//! Recovery codes, and what one of them does.

/// True of a user whose newest set is still the one that a new one is to take the place
/// of, asked for by a device that is in and has confirmed the password.
macro_rules! may_make {
    ($user:literal, $base:literal, $device:literal, $confirmed:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM users WHERE id = ",
            $user,
            " AND recovery_version = ",
            $base,
            ") AND EXISTS (SELECT 1 FROM devices WHERE id = ",
            $device,
            " AND user = ",
            $user,
            " AND revoked_at IS NULL AND NOT is_token AND proven_at > ",
            $confirmed,
            ")"
        )
    };
}

/// True while a user has this code.
macro_rules! has_code {
    ($user:literal, $hash:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM recovery_codes WHERE user = ",
            $user,
            " AND hash = unhex(",
            $hash,
            "))"
        )
    };
}

/// ?1 user
pub const OF_USER: &str = "
SELECT u.recovery_version AS version, u.recovery_made_at AS made_at,
  (SELECT count(*) FROM recovery_codes WHERE user = ?1) AS codes_left
FROM users u WHERE u.id = ?1";

/// Whether a user has one of these. ?1 user, ?2 JSON list of hashes
pub const ANY_OF: &str = "
SELECT 1 AS found FROM json_each(?2) h
CROSS JOIN recovery_codes c ON c.user = ?1 AND c.hash = unhex(h.value) LIMIT 1";

/// The older set goes. ?1 user, ?2 its version, ?3 device, ?4 confirmed after
pub const END_SET: &str = concat!(
    "DELETE FROM recovery_codes WHERE user = ?1 AND ",
    may_make!("?1", "?2", "?3", "?4")
);

/// ?1 user, ?2 version of the older set, ?3 device, ?4 confirmed after, ?5 JSON list of
/// hashes
pub const INSERT_SET: &str = concat!(
    "
INSERT INTO recovery_codes (user, hash)
SELECT ?1, unhex(value) FROM json_each(?5) WHERE ",
    may_make!("?1", "?2", "?3", "?4")
);

/// Counts the set that was made. It comes last, because with it nothing is as a repeat
/// expects it. ?1 user, ?2 version of the older set, ?3 device, ?4 confirmed after, ?5 now
pub const COUNT_SET: &str = concat!(
    "
UPDATE users SET recovery_version = recovery_version + 1, recovery_made_at = ?5
WHERE id = ?1 AND ",
    may_make!("?1", "?2", "?3", "?4")
);

/// Takes a new record from whoever has a code. ?1 user, ?2 record, ?3 sign-in key,
/// ?4 credential, ?5 hash of the code
pub const PUT_RECORD: &str = concat!(
    "
UPDATE users SET sign_in_record = unhex(?2), sign_in_key = ?3, credential = ?4,
  record_version = record_version + 1
WHERE id = ?1 AND ",
    has_code!("?1", "?5")
);

/// All that the old record has let in. ?1 user, ?2 now, ?3 hash of the code
pub const REVOKE_ALL: &str = concat!(
    "
UPDATE devices SET revoked_at = ?2
WHERE user = ?1 AND revoked_at IS NULL AND ",
    has_code!("?1", "?3"),
    "
RETURNING id"
);

/// The code is used. It comes last: all else of the batch asks for it. ?1 user, ?2 hash
pub const USE: &str = "DELETE FROM recovery_codes WHERE user = ?1 AND hash = unhex(?2)";

/// ?1 user
pub const REMOVE_OF_USER: &str = "DELETE FROM recovery_codes WHERE user = ?1";
