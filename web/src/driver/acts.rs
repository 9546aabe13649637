//! What a person does to items and conflicts, as observations. Whatever can be
//! refused at once is refused at once; what only the server knows is told later.

use super::input;
use crate::browser::{clock, random};
use crate::commands::KeepWhich;
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::tree::Tree;
use leptos::prelude::WithUntracked;
use shared::ids::{ConflictId, ItemId};
use shared::name::Name;
use shared::protocol::conflicts::{Choice, Conflict};
use shared::protocol::content::Base;
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;
use shared::sync::edit::{Bytes, Copied, Draft, DraftId, Nonce, Place};
use shared::sync::message::{Input, Observation};

/// Copies of one file, beside it, before it gets absurd.
const MAX_COPIES: u32 = 1_000;

pub fn create_folder(drive: Drive, parent: Option<ItemId>, name: Name) -> Result<ItemId, Failure> {
    let item = ItemId::from_random(random::id_bytes());
    let place = Place { parent, name };
    check_free(drive, item, &place)?;
    observe(
        drive,
        Observation::Made {
            item,
            nonce: nonce(),
            place,
            draft: None,
        },
    );
    Ok(item)
}

pub fn rename(drive: Drive, id: ItemId, name: Name) -> Result<(), Failure> {
    let parent = known(drive, id)?.parent;
    put(drive, id, Place { parent, name })
}

pub fn move_to(drive: Drive, id: ItemId, parent: Option<ItemId>) -> Result<(), Failure> {
    let name = known(drive, id)?.name;
    let below_itself = drive.tree.with_untracked(|tree| {
        let path = parent.map(|parent| tree.path(parent)).unwrap_or_default();
        path.iter().any(|item| item.id == id)
    });
    if below_itself {
        return Err(Problem::MoveIntoItself.into());
    }
    put(drive, id, Place { parent, name })
}

fn put(drive: Drive, item: ItemId, place: Place) -> Result<(), Failure> {
    check_free(drive, item, &place)?;
    observe(
        drive,
        Observation::Placed {
            item,
            nonce: nonce(),
            place,
        },
    );
    Ok(())
}

/// Makes a file beside this one, with what the server has of it.
pub fn copy(drive: Drive, id: ItemId) -> Result<(), Failure> {
    let Item {
        parent, name, file, ..
    } = known(drive, id)?;
    let head = file.filter(|head| head.version > 0);
    let head = head.ok_or(Failure::Refused(Problem::NoSuchVersion))?;
    let place = Place {
        parent,
        name: drive.tree.with_untracked(|tree| {
            free_name(
                |name| tree.child_named(parent, name).is_none(),
                |nth| name.copy(nth),
            )
        }),
    };
    let copied = Copied {
        base: Base {
            item: id,
            version: head.version,
        },
        size_class: head.size_class,
    };
    let draft = Draft {
        id: DraftId(random::small_id()),
        size: head.size,
        modified_at_ms: head.modified_at_ms,
        file_name: place.name.to_string(),
        bytes: Bytes::Gone,
        manifest: None,
        copy_of: Some(copied),
    };
    observe(
        drive,
        Observation::Made {
            item: ItemId::from_random(random::id_bytes()),
            nonce: nonce(),
            place,
            draft: Some(draft),
        },
    );
    Ok(())
}

pub fn set_trashed(drive: Drive, id: ItemId, trashed: bool) -> Result<(), Failure> {
    let Item { parent, name, .. } = known(drive, id)?;
    if !trashed {
        check_free(drive, id, &Place { parent, name })?;
    }
    observe(
        drive,
        Observation::Trashed {
            item: id,
            nonce: nonce(),
            trashed,
        },
    );
    Ok(())
}

/// Carries out a choice against the head that the tree shows at this moment.
pub fn resolve(drive: Drive, id: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
    let conflict = drive
        .conflicts
        .with_untracked(|open| open.get(&id).cloned());
    let conflict = conflict.ok_or(Failure::Refused(Problem::NoSuchConflict))?;
    let choice = match keep {
        KeepWhich::Mine => Choice::KeepMine,
        KeepWhich::Theirs => Choice::KeepTheirs,
        KeepWhich::Both => {
            let item = known(drive, conflict.item)?;
            Choice::KeepBoth {
                copy_id: ItemId::from_random(random::id_bytes()),
                copy_name: drive
                    .tree
                    .with_untracked(|tree| copy_name(tree, &item, &conflict, &clock::local_date())),
            }
        }
    };
    observe(
        drive,
        Observation::Resolved {
            conflict: id,
            nonce: nonce(),
            choice,
        },
    );
    Ok(())
}

/// The first name for the copy that is free beside the file.
fn copy_name(tree: &Tree, item: &Item, conflict: &Conflict, date: &str) -> Name {
    let device = &conflict.committed.device_name;
    free_name(
        |name| tree.child_named(item.parent, name).is_none(),
        |nth| item.name.conflicted_copy(device, date, nth),
    )
}

fn free_name(is_free: impl Fn(&Name) -> bool, name: impl Fn(u32) -> Name) -> Name {
    let mut names = (1..MAX_COPIES).map(&name);
    names.find(is_free).unwrap_or_else(|| name(MAX_COPIES))
}

fn check_free(drive: Drive, id: ItemId, place: &Place) -> Result<(), Failure> {
    let rival = drive.tree.with_untracked(|tree| {
        let there = tree.child_named(place.parent, &place.name);
        there.map(|item| item.id).filter(|rival| *rival != id)
    });
    match rival {
        Some(item) => Err(Problem::NameTaken { item }.into()),
        None => Ok(()),
    }
}

fn known(drive: Drive, id: ItemId) -> Result<Item, Failure> {
    let item = drive.tree.with_untracked(|tree| tree.get(id).cloned());
    item.ok_or(Failure::Refused(Problem::NoSuchItem))
}

fn observe(drive: Drive, observation: Observation) {
    input(drive, Input::Observed(observation));
}

fn nonce() -> Nonce {
    Nonce(random::id_bytes())
}
