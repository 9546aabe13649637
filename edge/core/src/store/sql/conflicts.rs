//! Versions that came second.

/// A conflict's own columns. The beginning of every statement that answers
/// conflicts; `$from` names them `c`.
macro_rules! select_conflict {
    ($from:literal) => {
        concat!(
            "SELECT c.id, c.item, c.base_version, c.size, c.size_class, c.modified_at,
  c.user_name, c.device, c.device_name, c.at, c.choice, c.resolved_at,
  c.resolved_user_name, c.resolved_device, c.resolved_device_name, c.seen_version
FROM ",
            $from,
            "
"
        )
    };
}

/// ?1 space, ?2 conflict
pub const CONFLICT: &str = concat!(
    select_conflict!("conflicts c"),
    "WHERE c.space = ?1 AND c.id = ?2"
);

/// ?1 space
pub const OPEN: &str = concat!(
    select_conflict!("conflicts c"),
    "WHERE c.space = ?1 AND c.resolved_at IS NULL ORDER BY c.at, c.id"
);

/// A page of the resolved ones, the newest resolution first. ?1 space,
/// ?2 resolved at, ?3 and id of the last one of the page before, both null for the
/// first page, ?4 at most
pub const RESOLVED: &str = concat!(
    select_conflict!("conflicts c"),
    "WHERE c.space = ?1 AND c.resolved_at IS NOT NULL AND (c.resolved_at, c.id) < (coalesce(?2, x'ff'), coalesce(?3, ''))
ORDER BY c.resolved_at DESC, c.id DESC LIMIT ?4"
);

/// The conflicts of a page of the journal. ?1 space, ?2 after this entry, ?3 at most
pub const CHANGED: &str = concat!(
    select_conflict!(
        "(
  SELECT conflict, max(seq) AS seq FROM (
    SELECT conflict, seq FROM changes
    WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
  ) WHERE conflict IS NOT NULL GROUP BY conflict
) page CROSS JOIN conflicts c ON c.space = ?1 AND c.id = page.conflict"
    ),
    "ORDER BY page.seq"
);

/// ?1 space, ?2 id, ?3 item, ?4 base version, ?5 size, ?6 size class,
/// ?7 modified at, ?8 user name, ?9 device, ?10 device name, ?11 now
pub const INSERT: &str = "
INSERT INTO conflicts (space, id, item, base_version, size, size_class, modified_at,
  user_name, device, device_name, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// ?1 space, ?2 conflict, ?3 JSON list of `[hash, length]`
pub const INSERT_BLOCKS: &str = "
INSERT INTO conflict_blocks (space, conflict, ord, hash, length)
SELECT ?1, ?2, key, unhex(value ->> 0), value ->> 1 FROM json_each(?3)";

/// A conflict's blocks as one JSON list of `[hash, length]`. ?1 space, ?2 conflict
pub const LIST: &str = "
SELECT json_group_array(json_array(hash, length)) AS list FROM (
  SELECT lower(hex(hash)) AS hash, length FROM conflict_blocks
  WHERE space = ?1 AND conflict = ?2 ORDER BY ord
)";

/// The places of a conflict's blocks, as one JSON list.
/// ?1 space, ?2 conflict
pub const PLACES: &str = concat!(
    "
SELECT json_group_array(",
    place_list!(),
    ") AS list FROM (
  SELECT ",
    select_place!(),
    "
  FROM conflict_blocks c CROSS JOIN blocks b ON b.space = c.space AND b.hash = c.hash
  WHERE c.space = ?1 AND c.conflict = ?2 ORDER BY c.ord
)"
);

/// The version that the file had before a resolution. ?1 space, ?2 conflict
pub const VERSION_BEFORE: &str = "
SELECT v.size, v.size_class, v.modified_at FROM conflicts c JOIN versions v
  ON v.space = c.space AND v.item = c.item AND v.version = c.seen_version
WHERE c.space = ?1 AND c.id = ?2";

/// The blocks of a conflict as one JSON list of `[hash, length]`. ?1 space, ?2 conflict
pub const LIST_BEFORE: &str = "
SELECT json_group_array(json_array(hash, length)) AS list FROM (
  SELECT lower(hex(f.hash)) AS hash, f.length FROM conflicts c JOIN file_blocks f
    ON f.space = c.space AND f.item = c.item AND f.since_version <= c.seen_version
    AND (f.until_version IS NULL OR f.until_version > c.seen_version)
  WHERE c.space = ?1 AND c.id = ?2 ORDER BY f.ord
)";

/// The file that a resolution has made of the second side. ?1 space, ?2 conflict
pub const COPY: &str = concat!(
    select_item!("conflicts c JOIN items i ON i.space = c.space AND i.id = c.choice ->> 'copy_id'"),
    "WHERE c.space = ?1 AND c.id = ?2"
);

/// ?1 space, ?2 conflict, ?3 choice, ?4 now, ?5 user name, ?6 device,
/// ?7 device name, ?8 seen version
pub const RESOLVE: &str = "
UPDATE conflicts SET choice = ?3, resolved_at = ?4, resolved_user_name = ?5,
  resolved_device = ?6, resolved_device_name = ?7, seen_version = ?8
WHERE space = ?1 AND id = ?2 AND resolved_at IS NULL";

/// The resolution that was read is taken back. ?1 space, ?2 conflict,
/// ?3 choice, ?4 resolved at, ?5 seen version
pub const REOPEN: &str = "
UPDATE conflicts SET choice = NULL, resolved_at = NULL, resolved_user_name = NULL,
  resolved_device = NULL, resolved_device_name = NULL, seen_version = NULL
WHERE space = ?1 AND id = ?2 AND choice = ?3 AND resolved_at = ?4 AND seen_version IS ?5";

/// Aborts the batch if the statement before it changed nothing.
pub const GUARD_RESOLVED: &str = "INSERT INTO guards (conflict) SELECT NULL WHERE changes() = 0";
