//! A device's local database and its stored drafts: what survives a crash. The
//! server's word is there once; edits and choices are each tab's own.

use blocks::manifest::BlockRef;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::Item;
use std::collections::{BTreeMap, BTreeSet};
use sync::edit::{DraftId, Edit, Matter, Resolution};
use sync::feed::has_told;
use sync::ids::Nonce;
use sync::message::{Record, StoredState};

/// What a tab keeps its edits under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TabName(pub u32);

/// What a transaction came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Yes,
    /// Another engine has moved the cursor; nothing was written.
    Elsewhere,
}

#[derive(Clone, Debug, Default)]
pub struct Storage {
    pub items: BTreeMap<ItemId, Item>,
    pub conflicts: BTreeMap<ConflictId, Conflict>,
    pub cursor: Option<String>,
    pub complete: bool,
    pub edits: BTreeMap<(TabName, ItemId), Edit>,
    pub resolutions: BTreeMap<(TabName, ConflictId), Resolution>,
    pub matters: BTreeMap<(TabName, Nonce), Matter>,
    pub held: BTreeMap<ItemId, Version>,
    /// Block lists of versions, one of a file.
    pub lists: BTreeMap<ItemId, (Version, Vec<BlockRef>)>,
    /// The drafts that a tab has ever written something of.
    pub written: BTreeSet<(TabName, DraftId)>,
    /// Who moved the cursor last: which tab, in which life.
    pub cursor_by: Option<(usize, u32)>,
    last_name: u32,
}

impl Storage {
    /// Writes all records of a tab, or none.
    pub fn write(&mut self, by: (usize, u32), tab: TabName, records: &[Record]) -> Written {
        let fits = records.iter().all(|record| match record {
            Record::Cursor { from, .. } => *from == self.cursor,
            _ => true,
        });
        if !fits {
            return Written::Elsewhere;
        }
        for record in records {
            self.put(by, tab, record.clone());
        }
        Written::Yes
    }

    fn put(&mut self, by: (usize, u32), tab: TabName, record: Record) {
        match record {
            Record::Replace => {
                self.items.clear();
                self.conflicts.clear();
            }
            Record::Item(item) => {
                let merged = match self.items.remove(&item.id) {
                    Some(known) => Item::newer_of_both(known, item),
                    None => item,
                };
                self.items.insert(merged.id, merged);
            }
            Record::Learned { item, seq } => {
                let is_known = self.items.contains_key(&item.id);
                if is_known || !has_told(self.cursor.as_deref(), seq) {
                    self.put(by, tab, Record::Item(item));
                }
            }
            Record::Deleted(id) => {
                self.items.remove(&id);
                self.held.remove(&id);
            }
            Record::Conflict(conflict) => {
                self.conflicts.insert(conflict.id, conflict);
            }
            Record::ConflictClosed(id) => {
                self.conflicts.remove(&id);
            }
            Record::Cursor { to, .. } => {
                self.cursor = Some(to);
                self.cursor_by = Some(by);
            }
            Record::Complete => self.complete = true,
            Record::Edit(edit) => {
                let drafts = edit.drafts().map(|draft| (tab, draft.id));
                self.written.extend(drafts);
                self.edits.insert((tab, edit.item), edit);
            }
            Record::EditDone(id) => {
                self.edits.remove(&(tab, id));
            }
            Record::Resolution(resolution) => {
                self.resolutions
                    .insert((tab, resolution.conflict), resolution);
            }
            Record::ResolutionDone(id) => {
                self.resolutions.remove(&(tab, id));
            }
            Record::Matter(matter) => {
                self.matters.insert((tab, matter.id), matter);
            }
            Record::MatterDone(id) => {
                self.matters.remove(&(tab, id));
            }
            Record::Held { item, version } => {
                self.held.insert(item, version);
            }
        }
    }

    /// Loses everything, as a browser may.
    pub fn wipe(&mut self) {
        *self = Self {
            last_name: self.last_name,
            written: std::mem::take(&mut self.written),
            ..Self::default()
        };
    }

    /// Loses what the server said, and keeps what was not sent.
    pub fn forget_root(&mut self) {
        let kept = std::mem::take(self);
        *self = Self {
            edits: kept.edits,
            resolutions: kept.resolutions,
            written: kept.written,
            last_name: kept.last_name,
            ..Self::default()
        };
    }

    /// Whether it has nothing of a root.
    pub fn is_empty(&self) -> bool {
        let has_said = !self.items.is_empty() || !self.conflicts.is_empty();
        let has_own = !self.edits.is_empty() || !self.resolutions.is_empty();
        !has_said && !has_own && self.cursor.is_none()
    }

    /// A name that no tab had.
    pub fn new_name(&mut self) -> TabName {
        self.last_name += 1;
        TabName(self.last_name)
    }

    /// What a tab starts from.
    pub fn load(&self, tab: TabName) -> StoredState {
        StoredState {
            items: self.items.values().cloned().collect(),
            conflicts: self.conflicts.values().cloned().collect(),
            cursor: self.cursor.clone(),
            complete: self.complete,
            edits: self.edits_of(tab),
            resolutions: self.resolutions_of(tab),
            matters: self.matters_of(tab),
            held: self
                .held
                .iter()
                .map(|(item, version)| (*item, *version))
                .collect(),
        }
    }

    pub fn edits_of(&self, tab: TabName) -> Vec<Edit> {
        let own = self.edits.iter().filter(|((name, _), _)| *name == tab);
        own.map(|(_, edit)| edit.clone()).collect()
    }

    pub fn resolutions_of(&self, tab: TabName) -> Vec<Resolution> {
        let own = self.resolutions.iter();
        let own = own.filter(|((name, _), _)| *name == tab);
        own.map(|(_, resolution)| resolution.clone()).collect()
    }

    pub fn matters_of(&self, tab: TabName) -> Vec<Matter> {
        let own = self.matters.iter().filter(|((name, _), _)| *name == tab);
        own.map(|(_, matter)| matter.clone()).collect()
    }

    /// Who has something of their own here, but for these tabs.
    pub fn names_but(&self, open: &[TabName]) -> BTreeSet<TabName> {
        let edits = self.edits.keys().map(|(name, _)| *name);
        let resolutions = self.resolutions.keys().map(|(name, _)| *name);
        let matters = self.matters.keys().map(|(name, _)| *name);
        let all = edits.chain(resolutions).chain(matters);
        all.filter(|name| !open.contains(name)).collect()
    }

    /// Whether a tab's edits or merges have a draft among them.
    pub fn has_draft(&self, tab: TabName, draft: DraftId) -> bool {
        self.drafts_of(|name| name == tab).contains(&draft)
    }

    /// The drafts of some tabs.
    pub fn drafts_of(&self, of: impl Fn(TabName) -> bool) -> Vec<DraftId> {
        let edits = self.edits.iter().filter(|((name, _), _)| of(*name));
        let edits = edits.flat_map(|(_, edit)| edit.drafts());
        let merges = self.resolutions.iter().filter(|((name, _), _)| of(*name));
        let merges = merges.filter_map(|(_, resolution)| resolution.draft());
        edits.chain(merges).map(|draft| draft.id).collect()
    }

    /// Moves what tabs that are gone have left to an heir: in one transaction,
    /// and but for the items and conflicts that it has something of itself. What
    /// was moved, and whether that was all.
    pub fn inherit(
        &mut self,
        gone: &BTreeSet<TabName>,
        heir: TabName,
        own: &BTreeSet<ItemId>,
    ) -> Inheritance {
        let (mut edits, mut resolutions, mut is_whole) = (Vec::new(), Vec::new(), true);
        let keys: Vec<_> = self.edits.keys().copied().collect();
        for key in keys.into_iter().filter(|(name, _)| gone.contains(name)) {
            if own.contains(&key.1) || self.edits.contains_key(&(heir, key.1)) {
                is_whole = false;
            } else if let Some(edit) = self.edits.remove(&key) {
                let drafts = edit.drafts().map(|draft| (heir, draft.id));
                self.written.extend(drafts);
                self.edits.insert((heir, key.1), edit.clone());
                edits.push(edit);
            }
        }
        let keys: Vec<_> = self.resolutions.keys().copied().collect();
        for key in keys.into_iter().filter(|(name, _)| gone.contains(name)) {
            if self.resolutions.contains_key(&(heir, key.1)) {
                is_whole = false;
            } else if let Some(resolution) = self.resolutions.remove(&key) {
                self.resolutions.insert((heir, key.1), resolution.clone());
                resolutions.push(resolution);
            }
        }
        let mut matters = Vec::new();
        let keys: Vec<_> = self.matters.keys().copied().collect();
        for key in keys.into_iter().filter(|(name, _)| gone.contains(name)) {
            if let Some(matter) = self.matters.remove(&key) {
                self.matters.insert((heir, key.1), matter.clone());
                matters.push(matter);
            }
        }
        Inheritance {
            edits,
            resolutions,
            matters,
            is_whole,
        }
    }
}

/// What an heir takes over.
pub struct Inheritance {
    pub edits: Vec<Edit>,
    pub resolutions: Vec<Resolution>,
    pub matters: Vec<Matter>,
    pub is_whole: bool,
}
