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
) WHERE event IN (
  'share_granted', 'share_changed', 'share_revoked', 'share_offered', 'handed_over'
) LIMIT 1";

/// The oldest entry that is left. ?1 space
pub const OLDEST: &str = "SELECT min(seq) AS seq FROM changes WHERE space = ?1";

/// ?1 space
pub const NEWEST: &str = "
SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name
FROM changes WHERE space = ?1 ORDER BY seq DESC LIMIT 1";

/// The newest `$most` entries of a space before `$before`, as a table.
macro_rules! before {
    ($before:literal, $most:literal) => {
        concat!(
            "(
  SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name
  FROM changes WHERE space = ?1 AND seq < ",
            $before,
            " ORDER BY seq DESC LIMIT ",
            $most,
            "
)"
        )
    };
}

/// True of an entry that somebody else made than `$user`, or a visitor of a link. `$of` is
/// what its columns' names begin with.
macro_rules! by_others {
    ($of:literal, $user:literal) => {
        concat!(
            "(",
            $of,
            "user <> ",
            $user,
            " OR (",
            $of,
            "user IS NULL AND json_valid(",
            $of,
            "detail) AND ",
            $of,
            "detail ->> '$.link' IS NOT NULL))"
        )
    };
}

/// What was done before an entry, the newest first: of so many entries, those that are of
/// some kinds, and by somebody or by others. ?1 space, ?2 the entry, ?3 how many are
/// read, ?4 JSON list of kinds, ?5 by this person, ?6 by others than this one; each of these three
/// may be null
pub const DONE: &str = concat!(
    "
SELECT seq, item, conflict, at, event, detail, user, user_name, device, device_name FROM ",
    before!("?2", "?3"),
    "
WHERE (?4 IS NULL OR coalesce(event, 'file_update') IN (SELECT value FROM json_each(?4)))
  AND (?5 IS NULL OR user = ?5) AND (?6 IS NULL OR ",
    by_others!("", "?6"),
    ")
ORDER BY seq DESC"
);

/// Where the entries that [`DONE`] reads end, and how many there are. ?1 space, ?2 the
/// entry, ?3 at most
pub const DONE_END: &str = concat!(
    "SELECT min(seq) AS seq, min(at) AS at, count(*) AS count FROM ",
    before!("?2", "?3")
);

/// The newest entries of some spaces that somebody else made, or a visitor of a link, each
/// with its space, the newest first. ?1 JSON list of spaces, ?2 how many of each are read, ?3 but by this
/// person, ?4 none that is older, ?5 at most
pub const BY_OTHERS: &str = concat!(
    "
SELECT h.space, h.seq, h.item, h.conflict, h.at, h.event, h.detail, h.user, h.user_name,
  h.device, h.device_name
FROM json_each(?1) c CROSS JOIN spaces s ON s.id = c.value
CROSS JOIN changes h ON h.space = s.id AND h.seq > s.head_seq - ?2
WHERE h.at >= ?4 AND ",
    by_others!("h.", "?3"),
    "
ORDER BY h.at DESC, h.seq DESC LIMIT ?5"
);
