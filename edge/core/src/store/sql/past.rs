//! Where items stood at a time, and what files held, told from the journal and from the
//! versions that are kept.

/// The entries that change a place: what the index is of.
macro_rules! of_places {
    () => {
        "event IN ('file_create', 'file_move', 'file_delete', 'file_restore', 'handed_over')"
    };
}

/// The first entry of an item after ?3 that changes its place.
macro_rules! first_after {
    ($($item:tt)+) => {
        concat!(
            "(
    SELECT c.seq FROM changes c INDEXED BY changes_of_places
    WHERE c.space = ?1 AND c.item = ",
            $($item)+,
            " AND c.",
            of_places!(),
            " AND c.at > ?3 ORDER BY c.seq LIMIT 1
  )"
        )
    };
}

/// What the first entry `h` of an item of `way` says of where it came from, or else what its
/// row `i` says.
macro_rules! then {
    ($what:literal) => {
        concat!(
            "CASE WHEN way.seq IS NULL THEN i.",
            $what,
            " WHEN json_valid(h.detail) IS NOT 1 THEN NULL
    WHEN json_type(h.detail, '$.from') = 'object' THEN h.detail ->> '$.from.",
            $what,
            "' ELSE h.detail ->> '$.at.",
            $what,
            "' END"
        )
    };
}

/// The ways up from several items as they were at a time, from below. Of each item on them:
/// its first entry since then; whether it was there, and whether it was in the trash by
/// itself. Of what was deleted for good, the entry before that says so. Null is what is not
/// known.
/// ?1 space, ?2 JSON list of items, ?3 the time
pub const WAYS_THEN: &str = concat!(
    "
WITH RECURSIVE n AS MATERIALIZED (SELECT DISTINCT value AS id FROM json_each(?2)),
way (start, id, depth, seq) AS (
  SELECT n.id, n.id, 0, ",
    first_after!("n.id"),
    "
  FROM n
  UNION ALL
  SELECT way.start, ",
    then!("parent"),
    ", way.depth + 1, ",
    first_after!(then!("parent")),
    "
  FROM way LEFT JOIN changes h ON h.space = ?1 AND h.seq = way.seq
  LEFT JOIN items i ON i.space = ?1 AND i.id = way.id
  WHERE way.depth <= 10000 AND ",
    then!("parent"),
    " IS NOT NULL
)
SELECT way.start, way.id, way.seq, ",
    then!("parent"),
    " AS parent, CASE way.depth WHEN 0 THEN ",
    then!("name"),
    " END AS name,
  CASE WHEN way.seq IS NULL THEN i.id IS NOT NULL
    WHEN json_valid(h.detail) IS NOT 1 THEN NULL
    WHEN h.event = 'file_create' THEN 0
    ELSE h.event <> 'handed_over' OR json_type(h.detail, '$.at') IS NULL END AS was_there,
  CASE WHEN way.seq IS NULL THEN i.trashed_at IS NOT NULL
    WHEN h.event = 'file_restore' THEN 1
    WHEN h.event <> 'file_delete' OR json_valid(h.detail) IS NOT 1
      OR json_type(h.detail, '$.at') IS NOT NULL THEN 0
    ELSE (
      SELECT c.event = 'file_delete' FROM changes c INDEXED BY changes_of_places
      WHERE c.space = ?1 AND c.item = way.id AND c.",
    of_places!(),
    " AND c.seq < way.seq ORDER BY c.seq DESC LIMIT 1
    ) END AS was_trashed
FROM way LEFT JOIN changes h ON h.space = ?1 AND h.seq = way.seq
LEFT JOIN items i ON i.space = ?1 AND i.id = way.id
ORDER BY way.start, way.depth"
);

/// The entry before the first that was made after a time, as far as entries follow each
/// other in time. ?1 space, ?2 the time
pub const ENTRY_AT: &str = "
WITH RECURSIVE search (low, high) AS (
  SELECT (SELECT min(seq) FROM changes WHERE space = ?1), head_seq + 1
  FROM spaces WHERE id = ?1
  UNION ALL
  SELECT CASE WHEN c.at <= ?2 THEN c.seq + 1 ELSE search.low END,
    CASE WHEN c.at <= ?2 THEN search.high ELSE c.seq END
  FROM search CROSS JOIN changes c ON c.space = ?1 AND c.seq = (search.low + search.high) / 2
  WHERE search.low < search.high
)
SELECT max(low) - 1 AS seq FROM search";

/// Since when the journal says where everything stood: since its newest entry that does not,
/// and its oldest. Null if it always did. ?1 space
pub const KNOWN_SINCE: &str = "
SELECT max(at) AS at FROM (
  SELECT * FROM (
    SELECT at FROM changes INDEXED BY changes_untold
    WHERE space = ?1 AND detail IS NULL ORDER BY seq DESC LIMIT 1
  )
  UNION ALL
  SELECT at FROM (SELECT seq, at FROM changes WHERE space = ?1 ORDER BY seq LIMIT 1)
  WHERE seq > 1
)";

/// Of files, the newest version of a time or before that is kept, the next that is kept
/// after it, and whether the newest of all has the same blocks in the same order.
/// ?1 space, ?2 JSON list of `[file, a version that came after it or is it]`, ?3 the time
pub const VERSIONS_THEN: &str = "
WITH n AS MATERIALIZED (
  SELECT value ->> 0 AS item, value ->> 1 AS most FROM json_each(?2)
), was AS MATERIALIZED (
  SELECT n.item, (
    SELECT v.version FROM versions v WHERE v.space = ?1 AND v.item = n.item
      AND v.version <= n.most AND v.at <= ?3 ORDER BY v.version DESC LIMIT 1
  ) AS version FROM n
)
SELECT v.item, v.version, v.size, v.modified_at, v.at, (
  SELECT min(l.version) FROM versions l
  WHERE l.space = ?1 AND l.item = v.item AND l.version > v.version
) AS next, v.version = i.version OR (v.size = h.size AND NOT EXISTS (
  SELECT 1 FROM file_blocks f
  WHERE f.space = ?1 AND f.item = v.item AND f.since_version <= v.version
    AND (f.until_version IS NULL OR f.until_version > v.version)
    AND NOT EXISTS (
      SELECT 1 FROM file_blocks g WHERE g.space = ?1 AND g.item = v.item AND g.ord = f.ord
        AND g.since_version <= i.version
        AND (g.until_version IS NULL OR g.until_version > i.version) AND g.hash = f.hash
    )
)) AS same
FROM was
CROSS JOIN versions v ON v.space = ?1 AND v.item = was.item AND v.version = was.version
CROSS JOIN items i ON i.space = ?1 AND i.id = v.item
CROSS JOIN versions h ON h.space = ?1 AND h.item = v.item AND h.version = i.version";

/// Those of some items that have an open conflict. ?1 space, ?2 JSON list of items
pub const IN_CONFLICT: &str = "
WITH n AS MATERIALIZED (SELECT value AS id FROM json_each(?2))
SELECT DISTINCT k.item AS id FROM n CROSS JOIN conflicts k INDEXED BY conflicts_of_items
  ON k.space = ?1 AND k.item = n.id AND k.resolved_at IS NULL";
