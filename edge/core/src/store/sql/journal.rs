//! The space itself, its journal and its operations.

/// ?1 id, ?2 quota in bytes
pub const INSERT_SPACE: &str = "INSERT INTO spaces (id, quota_bytes) VALUES (?1, ?2)";

/// ?1 space, ?2 how many entries follow
pub const ADVANCE: &str =
    "UPDATE spaces SET head_seq = head_seq + ?2 WHERE id = ?1 RETURNING head_seq";

/// ?1 space, ?2 JSON list of `[how far below the head, item, conflict or null, event or
/// null, what else is known of it in JSON]`, ?3 now, ?4 user, ?5 their name, ?6 device,
/// ?7 its name
pub const APPEND: &str = "
INSERT INTO changes
  (space, seq, item, conflict, at, event, detail, user, user_name, device, device_name)
SELECT s.id, s.head_seq - (c.value ->> 0), c.value ->> 1, c.value ->> 2, ?3, c.value ->> 3,
  c.value ->> 4, ?4, ?5, ?6, ?7
FROM spaces s CROSS JOIN json_each(?2) c WHERE s.id = ?1";

/// ?1 space, ?2 operation
pub const OPERATION: &str = "
SELECT lower(hex(request_hash)) AS request_hash, answer, seq FROM operations
WHERE space = ?1 AND id = ?2";

/// The given operations that were done. ?1 space, ?2 JSON list of operations
pub const OPERATIONS: &str = "
SELECT o.id, lower(hex(o.request_hash)) AS request_hash, o.answer, o.seq
FROM json_each(?2) c CROSS JOIN operations o ON o.space = ?1 AND o.id = c.value";

/// ?1 space, ?2 JSON list of `[operation, request hash, answer, how far below the
/// head its last entry is]`, ?3 now
pub const INSERT_OPERATIONS: &str = "
INSERT INTO operations (space, id, request_hash, answer, seq, at)
SELECT s.id, c.value ->> 0, unhex(c.value ->> 1), c.value ->> 2,
  s.head_seq - (c.value ->> 3), ?3
FROM spaces s CROSS JOIN json_each(?2) c WHERE s.id = ?1";

/// Where a page of the journal ends. ?1 space, ?2 after this entry, ?3 at most
pub const PAGE_END: &str = "
SELECT max(seq) AS seq FROM (
  SELECT seq FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
)";

/// A page of the journal. ?1 space, ?2 after this entry, ?3 at most
pub const PAGE: &str = "
SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name
FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

/// Whether a page of the journal has entries of access. ?1 space, ?2 after this entry, ?3 at
/// most
pub const SHARED: &str = "
SELECT 1 AS any FROM (
  SELECT event FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
) WHERE event IN ('share_granted', 'share_changed', 'share_revoked') LIMIT 1";

/// The oldest entry that is left. ?1 space
pub const OLDEST: &str = "SELECT min(seq) AS seq FROM changes WHERE space = ?1";

/// ?1 space
pub const NEWEST: &str = "
SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name
FROM changes WHERE space = ?1 ORDER BY seq DESC LIMIT 1";

/// What was done before an entry, the newest first. ?1 space, ?2 the entry, ?3 at most
pub const DONE: &str = "
SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name
FROM changes WHERE space = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
