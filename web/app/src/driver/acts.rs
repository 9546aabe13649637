//! What a person does to items and conflicts, as observations. Whatever can be
//! refused at once is refused at once; what only the server knows is told later.

use super::promises::What;
use super::{input, inputs};
use crate::state::Drive;
use leptos::prelude::WithUntracked;
use platform::browser::{clock, random};
use platform::failure::Failure;
use protocol::conflicts::{Choice, Conflict};
use protocol::content::Base;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::Item;
use protocol::limits::may_nest;
use protocol::name::Name;
use protocol::problem::Problem;
use sync::edit::{Bytes, Copied, Draft, DraftId, Met, Wanted};
use sync::ids::Nonce;
use sync::message::{Input, Observation};
use sync::place::Place;
use web_sys::File;

/// What a person chose in the conflict dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepWhich {
    Mine,
    Theirs,
    Both,
}

/// What a person does about a [`sync::edit::Matter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatterChoice {
    /// It may stay as it is.
    Fine,
    /// What they had wanted, all the same: the name, the place (with its folder
    /// out of the trash), the deleted file back with their edit, the move to or
    /// from the trash.
    MineAfterAll,
    /// The edit of a deleted file goes into the trash.
    LetGo,
}

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
    let Item {
        name,
        parent: before,
        ..
    } = known(drive, id)?;
    drive.tree.with_untracked(|tree| {
        let path = |parent: Option<ItemId>| parent.map(|id| tree.path(id)).unwrap_or_default();
        let above = path(parent);
        if above.iter().any(|item| item.id == id) {
            return Err(Problem::MoveIntoItself);
        }
        // What is nested too deeply since before may stay as deep as it is.
        let goes_down = above.len() > path(before).len();
        if goes_down && !may_nest(above.len(), tree.height(id)) {
            return Err(Problem::TooDeep);
        }
        Ok(())
    })?;
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
    let Item { parent, name, .. } = known(drive, id)?;
    let draft = copied(drive, id)?;
    let place = Place {
        parent,
        name: drive.tree.with_untracked(|tree| {
            free_name(
                |name| tree.child_named(parent, name).is_none(),
                |nth| name.copy(nth),
            )
        }),
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

/// What the server has of a file, as a draft of another one: its bytes need not
/// be here.
fn copied(drive: Drive, id: ItemId) -> Result<Draft, Failure> {
    let Item { name, file, .. } = known(drive, id)?;
    let head = file.filter(|head| head.version > 0);
    let head = head.ok_or(Failure::Refused(Problem::NoSuchVersion))?;
    let base = Base {
        item: id,
        version: head.version,
    };
    Ok(Draft {
        id: DraftId(random::small_id()),
        size: head.size,
        modified_at_ms: head.modified_at_ms,
        file_name: name.to_string(),
        bytes: Bytes::Gone,
        manifest: None,
        copy_of: Some(Copied {
            base,
            size_class: head.size_class,
        }),
    })
}

/// Many at once, which are shown and sent together.
pub fn trash_all(drive: Drive, items: Vec<ItemId>) {
    let known = drive.tree.with_untracked(|tree| {
        let is_known = |id: &ItemId| tree.get(*id).is_some();
        items.into_iter().filter(is_known).collect::<Vec<_>>()
    });
    let observations = known.iter().map(|&item| {
        Input::Observed(Observation::Trashed {
            item,
            nonce: nonce(),
            trashed: true,
        })
    });
    inputs(drive, observations.collect());
    promise(drive, What::Trashed, known);
}

/// Moves many at once; what can't be is told with why.
pub fn move_all(
    drive: Drive,
    items: Vec<ItemId>,
    parent: Option<ItemId>,
) -> Vec<(ItemId, Failure)> {
    let (mut moved, mut refused) = (Vec::new(), Vec::new());
    for item in items {
        match move_to(drive, item, parent) {
            Ok(()) => moved.push(item),
            Err(failure) => refused.push((item, failure)),
        }
    }
    promise(drive, What::Moved { to: parent }, moved);
    refused
}

fn promise(drive: Drive, what: What, items: Vec<ItemId>) {
    let driver = drive.driver();
    if let Some(client) = driver.client() {
        driver.promises.places(drive, &client, what, items);
    }
}

/// Says `words` once the server has these decisions. `opens`: the conflicts are open
/// then.
pub fn tell_when_decided(drive: Drive, conflicts: Vec<ConflictId>, opens: bool, words: String) {
    let driver = drive.driver();
    if let Some(client) = driver.client() {
        driver
            .promises
            .decided(drive, &client, conflicts, opens, words);
    }
}

/// Where an item comes back to: the folder it was in, or the top of the space where
/// that is not there any more.
fn home(drive: Drive, item: &Item) -> Option<ItemId> {
    let is_live = |folder: &ItemId| drive.tree.with_untracked(|tree| tree.is_live(*folder));
    item.parent.filter(is_live)
}

/// Takes an item out of the trash, under its own name or another one.
pub fn restore(drive: Drive, id: ItemId, name: Option<Name>) -> Result<(), Failure> {
    let item = known(drive, id)?;
    let place = Place {
        parent: home(drive, &item),
        name: name.unwrap_or_else(|| item.name.clone()),
    };
    check_free(drive, id, &place)?;
    let nonce = nonce();
    let is_where_it_was = place.parent == item.parent && place.name == item.name;
    observe(
        drive,
        match is_where_it_was {
            true => Observation::Trashed {
                item: id,
                nonce,
                trashed: false,
            },
            false => Observation::Restored {
                item: id,
                nonce,
                place,
            },
        },
    );
    promise(drive, What::Restored { to: item.parent }, vec![id]);
    Ok(())
}

/// The first name like its own that is free where it comes back to, and that folder's
/// name.
pub fn name_to_restore(drive: Drive, id: ItemId) -> Option<(Name, String)> {
    let item = known(drive, id).ok()?;
    let parent = home(drive, &item);
    Some(drive.tree.with_untracked(|tree| {
        let free = free_name(
            |name| tree.child_named(parent, name).is_none(),
            |nth| item.name.numbered(nth.saturating_add(1)),
        );
        let folder = parent.and_then(|id| tree.get(id));
        let folder = folder.map_or_else(|| "Files".to_owned(), |item| item.name.to_string());
        (free, folder)
    }))
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
                copy_name: copy_name(drive, &item, &conflict),
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

/// Makes what the person made of both sides the next version of the file that
/// they merged at `seen_version`.
pub fn resolve_merged(
    drive: Drive,
    id: ConflictId,
    file: &File,
    seen_version: Version,
) -> Result<(), Failure> {
    let is_known = drive
        .conflicts
        .with_untracked(|open| open.contains_key(&id))
        || drive
            .merges
            .with_untracked(|stopped| stopped.contains_key(&id));
    if !is_known {
        return Err(Problem::NoSuchConflict.into());
    }
    let Some(client) = drive.driver().client() else {
        return Err(Problem::NotSignedIn.into());
    };
    let draft = client.drafts().pick(file);
    observe(
        drive,
        Observation::Merged {
            conflict: id,
            nonce: nonce(),
            draft,
            seen_version,
        },
    );
    Ok(())
}

/// Takes a resolution back, against the head that the tree shows.
pub fn reopen(drive: Drive, conflict: &Conflict) -> Result<(), Failure> {
    let seen_version = known(drive, conflict.item)?.version();
    observe(
        drive,
        Observation::Reopened {
            conflict: conflict.id,
            nonce: nonce(),
            seen_version,
        },
    );
    Ok(())
}

/// Lets go of a choice that was not sent, or of a merge that stopped.
pub fn unresolve(drive: Drive, conflict: ConflictId) {
    observe(drive, Observation::Unresolved { conflict });
}

/// The bytes of a merge that was not carried out.
pub async fn merged_file(drive: Drive, conflict: ConflictId) -> Option<File> {
    let client = drive.driver().client()?;
    let draft = {
        let engine = client.engine();
        engine.trees().resolutions().get(&conflict)?.draft()?.id
    };
    client.drafts().file(draft).await
}

/// Does about a matter what the person wants, and takes it off the list.
pub fn settle(drive: Drive, id: Nonce, choice: MatterChoice) -> Result<(), Failure> {
    let matter = drive.matters.with_untracked(|all| all.get(&id).cloned());
    let Some(matter) = matter else {
        return Ok(());
    };
    match (choice, &matter.what) {
        (MatterChoice::Fine, _) => {}
        (MatterChoice::LetGo, Met::Deleted { new }) => set_trashed(drive, *new, true)?,
        (MatterChoice::MineAfterAll, Met::Deleted { new }) => {
            bring_back(drive, matter.item, *new)?;
        }
        (
            MatterChoice::MineAfterAll,
            Met::Placed { wanted } | Met::NameTaken { wanted } | Met::Impossible { wanted, .. },
        ) => put(drive, matter.item, wanted.clone())?,
        (MatterChoice::MineAfterAll, Met::FolderDeleted { wanted, folder }) => {
            set_trashed(drive, *folder, false)?;
            put(drive, matter.item, wanted.clone())?;
        }
        (MatterChoice::MineAfterAll, Met::Renamed { from, .. }) => {
            rename(drive, matter.item, from.clone())?;
        }
        (MatterChoice::MineAfterAll, Met::Trashed { wanted, .. }) => {
            set_trashed(drive, matter.item, *wanted)?;
        }
        // There is nothing else to let go of.
        (MatterChoice::LetGo, _) => {}
    }
    observe(drive, Observation::Settled { matter: id });
    Ok(())
}

/// A deleted file comes back with the edit that had become the file `new`.
fn bring_back(drive: Drive, item: ItemId, new: ItemId) -> Result<(), Failure> {
    known(drive, item)?;
    let draft = copied(drive, new)?;
    // The new file gives its name back first; the engine waits for that.
    set_trashed(drive, new, true)?;
    set_trashed(drive, item, false)?;
    observe(
        drive,
        Observation::Edited {
            item,
            nonce: nonce(),
            draft,
        },
    );
    Ok(())
}

/// The first name for the copy that is free beside the file, and that no choice
/// which is still to be sent gives to another one.
pub fn copy_name(drive: Drive, item: &Item, conflict: &Conflict) -> Name {
    let device = &conflict.committed.device_name;
    let date = clock::local_date();
    let promised = promised_names(drive, conflict.id);
    drive.tree.with_untracked(|tree| {
        free_name(
            |name| tree.child_named(item.parent, name).is_none() && !promised.contains(name),
            |nth| item.name.conflicted_copy(device, &date, nth),
        )
    })
}

fn promised_names(drive: Drive, but: ConflictId) -> Vec<Name> {
    let Some(client) = drive.driver().client() else {
        return Vec::new();
    };
    let engine = client.engine();
    let others = engine.trees().resolutions().values();
    let names = others.filter_map(|other| match &other.wanted {
        Wanted::Keep(Choice::KeepBoth { copy_name, .. }) if other.conflict != but => {
            Some(copy_name.clone())
        }
        _ => None,
    });
    names.collect()
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
