//! Rename, move, trash and restore: changes of an item's place, each one row
//! whatever is below the item. They are made in [`rounds`](super::rounds), one or a
//! hundred; this is what each comes to, as a pure decision.

use super::{Answer, Author, Decision, Entry};
use crate::error::{Failure, bad_request};
use crate::ports::Statement;
use crate::room::Charge;
use crate::rules::{check_depth, check_free, check_live, check_way};
use crate::store::journal::spot;
use crate::store::rows::PathRow;
use crate::store::sql::items;
use protocol::activity::Spot;
use protocol::ids::{ItemId, PlaceVersion};
use protocol::items::{ChangePlace, ChangeTrashed, Item, ItemChange, PlaceChange};
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::Serialize;

/// What tells one change of a place from another, when an operation is repeated.
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

/// What a decision looks at.
#[derive(Debug, Default)]
pub struct PlaceLooked {
    /// The item, if it is there.
    pub item: Option<Item>,
    /// The way up from the item itself; not of what goes into the trash.
    pub here: Vec<PathRow>,
    /// The way up from the folder that is asked for.
    pub there: Vec<PathRow>,
    /// Who has the name where it is to stand,
    pub rival: Option<ItemId>,
    /// and at the top of the space, if it may come to stand there.
    pub rival_at_top: Option<ItemId>,
    /// Folders from the item on down, itself counted.
    pub height: u64,
}

/// A place that an item is to have.
#[derive(Debug)]
pub struct Placed {
    /// The item with its new place, and with the place version that it still has.
    pub item: Item,
    /// Where it stands so far.
    pub from: Spot,
    /// The folder that has to take it, and whether it comes from another place:
    /// what is nested too deeply may then stay as deep as it is.
    pub guarded: Option<(ItemId, bool)>,
}

/// Decides on one change.
///
/// # Errors
/// Why it can't be made; see at each kind in which order.
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
        // What is nested too deeply may be moved up, and stay as deep as it is.
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

/// Into the trash: the item and, without touching it, all that is below. In this
/// order: 404 unknown, 409 another place version, 409 in the trash already, 400 it
/// says where to.
fn trashed(author: &Author, change: &ChangeTrashed, item: Item) -> Result<Placed, Failure> {
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

/// Out of the trash, to where it was or where it is asked to. Where its folder is
/// itself in the trash or gone, or nested too deeply by now, the item comes back at
/// the top of the space: whoever wants one file back need not restore everything
/// around it, unless the author has only a folder. In this order: 404 unknown, 409
/// another place version, 400 not in the trash, then as of a move.
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
    // Nor is an author of one folder told who has a name at the top.
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

/// Writes places over those that the items still had when they were read: as many
/// statements for one as for many.
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

/// What a change of one place comes to in a change of something else.
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
        journal: vec![Entry::new(event, &item)],
        answer: Answer::Item { item },
        charge: Charge::default(),
    })
}
