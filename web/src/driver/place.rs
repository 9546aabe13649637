//! Renaming, moving, trashing and restoring.

use super::{learn, want_pull};
use crate::browser::random;
use crate::commands::patiently;
use crate::failure::Failure;
use crate::state::Drive;
use leptos::prelude::WithUntracked;
use shared::ids::{ItemId, OperationId};
use shared::protocol::items::{ChangePlace, ChangeTrashed, Item, ItemChanged};
use shared::protocol::problem::{Problem, Retry};

/// Changes name or parent, based on what the tree shows now.
pub async fn change(
    drive: Drive,
    id: ItemId,
    edit: impl FnOnce(&mut ChangePlace),
) -> Result<(), Failure> {
    let item = known(drive, id)?;
    let mut body = ChangePlace {
        operation_id: OperationId::from_random(random::id_bytes()),
        base_place_version: item.place_version,
        parent: item.parent,
        name: item.name.clone(),
    };
    edit(&mut body);
    if body.parent == item.parent && body.name == item.name {
        return Ok(());
    }
    let client = drive.engine().client.clone();
    let changed = patiently(async || client.change_place(id, &body).await).await;
    take_in(drive, changed)
}

pub async fn trash(drive: Drive, id: ItemId) -> Result<(), Failure> {
    let body = based_on(known(drive, id)?);
    let client = drive.engine().client.clone();
    let changed = patiently(async || client.trash(id, &body).await).await;
    take_in(drive, changed)
}

pub async fn restore(drive: Drive, id: ItemId) -> Result<(), Failure> {
    let body = based_on(known(drive, id)?);
    let client = drive.engine().client.clone();
    let changed = patiently(async || client.restore(id, &body).await).await;
    take_in(drive, changed)
}

fn based_on(item: Item) -> ChangeTrashed {
    ChangeTrashed {
        operation_id: OperationId::from_random(random::id_bytes()),
        base_place_version: item.place_version,
    }
}

fn known(drive: Drive, id: ItemId) -> Result<Item, Failure> {
    let item = drive.tree.with_untracked(|tree| tree.get(id).cloned());
    item.ok_or(Failure::Refused(Problem::NoSuchItem))
}

fn take_in(drive: Drive, changed: Result<ItemChanged, Failure>) -> Result<(), Failure> {
    match changed {
        Ok(changed) => {
            learn::item(drive, changed.item);
            Ok(())
        }
        Err(failure) => {
            // The person decided on an old picture: bring the new one.
            if let Failure::Refused(problem) = &failure
                && problem.retry() == Retry::Pull
            {
                want_pull(drive);
            }
            Err(failure)
        }
    }
}
