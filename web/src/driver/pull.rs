//! Reading the change feed into the tree and the local database.

use super::learn;
use super::tabs::Message;
use crate::failure::Failure;
use crate::local_db::{CursorMove, Kept, Write, Written};
use crate::state::Drive;
use crate::state::tree::Tree;
use leptos::prelude::{Set, Update, WithUntracked};
use shared::protocol::changes::{Change, ChangePage};
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;

/// A listing of everything that will replace what is shown once it is whole: a
/// tree that is half old and half new would be a tree that never was.
#[derive(Default)]
pub struct Staged {
    items: Vec<Item>,
    conflicts: Vec<Conflict>,
    next: String,
}

/// Reads pages until there are no more. Returns whether there was anything new.
///
/// # Errors
/// What the request failed with. What was read before is kept.
pub async fn pull(drive: Drive) -> Result<bool, Failure> {
    let feed = &drive.engine().feed;
    let mut moved = false;
    loop {
        let staged = feed
            .staged
            .borrow()
            .as_ref()
            .map(|staged| staged.next.clone());
        let since = staged.or_else(|| feed.cursor.borrow().clone());
        let page = match drive.engine().client.changes(since.as_deref()).await {
            // Nothing to go on from: list everything.
            Err(Failure::Refused(Problem::BadCursor)) if since.is_some() => {
                feed.staged.take();
                drive.engine().client.changes(None).await?
            }
            page => page?,
        };
        moved |= since.as_deref() != Some(&page.next_token) || !page.changes.is_empty();
        let has_more = page.has_more;
        if page.reset && !drive.tree.with_untracked(Tree::is_empty) {
            *feed.staged.borrow_mut() = Some(Staged::default());
        }
        let is_staged = feed.staged.borrow().is_some();
        if is_staged {
            stage(drive, page).await;
        } else {
            take_page(drive, since, page).await?;
        }
        if !has_more {
            return Ok(moved);
        }
    }
}

/// Shows and keeps one page.
async fn take_page(drive: Drive, since: Option<String>, page: ChangePage) -> Result<(), Failure> {
    let engine = drive.engine();
    let over = engine.session_over();
    let (items, conflicts) = sort_out(page.changes);
    let complete = !page.has_more;
    learn::show(drive, &items, &conflicts);
    if complete {
        mark_complete(drive);
    }
    // The tree may know something newer from an answer to this tab's change.
    let known: Vec<Item> = drive.tree.with_untracked(|tree| {
        let known = items.iter().filter_map(|item| tree.get(item.id));
        known.cloned().collect()
    });
    let write = Write {
        replace: page.reset,
        items: &known,
        conflicts: &conflicts,
        cursor: Some(CursorMove {
            from: since.as_deref(),
            to: &page.next_token,
        }),
        complete,
    };
    if engine.store.write(drive, &over, &write).await == Some(Written::CursorElsewhere) {
        // Another tab led for a while: what it kept is a whole state, so go on
        // from there.
        reload(drive).await;
        return Ok(());
    }
    *engine.feed.cursor.borrow_mut() = Some(page.next_token.clone());
    engine.tabs.tell(&Message::Pulled {
        since,
        next: page.next_token,
        items: known,
        conflicts,
        complete,
    });
    Ok(())
}

/// Adds a page to the listing under way, and swaps the tree after the last one.
async fn stage(drive: Drive, page: ChangePage) {
    let engine = drive.engine();
    let over = engine.session_over();
    let (items, conflicts) = sort_out(page.changes);
    {
        let mut staged = engine.feed.staged.borrow_mut();
        let Some(staged) = staged.as_mut() else {
            return;
        };
        staged.items.extend(items);
        staged.conflicts.extend(conflicts);
        staged.next = page.next_token;
    }
    if page.has_more {
        return;
    }
    let Some(staged) = engine.feed.staged.take() else {
        return;
    };
    let write = Write {
        replace: true,
        items: &staged.items,
        conflicts: &staged.conflicts,
        cursor: Some(CursorMove {
            from: None,
            to: &staged.next,
        }),
        complete: true,
    };
    engine.store.write(drive, &over, &write).await;
    show_instead(
        drive,
        Kept {
            items: staged.items,
            conflicts: staged.conflicts,
            cursor: Some(staged.next),
            complete: true,
        },
    );
    engine.tabs.tell(&Message::Replaced);
}

/// Brings a tab that missed something up to date: from the database that the
/// leader writes, or from the server where there is none.
pub async fn catch_up(drive: Drive) {
    let engine = drive.engine();
    if engine.feed.leads.get() {
        engine.feed.wanted.ring();
    } else if engine.store.works() {
        reload(drive).await;
    } else {
        // A failure shows in the leader's standing, and the next message
        // brings this tab here again.
        let _ = pull(drive).await;
    }
}

/// Shows what the database holds.
pub async fn reload(drive: Drive) {
    let over = drive.engine().session_over();
    if let Some(kept) = drive.engine().store.load(drive).await
        && !over.is_set()
    {
        show_instead(drive, kept);
    }
}

/// Replaces all that is shown, at once.
fn show_instead(drive: Drive, kept: Kept) {
    let mut tree = Tree::default();
    tree.complete = kept.complete;
    for item in kept.items {
        tree.put(item);
    }
    let open = kept
        .conflicts
        .into_iter()
        .filter(|conflict| conflict.resolved.is_none())
        .map(|conflict| (conflict.id, conflict))
        .collect();
    drive.tree.set(tree);
    drive.conflicts.set(open);
    let feed = &drive.engine().feed;
    *feed.cursor.borrow_mut() = kept.cursor;
    feed.moved.ring();
}

pub fn mark_complete(drive: Drive) {
    if !drive.tree.with_untracked(|tree| tree.complete) {
        drive.tree.update(|tree| tree.complete = true);
    }
}

fn sort_out(changes: Vec<Change>) -> (Vec<Item>, Vec<Conflict>) {
    let (mut items, mut conflicts) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Item { item } => items.push(item),
            Change::Conflict { conflict } => conflicts.push(conflict),
            Change::Unknown => {}
        }
    }
    (items, conflicts)
}
