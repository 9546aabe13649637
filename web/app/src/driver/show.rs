//! What the engine knows, as signals. Only what has changed is looked at.

use super::Client;
use super::{door, tabs};
use crate::state::tree::{Listed, Tree};
use crate::state::{Drive, Unsent};
use blocks::chunk::SizeClass;
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use platform::browser::clock;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId, UnixMillis};
use protocol::items::{FileHead, Item};
use std::collections::{BTreeMap, BTreeSet};
use sync::Engine;
use sync::edit::Resolution;
use sync::trees::{LocalContent, Trees};

/// Shows everything that an engine knows, in place of what is shown.
pub fn all(drive: Drive, client: &Client) {
    let engine = client.engine();
    let mut tree = Tree::default();
    tree.complete = engine.is_complete();
    for (id, _) in engine.trees().entries() {
        if let Some(listed) = listed(client, engine.trees(), id, None) {
            tree.put(listed);
        }
    }
    drive.tree.set(tree);
    conflicts(drive, engine.trees());
    troubles(drive, engine.trees());
    unsent(drive, engine.trees());
}

/// Shows what a step has changed.
pub fn news(drive: Drive, client: &Client, touched: BTreeSet<ItemId>) {
    let engine = client.engine();
    update_tree(drive, client, &engine, &touched);
    conflicts(drive, engine.trees());
    troubles(drive, engine.trees());
    unsent(drive, engine.trees());
    let driver = drive.driver();
    driver.promises.news(drive, client, &touched);
    driver.panel.news(drive, client, touched.into_iter());
    driver.door.tidy(drive);
    if client.platform().leads() && engine.is_polling() {
        tabs::show_live(drive);
    }
}

fn update_tree(drive: Drive, client: &Client, engine: &Engine, touched: &BTreeSet<ItemId>) {
    let complete = engine.is_complete();
    // A step of an upload changes nothing in the list, and the list is large.
    let changed: Vec<(ItemId, Option<Listed>)> = drive.tree.with_untracked(|tree| {
        let of = |id: &ItemId| {
            let shown = tree.listed(*id);
            let made_at = shown.as_ref().map(|shown| shown.item.created_at_ms);
            let new = listed(client, engine.trees(), *id, made_at);
            (shown != new).then_some((*id, new))
        };
        touched.iter().filter_map(of).collect()
    });
    if changed.is_empty() && drive.tree.with_untracked(|tree| tree.complete == complete) {
        return;
    }
    drive.tree.update(|tree| {
        tree.complete = complete;
        for (id, new) in changed {
            match new {
                Some(listed) => tree.put(listed),
                None => tree.remove(id),
            }
        }
    });
    door::look_again(drive, client);
}

/// An item as this device wants it, in the shape of one that the server has.
/// What is not on the server yet has version 0 and place version 0.
fn listed(
    client: &Client,
    trees: &Trees,
    id: ItemId,
    made_at: Option<UnixMillis>,
) -> Option<Listed> {
    let entry = trees.entry(id)?;
    let local = trees.local(id)?;
    let remote = entry.remote.as_ref();
    let file = match (remote, &local.content) {
        // The head as it is, so that whoever compares versions sees that one.
        (Some(remote), _) => remote.file.clone(),
        (None, LocalContent::Draft(draft)) => Some(FileHead {
            version: 0,
            size: draft.size,
            size_class: SizeClass::for_size(draft.size),
            modified_at_ms: draft.modified_at_ms,
            committed: client.platform().here().clone(),
            damaged: false,
        }),
        (None, _) => None,
    };
    let trashed_at = || remote.and_then(|item| item.trashed_at_ms);
    Some(Listed {
        item: Item {
            id,
            parent: local.parent,
            name: local.name.clone(),
            place_version: remote.map_or(0, |item| item.place_version),
            file,
            created_at_ms: remote
                .map(|item| item.created_at_ms)
                .or(made_at)
                .unwrap_or_else(clock::now_ms),
            trashed_at_ms: local
                .trashed
                .then(|| trashed_at().unwrap_or(client.platform().here().at_ms)),
            damaged: remote.is_some_and(|item| item.damaged),
        },
        pending: entry.edit.is_some(),
    })
}

/// The open conflicts, without those that the person has decided on.
fn conflicts(drive: Drive, trees: &Trees) {
    let open = || {
        let all = trees.conflicts.iter();
        let is_decided = |id| {
            let resolution = trees.resolutions().get(id);
            resolution.is_some_and(|resolution| resolution.trouble.is_none())
        };
        all.filter(move |(id, _)| !is_decided(*id))
    };
    let is_shown = drive.conflicts.with_untracked(|shown| {
        let mut count = 0;
        let same = |(id, conflict): (&ConflictId, &Conflict)| {
            count += 1;
            shown.get(id) == Some(conflict)
        };
        open().all(same) && count == shown.len()
    });
    if !is_shown {
        let open: BTreeMap<ConflictId, Conflict> = open()
            .map(|(id, conflict)| (*id, conflict.clone()))
            .collect();
        drive.conflicts.set(open);
    }
}

/// What needs the person: merges that stopped, and what met a change of
/// somebody else's.
fn troubles(drive: Drive, trees: &Trees) {
    let stopped = trees.resolutions().values();
    let stopped: BTreeMap<ConflictId, Resolution> = stopped
        .filter(|resolution| resolution.trouble.is_some())
        .map(|resolution| (resolution.conflict, resolution.clone()))
        .collect();
    if drive.merges.with_untracked(|shown| *shown != stopped) {
        drive.merges.set(stopped);
    }
    if drive
        .matters
        .with_untracked(|shown| *shown != trees.matters)
    {
        drive.matters.set(trees.matters.clone());
    }
}

fn unsent(drive: Drive, trees: &Trees) {
    let decisions = trees.resolutions().values();
    let decisions = decisions.filter(|resolution| resolution.trouble.is_none());
    let stuck = trees.troubled_count();
    let unsent = Unsent {
        going: trees.edit_count().saturating_sub(stuck) + decisions.count(),
        stuck,
    };
    if drive.unsent.get_untracked() != unsent {
        drive.unsent.set(unsent);
    }
}

/// Shows nothing any more.
pub fn nothing(drive: Drive) {
    drive.driver().promises.forget();
    unsent(drive, &Trees::default());
    troubles(drive, &Trees::default());
    if !drive.tree.with_untracked(|tree| *tree == Tree::default()) {
        drive.tree.set(Tree::default());
    }
    if !drive.conflicts.get_untracked().is_empty() {
        drive.conflicts.set(BTreeMap::new());
    }
}
