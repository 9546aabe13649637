//! The tree: items, their places and the heads of their content.

/// What the ways up tell of an item `i`: whether it is a folder, in the trash itself, a
/// mount.
macro_rules! kind {
    () => {
        "i.version IS NULL AND i.mount IS NULL, i.trashed_at IS NOT NULL, i.mount IS NOT NULL"
    };
}

/// The way up from an item, as the table `path` from below. ?1 space, ?2 item
macro_rules! with_path {
    ($statement:literal) => {
        concat!(
            "
WITH RECURSIVE path (id, parent, folder, trashed, mount, depth) AS (
  SELECT i.id, i.parent, ",
            kind!(),
            ", 1
  FROM items i WHERE i.space = ?1 AND i.id = ?2
  UNION ALL
  SELECT i.id, i.parent, ",
            kind!(),
            ", path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
)
",
            $statement
        )
    };
}

/// The ways up from several items, as the table `path`; each knows its `start`, and
/// how many folders may be on it.
/// ?1 space, ?2 JSON list of items, or of `[item, the most folders on the way]`
macro_rules! with_paths {
    ($statement:literal) => {
        concat!(
            "
WITH RECURSIVE path (start, most, id, parent, folder, trashed, mount, depth) AS (
  SELECT i.id, CASE c.type WHEN 'array' THEN c.value ->> 1 END,
    i.id, i.parent, ",
            kind!(),
            ", 1
  FROM json_each(?2) c CROSS JOIN items i ON i.space = ?1
    AND i.id = CASE c.type WHEN 'array' THEN c.value ->> 0 ELSE c.value END
  UNION ALL
  SELECT path.start, path.most, i.id, i.parent, ",
            kind!(),
            ", path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
)
",
            $statement
        )
    };
}

// The walks end far above what folders may be nested, and older trees may be nested
// more deeply. One that does not end at the top of the space is told by its last
// row, which has a parent: it is no way to a live folder.
const _: () = assert!(10 * protocol::limits::MAX_FOLDER_DEPTH < 10_000);

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

/// An item and the folders above it, from below. ?1 space, ?2 item
pub const PATH: &str =
    with_path!("SELECT id, parent, folder, trashed, mount FROM path ORDER BY depth");

/// The ways up from several items, each with its item as `start`. ?1 space, ?2 JSON list of items
pub const PATHS: &str =
    with_paths!("SELECT start, id, parent, folder, trashed, mount FROM path ORDER BY start, depth");

/// The ways up from what a page of the journal speaks of, and from one item more: from
/// its items, and from the folders where they stood before and after. Each with its item
/// as `start`. ?1 space, ?2 after this entry, ?3 at most, ?4 the item
pub const PATHS_OF_PAGE: &str = concat!(
    "
WITH RECURSIVE page (item, detail) AS (
  SELECT item, CASE WHEN json_valid(detail) THEN detail END FROM (
    SELECT item, detail FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
  )
),
named (id) AS (
  SELECT ?4
  UNION SELECT item FROM page
  UNION SELECT detail ->> '$.from.parent' FROM page
  UNION SELECT detail ->> '$.at.parent' FROM page
),
path (start, id, parent, folder, trashed, mount, depth) AS (
  SELECT i.id, i.id, i.parent, ",
    kind!(),
    ", 1
  FROM named CROSS JOIN items i ON i.space = ?1 AND i.id = named.id
  UNION ALL
  SELECT path.start, i.id, i.parent, ",
    kind!(),
    ", path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
)
SELECT start, id, parent, folder, trashed, mount FROM path ORDER BY start, depth"
);

/// Aborts the batch unless these parents can still take new items: see
/// [`GUARD_PLACES`]; what is new is on nobody's way up.
/// ?1 space, ?2 JSON list of `[parent, the most folders on the way]`
pub const GUARD_PARENTS: &str = with_paths!(
    "INSERT INTO guards (parent)
SELECT NULL WHERE EXISTS (SELECT 1 FROM path WHERE trashed OR NOT folder OR depth > most)
  OR EXISTS (
    SELECT 1 FROM json_each(?2) c
    WHERE c.value ->> 0 NOT IN (SELECT start FROM path WHERE parent IS NULL)
  )"
);

/// A page of a folder and all that is below it, also what is in the trash, in the order
/// of ids; each once. Mounts are left out: they lead only their owner somewhere. The indexes are named and the plus is there for the reasons that
/// `deletion::subtrees` has. ?1 space, ?2 folder, ?3 after this id, ?4 at most
pub const BELOW_AFTER: &str = concat!(
    "
WITH RECURSIVE below (id, folder) AS (
  SELECT id, version IS NULL FROM items WHERE space = ?1 AND id = ?2
  UNION
  SELECT c.id, c.version IS NULL FROM below b CROSS JOIN items c
  ON c.space = ?1 AND c.mount IS NULL AND c.id IN (
    SELECT l.id FROM items l INDEXED BY live_names
    WHERE l.space = ?1 AND coalesce(l.parent, '') = +b.id AND l.trashed_at IS NULL
    UNION ALL
    SELECT t.id FROM items t INDEXED BY trashed_items
    WHERE t.space = ?1 AND coalesce(t.parent, '') = +b.id AND t.trashed_at IS NOT NULL
  )
  WHERE b.folder
)
",
    select_item!(
        "(SELECT id FROM below WHERE id > ?3 ORDER BY id LIMIT ?4) page
CROSS JOIN items i ON i.space = ?1 AND i.id = page.id"
    ),
    "ORDER BY i.id"
);

/// Aborts the batch unless these items, those that are there, are in a folder, which is
/// one of them and in no trash. ?1 space, ?2 JSON list of items, ?3 folder
pub const GUARD_WITHIN: &str = with_paths!(
    "INSERT INTO guards (parent)
SELECT NULL WHERE EXISTS (SELECT 1 FROM path GROUP BY start HAVING NOT max(id = ?3))
  OR EXISTS (SELECT 1 FROM path WHERE start = ?3 AND trashed)
  OR NOT EXISTS (SELECT 1 FROM path WHERE start = ?3 AND parent IS NULL)"
);

/// The given ids that are in use, or were an item's that was deleted for good.
/// ?1 space, ?2 JSON list of ids
pub const IDS_IN_USE: &str = "
SELECT i.id, 0 AS deleted FROM json_each(?2) c
CROSS JOIN items i ON i.space = ?1 AND i.id = c.value
UNION
SELECT d.id, 1 FROM json_each(?2) c CROSS JOIN deleted_items d ON d.space = ?1 AND d.id = c.value";

/// The live children that have these names, each with its `place` in the list.
/// ?1 space, ?2 JSON list of `[parent or null, name key]`
pub const LIVE_CHILDREN: &str = "
SELECT c.key AS place, i.id FROM json_each(?2) c CROSS JOIN items i
  ON i.space = ?1 AND coalesce(i.parent, '') = coalesce(c.value ->> 0, '')
  AND i.name_key = c.value ->> 1 AND i.trashed_at IS NULL";

/// Aborts the batch if an id was an item's that was deleted for good since it was looked
/// for: a place version can't be null.
/// ?1 space, ?2 JSON list of `[id, parent or null, name, name key, version or null, the
/// mount's grant or null]`, ?3 now
pub const INSERT_ITEMS: &str = "
WITH c AS MATERIALIZED (
  SELECT value ->> 0 AS id, value ->> 1 AS parent, value ->> 2 AS name, value ->> 3 AS name_key,
    value ->> 4 AS version, value ->> 5 AS mount
  FROM json_each(?2)
)
INSERT INTO items (space, id, parent, name, name_key, place_version, version, mount, created_at)
SELECT ?1, c.id, c.parent, c.name, c.name_key,
  CASE WHEN d.id IS NULL THEN 1 END, c.version, c.mount, ?3
FROM c LEFT JOIN deleted_items d ON d.space = ?1 AND d.id = c.id";

/// The mount of a grant, and whether it is in the trash, by itself or with a folder.
/// ?1 space, ?2 grant
pub const MOUNT_OF: &str = "
WITH RECURSIVE path (id, parent, name, above, trashed, depth) AS (
  SELECT id, parent, name, parent, trashed_at IS NOT NULL, 1
  FROM items WHERE space = ?1 AND mount = ?2
  UNION ALL
  SELECT path.id, path.parent, path.name, i.parent, i.trashed_at IS NOT NULL, path.depth + 1
  FROM path JOIN items i ON i.space = ?1 AND i.id = path.above
  WHERE path.depth <= 10000
)
SELECT id, parent, name, max(trashed) AS trashed FROM path GROUP BY id, parent, name";

/// The items of these ids. ?1 space, ?2 JSON list of ids
pub const ITEMS_OF: &str =
    select_item!("json_each(?2) c CROSS JOIN items i ON i.space = ?1 AND i.id = c.value");

/// Who has a name where an item is to stand, each with its `place` in the list.
/// ?1 space, ?2 JSON list of `[item, name key or null for its own, where]`, `where`
/// being a folder, '' for the top of the space, or 'here' for the item's own folder
pub const RIVALS: &str = "
WITH c AS MATERIALIZED (
  SELECT key AS place, value ->> 0 AS item, value ->> 1 AS name_key, value ->> 2 AS at
  FROM json_each(?2)
)
SELECT c.place, twin.id FROM c CROSS JOIN items i ON i.space = ?1 AND i.id = c.item
CROSS JOIN items twin ON twin.space = ?1
  AND coalesce(twin.parent, '') =
    CASE c.at WHEN 'here' THEN coalesce(i.parent, '') ELSE c.at END
  AND twin.name_key = coalesce(c.name_key, i.name_key)
  AND twin.trashed_at IS NULL AND twin.id <> i.id";

/// How many folders are nested from a folder on down, itself counted and what is in
/// the trash left out, as the table `below`, each with its `start`: one row for each
/// folder. Beyond what may be nested nothing is counted. ?1 space; `$starts` are
/// ids, as a table with the column `item`
macro_rules! below {
    ($starts:literal) => {
        concat!(
            "below (start, id, depth) AS (
  SELECT i.id, i.id, 1 FROM ",
            $starts,
            " c CROSS JOIN items i ON i.space = ?1 AND i.id = c.item AND i.version IS NULL
    AND i.mount IS NULL
  UNION ALL
  SELECT below.start, i.id, below.depth + 1
  FROM below CROSS JOIN items i INDEXED BY live_folders ON i.space = ?1
    AND i.parent = below.id AND i.version IS NULL AND i.trashed_at IS NULL AND i.mount IS NULL
  WHERE below.depth <= 128
)"
        )
    };
}

const _: () = assert!(protocol::limits::MAX_FOLDER_DEPTH == 128);

/// How many folders each of these is high; files and mounts have no row. ?1 space, ?2 JSON list
/// of ids
pub const HEIGHTS: &str = concat!(
    "WITH RECURSIVE c AS MATERIALIZED (SELECT value AS item FROM json_each(?2)), ",
    below!("c"),
    " SELECT start, max(depth) AS height FROM below GROUP BY start"
);

/// Aborts the batch unless items can still stand where they are to: what is above is
/// live, a folder, and not the item itself, and nothing gets nested too deeply. What
/// is nested too deeply already may stay as deep as it is (`moves`).
/// ?1 space, ?2 JSON list of `[item, its parent to be, moves]`, ?3 the most folders
pub const GUARD_PLACES: &str = concat!(
    "WITH RECURSIVE c AS MATERIALIZED (
  SELECT value ->> 0 AS item, value ->> 1 AS parent, value ->> 2 AS moves FROM json_each(?2)
), path (start, id, parent, folder, trashed, mount, depth) AS (
  SELECT c.item, i.id, i.parent, ",
    kind!(),
    ", 1
  FROM c CROSS JOIN items i ON i.space = ?1 AND i.id = c.parent
  UNION ALL
  SELECT path.start, i.id, i.parent, ",
    kind!(),
    ", path.depth + 1
  FROM path CROSS JOIN items i ON i.space = ?1 AND i.id = path.parent
  WHERE path.depth <= 10000
), before (start, parent, depth) AS (
  SELECT i.id, i.parent, 0 FROM c CROSS JOIN items i ON i.space = ?1 AND i.id = c.item
  WHERE c.moves
  UNION ALL
  SELECT before.start, i.parent, before.depth + 1
  FROM before CROSS JOIN items i ON i.space = ?1 AND i.id = before.parent
  WHERE before.depth <= 10000
), ",
    below!("c"),
    ", above AS (
  SELECT start, max(depth) AS depth,
    max(trashed OR NOT folder OR id = start) OR NOT max(parent IS NULL) AS refuses
  FROM path GROUP BY start
), heights AS (SELECT start, max(depth) AS height FROM below GROUP BY start
), befores AS (SELECT start, max(depth) AS depth FROM before GROUP BY start)
INSERT INTO guards (parent)
SELECT NULL FROM c LEFT JOIN above ON above.start = c.item
LEFT JOIN heights ON heights.start = c.item
LEFT JOIN befores ON befores.start = c.item
WHERE coalesce(above.refuses, 1) OR (
  above.depth + coalesce(heights.height, 0) > ?3 AND above.depth > coalesce(befores.depth, 0)
)"
);

/// A place version and a time that can't be read are repaired by the way.
/// ?1 space, ?2 JSON list of `[id, base place version, parent or null, name, name key,
/// trashed at or null]`
pub const UPDATE_PLACES: &str = concat!(
    "
WITH c AS MATERIALIZED (
  SELECT value ->> 0 AS id, value ->> 1 AS base, value ->> 2 AS parent, value ->> 3 AS name,
    value ->> 4 AS name_key, value ->> 5 AS trashed_at
  FROM json_each(?2)
)
UPDATE items SET place_version = min(c.base + 1, 9007199254740991),
  parent = c.parent, name = c.name, name_key = c.name_key, trashed_at = c.trashed_at,
  created_at = CASE WHEN ",
    is_count!("items.created_at", "0"),
    " THEN items.created_at ELSE 0 END
FROM c
WHERE items.space = ?1 AND items.id = c.id AND (items.place_version = c.base OR NOT ",
    is_count!("items.place_version", "1"),
    ")"
);

/// Aborts the batch if the statement before it changed fewer rows than it was to.
/// ?1 how many
pub const GUARD_CHANGED: &str = "INSERT INTO guards (place) SELECT NULL WHERE changes() < ?1";

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
