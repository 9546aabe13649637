//! A device's local database and its stored drafts: what survives a crash.

use shared::ids::{ConflictId, ItemId, Version};
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::Item;
use shared::sync::edit::{DraftId, Edit, Resolution};
use shared::sync::message::{Kept, Record};
use std::collections::{BTreeMap, BTreeSet};

/// What a transaction came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Yes,
    /// Another engine has moved the cursor; nothing was written.
    Elsewhere,
}

#[derive(Clone, Debug, Default)]
pub struct Storage {
    items: BTreeMap<ItemId, Item>,
    conflicts: BTreeMap<ConflictId, Conflict>,
    cursor: Option<String>,
    complete: bool,
    edits: BTreeMap<ItemId, Edit>,
    resolutions: BTreeMap<ConflictId, Resolution>,
    held: BTreeMap<ItemId, Version>,
    /// Drafts whose bytes are stored too.
    pub drafts: BTreeSet<DraftId>,
}

impl Storage {
    /// Writes all records, or none.
    pub fn write(&mut self, records: Vec<Record>) -> Written {
        let fits = records.iter().all(|record| match record {
            Record::Cursor { from, .. } => *from == self.cursor,
            _ => true,
        });
        if !fits {
            return Written::Elsewhere;
        }
        for record in records {
            self.put(record);
        }
        Written::Yes
    }

    fn put(&mut self, record: Record) {
        match record {
            Record::Replace => {
                self.items.clear();
                self.conflicts.clear();
            }
            Record::Item(item) => {
                self.items.insert(item.id, item);
            }
            Record::Conflict(conflict) => {
                self.conflicts.insert(conflict.id, conflict);
            }
            Record::ConflictClosed(id) => {
                self.conflicts.remove(&id);
            }
            Record::Cursor { to, .. } => self.cursor = Some(to),
            Record::Complete => self.complete = true,
            Record::Edit(edit) => {
                self.edits.insert(edit.item, edit);
            }
            Record::EditDone(id) => {
                self.edits.remove(&id);
            }
            Record::Resolution(resolution) => {
                self.resolutions.insert(resolution.conflict, resolution);
            }
            Record::ResolutionDone(id) => {
                self.resolutions.remove(&id);
            }
            Record::Held { item, version } => {
                self.held.insert(item, version);
            }
        }
    }

    pub fn load(&self) -> Kept {
        Kept {
            items: self.items.values().cloned().collect(),
            conflicts: self.conflicts.values().cloned().collect(),
            cursor: self.cursor.clone(),
            complete: self.complete,
            edits: self.edits.values().cloned().collect(),
            resolutions: self.resolutions.values().cloned().collect(),
            held: self
                .held
                .iter()
                .map(|(item, version)| (*item, *version))
                .collect(),
        }
    }
}
