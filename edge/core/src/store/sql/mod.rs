//! Every SQL statement of the API server, a file for each group of tables.
//! Hashes go in and come out as hexadecimal text and are stored as blobs; a
//! list of any length is one JSON parameter.
//!
//! `CROSS JOIN` fixes the order of a join: without statistics, SQLite may put a
//! space's whole table outside and scan the list for each of its rows.

/// Whether a column holds a count, from `$least` to the largest that a row gives
/// back.
macro_rules! is_count {
    ($column:literal, $least:literal) => {
        concat!(
            "(typeof(",
            $column,
            ") = 'integer' AND ",
            $column,
            " BETWEEN ",
            $least,
            " AND 9007199254740991)"
        )
    };
}

/// The columns that say where the block `b` is stored, and how.
macro_rules! select_place {
    () => {
        "b.pack, b.offset, b.length, b.codec, coalesce(b.stored_length, b.length) AS stored_length,
    b.damaged_at IS NOT NULL AS is_damaged"
    };
}

/// The same as one JSON list.
macro_rules! place_list {
    () => {
        "json_array(pack, offset, length, codec, stored_length, is_damaged)"
    };
}

/// What an item is now, with the head of its content. The beginning of every
/// statement that answers items; `$from` names them `i`.
macro_rules! select_item {
    ($from:literal) => {
        concat!(
            "SELECT i.id, i.parent, i.name, i.place_version, i.created_at, i.trashed_at, i.mount,
  CASE WHEN i.version IS NULL OR ",
            is_count!("i.version", "1"),
            " THEN i.version ELSE (
    SELECT max(h.version) FROM versions h WHERE h.space = i.space AND h.item = i.id
  ) END AS head, v.version, v.size, v.size_class, v.modified_at,
  v.user_name, v.device, v.device_name, v.at
FROM ",
            $from,
            "
LEFT JOIN versions v ON v.space = i.space AND v.item = i.id AND v.version = i.version
"
        )
    };
}

/// When the account ends whose space a grant or link `g` is of; null if nobody has ended it.
macro_rules! account_end {
    () => {
        "(SELECT s.ends_at FROM spaces s WHERE s.id = g.space)"
    };
}

/// Removes some rows of a space. `$key` is the primary key of `$table`. ?1 space, ?2 at most
macro_rules! remove_some {
    ($table:literal, $key:literal) => {
        concat!(
            "
DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (
  SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE space = ?1 LIMIT ?2
)"
        )
    };
}

/// True of a grant or link `g` that has not ended, neither by itself nor with the account of
/// its owner. `$now` is the time. What is read of one is looked at by
/// [`ends`](crate::access::ends), which says the same.
macro_rules! lasts {
    ($now:literal) => {
        concat!(
            "((g.ends_at IS NULL OR g.ends_at > ",
            $now,
            ") AND NOT EXISTS (SELECT 1 FROM spaces s WHERE s.id = g.space AND s.ends_at <= ",
            $now,
            "))"
        )
    };
}

/// Those of some grants or links that last, of items that are in no trash. `$those` names
/// them `g`, and `$columns` tells what is selected of them and of their items `i`.
macro_rules! live {
    ($columns:ident, $those:literal, $now:literal) => {
        concat!(
            "
WITH RECURSIVE held AS MATERIALIZED (
  SELECT g.* FROM ",
            $those,
            " AND ",
            lasts!($now),
            "
), path (space, start, parent, trashed, depth) AS (
  SELECT i.space, i.id, i.parent, i.trashed_at IS NOT NULL, 1
  FROM (SELECT DISTINCT space, item FROM held) r
  CROSS JOIN items i ON i.space = r.space AND i.id = r.item
  UNION ALL
  SELECT i.space, path.start, i.parent, i.trashed_at IS NOT NULL, path.depth + 1
  FROM path CROSS JOIN items i ON i.space = path.space AND i.id = path.parent
  WHERE path.depth <= 10000
), ways AS (
  SELECT space, start, max(trashed) OR NOT max(parent IS NULL) AS gone
  FROM path GROUP BY space, start
)
SELECT ",
            $columns!(),
            "
FROM held g CROSS JOIN items i ON i.space = g.space AND i.id = g.item
LEFT JOIN ways ON ways.space = g.space AND ways.start = g.item
WHERE NOT ways.gone
ORDER BY g.created_at DESC, g.id"
        )
    };
}

/// True if ?1 administers this server at ?2, and is neither shut out nor gone.
macro_rules! administers {
    () => {
        "EXISTS (
    SELECT 1 FROM users a WHERE a.id = ?1 AND a.is_admin = 1 AND a.disabled_at IS NULL
      AND (a.ends_at IS NULL OR a.ends_at > ?2)
  )"
    };
}

// What is a count to a statement is one to whoever reads it.
const _: () = assert!(::blocks::number::MAX_EXACT == 9_007_199_254_740_991);

pub mod administration;
pub mod audit;
pub mod blocks;
pub mod conflicts;
pub mod content;
pub mod deletion;
pub mod devices;
pub mod directory;
pub mod ending;
pub mod garbage;
pub mod grants;
pub mod handover;
pub mod invites;
pub mod items;
pub mod jobs;
pub mod journal;
pub mod link_keys;
pub mod links;
pub mod marks;
pub mod openings;
pub mod past;
pub mod patches;
pub mod recovery;
pub mod retention;
pub mod reverts;
pub mod rewriting;
pub mod scrub;
pub mod shares;
pub mod space;
