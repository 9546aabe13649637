//! The tree: items, their places and the heads of their content.

/// The way up from an item, as the table `path` from below. ?1 space, ?2 item
macro_rules! with_path {
    ($statement:literal) => {
        concat!(
            "
WITH RECURSIVE path (id, parent, folder, trashed, depth) AS (
  SELECT id, parent, version IS NULL, trashed_at IS NOT NULL, 1
  FROM items WHERE space = ?1 AND id = ?2
  UNION ALL
  SELECT i.id, i.parent, i.version IS NULL, i.trashed_at IS NOT NULL, path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 129
)
",
            $statement
        )
    };
}

/// The ways up from several items, as the table `path`; each knows its `start`.
/// ?1 space, ?2 JSON list of items, or of lists that begin with one
macro_rules! with_paths {
    ($statement:literal) => {
        concat!(
            "
WITH RECURSIVE path (start, id, parent, folder, trashed, depth) AS (
  SELECT i.id, i.id, i.parent, i.version IS NULL, i.trashed_at IS NOT NULL, 1
  FROM json_each(?2) c CROSS JOIN items i ON i.space = ?1
    AND i.id = CASE c.type WHEN 'array' THEN c.value ->> 0 ELSE c.value END
  UNION ALL
  SELECT path.start, i.id, i.parent, i.version IS NULL, i.trashed_at IS NOT NULL,
    path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 129
)
",
            $statement
        )
    };
}

// One row more than folders may be nested tells that they are nested too deeply.
const _: () = assert!(shared::limits::MAX_FOLDER_DEPTH + 1 == 129);

/// ?1 space, ?2 item
pub const ITEM: &str = concat!(select_item!("items i"), "WHERE i.space = ?1 AND i.id = ?2");

/// The live child of a folder that has a name. ?1 space, ?2 parent, ?3 name key
pub const LIVE_CHILD: &str = "
SELECT id FROM items
WHERE space = ?1 AND coalesce(parent, '') = coalesce(?2, '') AND name_key = ?3
  AND trashed_at IS NULL";

/// A page of all items. ?1 space, ?2 after this id, ?3 at most
pub const ITEMS_AFTER: &str = concat!(
    select_item!("items i"),
    "WHERE i.space = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3"
);

/// The items of a page of the journal. ?1 space, ?2 after this entry, ?3 at most
pub const ITEMS_CHANGED: &str = concat!(
    select_item!(
        "(
  SELECT item, max(seq) AS seq FROM (
    SELECT item, seq, conflict FROM changes
    WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
  ) WHERE conflict IS NULL GROUP BY item
) page CROSS JOIN items i ON i.space = ?1 AND i.id = page.item"
    ),
    "ORDER BY page.seq"
);

/// An item and the folders above it, from below. More rows than folders may be
/// nested mean that they are nested too deeply. ?1 space, ?2 item
pub const PATH: &str = with_path!("SELECT id, folder, trashed FROM path ORDER BY depth");

/// Aborts the batch unless a parent can still take an item: it is a folder,
/// nothing on the way up is trashed or is the item itself, and the way up ends.
/// ?1 space, ?2 parent (not null), ?3 item, ?4 the most folders on the way
pub const GUARD_PARENT: &str = with_path!(
    "INSERT INTO guards (parent)
SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM path)
  OR EXISTS (SELECT 1 FROM path WHERE trashed OR NOT folder OR id = ?3 OR depth > ?4)"
);

/// The same for many, each with its item as `start`. ?1 space, ?2 JSON list of items
pub const PATHS: &str =
    with_paths!("SELECT start, id, folder, trashed FROM path ORDER BY start, depth");

/// Aborts the batch unless these parents can still take new items: see
/// [`GUARD_PARENT`]; what is new is on nobody's way up.
/// ?1 space, ?2 JSON list of `[parent, the most folders on the way]`
pub const GUARD_PARENTS: &str = with_paths!(
    "INSERT INTO guards (parent)
SELECT NULL FROM json_each(?2) c
WHERE NOT EXISTS (SELECT 1 FROM path WHERE start = c.value ->> 0)
  OR EXISTS (
    SELECT 1 FROM path WHERE start = c.value ->> 0
      AND (trashed OR NOT folder OR depth > c.value ->> 1)
  )"
);

/// Those of these ids that are in use. ?1 space, ?2 JSON list of ids
pub const IDS_IN_USE: &str = "
SELECT i.id FROM json_each(?2) c CROSS JOIN items i ON i.space = ?1 AND i.id = c.value";

/// The live children that have these names, each with its `place` in the list.
/// ?1 space, ?2 JSON list of `[parent or null, name key]`
pub const LIVE_CHILDREN: &str = "
SELECT c.key AS place, i.id FROM json_each(?2) c CROSS JOIN items i
  ON i.space = ?1 AND coalesce(i.parent, '') = coalesce(c.value ->> 0, '')
  AND i.name_key = c.value ->> 1 AND i.trashed_at IS NULL";

/// ?1 space, ?2 JSON list of `[id, parent or null, name, name key, version or null]`, ?3 now
pub const INSERT_ITEMS: &str = "
INSERT INTO items (space, id, parent, name, name_key, place_version, version, created_at)
SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, 1, value ->> 4, ?3
FROM json_each(?2)";

/// A place version and a time that can't be read are repaired by the way.
/// ?1 space, ?2 id, ?3 base place version, ?4 parent, ?5 name, ?6 name key, ?7 trashed at
pub const UPDATE_PLACE: &str = concat!(
    "
UPDATE items SET place_version = min(?3 + 1, 9007199254740991),
  parent = ?4, name = ?5, name_key = ?6, trashed_at = ?7,
  created_at = CASE WHEN ",
    is_count!("created_at", "0"),
    " THEN created_at ELSE 0 END
WHERE space = ?1 AND id = ?2 AND (place_version = ?3 OR NOT ",
    is_count!("place_version", "1"),
    ")"
);

/// Aborts the batch if the statement before it changed nothing.
pub const GUARD_PLACE: &str = "INSERT INTO guards (place) SELECT NULL WHERE changes() = 0";

/// The head moves on by one; one that can't be read is repaired by the way.
/// ?1 space, ?2 id, ?3 base version
pub const UPDATE_HEAD: &str = concat!(
    "
UPDATE items SET version = min(?3 + 1, 9007199254740991)
WHERE space = ?1 AND id = ?2 AND trashed_at IS NULL AND (
  version = ?3 OR (version IS NOT NULL AND NOT ",
    is_count!("version", "1"),
    ")
)"
);

/// Aborts the batch if the statement before it changed nothing.
pub const GUARD_HEAD: &str = "INSERT INTO guards (version) SELECT NULL WHERE changes() = 0";

/// Aborts the batch unless a file is at a version. ?1 space, ?2 id, ?3 version
pub const GUARD_HEAD_IS: &str = "
INSERT INTO guards (version) SELECT NULL
WHERE NOT EXISTS (SELECT 1 FROM items WHERE space = ?1 AND id = ?2 AND version = ?3)";

/// The live child that has an item's name in the item's own folder.
/// ?1 space, ?2 item
pub const LIVE_TWIN: &str = "
SELECT twin.id FROM items i JOIN items twin
  ON twin.space = i.space AND coalesce(twin.parent, '') = coalesce(i.parent, '')
  AND twin.name_key = i.name_key AND twin.trashed_at IS NULL AND twin.id <> i.id
WHERE i.space = ?1 AND i.id = ?2";

/// The same at the top of the space. ?1 space, ?2 item
pub const LIVE_TWIN_AT_ROOT: &str = "
SELECT twin.id FROM items i JOIN items twin
  ON twin.space = i.space AND coalesce(twin.parent, '') = ''
  AND twin.name_key = i.name_key AND twin.trashed_at IS NULL AND twin.id <> i.id
WHERE i.space = ?1 AND i.id = ?2";

/// The live item in the same folder as another that has a name.
/// ?1 space, ?2 item, ?3 name key
pub const LIVE_SIBLING: &str = "
SELECT twin.id FROM items i JOIN items twin
  ON twin.space = i.space AND coalesce(twin.parent, '') = coalesce(i.parent, '')
  AND twin.name_key = ?3 AND twin.trashed_at IS NULL
WHERE i.space = ?1 AND i.id = ?2";

/// Aborts the batch unless an item is at a place version.
/// ?1 space, ?2 id, ?3 place version
pub const GUARD_PLACE_IS: &str = "
INSERT INTO guards (place) SELECT NULL
WHERE NOT EXISTS (SELECT 1 FROM items WHERE space = ?1 AND id = ?2 AND place_version = ?3)";
