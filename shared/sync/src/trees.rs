//! The three trees, as observations: what the server says (remote), what this
//! device wants (local), and what both last agreed on (synced).
//!
//! Most items are the same in all three. So a [`TreeEntry`] keeps the remote item and,
//! where the local one differs, an [`Edit`]. The parts of an edit hold what is wanted
//! and, as their bases, what was synced when the person acted.

use super::edit::{Draft, DraftBytes, DraftId, Edit, Matter, Resolution};
use super::few::Few;
use super::ids::Nonce;
use super::place::Place;
use super::upward::Upward;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::Item;
use protocol::name::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// All that is known of one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TreeEntry {
    /// The item as the server has it; `None` if it is new or deleted.
    /// Whoever shows it as it is shows this very one.
    pub remote: Option<Arc<Item>>,
    /// The version whose bytes this device holds, verified.
    pub held: Option<Version>,
    /// What this device wants to be different.
    pub edit: Option<Box<Edit>>,
    /// Where the item stood when it was deleted for good, kept while an edit of it waits
    /// for the server's refusal.
    pub stood: Option<Box<Place>>,
}

impl TreeEntry {
    /// The version of the head; 0 for a folder, and for an item that the server does not
    /// know.
    pub fn remote_version(&self) -> Version {
        self.remote.as_deref().map_or(0, Item::version)
    }
}

/// An item as this device wants it: what a person is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalPlace<'a> {
    /// The folder that it stands in; `None` is the top of the space.
    pub parent: Option<ItemId>,
    /// The name that it has there.
    pub name: &'a Name,
    /// Whether it is in the trash itself, whatever is above it.
    pub trashed: bool,
    /// What it holds.
    pub content: LocalContent<'a>,
}

/// What an item holds, as this device wants it.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalContent<'a> {
    /// Items.
    Folder,
    /// Nothing: it leads to what somebody else has.
    Mount,
    /// A version that the server has.
    Version(Version),
    /// Bytes that the server does not have as the head.
    Draft(&'a Draft),
}

/// What something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskSubject {
    /// An item's edit, or the fetch of its newest version.
    Item(ItemId),
    /// What a person decided about a conflict.
    Conflict(ConflictId),
}

/// All trees: see the head of this module.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    entries: BTreeMap<ItemId, TreeEntry>,
    /// The server's children that are not trashed, by the key of their name.
    names: BTreeMap<(Option<ItemId>, Box<str>), Few>,
    /// Edits in their order.
    queue: BTreeSet<(u64, ItemId)>,
    /// Of these, the ones without a content.
    without_content: BTreeSet<(u64, ItemId)>,
    /// Items whose edit needs a person.
    troubled: BTreeSet<ItemId>,
    /// Files whose held version is not the head.
    behind: BTreeSet<ItemId>,
    drafts: BTreeMap<DraftId, TaskSubject>,
    /// Drafts whose bytes end with the driver.
    unkept: BTreeSet<DraftId>,
    /// The open conflicts.
    pub conflicts: BTreeMap<ConflictId, Conflict>,
    resolutions: BTreeMap<ConflictId, Resolution>,
    /// What a person should see, by its intention.
    pub matters: BTreeMap<Nonce, Matter>,
    remote_count: usize,
}

impl Trees {
    /// All that is known of an item.
    pub fn entry(&self, id: ItemId) -> Option<&TreeEntry> {
        self.entries.get(&id)
    }

    /// All entries, by id.
    pub fn entries(&self) -> impl Iterator<Item = (ItemId, &TreeEntry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    /// An item as the server has it.
    pub fn remote(&self, id: ItemId) -> Option<&Item> {
        self.entries.get(&id)?.remote.as_deref()
    }

    /// What this device changed of an item.
    pub fn edit(&self, id: ItemId) -> Option<&Edit> {
        self.entries.get(&id)?.edit.as_deref()
    }

    /// All edits, in the order in which they are carried out.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.queue.iter().filter_map(|(_, id)| self.edit(*id))
    }

    /// The edit after another one, in the order in which they are carried out: of all, or of
    /// those `without_content`.
    pub fn next_in_queue(
        &self,
        after: Option<(u64, ItemId)>,
        without_content: bool,
    ) -> Option<(u64, ItemId)> {
        let queue = match without_content {
            true => &self.without_content,
            false => &self.queue,
        };
        match after {
            None => queue.first().copied(),
            Some(after) => {
                let rest = (Bound::Excluded(after), Bound::Unbounded);
                queue.range(rest).next().copied()
            }
        }
    }

    /// Whether a folder is an item, or stands below it, as this device wants it.
    pub fn is_within(&self, folder: Option<ItemId>, item: ItemId) -> bool {
        let parent = |id| self.local(id).and_then(|local| local.parent);
        let mut above = Upward::from(folder, self.entries.len(), parent);
        above.any(|id| id == item) || above.is_lost()
    }

    /// Files whose newest version this device does not hold, without those that it edits.
    pub fn behind(&self) -> impl Iterator<Item = ItemId> {
        self.behind.iter().copied()
    }

    /// The item or conflict that has the draft.
    pub fn draft_owner(&self, draft: DraftId) -> Option<TaskSubject> {
        self.drafts.get(&draft).copied()
    }

    /// The item whose edit has the draft; `None` for the draft of a merge.
    pub fn draft_item(&self, draft: DraftId) -> Option<ItemId> {
        match self.draft_owner(draft)? {
            TaskSubject::Item(item) => Some(item),
            TaskSubject::Conflict(_) => None,
        }
    }

    /// The draft with this id.
    pub fn draft(&self, draft: DraftId) -> Option<&Draft> {
        match self.draft_owner(draft)? {
            TaskSubject::Item(item) => self.edit(item)?.drafts().find(|one| one.id == draft),
            TaskSubject::Conflict(conflict) => self.resolutions.get(&conflict)?.draft(),
        }
    }

    /// What persons decided and is not done.
    pub fn resolutions(&self) -> &BTreeMap<ConflictId, Resolution> {
        &self.resolutions
    }

    /// Stores a decision in place of the one before.
    pub fn set_resolution(&mut self, resolution: Resolution) {
        let id = resolution.conflict;
        self.remove_resolution(id);
        if let Some(draft) = resolution.draft() {
            self.drafts.insert(draft.id, TaskSubject::Conflict(id));
            if draft.bytes == DraftBytes::Here {
                self.unkept.insert(draft.id);
            }
        }
        self.resolutions.insert(id, resolution);
    }

    /// Removes a decision, and returns it.
    pub fn remove_resolution(&mut self, id: ConflictId) -> Option<Resolution> {
        let resolution = self.resolutions.remove(&id)?;
        if let Some(draft) = resolution.draft() {
            self.drafts.remove(&draft.id);
            self.unkept.remove(&draft.id);
        }
        Some(resolution)
    }

    /// Whether the server has told of any item.
    pub fn has_remote(&self) -> bool {
        self.remote_count > 0
    }

    /// Whether any item has an edit.
    pub fn has_edits(&self) -> bool {
        !self.queue.is_empty()
    }

    /// How many items have an edit.
    pub fn edit_count(&self) -> usize {
        self.queue.len()
    }

    /// How many items have an edit that needs a person.
    pub fn troubled_count(&self) -> usize {
        self.troubled.len()
    }

    /// The highest order of an edit or a decision.
    pub fn last_order(&self) -> u64 {
        let edits = self.queue.last().map_or(0, |(order, _)| *order);
        let resolutions = self.resolutions.values().map(|choice| choice.order);
        resolutions.max().unwrap_or(0).max(edits)
    }

    /// Takes in what the server says of an item. News may come in any order: the newer
    /// place and the newer content stay. Returns whether anything is new.
    pub fn put_remote(&mut self, news: Item) -> bool {
        let id = news.id;
        let known = self.take_remote(id);
        let merged = match &known {
            Some(known) => Item::newer_of_both(Item::clone(known), news),
            None => news,
        };
        let is_new = known.as_deref() != Some(&merged);
        self.set_remote(merged);
        is_new
    }

    /// Replaces all that the server has said of an item so far.
    pub fn replace_remote(&mut self, item: Item) {
        self.take_remote(item.id);
        self.set_remote(item);
    }

    /// The server deleted the item for good, or a listing says so too early. The held
    /// version stays known, as in [`Self::drop_if_empty`], because the next edit is
    /// based on it.
    pub fn delete_remote(&mut self, id: ItemId) {
        let known = self.take_remote(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            let stood = known.filter(|_| entry.edit.is_some());
            let place = |item: Arc<Item>| Place {
                parent: item.parent,
                name: item.name.clone(),
            };
            entry.stood = stood.map(|item| Box::new(place(item)));
        }
        self.note_behind(id);
        self.drop_if_empty(id);
    }

    /// Forgets an item that the server has told of.
    pub fn forget_remote(&mut self, id: ItemId) {
        self.take_remote(id);
        self.drop_if_empty(id);
    }

    /// All items that the server has told of, in the order of their ids.
    pub fn remote_ids(&self) -> Vec<ItemId> {
        let known = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.remote.is_some());
        let mut ids = Vec::with_capacity(self.remote_count);
        ids.extend(known.map(|(id, _)| *id));
        ids
    }

    fn take_remote(&mut self, id: ItemId) -> Option<Arc<Item>> {
        let item = self.entries.get_mut(&id)?.remote.take()?;
        self.remote_count -= 1;
        if item.trashed_at_ms.is_none() {
            let key = (item.parent, item.name.key().into());
            if self.names.get_mut(&key).is_some_and(|ids| ids.remove(id)) {
                self.names.remove(&key);
            }
        }
        Some(item)
    }

    fn set_remote(&mut self, item: Item) {
        let id = item.id;
        if item.trashed_at_ms.is_none() {
            let key = (item.parent, item.name.key().into());
            let names = self.names.entry(key);
            names
                .and_modify(|ids| ids.insert(id))
                .or_insert(Few::One(id));
        }
        self.entries.entry(id).or_default().remote = Some(Arc::new(item));
        self.remote_count += 1;
        self.note_behind(id);
    }

    /// This version's bytes are on this device, verified.
    pub fn set_held(&mut self, id: ItemId, version: Version) {
        self.entries.entry(id).or_default().held = Some(version);
        self.note_behind(id);
    }

    fn note_behind(&mut self, id: ItemId) {
        let is_behind = self.entries.get(&id).is_some_and(|entry| {
            let is_edited = entry
                .edit
                .as_ref()
                .is_some_and(|edit| edit.content.is_some());
            entry.remote_version() > 0 && entry.held != Some(entry.remote_version()) && !is_edited
        });
        if is_behind {
            self.behind.insert(id);
        } else {
            self.behind.remove(&id);
        }
    }

    /// Stores an edit, or removes it where nothing of it is left.
    pub fn set_edit(&mut self, edit: Edit) {
        let id = edit.item;
        self.take_edit(id);
        if edit.is_done() {
            self.drop_if_empty(id);
            return;
        }
        self.queue.insert((edit.order, id));
        if edit.content.is_none() {
            self.without_content.insert((edit.order, id));
        }
        if edit.trouble.is_some() {
            self.troubled.insert(id);
        }
        for draft in edit.drafts() {
            self.drafts.insert(draft.id, TaskSubject::Item(id));
            if draft.bytes == DraftBytes::Here {
                self.unkept.insert(draft.id);
            }
        }
        self.entries.entry(id).or_default().edit = Some(Box::new(edit));
        self.note_behind(id);
    }

    /// Removes an edit.
    pub fn remove_edit(&mut self, id: ItemId) {
        self.take_edit(id);
        self.drop_if_empty(id);
    }

    fn take_edit(&mut self, id: ItemId) {
        if let Some(edit) = self
            .entries
            .get_mut(&id)
            .and_then(|entry| entry.edit.take())
        {
            self.queue.remove(&(edit.order, id));
            self.without_content.remove(&(edit.order, id));
            self.troubled.remove(&id);
            for draft in edit.drafts() {
                self.drafts.remove(&draft.id);
                self.unkept.remove(&draft.id);
            }
        }
        self.note_behind(id);
    }

    fn drop_if_empty(&mut self, id: ItemId) {
        // What is held stays known: the item may come back with the next listing,
        // and an edit is based on what is held.
        let is_empty = |entry: &TreeEntry| {
            entry.remote.is_none() && entry.edit.is_none() && entry.held.is_none()
        };
        if self.entries.get(&id).is_some_and(is_empty) {
            self.entries.remove(&id);
            self.behind.remove(&id);
        }
    }

    /// New items that are to stand in a folder.
    pub fn edits_below(&self, parent: ItemId) -> Vec<ItemId> {
        let below = self.edits().filter(|edit| {
            let place = edit.place.as_ref().map(|part| &part.wanted);
            place.is_some_and(|place| place.parent == Some(parent))
        });
        below.map(|edit| edit.item).collect()
    }

    /// The edits of new items that are to stand somewhere below a folder.
    pub fn new_below(&self, folder: ItemId) -> Vec<Edit> {
        let mut all = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            let below = self.edits_below(folder).into_iter();
            for edit in below
                .filter_map(|id| self.edit(id))
                .filter(|edit| edit.is_new)
            {
                if edit.content.is_none() {
                    folders.push(edit.item);
                }
                all.push(edit.clone());
            }
        }
        all
    }

    /// What this device wants an item to be.
    pub fn local(&self, id: ItemId) -> Option<LocalPlace<'_>> {
        let entry = self.entries.get(&id)?;
        let remote = entry.remote.as_deref();
        let edit = entry.edit.as_deref();
        let wanted = edit
            .and_then(|edit| edit.place.as_ref())
            .map(|part| &part.wanted);
        let (parent, name) = match wanted {
            Some(place) => (place.parent, &place.name),
            None => remote.map(|item| (item.parent, &item.name))?,
        };
        let trashed = edit.and_then(|edit| edit.trashed.as_ref()).map_or(
            remote.is_some_and(|item| item.trashed_at_ms.is_some()),
            |part| part.wanted,
        );
        let content = match edit.and_then(Edit::newest_draft) {
            Some(draft) => LocalContent::Draft(draft),
            None => match remote.and_then(|item| item.file.as_ref()) {
                Some(head) => LocalContent::Version(head.version),
                None if remote.is_some_and(|item| item.mount.is_some()) => LocalContent::Mount,
                None => LocalContent::Folder,
            },
        };
        Some(LocalPlace {
            parent,
            name,
            trashed,
            content,
        })
    }

    /// Whether the server has the item, and nothing on its way up is trashed.
    pub fn is_live(&self, id: ItemId) -> bool {
        let is_out = |item: &Item| item.trashed_at_ms.is_none();
        let mut above = self.above(Some(id));
        above.all(|id| self.remote(id).is_some_and(is_out)) && !above.is_lost()
    }

    /// The folder itself, or the nearest folder above it, that the server has outside
    /// the trash.
    pub fn nearest_live(&self, folder: Option<ItemId>) -> Option<ItemId> {
        self.above(folder).find(|id| self.is_live(*id))
    }

    /// A folder and all above it, as the server has them.
    fn above(&self, folder: Option<ItemId>) -> Upward<impl Fn(ItemId) -> Option<ItemId>> {
        let parent = |id| self.remote(id).and_then(|item| item.parent);
        Upward::from(folder, self.entries.len(), parent)
    }

    /// The server's child of this name, in whatever case it is written.
    pub fn child_named(&self, folder: Option<ItemId>, name: &Name) -> Option<&Item> {
        let ids = self.names.get(&(folder, name.key().into()))?;
        self.remote(ids.first()?)
    }

    /// Drafts whose bytes end with the driver.
    pub fn unkept_drafts(&self) -> &BTreeSet<DraftId> {
        &self.unkept
    }
}
