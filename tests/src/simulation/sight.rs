//! What a space holds at one moment, and who may see what of it: read from the tables
//! by statements of its own, so that it believes no statement of the server's.

use crate::model::server::Server;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::grants::Role;
use protocol::ids::{GrantId, ItemId, PlaceVersion, Seq, SpaceId, UnixMillis, UserId, Version};
use protocol::items::Item;
use protocol::limits::MAX_FOLDER_DEPTH;
use rusqlite::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

const HEAD: &str = "SELECT head_seq FROM spaces WHERE id = ?1";
const ITEMS: &str = "
SELECT id, parent, name, place_version, version, trashed_at IS NOT NULL FROM items WHERE space = ?1";
const OLDEST: &str = "SELECT min(seq) FROM changes WHERE space = ?1";
const GRANTS: &str = "SELECT id, item, user, role, ends_at FROM grants WHERE space = ?1";
const JOURNAL: &str = "SELECT seq, item FROM changes WHERE space = ?1 AND seq > ?2 ORDER BY seq";
const FOUND: &str = "SELECT count(*) FROM shares WHERE user = ?1 AND item = ?2";
const STORED: &str = "SELECT lower(hex(hash)), length FROM blocks WHERE space = ?1 ORDER BY hash";
const BROUGHT: &str = "
SELECT lower(hex(hash)) FROM file_blocks WHERE space = ?1 AND item = ?2 AND since_version = ?3";
/// Of a file up to a version, and of its conflicts.
const BLOCKS: &str = "
SELECT lower(hex(hash)) FROM file_blocks WHERE space = ?1 AND item = ?2 AND since_version <= ?3
UNION
SELECT lower(hex(b.hash)) FROM conflicts c
JOIN conflict_blocks b ON b.space = c.space AND b.conflict = c.id
WHERE c.space = ?1 AND c.item = ?2";

/// An item as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub parent: Option<ItemId>,
    pub name: String,
    pub place_version: PlaceVersion,
    /// Of a file.
    pub version: Option<Version>,
    pub trashed: bool,
}

impl Spot {
    /// Whether this is how the place of an item is told to whoever has a root: what is above
    /// the root is nobody's business.
    pub fn is_told(&self, root: ItemId, told: &Item) -> bool {
        told.parent == self.parent.filter(|_| told.id != root)
            && told.name.as_str() == self.name
            && told.place_version == self.place_version
            && told.trashed_at_ms.is_some() == self.trashed
    }
}

/// A grant as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub item: ItemId,
    pub user: UserId,
    pub role: Role,
    pub ends_at: Option<UnixMillis>,
}

/// What a space holds at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub head: Seq,
    /// The oldest entry that the journal still has.
    pub oldest: Option<Seq>,
    pub items: BTreeMap<ItemId, Spot>,
    pub grants: BTreeMap<GrantId, Given>,
}

impl Sight {
    /// What there is now.
    ///
    /// # Panics
    /// If a table can't be read.
    pub fn read(server: &Server, space: SpaceId) -> Self {
        let space = space.to_string();
        let head = rows(server, HEAD, [&space], |row| row.get::<_, f64>(0));
        let oldest = rows(server, OLDEST, [&space], |row| row.get::<_, Option<f64>>(0));
        let items = rows(server, ITEMS, [&space], |row| {
            let spot = Spot {
                parent: row.get::<_, Option<String>>(1)?.map(|id| known(&id)),
                name: row.get(2)?,
                place_version: row.get::<_, f64>(3)? as PlaceVersion,
                version: row.get::<_, Option<f64>>(4)?.map(|n| n as Version),
                trashed: row.get(5)?,
            };
            Ok((known(&row.get::<_, String>(0)?), spot))
        });
        let grants = rows(server, GRANTS, [&space], |row| {
            let role = match row.get::<_, String>(3)?.as_str() {
                "editor" => Role::Editor,
                "viewer" => Role::Viewer,
                _ => Role::Unknown,
            };
            let given = Given {
                item: known(&row.get::<_, String>(1)?),
                user: known(&row.get::<_, String>(2)?),
                role,
                ends_at: row.get::<_, Option<f64>>(4)?.map(|n| n as UnixMillis),
            };
            Ok((known(&row.get::<_, String>(0)?), given))
        });
        Self {
            head: head.first().map_or(0, |head| *head as Seq),
            oldest: oldest
                .first()
                .and_then(|oldest| oldest.map(|seq| seq as Seq)),
            items: items.into_iter().collect(),
            grants: grants.into_iter().collect(),
        }
    }

    /// Whether an item is a root, or below it.
    pub fn is_inside(&self, item: ItemId, root: ItemId) -> bool {
        let above = |id: &ItemId| self.items.get(id)?.parent;
        self.items.contains_key(&item)
            && std::iter::successors(Some(item), above)
                .take(2 * MAX_FOLDER_DEPTH)
                .any(|id| id == root)
    }

    /// Whether an item is there, and neither it nor a folder around it is in the trash.
    pub fn is_live(&self, item: ItemId) -> bool {
        let spot = |id: ItemId| self.items.get(&id);
        let above = |one: &&Spot| one.parent.and_then(spot);
        let mut way = std::iter::successors(spot(item), above).take(2 * MAX_FOLDER_DEPTH);
        self.items.contains_key(&item) && way.all(|one| !one.trashed)
    }

    /// What somebody may do with a root, unless that had ended by then.
    pub fn role(&self, user: UserId, root: ItemId, at: UnixMillis) -> Option<Role> {
        let mut grants = self.grants.values();
        let given = grants.find(|given| given.user == user && given.item == root)?;
        let lasts = given.ends_at.is_none_or(|end| end > at);
        lasts.then_some(given.role)
    }

    /// Whether somebody may see anything through a root.
    pub fn sees(&self, user: UserId, root: ItemId, at: UnixMillis) -> bool {
        let role = self.role(user, root, at);
        matches!(role, Some(Role::Viewer | Role::Editor)) && self.is_live(root)
    }

    /// Whether the journal has all that came after an entry.
    pub fn is_kept_after(&self, seq: Seq) -> bool {
        self.oldest.is_none_or(|oldest| oldest <= seq + 1)
    }

    /// Whether this is how an item is told of to whoever has a root.
    pub fn tells(&self, root: ItemId, told: &Item) -> bool {
        let Some(spot) = self.items.get(&told.id) else {
            return false;
        };
        self.is_inside(told.id, root)
            && spot.is_told(root, told)
            && told.file.as_ref().map(|file| file.version) == spot.version
    }

    /// The blocks of the files below a root, in all versions up to now.
    pub fn blocks(&self, server: &Server, space: SpaceId, root: ItemId) -> BTreeSet<BlockHash> {
        let space = space.to_string();
        let files = self.items.iter().filter_map(|(id, spot)| {
            let version = spot.version.filter(|_| self.is_inside(*id, root))?;
            Some((id.to_string(), version as f64))
        });
        let blocks = files.flat_map(|(item, version)| {
            rows(server, BLOCKS, (&space, item, version), |row| {
                Ok(known(&row.get::<_, String>(0)?))
            })
        });
        blocks.collect()
    }
}

/// The entries of the journal after one, each with its item.
pub fn journal(server: &Server, space: SpaceId, after: Seq) -> Vec<(Seq, ItemId)> {
    let of = (space.to_string(), after as f64);
    rows(server, JOURNAL, of, |row| {
        let item = known(&row.get::<_, String>(1)?);
        Ok((row.get::<_, f64>(0)? as Seq, item))
    })
}

/// Whether a request of somebody finds the space that a root is in.
pub fn is_found(server: &Server, user: UserId, root: ItemId) -> bool {
    let of = (user.to_string(), root.to_string());
    let found = rows(server, FOUND, of, |row| row.get::<_, u32>(0));
    found.first().is_some_and(|count| *count > 0)
}

/// Every stored block.
pub fn stored(server: &Server, space: SpaceId) -> Vec<BlockRef> {
    rows(server, STORED, [space.to_string()], |row| {
        Ok(BlockRef {
            hash: known(&row.get::<_, String>(0)?),
            length: row.get(1)?,
        })
    })
}

/// The blocks that came into a file with a version.
pub fn brought(server: &Server, space: SpaceId, item: ItemId, version: Version) -> Vec<BlockHash> {
    let of = (space.to_string(), item.to_string(), version as f64);
    rows(server, BROUGHT, of, |row| {
        Ok(known(&row.get::<_, String>(0)?))
    })
}

/// A number that is another one whenever something was written.
pub fn writes(server: &Server) -> u64 {
    let count = rows(server, "SELECT total_changes()", [], |row| {
        row.get::<_, u32>(0)
    });
    count.first().map_or(0, |count| u64::from(*count))
}

fn rows<T>(
    server: &Server,
    sql: &str,
    of: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let prepared = server.db.connection().prepare_cached(sql);
    let mut prepared = prepared.expect("a statement");
    let rows = prepared.query_map(of, read).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("a row")
}

fn known<T: FromStr>(text: &str) -> T {
    let read = text.parse().ok();
    read.expect("an id that the server wrote")
}
