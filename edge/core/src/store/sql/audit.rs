//! What is written down of who did what to whom. Each of these that writes comes in one batch
//! with what it tells of; those of an administrator are beside their changes.

/// The newest first. ?1 before this entry, ?2 at most
pub const PAGE: &str = "
SELECT n, at, act, by_name, of_name, detail FROM audit WHERE n < ?1 ORDER BY n DESC LIMIT ?2";

/// An account was made, by the statement before. ?1 user, ?2 now
pub const SIGNED_UP: &str = "
INSERT INTO audit (at, act, by_name) SELECT ?2, 'signed_up', name FROM users WHERE id = ?1";

/// A recovery code is about to be used. ?1 user, ?2 now, ?3 hash of the code
pub const RECOVERED: &str = "
INSERT INTO audit (at, act, by_name)
SELECT ?2, 'recovered', u.name FROM users u WHERE u.id = ?1
  AND EXISTS (SELECT 1 FROM recovery_codes r WHERE r.user = ?1 AND r.hash = unhex(?3))";

/// The end of an account is about to be another one. ?1 user, ?2 the end or null, ?3 the end
/// from now on or null, ?4 now
pub const ENDED: &str = "
INSERT INTO audit (at, act, by_name)
SELECT ?4, CASE WHEN ?3 IS NULL THEN 'account_kept' ELSE 'account_ended' END, name
FROM users WHERE id = ?1 AND ends_at IS ?2 AND ?3 IS NOT ?2";

/// Forgets what is old, and all but the newest. ?1 before, ?2 how many are kept, ?3 at most
pub const SWEEP: &str = "
DELETE FROM audit WHERE n IN (
  SELECT n FROM audit WHERE at < ?1 OR n <= (SELECT max(n) FROM audit) - ?2
  ORDER BY n LIMIT ?3
)";
