//! What a space keeps, and what is thinned by it.

/// What the owner of a space has set. ?1 space
pub const OF_SPACE: &str = "SELECT retention FROM spaces WHERE id = ?1";

/// ?1 space, ?2 what its owner sets, in JSON
pub const SET: &str = "UPDATE spaces SET retention = ?2 WHERE id = ?1";

/// A version, with what decides on it.
macro_rules! select_version {
    () => {
        concat!(
            "SELECT v.space, v.item, v.version, CASE WHEN ",
            is_count!("v.at", "0"),
            " THEN v.at END AS at,
  v.pinned IS NOT 0 AS pinned, s.retention
FROM "
        )
    };
}

/// The versions of the files after one, in the order of their keys, of those that are
/// there. ?1 after this space, ?2 and this item, ?3 at most
pub const VERSIONS_AFTER: &str = concat!(
    select_version!(),
    "(
  SELECT space, item, version, at, pinned FROM versions
  WHERE (space, item) > (?1, ?2) ORDER BY space, item, version LIMIT ?3
) v
CROSS JOIN spaces s ON s.id = v.space"
);

/// Where these end, and how many there are. ?1 after this space, ?2 and this item, ?3 at
/// most
pub const VERSIONS_AFTER_END: &str = "
SELECT max(space) AS space, count(*) AS count FROM (
  SELECT space FROM versions
  WHERE (space, item) > (?1, ?2) ORDER BY space, item, version LIMIT ?3
)";

/// The versions of a file, the newest first. ?1 space, ?2 item, ?3 at most
pub const VERSIONS_OF: &str = concat!(
    select_version!(),
    "versions v CROSS JOIN spaces s ON s.id = v.space
WHERE v.space = ?1 AND v.item = ?2 ORDER BY v.version DESC LIMIT ?3"
);

/// Those of the given versions that may go, whatever was decided: they are not the newest of
/// their file, not pinned, and no conflict has come of them or was decided on them; and what
/// the space keeps is still what they were decided by. They are called `gone`.
/// ?1 JSON list of `[space, item, version, what the owner has set]`
macro_rules! with_gone {
    ($statement:literal) => {
        concat!(
            "
WITH asked AS MATERIALIZED (
  SELECT value ->> 0 AS space, value ->> 1 AS item, value ->> 2 AS version,
    value ->> 3 AS retention
  FROM json_each(?1)
), files AS MATERIALIZED (SELECT DISTINCT space, item FROM asked),
gone AS MATERIALIZED (
  SELECT v.space, v.item, v.version FROM asked a
  CROSS JOIN spaces s ON s.id = a.space AND s.retention IS a.retention
  CROSS JOIN items i ON i.space = a.space AND i.id = a.item AND i.version > a.version
  CROSS JOIN versions v ON v.space = a.space AND v.item = a.item
    AND v.version = a.version AND v.pinned = 0
  EXCEPT
  SELECT k.space, k.item, k.base_version FROM files f
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = f.space AND k.item = f.item
  EXCEPT
  SELECT k.space, k.item, k.seen_version FROM files f
  CROSS JOIN conflicts k INDEXED BY conflicts_of_items ON k.space = f.space AND k.item = f.item
)",
            $statement
        )
    };
}

/// Takes them out of the count; to be run before they go.
pub const UNCOUNT: &str = with_gone!(
    "
UPDATE spaces SET version_count = version_count - n.count
FROM (SELECT space, count(*) AS count FROM gone GROUP BY space) n
WHERE spaces.id = n.space"
);

/// Writes down of which files rows may be left; to be run before they go.
pub const MARK: &str = with_gone!(
    "
INSERT INTO thinned (space, item) SELECT DISTINCT space, item FROM gone WHERE true
ON CONFLICT DO NOTHING"
);

/// Removes them.
pub const THIN: &str = with_gone!(
    "
DELETE FROM versions
WHERE (space, item, version) IN (SELECT space, item, version FROM gone)"
);

/// The first files of the first space that has any of which rows may be left.
/// ?1 files at most
macro_rules! next_files {
    () => {
        "SELECT space, item FROM thinned
  WHERE space = (SELECT min(space) FROM thinned) ORDER BY item LIMIT ?1"
    };
}

/// See above.
pub const NEXT_FILES: &str = next_files!();

/// Rows `f` of the list of a file `i` that no version needs: they have ended, and no version
/// is left from the one that they began with to the one that they ended with. A thumbnail
/// ends where it begins, and goes with that version.
macro_rules! unneeded_rows {
    () => {
        "items i CROSS JOIN file_blocks f ON f.space = i.space AND f.item = i.id
    AND f.until_version IS NOT NULL AND f.since_version < i.version
    AND NOT EXISTS (
      SELECT 1 FROM versions v WHERE v.space = f.space AND v.item = f.item
        AND v.version >= f.since_version
        AND v.version < max(f.until_version, f.since_version + 1)
    )"
    };
}

/// Those of the files that [`NEXT_FILES`] names, as a JSON list of `[item, ord, since, hash]`.
/// ?1 files at most, ?2 rows at most
pub const UNNEEDED_ROWS: &str = concat!(
    "
SELECT json_group_array(json_array(item, ord, since_version, hash)) AS list FROM (
  SELECT f.item, f.ord, f.since_version, lower(hex(f.hash)) AS hash
  FROM (",
    next_files!(),
    ") t
  CROSS JOIN ",
    unneeded_rows!(),
    "
  WHERE i.space = t.space AND i.id = t.item LIMIT ?2
)"
);

/// Forgets the files of which no such row is left, or that are gone. ?1 space, ?2 JSON list
/// of items
pub const FORGET: &str = concat!(
    "
DELETE FROM thinned AS t
WHERE t.space = ?1 AND t.item IN (SELECT value FROM json_each(?2)) AND NOT EXISTS (
  SELECT 1 FROM ",
    unneeded_rows!(),
    "
  WHERE i.space = t.space AND i.id = t.item
)"
);

/// Where a page of spaces ends; none if it is the last one. ?1 after this space, ?2 spaces
/// of a page less one
pub const SPACES_END: &str = "
SELECT id AS space, '' AS key FROM spaces WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";

/// What has been in the trash of these spaces for longer than they keep it. What a space
/// keeps that can't be read is kept. ?1 after this space, ?2 spaces of a page, ?3 now,
/// ?4 for how many days spaces keep it whose owners have set nothing, null for ever,
/// ?5 at most
pub const OLD_TRASH: &str = "
SELECT i.space, i.id AS item, i.place_version, s.days FROM (
  SELECT id, CASE WHEN retention IS NULL THEN ?4
    WHEN json_valid(retention) THEN retention ->> 'trash_days' END AS days
  FROM spaces WHERE id > ?1 ORDER BY id LIMIT ?2
) s
CROSS JOIN items i INDEXED BY trashed_items ON i.space = s.id
  AND i.trashed_at IS NOT NULL AND i.trashed_at < ?3 - s.days * 86400000
WHERE typeof(s.days) IN ('integer', 'real') AND s.days > 0 LIMIT ?5";
