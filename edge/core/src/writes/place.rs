//! Rename, move, trash and restore: the changes of an item's place. Each changes one
//! row, whatever is below the item. They are made in [`rounds`](super::rounds), one or
//! a hundred at a time; here each is decided on, by a pure function.

use super::{Answer, Author, Decision, JournalEntry};
use crate::error::{Failure, bad_request};
use crate::ports::Statement;
use crate::room::Charge;
use crate::rules::{check_depth, check_free, check_live, check_own, check_way};
use crate::store::journal::spot;
use crate::store::rows::PathRow;
use crate::store::sql::items;
use protocol::activity::Spot;
use protocol::ids::{ItemId, PlaceVersion};
use protocol::items::{ChangePlace, ChangeTrashed, Item, ItemChange, PlaceChange};
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::Serialize;

/// What tells one change of a place from another when an operation comes again.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Meaning<'a> {
    /// A rename, a move, or both.
    Move {
        /// The item.
        item: ItemId,
        /// Where it goes.
        #[serde(flatten)]
        to: &'a ChangePlace,
    },
    /// A move to the trash.
    Trash {
        /// The item.
        trash: ItemId,
        /// The request.
        #[serde(flatten)]
        change: &'a ChangeTrashed,
    },
    /// A way out of the trash.
    Restore {
        /// The item.
        restore: ItemId,
        /// The request.
        #[serde(flatten)]
        change: &'a ChangeTrashed,
    },
}

impl<'a> From<&'a ItemChange> for Meaning<'a> {
    fn from(ItemChange { item, to }: &'a ItemChange) -> Self {
        let item = *item;
        match to {
            PlaceChange::Move(to) => Self::Move { item, to },
            PlaceChange::Trash(change) => Self::Trash {
                trash: item,
                change,
            },
            PlaceChange::Restore(change) => Self::Restore {
                restore: item,
                change,
            },
        }
    }
}

/// What polls say of a change.
pub fn event_of(change: &PlaceChange) -> EventType {
    match change {
        PlaceChange::Move(_) => EventType::FileMove,
        PlaceChange::Trash(_) => EventType::FileDelete,
        PlaceChange::Restore(_) => EventType::FileRestore,
    }
}

/// What the decision on a change of a place looks at.
#[derive(Debug, Default)]
pub struct PlaceLooked {
    /// The item, if it is there.
    pub item: Option<Item>,
    /// The way up from the item itself; empty if the item goes into the trash.
    pub here: Vec<PathRow>,
    /// The way up from the folder that the change names.
    pub there: Vec<PathRow>,
    /// The item that has the name where this one is to stand.
    pub rival: Option<ItemId>,
    /// The item that has the name at the top of the space, if this one may come to
    /// stand there.
    pub rival_at_top: Option<ItemId>,
    /// Folders from the item on down, itself counted.
    pub height: u64,
}

/// A place that an item is to have.
#[derive(Debug)]
pub struct Placed {
    /// The item with its new place, and with the place version that it still has.
    pub item: Item,
    /// Where the item stands so far.
    pub from: Spot,
    /// The folder that has to take the item, and whether the change is a move: a moved
    /// item that is nested too deeply already may stay as deep as it is.
    pub guarded: Option<(ItemId, bool)>,
}

/// Decides on one change.
///
/// # Errors
/// Why the change can't be made. Each kind tells the order of its checks.
pub fn decide(
    author: &Author,
    change: &PlaceChange,
    looked: PlaceLooked,
) -> Result<Placed, Failure> {
    let item = looked.item.clone().ok_or(Problem::NoSuchItem)?;
    check_place_version(&item, change.base_place_version())?;
    match change {
        PlaceChange::Move(to) => moved(to, item, &looked),
        PlaceChange::Trash(change) => trashed(author, change, item),
        PlaceChange::Restore(change) => restored(author, change, item, &looked),
    }
}

/// In this order: 404 unknown, 409 another place version, 409 in the trash,
/// 404 no such parent, 409 the parent can't take it, 409 the name is taken.
fn moved(to: &ChangePlace, item: Item, looked: &PlaceLooked) -> Result<Placed, Failure> {
    check_way(&looked.here)?;
    if to.parent.is_some() {
        check_live(&looked.there, item.id)?;
        let above = looked.there.len() as u64;
        // An item that is nested too deeply already may be moved up, or stay as deep as
        // it is.
        let before = (looked.here.len() as u64).saturating_sub(1);
        if above > before {
            check_depth(above, looked.height)?;
        }
    }
    check_free(looked.rival)?;
    Ok(Placed {
        from: spot(&item),
        guarded: to.parent.map(|parent| (parent, true)),
        item: Item {
            parent: to.parent,
            name: to.name.clone(),
            ..item
        },
    })
}

/// Into the trash: the item goes, and all that is below it goes along without being
/// touched. In this order: 404 unknown, 409 another place version, 409 a mount, which is
/// removed and not deleted, 409 in the trash already, 400 the request names a place.
fn trashed(author: &Author, change: &ChangeTrashed, item: Item) -> Result<Placed, Failure> {
    check_own(&item)?;
    if item.trashed_at_ms.is_some() {
        return Err(Problem::InTrash.into());
    }
    if change.parent.is_some() || change.name.is_some() {
        return Err(bad_request("what goes into the trash keeps its place"));
    }
    Ok(Placed {
        from: spot(&item),
        guarded: None,
        item: Item {
            trashed_at_ms: Some(author.now),
            ..item
        },
    })
}

/// Out of the trash, to where the item was or where the request says. If its folder is
/// in the trash, gone or nested too deeply by now, the item comes back at the top of
/// the space, so that whoever wants one file back need not restore everything around
/// it. An author who has only a folder is refused then. In this order: 404 unknown, 409
/// another place version, 400 not in the trash, then as for a move.
fn restored(
    author: &Author,
    change: &ChangeTrashed,
    item: Item,
    looked: &PlaceLooked,
) -> Result<Placed, Failure> {
    if item.trashed_at_ms.is_none() {
        return Err(bad_request("it is not in the trash"));
    }
    let above = looked.here.get(1..).unwrap_or_default();
    let goes_back = || {
        let is_there = item.parent.is_none() || check_live(above, item.id).is_ok();
        is_there && check_depth(above.len() as u64, looked.height).is_ok()
    };
    let (parent, rival) = match change.parent {
        Some(None) => (None, looked.rival),
        Some(Some(parent)) => {
            check_live(&looked.there, item.id)?;
            check_depth(looked.there.len() as u64, looked.height)?;
            (Some(parent), looked.rival)
        }
        None if goes_back() => (item.parent, looked.rival),
        None => (None, looked.rival_at_top),
    };
    // This comes first, because an author of one folder is not told who has a name at
    // the top.
    if parent.is_none() {
        author.reach.check_top()?;
    }
    check_free(rival)?;
    Ok(Placed {
        from: spot(&item),
        guarded: parent.map(|parent| (parent, false)),
        item: Item {
            parent,
            name: change.name.clone().unwrap_or_else(|| item.name.clone()),
            trashed_at_ms: None,
            ..item
        },
    })
}

fn check_place_version(item: &Item, base: PlaceVersion) -> Result<(), Failure> {
    if item.place_version == base {
        return Ok(());
    }
    Err(Problem::PlaceConflict {
        current_place_version: item.place_version,
    }
    .into())
}

/// The statements that give items their new places, if each is still at the place
/// version that was read: as many statements for one item as for many.
///
/// # Errors
/// The list can't be written.
pub fn write(author: &Author, placed: &[Placed]) -> Result<Vec<Statement>, Failure> {
    let about = |sql, list| Statement::new(sql).id(author.space).bind(list);
    let mut statements = Vec::new();
    let guarded: Vec<_> = placed
        .iter()
        .filter_map(|one| Some((one.item.id, one.guarded?)))
        .map(|(item, (parent, moves))| (item, parent, moves))
        .collect();
    if !guarded.is_empty() {
        let most = protocol::limits::MAX_FOLDER_DEPTH as u64;
        let guard = about(items::GUARD_PLACES, serde_json::to_string(&guarded)?);
        statements.push(guard.bind(most));
    }
    let places: Vec<_> = placed
        .iter()
        .map(|Placed { item, .. }| {
            let key = item.name.key();
            let place = (item.parent, &item.name, key, item.trashed_at_ms);
            let (parent, name, key, trashed_at) = place;
            (item.id, item.place_version, parent, name, key, trashed_at)
        })
        .collect();
    statements.push(about(items::UPDATE_PLACES, serde_json::to_string(&places)?));
    statements.push(Statement::new(items::GUARD_CHANGED).bind(placed.len() as u64));
    Ok(statements)
}

/// An item as it is once its place is written.
pub fn after(placed: &Placed) -> Item {
    Item {
        place_version: placed.item.place_version.saturating_add(1),
        damaged: false,
        ..placed.item.clone()
    }
}

/// The change of one item's place that is a part of another change.
///
/// # Errors
/// The list can't be written.
pub fn replace(author: &Author, item: Item, event: EventType) -> Result<Decision, Failure> {
    let placed = Placed {
        from: spot(&item),
        item,
        guarded: None,
    };
    let item = after(&placed);
    Ok(Decision {
        statements: write(author, std::slice::from_ref(&placed))?,
        journal: vec![JournalEntry::new(event, &item)],
        answer: Answer::Item { item },
        charge: Charge::default(),
    })
}
