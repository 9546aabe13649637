//! Every file and folder of the space, as this device wants it: what the server
//! last said, and what was changed here and is not there yet.
//!
//! Kept in the order in which it is shown, so that one change costs the same in
//! a folder of thirty thousand files as in one of three.

use super::below::Sums;
pub use super::below::{Below, Weight};
use super::few::Few;
use super::log::Log;
pub use super::log::Seen;
use super::shards::Shards;
use super::trees::{LocalContent, Trees};
use super::twins::Twins;
use super::upward::Upward;
use blocks::chunk::SizeClass;
use protocol::ids::{GrantId, ItemId, UnixMillis};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

type Items = Shards<ItemId, Arc<Item>>;

/// The items that are shown, and what is asked about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    items: Items,
    /// The live children of each folder. Two children have one name only for
    /// the moment between two entries of the feed.
    children: HashMap<Option<ItemId>, BTreeMap<Place, Few>>,
    trash: BTreeSet<(Reverse<UnixMillis>, ItemId)>,
    twins: Twins,
    mounts: HashMap<GrantId, ItemId>,
    sums: Sums,
    /// Items of which something has not reached the server.
    pending: HashSet<ItemId>,
    log: Log,
    /// Whether the tree was complete once: an empty list is then no list that
    /// is still on its way.
    pub complete: bool,
}

/// An item, and whether something of it has not reached the server.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedItem {
    /// In the shape of one that the server has. What is not there yet has version 0 and
    /// place version 0.
    pub item: Arc<Item>,
    /// Whether something of it has not reached the server.
    pub pending: bool,
}

/// Who shows items, and when.
#[derive(Clone, Copy, Debug)]
pub struct Shows<'a> {
    /// The device that makes what the server does not have.
    pub here: &'a Committed,
    /// The time now.
    pub now_ms: UnixMillis,
}

impl ListedItem {
    /// An item as this device wants it; `None` for one that it does not know.
    /// `made_at`: since when it is shown, if it is.
    pub fn of(
        trees: &Trees,
        id: ItemId,
        made_at: Option<UnixMillis>,
        shows: Shows<'_>,
    ) -> Option<Self> {
        let entry = trees.entry(id)?;
        if let (Some(remote), None) = (&entry.remote, &entry.edit) {
            return Some(Self {
                item: remote.clone(),
                pending: false,
            });
        }
        let local = trees.local(id)?;
        let remote = entry.remote.as_deref();
        let file = match (remote, &local.content) {
            // The head as it is, so that whoever compares versions sees that one.
            (Some(remote), _) => remote.file.clone(),
            (None, LocalContent::Draft(draft)) => Some(FileHead {
                version: 0,
                size: draft.size,
                size_class: SizeClass::for_size(draft.size),
                modified_at_ms: draft.modified_at_ms,
                committed: shows.here.clone(),
                damaged: false,
            }),
            (None, _) => None,
        };
        let trashed_at = || remote.and_then(|item| item.trashed_at_ms);
        Some(Self {
            item: Arc::new(Item {
                id,
                parent: local.parent,
                name: local.name.clone(),
                place_version: remote.map_or(0, |item| item.place_version),
                file,
                mount: remote.and_then(|item| item.mount),
                created_at_ms: remote
                    .map(|item| item.created_at_ms)
                    .or(made_at)
                    .unwrap_or(shows.now_ms),
                trashed_at_ms: local
                    .trashed
                    .then(|| trashed_at().unwrap_or(shows.here.at_ms)),
                damaged: remote.is_some_and(|item| item.damaged),
            }),
            pending: entry.edit.is_some(),
        })
    }
}

/// Where an item stands in its folder: folders and mounts first, then by name as people
/// read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_file: bool,
    name_key: Box<str>,
}

impl Place {
    fn of(item: &Item) -> Self {
        Self {
            is_file: item.file.is_some(),
            name_key: item.name.key().into(),
        }
    }
}

impl Tree {
    /// Adds an item or replaces it.
    pub fn put(&mut self, ListedItem { item, pending }: ListedItem) {
        self.remove(item.id);
        if pending {
            self.pending.insert(item.id);
        }
        self.enlist(&item);
        if let Some(mount) = item.mount {
            self.mounts.insert(mount.grant, item.id);
        }
        self.items.of_mut(&item.id).insert(item.id, item);
    }

    /// Removes an item.
    pub fn remove(&mut self, id: ItemId) {
        self.log.note(id);
        self.pending.remove(&id);
        if let Some(known) = self.items.of_mut(&id).remove(&id) {
            self.unlist(&known);
            // Another one may have taken its place.
            let grant = known.mount.map(|mount| mount.grant);
            if let Some(grant) = grant.filter(|grant| self.mounts.get(grant) == Some(&id)) {
                self.mounts.remove(&grant);
            }
        }
    }

    /// An item, with what is known of its way to the server.
    pub fn listed(&self, id: ItemId) -> Option<ListedItem> {
        let item = self.shared(id)?.clone();
        let pending = self.is_pending(id);
        Some(ListedItem { item, pending })
    }

    /// The mount of a grant.
    pub fn mount_of(&self, grant: GrantId) -> Option<ItemId> {
        self.mounts.get(&grant).copied()
    }

    /// Whether something of an item has not reached the server.
    pub fn is_pending(&self, id: ItemId) -> bool {
        self.pending.contains(&id)
    }

    /// An item.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.shared(id).map(Arc::as_ref)
    }

    fn shared(&self, id: ItemId) -> Option<&Arc<Item>> {
        self.items.of(&id).get(&id)
    }

    /// What somebody has seen who looks at everything now.
    pub fn seen(&self) -> Seen {
        self.log.now()
    }

    /// The items that have come, gone or changed since, some of them several times; `None` if
    /// there were too many.
    pub fn since(&self, seen: &Seen) -> Option<impl Iterator<Item = ItemId> + '_> {
        self.log.since(seen)
    }

    /// All items, in the trash or not, in no order.
    pub fn ids(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.items.all().flat_map(|items| items.keys().copied())
    }

    /// How many items there are, in the trash or not.
    pub fn len(&self) -> usize {
        self.items.all().map(HashMap::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.all().all(HashMap::is_empty)
    }

    /// The live children of a folder (`None`: the root): folders and mounts first, then by
    /// name as people read it.
    pub fn list(&self, folder: Option<ItemId>) -> Vec<&Item> {
        let children = self.children(folder);
        children.filter_map(|id| self.get(id)).collect()
    }

    /// The ids of the live children of a folder, in the order of [`Self::list`].
    pub fn children(&self, folder: Option<ItemId>) -> impl Iterator<Item = ItemId> + '_ {
        let places = self.children.get(&folder).into_iter();
        places.flat_map(BTreeMap::values).flat_map(Few::iter)
    }

    /// How many names the live children of a folder have: as many as there are children, but
    /// for the moments in which two of them have one.
    pub fn name_count(&self, folder: Option<ItemId>) -> usize {
        self.children.get(&folder).map_or(0, BTreeMap::len)
    }

    /// An item, if it is a live child of this folder.
    pub fn child(&self, folder: Option<ItemId>, id: ItemId) -> Option<&Arc<Item>> {
        let is_child = |item: &&Arc<Item>| item.parent == folder && item.trashed_at_ms.is_none();
        self.shared(id).filter(is_child)
    }

    /// The live child with this name, in whatever case it is written.
    pub fn child_named(&self, folder: Option<ItemId>, name: &Name) -> Option<&Item> {
        let places = self.children.get(&folder)?;
        let mut place = Place {
            is_file: false,
            name_key: name.key().into(),
        };
        let mut ids = places.get(&place);
        if ids.is_none() {
            place.is_file = true;
            ids = places.get(&place);
        }
        self.get(ids?.first()?)
    }

    /// What was trashed, newest first; what is below a trashed folder is not
    /// listed.
    pub fn trash(&self) -> Vec<&Item> {
        self.trash
            .iter()
            .filter_map(|(_, id)| self.get(*id))
            .collect()
    }

    /// How much there is of these items and all below them, in the trash or not. What a
    /// mount leads to is not there.
    pub fn weigh(&self, items: &[ItemId]) -> Weight {
        let mut below: HashMap<ItemId, Vec<&Item>> = HashMap::new();
        for item in self.items.all().flat_map(HashMap::values) {
            if let Some(parent) = item.parent {
                below.entry(parent).or_default().push(item);
            }
        }
        let mut weight = Weight::default();
        let mut seen = HashSet::new();
        let mut next: Vec<&Item> = items.iter().filter_map(|&id| self.get(id)).collect();
        while let Some(item) = next.pop() {
            // One may be below another.
            if !seen.insert(item.id) {
                continue;
            }
            weight += Weight::of(item);
            next.extend(below.get(&item.id).into_iter().flatten());
        }
        weight
    }

    /// What is in a folder, out of the trash.
    pub fn below(&self, folder: ItemId) -> Below {
        self.sums.of(folder)
    }

    /// The folders from the root down to `id` and the item itself; empty for
    /// an unknown id.
    pub fn path(&self, id: ItemId) -> Vec<&Item> {
        let parent = |id| self.get(id).and_then(|item| item.parent);
        let above = Upward::from(Some(id), self.len(), parent);
        let mut path: Vec<&Item> = above.map_while(|id| self.get(id)).collect();
        path.reverse();
        path
    }

    /// Whether another live item in the same folder is the same file on some disks.
    pub fn has_twin(&self, item: &Item) -> bool {
        self.twins.has(item.parent, &item.name)
    }

    /// How many folders are nested from a folder on down, itself counted; 0 for a file
    /// and for a mount.
    pub fn height(&self, id: ItemId) -> usize {
        let is_folder = |id: &ItemId| self.get(*id).is_some_and(Item::is_folder);
        let mut level: Vec<ItemId> = Some(id).filter(is_folder).into_iter().collect();
        let mut height = 0;
        while !level.is_empty() && height <= self.len() {
            height += 1;
            let below = level.iter().flat_map(|id| self.list(Some(*id)));
            level = below
                .filter(|item| item.is_folder())
                .map(|item| item.id)
                .collect();
        }
        height
    }

    /// Whether the item and every folder above it are out of the trash.
    pub fn is_live(&self, id: ItemId) -> bool {
        let path = self.path(id);
        !path.is_empty() && path.iter().all(|item| item.trashed_at_ms.is_none())
    }

    fn enlist(&mut self, item: &Item) {
        match item.trashed_at_ms {
            Some(at) => {
                self.trash.insert((Reverse(at), item.id));
            }
            None => {
                self.twins.put(item.parent, &item.name);
                let items = &self.items;
                self.sums.add(item, &|id| folder_of(items, id));
                self.children
                    .entry(item.parent)
                    .or_default()
                    .entry(Place::of(item))
                    .and_modify(|ids| ids.insert(item.id))
                    .or_insert(Few::One(item.id));
            }
        }
    }

    fn unlist(&mut self, item: &Item) {
        if let Some(at) = item.trashed_at_ms {
            self.trash.remove(&(Reverse(at), item.id));
            return;
        }
        self.twins.remove(item.parent, &item.name);
        let items = &self.items;
        self.sums.take(item, &|id| folder_of(items, id));
        let Some(places) = self.children.get_mut(&item.parent) else {
            return;
        };
        let place = Place::of(item);
        if places
            .get_mut(&place)
            .is_some_and(|ids| ids.remove(item.id))
        {
            places.remove(&place);
        }
        if places.is_empty() {
            self.children.remove(&item.parent);
        }
    }
}

/// Which folder an item is in, if it is known and out of the trash.
fn folder_of(items: &Items, id: ItemId) -> Option<Option<ItemId>> {
    let item = items.of(&id).get(&id)?;
    item.trashed_at_ms.is_none().then_some(item.parent)
}
