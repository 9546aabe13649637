//! Takes in what the server says by itself, from the feed or from other engines that share
//! the storage.

use super::{Engine, Purpose};
use crate::edit::ConflictDecision;
use crate::feed::{FullListing, Staged, has_told};
use crate::message::{Answer, Effect, Lost, Record, StoredState};
use crate::one_by_one::one_by_one;
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::Conflict;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq};
use protocol::items::Item;
use protocol::problem::Problem;
use std::collections::BTreeSet;

impl Engine {
    pub(super) fn feed_answered(&mut self, result: Result<Answer, Lost>) {
        let now = self.clock.elapsed();
        match result {
            Ok(Answer::Changes(page)) if !self.feed.is_polling() => self.take_page(page),
            Ok(Answer::News) if self.feed.is_polling() => self.feed.polled(true, now, self.jitter),
            Ok(Answer::Quiet) if self.feed.is_polling() => {
                self.feed.polled(false, now, self.jitter);
            }
            Ok(Answer::Unheard) if self.feed.is_polling() => self.feed.unheard(now, self.jitter),
            // There is no position to go on from: list everything.
            Err(Lost::Refused(Problem::BadCursor)) if self.feed.since().is_some() => {
                self.feed.staged = None;
                self.feed.listing = None;
                self.feed.cursor = None;
                self.feed.failed(0, now, self.jitter);
            }
            Err(Lost::Refused(problem)) => {
                let seconds = problem.retry_after_seconds().unwrap_or(0);
                let asked = seconds.saturating_mul(1_000);
                self.feed.failed(asked, now, self.jitter);
            }
            // This answers another question, so it is as good as none.
            Ok(_) | Err(_) => self.feed.failed(0, now, self.jitter),
        }
    }

    fn take_page(&mut self, page: ChangePage) {
        let has_more = page.has_more;
        let moved = self.feed.since().as_deref() != Some(&page.next_token);
        self.feed.note_page(moved || !page.changes.is_empty());
        if page.reset {
            let is_first = !self.trees.has_remote();
            self.feed.staged = (!is_first).then(Staged::default);
            self.feed.listing = Some(FullListing::default());
        } else if self.feed.listing.is_none() {
            self.feed.listing = self.listing_under_way();
        }
        if self.feed.staged.is_some() {
            self.stage(page);
        } else {
            self.apply(page);
        }
        let id = self.next_request();
        let body = if has_more {
            Some(self.feed.pull(id))
        } else {
            self.feed.pulled(self.clock.elapsed(), id)
        };
        if let Some(body) = body {
            self.send(Purpose::Feed, body);
        }
    }

    /// The listing that an engine before this one has begun.
    fn listing_under_way(&self) -> Option<FullListing> {
        let cursor: Cursor = self.feed.since()?.parse().ok()?;
        let listed_to = cursor.listed_to?;
        let listed = self.trees.remote_ids().into_iter();
        Some(FullListing {
            listed: one_by_one(listed.filter(|id| *id <= listed_to)),
            ..FullListing::default()
        })
    }

    /// Takes in one page, with the cursor that it leads to.
    fn apply(&mut self, page: ChangePage) {
        if page.reset {
            self.trees.conflicts.clear();
            self.records.push(Record::Replace);
        }
        let mut deleted = BTreeSet::new();
        for change in page.changes {
            if let (Change::Item { item }, Some(listing)) = (&change, &mut self.feed.listing) {
                listing.listed.insert(item.id);
            }
            if let Change::Deleted { item } = change {
                deleted.insert(item);
            }
            self.learn(change);
        }
        let end = page.next_token.parse().ok().filter(is_listed);
        if let Some(Cursor { seq, .. }) = end
            && let Some(listing) = self.feed.listing.take()
        {
            let unlisted = listing.without_listed(self.trees.remote_ids());
            for id in unlisted.filter(|id| !listing.outlives(*id, Some(seq))) {
                deleted.insert(id);
                self.forget(id);
            }
        }
        self.close_conflicts_of(&deleted);
        self.move_cursor(page.next_token);
        if !page.has_more && !self.feed.complete {
            self.feed.complete = true;
            self.records.push(Record::Complete);
        }
    }

    fn move_cursor(&mut self, to: String) {
        if self.feed.cursor.as_ref() == Some(&to) {
            return;
        }
        let from = self.feed.stored_cursor.replace(to.clone());
        self.feed.cursor = Some(to.clone());
        self.records.push(Record::Cursor { from, to });
    }

    /// Adds a page to the listing under way, and swaps the tree after the last.
    fn stage(&mut self, page: ChangePage) {
        let Some(staged) = &mut self.feed.staged else {
            return;
        };
        staged.changes.extend(page.changes);
        staged.next = page.next_token;
        if page.has_more {
            return;
        }
        let Some(staged) = self.feed.staged.take() else {
            return;
        };
        let known = self.trees.remote_ids();
        let mut listing = self.feed.listing.take().unwrap_or_default();
        let mut deleted = BTreeSet::new();
        self.trees.conflicts.clear();
        for change in staged.changes {
            match change {
                Change::Item { item } => {
                    listing.listed.insert(item.id);
                    self.touch(item.id);
                    if listing.learned.contains_key(&item.id) {
                        self.trees.put_remote(item);
                    } else {
                        self.trees.replace_remote(item);
                    }
                }
                Change::Conflict { conflict } => self.learn_conflict(conflict),
                Change::Deleted { item } => {
                    listing.listed.remove(&item);
                    deleted.insert(item);
                }
                Change::Shared | Change::Unknown => {}
            }
        }
        let end: Option<Cursor> = staged.next.parse().ok();
        let end = end.map(|cursor| cursor.seq);
        let gone = known.into_iter().chain(deleted.iter().copied());
        for id in gone.filter(|id| !listing.outlives(*id, end)) {
            self.trees.delete_remote(id);
            self.touch(id);
        }
        self.close_conflicts_of(&deleted);
        self.feed.complete = true;
        self.write_remote(Some(staged.next));
    }

    /// Writes the whole remote tree, in place of what was written before.
    pub(super) fn write_remote(&mut self, cursor: Option<String>) {
        self.records.push(Record::Replace);
        let items = self
            .trees
            .entries()
            .filter_map(|(_, entry)| entry.remote.as_deref().cloned());
        self.records.extend(items.map(Record::Item));
        let conflicts = self.trees.conflicts.values().cloned();
        self.records.extend(conflicts.map(Record::Conflict));
        match cursor {
            Some(next) => self.move_cursor(next),
            None => {
                self.feed.stored_cursor = None;
                if let Some(to) = self.feed.cursor.take() {
                    self.move_cursor(to);
                }
            }
        }
        if self.feed.complete {
            self.records.push(Record::Complete);
        }
    }

    /// Takes in an entry of the feed, and writes it even if it was known: another engine
    /// may have told of it, and the storage may have lost it since. Everything before
    /// the cursor has to be in the storage.
    fn learn(&mut self, change: Change) {
        match change {
            Change::Item { item } => {
                let id = item.id;
                self.take_item(item);
                self.write_item(id);
            }
            Change::Conflict { conflict } => self.learn_conflict(conflict),
            Change::Deleted { item } => self.forget(item),
            Change::Shared | Change::Unknown => {}
        }
    }

    /// Takes in an item from an answer, whose journal entry is `seq`. The answer may be a
    /// repeat or late, and the item may have been deleted for good since.
    pub(super) fn learn_item(&mut self, item: Item, seq: Seq) {
        let id = item.id;
        if self.is_gone(id, seq) {
            return;
        }
        self.note_learned(id, seq);
        if self.take_item(item) {
            let known = self.trees.remote(id).cloned();
            let learned = known.map(|item| Record::Learned { item, seq });
            self.records.extend(learned);
        }
    }

    fn is_gone(&self, id: ItemId, seq: Seq) -> bool {
        self.trees.remote(id).is_none() && has_told(self.feed.cursor.as_deref(), seq)
    }

    /// An item was deleted for good. Its edit stays until the server refuses it.
    fn forget(&mut self, id: ItemId) {
        self.trees.delete_remote(id);
        self.records.push(Record::Deleted(id));
        self.touch(id);
    }

    fn close_conflicts_of(&mut self, deleted: &BTreeSet<ItemId>) {
        if deleted.is_empty() {
            return;
        }
        let conflicts = self.trees.conflicts.values();
        let closed = conflicts.filter(|conflict| deleted.contains(&conflict.item));
        for id in closed.map(|conflict| conflict.id).collect::<Vec<_>>() {
            self.trees.conflicts.remove(&id);
            self.records.push(Record::ConflictClosed(id));
        }
    }

    /// Takes in what the server says of an item. Returns whether anything is new.
    fn take_item(&mut self, item: Item) -> bool {
        let id = item.id;
        let is_new = self.trees.put_remote(item);
        if is_new {
            self.touch(id);
        }
        is_new
    }

    fn write_item(&mut self, id: ItemId) {
        let known = self.trees.remote(id).cloned();
        self.records.extend(known.map(Record::Item));
    }

    /// Remembers an item for a listing under way, which may be older.
    fn note_learned(&mut self, id: ItemId, seq: Seq) {
        if let Some(listing) = &mut self.feed.listing {
            listing.learned.insert(id, seq);
        }
    }

    pub(super) fn learn_conflict(&mut self, conflict: Conflict) {
        let id = conflict.id;
        self.touch(conflict.item);
        if conflict.resolved.is_some() {
            self.trees.conflicts.remove(&id);
            self.records.push(Record::ConflictClosed(id));
            // This engine's merge may have closed the conflict, and its answer may be
            // still to come; if not, the person is told. A reopening stays, since it
            // is about a closed conflict.
            let wanted = self.trees.resolutions().get(&id).map(|known| &known.wanted);
            if matches!(wanted, Some(ConflictDecision::Keep(_))) {
                self.end_resolution(id);
            }
        } else {
            self.trees.conflicts.insert(id, conflict.clone());
            self.records.push(Record::Conflict(conflict));
        }
    }

    /// Takes in what another engine that shares the storage has written.
    pub(super) fn shared(&mut self, records: Vec<Record>) {
        let fits = records.iter().all(|record| match record {
            Record::Cursor { from, .. } => *from == self.feed.cursor,
            Record::Replace => false,
            _ => true,
        });
        if !fits {
            self.later.push(Effect::Load);
            return;
        }
        let mut moved = false;
        for record in records {
            match record {
                Record::Item(item) => {
                    self.note_learned(item.id, 0);
                    self.take_item(item);
                }
                Record::Learned { item, seq } if !self.is_gone(item.id, seq) => {
                    self.note_learned(item.id, seq);
                    self.take_item(item);
                }
                Record::Deleted(id) => {
                    self.trees.delete_remote(id);
                    self.touch(id);
                }
                Record::Conflict(conflict) => {
                    self.touch(conflict.item);
                    self.trees.conflicts.insert(conflict.id, conflict);
                }
                Record::ConflictClosed(id) => {
                    self.trees.conflicts.remove(&id);
                }
                Record::Cursor { to, .. } => {
                    self.feed.cursor = Some(to.clone());
                    self.feed.stored_cursor = Some(to);
                    moved = true;
                }
                Record::Complete => self.feed.complete = true,
                _ => {}
            }
        }
        if moved {
            self.feed.followed();
        }
    }

    /// Goes on from what another engine has stored. This engine's own edits stay as they
    /// are, because the storage may have missed a step.
    pub(super) fn loaded(&mut self, kept: StoredState) {
        for edit in kept.edits {
            if self.trees.edit(edit.item).is_none() {
                self.records.push(Record::EditDone(edit.item));
            }
        }
        for resolution in kept.resolutions {
            if !self.trees.resolutions().contains_key(&resolution.conflict) {
                let done = Record::ResolutionDone(resolution.conflict);
                self.records.push(done);
            }
        }
        for matter in kept.matters {
            if !self.trees.matters.contains_key(&matter.id) {
                self.records.push(Record::MatterDone(matter.id));
            }
        }
        self.write_edits();
        let known = self.trees.remote_ids();
        let mut kept_ids = BTreeSet::new();
        for item in kept.items {
            kept_ids.insert(item.id);
            self.touch(item.id);
            self.trees.replace_remote(item);
        }
        for id in known.into_iter().filter(|id| !kept_ids.contains(id)) {
            self.trees.forget_remote(id);
            self.touch(id);
        }
        self.trees.conflicts.clear();
        for conflict in kept.conflicts {
            self.trees.conflicts.insert(conflict.id, conflict);
        }
        for (item, version) in kept.held {
            self.trees.set_held(item, version);
        }
        self.feed.cursor = kept.cursor.clone();
        self.feed.stored_cursor = kept.cursor;
        self.feed.complete = kept.complete;
        self.feed.staged = None;
        self.feed.listing = None;
        self.feed.followed();
        // A pull that began at another cursor is of no use.
        if let Some(request) = self.feed.restart(self.clock.elapsed()) {
            self.abandon(request);
        }
    }
}

/// Whether a cursor stands behind a whole listing.
fn is_listed(cursor: &Cursor) -> bool {
    cursor.listed_to.is_none()
}
