//! Invitations to make an account.

/// Those that hold, the newest first. ?1 now
pub const OPEN: &str = "
SELECT id, note, made_by, made_at, ends_at FROM invites WHERE ends_at > ?1
ORDER BY made_at DESC, id";

/// Makes one, unless there are as many as there may be. ?1 who asks, ?2 now, ?3 id, ?4 hash
/// of the secret, ?5 note, ?6 end, ?7 at most
pub const INSERT: &str = concat!(
    "
INSERT INTO invites (id, key_hash, note, made_by, made_at, ends_at)
SELECT ?3, unhex(?4), ?5, u.name, ?2, ?6 FROM users u WHERE u.id = ?1 AND ",
    administers!(),
    " AND (SELECT count(*) FROM invites WHERE ends_at > ?2) < ?7"
);

/// One was made, by the statement before. ?1 id, ?2 now
pub const AUDIT_MADE: &str = "
INSERT INTO audit (at, act, by_name, detail)
SELECT ?2, 'invite_made', made_by, nullif(note, '') FROM invites WHERE id = ?1";

/// Writes down that one is taken back, before it is. ?1 who asks, ?2 now, ?3 id
pub const AUDIT_REMOVED: &str = concat!(
    "
INSERT INTO audit (at, act, by_name, detail)
SELECT ?2, 'invite_removed', (SELECT name FROM users WHERE id = ?1), nullif(i.note, '')
FROM invites i WHERE i.id = ?3 AND i.ends_at > ?2 AND ",
    administers!()
);

/// Takes one back. ?1 to ?3 as above
pub const REMOVE: &str = concat!(
    "DELETE FROM invites WHERE id = ?3 AND ends_at > ?2 AND ",
    administers!()
);

/// Writes down that one is used, before it is. ?1 hash of the secret, ?2 now, ?3 the user whom
/// the statement before has made
pub const AUDIT_USED: &str = "
INSERT INTO audit (at, act, by_name, of_name, detail)
SELECT ?2, 'invite_used', u.name, i.made_by, nullif(i.note, '') FROM invites i, users u
WHERE i.key_hash = unhex(?1) AND i.ends_at > ?2 AND u.id = ?3";

/// Uses one up. ?1 hash of the secret, ?2 the user
pub const USE: &str = "
DELETE FROM invites
WHERE key_hash = unhex(?1) AND EXISTS (SELECT 1 FROM users WHERE id = ?2)";

/// What is over. ?1 before, ?2 at most
pub const SWEEP: &str = "
DELETE FROM invites WHERE id IN (
  SELECT id FROM invites WHERE ends_at < ?1 ORDER BY ends_at LIMIT ?2
)";
