//! What the engine knows, as signals. Only what has changed is looked at.

use super::ports::Client;
use crate::state::{Drive, UnsentCount};
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use platform::browser::clock;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId};
use std::collections::{BTreeMap, BTreeSet};
use sync::Engine;
use sync::edit::Resolution;
use sync::one_by_one::one_by_one;
use sync::tree::{ListedItem, Shows, Tree};
use sync::trees::Trees;

/// Shows everything that an engine knows, in place of what is shown. `tree` is its tree.
pub fn all(drive: Drive, client: &Client, tree: Tree) {
    let engine = client.engine();
    let trees = engine.trees();
    drive.tree.set(tree);
    conflicts(drive, trees);
    troubles(drive, trees);
    unsent(drive, trees);
}

/// Shows what a step has changed. Returns whether the tree is another one now.
pub fn news(drive: Drive, client: &Client, touched: &BTreeSet<ItemId>) -> bool {
    let engine = client.engine();
    let is_other = update_tree(drive, &engine, touched, shows(client));
    conflicts(drive, engine.trees());
    troubles(drive, engine.trees());
    unsent(drive, engine.trees());
    is_other
}

fn shows(client: &Client) -> Shows<'_> {
    Shows {
        here: client.platform().here(),
        now_ms: clock::now_ms(),
    }
}

fn update_tree(
    drive: Drive,
    engine: &Engine,
    touched: &BTreeSet<ItemId>,
    shows: Shows<'_>,
) -> bool {
    let complete = engine.is_complete();
    // A step of an upload changes nothing in the list, and the list is large.
    let changed: Vec<(ItemId, Option<ListedItem>)> = drive.tree.with_untracked(|tree| {
        let of = |id: &ItemId| {
            let shown = tree.listed(*id);
            let made_at = shown.as_ref().map(|shown| shown.item.created_at_ms);
            let new = ListedItem::of(engine.trees(), *id, made_at, shows);
            (shown != new).then_some((*id, new))
        };
        touched.iter().filter_map(of).collect()
    });
    if changed.is_empty() && drive.tree.with_untracked(|tree| tree.complete == complete) {
        return false;
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
    true
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
        let open = open().map(|(id, conflict)| (*id, conflict.clone()));
        drive.conflicts.set(one_by_one(open));
    }
}

/// What needs the person: merges that stopped, and what met a change of
/// somebody else's.
fn troubles(drive: Drive, trees: &Trees) {
    let stopped = trees.resolutions().values();
    let stopped = stopped
        .filter(|resolution| resolution.trouble.is_some())
        .map(|resolution| (resolution.conflict, resolution.clone()));
    let stopped: BTreeMap<ConflictId, Resolution> = one_by_one(stopped);
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
    let unsent = UnsentCount {
        going: trees.edit_count().saturating_sub(stuck) + decisions.count(),
        stuck,
    };
    if drive.unsent.get_untracked() != unsent {
        drive.unsent.set(unsent);
    }
}

/// Shows nothing any more.
pub fn nothing(drive: Drive) {
    unsent(drive, &Trees::default());
    troubles(drive, &Trees::default());
    if !drive.tree.with_untracked(|tree| *tree == Tree::default()) {
        drive.tree.set(Tree::default());
    }
    if !drive.conflicts.get_untracked().is_empty() {
        drive.conflicts.set(BTreeMap::new());
    }
}
