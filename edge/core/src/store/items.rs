//! Queries about items and their places.

use super::rows::{self, IdRow, PathRow};
use super::sql::items;
use crate::ports::{DbError, Statement};
use crate::query::Query;
use protocol::activity::Spot;
use protocol::ids::{GrantId, ItemId, SpaceId};
use protocol::items::Item;
use protocol::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// Looks an item up, live or in the trash.
pub fn item(space: SpaceId, id: ItemId) -> Query<Option<Item>> {
    Statement::new(items::ITEM)
        .id(space)
        .id(id)
        .read_by(|rows| {
            let unreadable = || DbError::Fault("an item's id can't be read".into());
            let row = rows.rows.first();
            row.map(|row| rows::item(row).ok_or_else(unreadable))
                .transpose()
        })
}

/// Whether an id is an item's.
pub fn is_there(space: SpaceId, id: ItemId) -> Query<bool> {
    Statement::new(items::ITEM).id(space).id(id).any()
}

/// The way from an item up to the top of the space; empty if `from` is `None`.
pub fn way(space: SpaceId, from: Option<ItemId>) -> Query<Vec<PathRow>> {
    let from = from.map(|id| id.to_string());
    Statement::new(items::PATH).id(space).bind(from).rows()
}

/// The ways up from many items, by where they begin.
///
/// # Errors
/// The list can't be written.
pub fn ways(
    space: SpaceId,
    from: &BTreeSet<ItemId>,
) -> serde_json::Result<Query<HashMap<ItemId, Vec<PathRow>>>> {
    let from = serde_json::to_string(from)?;
    let paths = Statement::new(items::PATHS).id(space).bind(from);
    Ok(paths.read_by(rows::ways))
}

/// The live child of a folder, or of the top of the space, that has a name.
pub fn live_child(space: SpaceId, parent: Option<ItemId>, name: &Name) -> Query<Option<ItemId>> {
    let child = Statement::new(items::LIVE_CHILD)
        .id(space)
        .bind(parent.map(|id| id.to_string()))
        .bind(name.key());
    child.first().then(id_of)
}

/// Names that are tried before one is made that nothing has.
const MOST_NUMBERED: u32 = 100;

/// The name that an item gets in a folder where its own may be taken: that, a numbered one,
/// or one with digits of its id.
///
/// # Errors
/// The list can't be written.
pub fn free_name(
    space: SpaceId,
    parent: Option<ItemId>,
    (id, name): (ItemId, &Name),
) -> serde_json::Result<Query<Name>> {
    #[derive(Deserialize)]
    struct PlaceRow {
        place: usize,
    }
    let numbered = (2..=MOST_NUMBERED).map(|nth| name.numbered(nth));
    let names = [name.clone()].into_iter().chain(numbered);
    let names: Vec<_> = names.chain([name.told_apart(id)]).collect();
    let keys: Vec<_> = names.iter().map(|name| (parent, name.key())).collect();
    let keys = serde_json::to_string(&keys)?;
    let children = Statement::new(items::LIVE_CHILDREN).id(space).bind(keys);
    Ok(children.rows::<PlaceRow>().then(|rows| {
        let taken: BTreeSet<usize> = rows.into_iter().map(|row| row.place).collect();
        let last = names.len().saturating_sub(1);
        let free = names.into_iter().enumerate();
        let mut free = free.filter(|(place, _)| *place == last || !taken.contains(place));
        let none = || DbError::Fault("no name was looked for".into());
        free.next().map(|(_, name)| name).ok_or_else(none)
    }))
}

/// The live item that has a name in the folder of another item.
pub fn live_sibling(space: SpaceId, item: ItemId, name: &Name) -> Query<Option<ItemId>> {
    let sibling = Statement::new(items::LIVE_SIBLING)
        .id(space)
        .id(item)
        .bind(name.key());
    sibling.first().then(id_of)
}

/// A mount as its row has it.
#[derive(Clone, Debug, Deserialize)]
pub struct MountRow {
    /// The item.
    pub id: ItemId,
    parent: Option<ItemId>,
    /// A damaged name may be no text; the mount goes all the same.
    name: Json,
    trashed: u8,
}

impl MountRow {
    /// Where it stands; `None` if nobody can read how it is called.
    pub fn spot(&self) -> Option<Spot> {
        let (parent, name) = (self.parent, self.name.as_str()?.to_owned());
        Some(Spot { parent, name })
    }

    /// Whether it is in the trash, by itself or with a folder.
    pub fn is_trashed(&self) -> bool {
        self.trashed != 0
    }
}

/// The mount of a grant, if there is one.
pub fn mount_of(space: SpaceId, grant: GrantId) -> Query<Option<MountRow>> {
    Statement::new(items::MOUNT_OF).id(space).id(grant).first()
}

fn id_of(row: Option<IdRow>) -> Result<Option<ItemId>, DbError> {
    Ok(row.map(|row| row.id))
}

/// An id that no new item may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct InUse {
    /// The id.
    pub id: ItemId,
    /// Not 0 if the id was that of an item that was deleted for good.
    deleted: u8,
}

impl InUse {
    /// Whether the id was that of an item that was deleted for good.
    pub fn is_deleted(&self) -> bool {
        self.deleted != 0
    }
}

/// Looks up which of the ids no new item may have.
///
/// # Errors
/// The list can't be written.
pub fn in_use(space: SpaceId, ids: &impl Serialize) -> serde_json::Result<Query<Vec<InUse>>> {
    let ids = serde_json::to_string(ids)?;
    let in_use = Statement::new(items::IDS_IN_USE).id(space).bind(ids);
    Ok(in_use.rows())
}
