//! People as administrators see them, and what administrators have set. Where nothing else is
//! said, ?1 is who asks and ?2 is now. What only reads comes in one batch with
//! [`ADMINISTERS`].

/// What is told of a person `u`. ?3 is since when a device has to have been seen
macro_rules! select_person {
    ($where:literal) => {
        concat!(
            "
SELECT u.id, u.name, u.name_key, u.home_space, u.created_at, u.is_admin, u.disabled_at, u.ends_at,
  (
    SELECT count(*) FROM devices d WHERE d.user = u.id AND d.revoked_at IS NULL
      AND d.last_seen_at > ?3 AND coalesce(d.ends_at, d.created_at + 15552000000) > ?2
  ) AS devices,
  (SELECT max(d.last_seen_at) FROM devices d WHERE d.user = u.id) AS seen_at
FROM users u WHERE ",
            $where
        )
    };
}

/// True of a person `u` who may be changed: by an administrator, and so that one is left.
/// ?3 the person, ?4 whether they are to be one, ?5 whether they are to be shut out, each
/// null if that stays
macro_rules! may_be_changed {
    () => {
        concat!(
            "u.id = ?3 AND ",
            administers!(),
            " AND (
    NOT (u.is_admin = 1 AND u.disabled_at IS NULL)
    OR (coalesce(?4, 1) = 1 AND coalesce(?5, 0) = 0)
    OR EXISTS (
      SELECT 1 FROM users o
      WHERE o.is_admin = 1 AND o.disabled_at IS NULL AND o.ends_at IS NULL AND o.id <> ?3
    )
  )"
        )
    };
}

/// Whether whoever asks administers this server.
pub const ADMINISTERS: &str = concat!("SELECT ", administers!(), " AS administers");

/// A page of all people. ?3 seen after, ?4 after this name key, ?5 at most
pub const PEOPLE: &str = concat!(
    select_person!("u.name_key > ?4"),
    " ORDER BY u.name_key LIMIT ?5"
);

/// ?3 seen after, ?4 the person
pub const PERSON: &str = select_person!("u.id = ?4");

/// Writes down that somebody is appointed or dismissed, before they are. ?3 to ?5 as above
pub const AUDIT_ROLE: &str = concat!(
    "
INSERT INTO audit (at, act, by_name, of_name)
SELECT ?2, CASE ?4 WHEN 1 THEN 'appointed' ELSE 'dismissed' END,
  (SELECT name FROM users WHERE id = ?1), CASE WHEN u.id <> ?1 THEN u.name END
FROM users u WHERE ?4 IS NOT NULL AND u.is_admin <> ?4 AND ",
    may_be_changed!()
);

/// Writes down that somebody is shut out or let in, before they are. ?3 to ?5 as above
pub const AUDIT_DOOR: &str = concat!(
    "
INSERT INTO audit (at, act, by_name, of_name)
SELECT ?2, CASE ?5 WHEN 1 THEN 'disabled' ELSE 'enabled' END,
  (SELECT name FROM users WHERE id = ?1), CASE WHEN u.id <> ?1 THEN u.name END
FROM users u WHERE ?5 IS NOT NULL AND (u.disabled_at IS NOT NULL) <> ?5 AND ",
    may_be_changed!()
);

/// Writes down that somebody has another quota, before they have. ?3 to ?5 as above, ?6 the
/// quota, or null if it stays
pub const AUDIT_QUOTA: &str = concat!(
    "
INSERT INTO audit (at, act, by_name, of_name, detail)
SELECT ?2, 'quota_changed', (SELECT name FROM users WHERE id = ?1),
  CASE WHEN u.id <> ?1 THEN u.name END, CAST(CAST(?6 AS INTEGER) AS TEXT)
FROM users u WHERE ?6 IS NOT NULL AND u.quota_bytes IS NOT ?6 AND ",
    may_be_changed!()
);

/// Changes a person. ?3 to ?6 as above
pub const CHANGE_PERSON: &str = concat!(
    "
UPDATE users AS u SET is_admin = coalesce(?4, u.is_admin),
  disabled_at = CASE ?5 WHEN 1 THEN coalesce(u.disabled_at, ?2) WHEN 0 THEN NULL
    ELSE u.disabled_at END,
  quota_bytes = coalesce(?6, u.quota_bytes)
WHERE ",
    may_be_changed!()
);

/// The quota that an administrator has set for a person. ?1 the person
pub const QUOTA: &str = "SELECT quota_bytes FROM users WHERE id = ?1";

/// Who may make an account, as far as administrators have set it.
pub const SIGN_UP: &str =
    "SELECT (SELECT value FROM server_settings WHERE name = 'sign_up') AS mode";

/// What it depends on whether somebody may make an account. ?1 the hash of an invitation's
/// secret or null, ?2 now
pub const NEWCOMER: &str = "
SELECT (SELECT value FROM server_settings WHERE name = 'sign_up') AS mode,
  EXISTS (SELECT 1 FROM users) AS has_users,
  EXISTS (SELECT 1 FROM users WHERE is_admin = 1) AS has_administrator,
  EXISTS (SELECT 1 FROM invites WHERE key_hash = unhex(?1) AND ends_at > ?2) AS is_invited";

/// Writes down that others may make an account, before they may. ?3 the mode, ?4 the
/// configured one
pub const AUDIT_SIGN_UP: &str = concat!(
    "
INSERT INTO audit (at, act, by_name, detail)
SELECT ?2, 'sign_up_changed', u.name, ?3 FROM users u WHERE u.id = ?1 AND ",
    administers!(),
    " AND coalesce((SELECT value FROM server_settings WHERE name = 'sign_up'), ?4) <> ?3"
);

/// ?3 the mode
pub const PUT_SIGN_UP: &str = concat!(
    "
INSERT INTO server_settings (name, value) SELECT 'sign_up', ?3 WHERE ",
    administers!(),
    "
ON CONFLICT (name) DO UPDATE SET value = excluded.value"
);
