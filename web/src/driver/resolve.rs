//! Carrying out what a person chose for a conflict.

use super::want_pull;
use crate::browser::{clock, random};
use crate::commands::{KeepWhich, patiently};
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::tree::Tree;
use leptos::prelude::{GetUntracked, Update, WithUntracked};
use shared::ids::{ConflictId, ItemId, OperationId};
use shared::name::Name;
use shared::protocol::conflicts::{Choice, Conflict, Resolve};
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;

/// Copies of one file by one device on one day before it gets absurd.
const MAX_COPIES: u32 = 1_000;

/// See [`crate::commands::resolve`].
pub async fn resolve(drive: Drive, id: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
    let conflict = drive
        .conflicts
        .with_untracked(|open| open.get(&id).cloned());
    let conflict = conflict.ok_or(Failure::Refused(Problem::NoSuchConflict))?;
    let seen = drive.tree.get_untracked();
    let item = seen.get(conflict.item).cloned();
    let item = item.ok_or(Failure::Refused(Problem::NoSuchItem))?;
    let head = item.file.as_ref().ok_or(Problem::NotAFile)?;
    let body = Resolve {
        operation_id: OperationId::from_random(random::id_bytes()),
        seen_version: head.version,
        choice: match keep {
            KeepWhich::Mine => Choice::KeepMine,
            KeepWhich::Theirs => Choice::KeepTheirs,
            KeepWhich::Both => Choice::KeepBoth {
                copy_id: ItemId::from_random(random::id_bytes()),
                copy_name: copy_name(&seen, &item, &conflict, &clock::local_date()),
            },
        },
    };
    let client = drive.engine().client.clone();
    let resolved = patiently(async || client.resolve(id, &body).await).await;
    // What the choice made comes with the feed.
    want_pull(drive);
    match resolved {
        // Another device, or another tab, may have been quicker.
        Ok(_) | Err(Failure::Refused(Problem::AlreadyResolved)) => {
            drive.conflicts.update(|open| {
                open.remove(&id);
            });
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// The first name for the copy that is free beside the file.
fn copy_name(tree: &Tree, item: &Item, conflict: &Conflict, date: &str) -> Name {
    let device = &conflict.committed.device_name;
    let name = |nth| item.name.conflicted_copy(device, date, nth);
    (1..MAX_COPIES)
        .map(name)
        .find(|name| tree.child_named(item.parent, name).is_none())
        .unwrap_or_else(|| name(MAX_COPIES))
}
