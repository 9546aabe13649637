//! What a space holds, what it is charged for that, and how much room is left.

/// What counts against the quota. The charges of a row are those of
/// [`protocol::limits`].
macro_rules! counted {
    () => {
        "needed_bytes + 160 * needed_blocks + 768 * item_count + 512 * version_count
    + 256 * row_count"
    };
}

// The numbers in the statement above.
const _: () = {
    use protocol::limits::{BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE};
    assert!(BLOCK_CHARGE == 160 && ITEM_CHARGE == 768);
    assert!(VERSION_CHARGE == 512 && LIST_ROW_CHARGE == 256);
};

/// What stands in the columns of a space.
macro_rules! columns {
    () => {
        "head_seq, quota_bytes, used_bytes, used_blocks, needed_bytes, needed_blocks,
  item_count, version_count, row_count, ends_at"
    };
}

/// True of a hash `n.hash`, in binary, that no list has.
macro_rules! in_no_list {
    () => {
        "NOT EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = ?1 AND f.hash = n.hash)
  AND NOT EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = ?1 AND c.hash = n.hash)"
    };
}

/// ?1 space
pub const SPACE: &str = concat!("SELECT ", columns!(), " FROM spaces WHERE id = ?1");

/// Some spaces. ?1 JSON list of them
pub const SPACES: &str = concat!(
    "SELECT s.id AS space, ",
    columns!(),
    " FROM json_each(?1) c CROSS JOIN spaces s ON s.id = c.value"
);

/// ?1 space, ?2 the most bytes that may count
pub const PUT_QUOTA: &str = "UPDATE spaces SET quota_bytes = ?2 WHERE id = ?1";

/// The space, and how many of the claimed blocks no list has yet, each once, with
/// their bytes. ?1 space, ?2 JSON list of `[hash, length]`
pub const ROOM: &str = concat!(
    "
SELECT ",
    columns!(),
    ", (SELECT json_array(count(*), coalesce(sum(n.length), 0)) FROM (
    SELECT DISTINCT unhex(value ->> 0) AS hash, value ->> 1 AS length FROM json_each(?2)
  ) n
  WHERE ",
    in_no_list!(),
    ") AS new
FROM spaces WHERE id = ?1"
);

/// The claimed blocks that no list has yet, as a JSON list.
/// ?1 space, ?2 JSON list of `[hash, length]`
pub const IN_NO_LIST: &str = concat!(
    "
SELECT json_group_array(lower(hex(n.hash))) AS list FROM (
  SELECT DISTINCT unhex(value ->> 0) AS hash FROM json_each(?2)
) n
WHERE ",
    in_no_list!()
);

/// How many of these blocks are in a list, each once, and their bytes.
/// ?1 space, ?2 JSON list of hashes
pub const IN_LISTS: &str = concat!(
    "
SELECT count(*) AS count, coalesce(sum(b.length), 0) AS bytes FROM (
  SELECT DISTINCT unhex(value) AS hash FROM json_each(?2)
) n
CROSS JOIN blocks b ON b.space = ?1 AND b.hash = n.hash
WHERE NOT (",
    in_no_list!(),
    ")"
);

/// Moves the journal on and counts what the statements after it add: to be run before
/// them. ?1 space, ?2 how many entries follow, ?3 items, ?4 versions, ?5 rows of lists,
/// ?6 JSON list of their blocks, `[hash, length]`
pub const ADVANCE_AND_CHARGE: &str = concat!(
    "
UPDATE spaces SET head_seq = head_seq + ?2, item_count = item_count + ?3,
  version_count = version_count + ?4, row_count = row_count + ?5,
  (needed_bytes, needed_blocks) = (
    SELECT needed_bytes + coalesce(sum(n.length), 0), needed_blocks + count(*) FROM (
      SELECT DISTINCT unhex(value ->> 0) AS hash, value ->> 1 AS length FROM json_each(?6)
    ) n
    WHERE ",
    in_no_list!(),
    "
  )
WHERE id = ?1 RETURNING head_seq"
);

/// Aborts the batch if the space is now over its quota or a limit.
/// ?1 space, ?2 the most items, ?3 the most rows of lists
pub const GUARD_ROOM: &str = concat!(
    "
INSERT INTO guards (quota) SELECT NULL FROM spaces
WHERE id = ?1 AND (",
    counted!(),
    " > quota_bytes OR item_count > ?2 OR row_count > ?3)"
);

/// Aborts the batch if more is stored that nothing refers to than there may be: as
/// much as the quota. ?1 space
pub const GUARD_PENDING: &str = "
INSERT INTO guards (quota) SELECT NULL FROM spaces
WHERE id = ?1
  AND used_bytes - needed_bytes + 160 * (used_blocks - needed_blocks) > quota_bytes";

/// How many items are in the trash, with all below them, and the bytes of their
/// newest versions. ?1 space, ?2 the most items that are looked at
pub const TRASH: &str = "
WITH RECURSIVE trashed (id, version) AS (
  SELECT id, version FROM (
    SELECT id, version FROM items INDEXED BY trashed_items
    WHERE space = ?1 AND trashed_at IS NOT NULL LIMIT ?2
  )
  UNION
  SELECT c.id, c.version FROM trashed t CROSS JOIN items c INDEXED BY live_names
    ON c.space = ?1 AND coalesce(c.parent, '') = +t.id AND c.trashed_at IS NULL
  WHERE t.version IS NULL
  LIMIT ?2
)
SELECT count(*) AS items, coalesce(sum(v.size), 0) AS bytes
FROM trashed t
LEFT JOIN versions v ON v.space = ?1 AND v.item = t.id AND v.version = t.version";
