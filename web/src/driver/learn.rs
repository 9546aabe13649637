//! Taking in what the answer to a change of this tab says, before the feed does.

use super::tabs::Message;
use crate::local_db::Write;
use crate::state::Drive;
use leptos::prelude::{Update, WithUntracked};
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::Item;
use wasm_bindgen_futures::spawn_local;

/// Shows an item, keeps it and tells the other tabs.
pub fn item(drive: Drive, item: Item) {
    take(drive, vec![item], Vec::new());
}

/// Shows a conflict and the file that it is about, keeps both and tells the
/// other tabs.
pub fn conflict(drive: Drive, file: Item, conflict: Conflict) {
    take(drive, vec![file], vec![conflict]);
}

fn take(drive: Drive, items: Vec<Item>, conflicts: Vec<Conflict>) {
    show(drive, &items, &conflicts);
    let engine = drive.engine();
    // What the tree made of it: it may have known something newer.
    let items = drive.tree.with_untracked(|tree| {
        let known = items.iter().filter_map(|item| tree.get(item.id));
        known.cloned().collect::<Vec<_>>()
    });
    let over = engine.session_over();
    spawn_local(async move {
        let write = Write {
            items: &items,
            conflicts: &conflicts,
            ..Write::default()
        };
        engine.store.write(drive, &over, &write).await;
        engine.tabs.tell(&Message::Learned { items, conflicts });
    });
}

/// Puts items and conflicts into the signals.
pub fn show(drive: Drive, items: &[Item], conflicts: &[Conflict]) {
    if !items.is_empty() {
        drive.tree.update(|tree| {
            for item in items {
                tree.put(item.clone());
            }
        });
    }
    if !conflicts.is_empty() {
        drive.conflicts.update(|open| {
            for conflict in conflicts {
                if conflict.resolved.is_some() {
                    open.remove(&conflict.id);
                } else {
                    open.insert(conflict.id, conflict.clone());
                }
            }
        });
    }
    drive.engine().feed.moved.ring();
}
