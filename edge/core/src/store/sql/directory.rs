//! Users, and sign-ins under way. Their devices are in [`super::devices`].

/// The columns of a user.
macro_rules! select_user {
    ($from:literal) => {
        concat!(
            "SELECT u.id, u.name, u.home_space, lower(hex(u.sign_in_record)) AS record,
  u.sign_in_key, u.credential, u.record_version, u.ends_at, u.is_admin, u.disabled_at
FROM ",
            $from
        )
    };
}

/// ?1 name key
pub const USER_BY_NAME: &str = select_user!("users u WHERE u.name_key = ?1");

/// ?1 id
pub const USER_BY_ID: &str = select_user!("users u WHERE u.id = ?1");

/// True of the account that is to be the first administrator's: the one that the operator
/// has named, or else the first of all, unless the operator has closed sign-up. ?3, ?9 and ?10
/// as below. [`newcomers`](crate::directory::newcomers) says the same.
macro_rules! is_the_administrators {
    () => {
        "CASE WHEN ?10 IS NULL THEN ?9 <> 'closed' AND NOT EXISTS (SELECT 1 FROM users)
    ELSE ?3 = ?10 AND NOT EXISTS (SELECT 1 FROM users WHERE is_admin = 1) END"
    };
}

/// Makes an account, if whoever asks may make one at this moment. ?1 id, ?2 name, ?3 name key,
/// ?4 home space, ?5 record, ?6 now, ?7 sign-in key, ?8 credential, ?9 who may make one, as it
/// is configured, ?10 name key of the administrator whom the operator has named, or null,
/// ?11 hash of an invitation's secret or null
pub const INSERT_USER: &str = concat!(
    "
INSERT INTO users
  (id, name, name_key, home_space, sign_in_record, created_at, sign_in_key, credential, is_admin)
SELECT ?1, ?2, ?3, ?4, unhex(?5), ?6, ?7, ?8, ",
    is_the_administrators!(),
    "
FROM (
  SELECT coalesce((SELECT value FROM server_settings WHERE name = 'sign_up'), ?9) AS mode
) s
WHERE s.mode = 'open'
  OR (s.mode = 'invited' AND EXISTS (
    SELECT 1 FROM invites WHERE key_hash = unhex(?11) AND ends_at > ?6
  ))
  OR ",
    is_the_administrators!()
);

/// Up to when a person has seen what others did. ?1 user
pub const NEWS_SEEN: &str = "SELECT news_seen_at AS seen_at FROM users WHERE id = ?1";

/// ?1 user, ?2 up to when they have seen what others did
pub const SEE_NEWS: &str = "UPDATE users SET news_seen_at = ?2 WHERE id = ?1 AND news_seen_at < ?2";

/// Makes the end of an account another one, if it is still this one. ?1 user, ?2 the end or
/// null, ?3 the end from now on or null
pub const PUT_END: &str = "UPDATE users SET ends_at = ?3 WHERE id = ?1 AND ends_at IS ?2";

/// Accounts that end before so long, the soonest first. ?1 before, ?2 at most
pub const ENDING: &str = "
SELECT id, name, home_space, ends_at FROM users WHERE ends_at < ?1 ORDER BY ends_at, id LIMIT ?2";

/// Whose own these spaces are. ?1 JSON list of spaces
pub const OWNERS: &str = "
SELECT u.id, u.name, u.home_space, u.ends_at
FROM json_each(?1) c CROSS JOIN users u ON u.home_space = c.value";

/// Whether a person has any device, or what was shared with them. ?1 user
pub const LEFT: &str = "
SELECT EXISTS (SELECT 1 FROM devices WHERE user = ?1) AS devices,
  EXISTS (SELECT 1 FROM shares WHERE user = ?1) AS shares";

/// ?1 user
pub const REMOVE_PLACES: &str = "DELETE FROM known_places WHERE user = ?1";

/// ?1 user
pub const REMOVE_ATTEMPTS: &str = "DELETE FROM sign_in_attempts WHERE user = ?1";

/// Forgets the record, so that nothing proves the password any more. ?1 user
pub const REMOVE_RECORD: &str = "UPDATE users SET sign_in_record = x'' WHERE id = ?1";

/// Removes a user whose account has ended, if nothing is left of them: then the name is
/// free. ?1 user, ?2 their space, ?3 ended before
pub const REMOVE_USER: &str = "
DELETE FROM users AS u WHERE u.id = ?1 AND u.ends_at < ?3
  AND NOT EXISTS (SELECT 1 FROM devices WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM known_places WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM sign_in_attempts WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM recovery_codes WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM stars WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM saved_searches WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM shares WHERE user = ?1)
  AND NOT EXISTS (SELECT 1 FROM shares WHERE space = ?2)
  AND NOT EXISTS (SELECT 1 FROM link_keys WHERE space = ?2)";

/// Whether somebody tells others what they have open. ?1 user
pub const TELLS_OPENINGS: &str = "SELECT tells_openings AS tells FROM users WHERE id = ?1";

/// ?1 user, ?2 whether they do
pub const TELL_OPENINGS: &str = "UPDATE users SET tells_openings = ?2 WHERE id = ?1";

/// The keys that records are made with, and whether there is any record.
pub const SIGN_IN_KEY: &str = "
SELECT (SELECT fingerprint FROM sign_in_key) AS fingerprint,
  EXISTS (SELECT 1 FROM users) AS has_users";

/// The first server that looks, while there is no account, says which keys those
/// are. ?1 fingerprint, ?2 now
pub const FIRST_SIGN_IN_KEY: &str = "
INSERT INTO sign_in_key (id, fingerprint, since)
SELECT 1, ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM users)
ON CONFLICT DO NOTHING";

/// Another pair of keys takes over. ?1 new fingerprint, ?2 old one, ?3 now
pub const NEXT_SIGN_IN_KEY: &str = "
UPDATE sign_in_key SET fingerprint = ?1, since = ?3 WHERE fingerprint = ?2";

/// A sign-in has shown which keys the records without a fingerprint are made
/// with. ?1 fingerprint, ?2 now
pub const PROVEN_SIGN_IN_KEY: &str = "
INSERT INTO sign_in_key (id, fingerprint, since) VALUES (1, ?1, ?2)
ON CONFLICT DO NOTHING";

/// Writes down which keys the records without a fingerprint are made with, if
/// these are known to be the ones. ?1 fingerprint
pub const NAME_RECORDS: &str = "
UPDATE users SET sign_in_key = ?1
WHERE sign_in_key IS NULL AND EXISTS (SELECT 1 FROM sign_in_key WHERE fingerprint = ?1)";

/// The same of one record. ?1 fingerprint, ?2 user
pub const NAME_RECORD: &str =
    "UPDATE users SET sign_in_key = ?1 WHERE id = ?2 AND sign_in_key IS NULL";

/// Takes a new record, if the device that asks is in and has confirmed the
/// password. ?1 user, ?2 record, ?3 sign-in key, ?4 credential, ?5 device,
/// ?6 confirmed after
pub const PUT_RECORD: &str = "
UPDATE users SET sign_in_record = unhex(?2), sign_in_key = ?3, credential = ?4,
  record_version = record_version + 1
WHERE id = ?1 AND EXISTS (
  SELECT 1 FROM devices d
  WHERE d.id = ?5 AND d.user = ?1 AND d.revoked_at IS NULL AND NOT d.is_token AND d.proven_at > ?6
)";

/// Sign-ins that were started with an older record. ?1 user
pub const END_ATTEMPTS: &str = "
DELETE FROM sign_in_attempts
WHERE user = ?1 AND record_version < (SELECT record_version FROM users WHERE id = ?1)";

/// ?1 id hash, ?2 user, ?3 state, ?4 end, ?5 record version, ?6 tried key,
/// ?7 JSON list of keys in guesses
pub const INSERT_ATTEMPT: &str = "
INSERT INTO sign_in_attempts (id_hash, user, state, expires_at, record_version, tried_key, counted)
VALUES (unhex(?1), ?2, unhex(?3), ?4, ?5, ?6, ?7)";

/// Takes an attempt, so that it is good once. ?1 id hash
pub const TAKE_ATTEMPT: &str = "
DELETE FROM sign_in_attempts WHERE id_hash = unhex(?1)
RETURNING user, lower(hex(state)) AS state, expires_at, record_version, tried_key, counted";

/// Removes sign-ins that nobody finished. ?1 now
pub const SWEEP_ATTEMPTS: &str = "DELETE FROM sign_in_attempts WHERE expires_at < ?1";

/// Counts a guess, unless there are as many as there may be: then no row is
/// answered. ?1 key, ?2 now, ?3 when a count ends that begins now, ?4 at most
pub const COUNT_GUESS: &str = "
INSERT INTO guesses (key, count, ends_at) VALUES (?1, 1, ?3)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN ends_at > ?2 THEN count + 1 ELSE 1 END,
  ends_at = CASE WHEN ends_at > ?2 THEN ends_at ELSE ?3 END
WHERE ends_at <= ?2 OR count < ?4
RETURNING count";

/// ?1 key
pub const GUESSES_END: &str = "SELECT ends_at FROM guesses WHERE key = ?1";

/// Takes back what turned out to be no guess. ?1 JSON list of keys
pub const UNCOUNT_GUESS: &str = "
UPDATE guesses SET count = count - 1
WHERE key IN (SELECT value FROM json_each(?1)) AND count > 0";

/// Which of these places a name has signed in from, if its account has not ended.
/// ?1 name key, ?2 JSON list of places, ?3 seen after, ?4 now
pub const KNOWN_PLACES: &str = "
SELECT k.key FROM users u CROSS JOIN known_places k ON k.user = u.id
WHERE u.name_key = ?1 AND k.key IN (SELECT value FROM json_each(?2)) AND k.seen_at > ?3
  AND (u.ends_at IS NULL OR u.ends_at > ?4)";

/// ?1 user, ?2 JSON list of places, ?3 device, ?4 now
pub const KNOW_PLACES: &str = "
INSERT INTO known_places (user, key, device, seen_at)
SELECT ?1, value, ?3, ?4 FROM json_each(?2) WHERE true
ON CONFLICT (user, key) DO UPDATE SET device = excluded.device, seen_at = excluded.seen_at";

/// Forgets all but the latest places. ?1 user, ?2 how many are kept
pub const TRIM_PLACES: &str = "
DELETE FROM known_places WHERE user = ?1 AND key NOT IN (
  SELECT key FROM known_places WHERE user = ?1 ORDER BY seen_at DESC LIMIT ?2
)";

/// ?1 user, ?2 JSON list of the devices that made them known
pub const FORGET_PLACES: &str = "
DELETE FROM known_places
WHERE user = ?1 AND device IN (SELECT value FROM json_each(?2))";

/// What is over. ?1 before, ?2 at most
pub const SWEEP_GUESSES: &str = "
DELETE FROM guesses WHERE key IN (
  SELECT key FROM guesses WHERE ends_at < ?1 ORDER BY ends_at LIMIT ?2
)";

/// ?1 before, ?2 at most
pub const SWEEP_PLACES: &str = "
DELETE FROM known_places WHERE (user, key) IN (
  SELECT user, key FROM known_places WHERE seen_at < ?1 ORDER BY seen_at LIMIT ?2
)";
