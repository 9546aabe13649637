//! Every file and folder of the space, as the server last said.

use shared::ids::ItemId;
use shared::name::Name;
use shared::protocol::items::Item;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    items: HashMap<ItemId, Item>,
    children: HashMap<Option<ItemId>, HashSet<ItemId>>,
    /// Whether the tree was complete once: an empty list is then no list that
    /// is still on its way.
    pub complete: bool,
}

impl Tree {
    /// Adds an item or replaces what was known of it.
    pub fn put(&mut self, item: Item) {
        if let Some(old) = self.items.get(&item.id)
            && let Some(siblings) = self.children.get_mut(&old.parent)
        {
            siblings.remove(&item.id);
        }
        self.children
            .entry(item.parent)
            .or_default()
            .insert(item.id);
        self.items.insert(item.id, item);
    }

    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.get(&id)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The live children of a folder (`None`: the root): folders first, then by
    /// name as people read it.
    pub fn list(&self, folder: Option<ItemId>) -> Vec<&Item> {
        let mut items: Vec<&Item> = self
            .children_of(folder)
            .filter(|item| item.trashed_at_ms.is_none())
            .collect();
        items.sort_by(|a, b| in_listing_order(a, b));
        items
    }

    /// The live child with this name, in whatever case it is written.
    pub fn child_named(&self, folder: Option<ItemId>, name: &Name) -> Option<&Item> {
        let key = name.key();
        self.children_of(folder)
            .find(|item| item.trashed_at_ms.is_none() && item.name.key() == key)
    }

    /// What was trashed, newest first; what is below a trashed folder is not
    /// listed.
    pub fn trash(&self) -> Vec<&Item> {
        let mut items: Vec<&Item> = self
            .items
            .values()
            .filter(|item| item.trashed_at_ms.is_some())
            .collect();
        items.sort_by_key(|item| (std::cmp::Reverse(item.trashed_at_ms), item.id));
        items
    }

    /// The folders from the root down to `id` and the item itself; empty for
    /// an unknown id.
    pub fn path(&self, id: ItemId) -> Vec<&Item> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(item) = next.and_then(|id| self.get(id)) {
            path.push(item);
            next = item.parent;
            if path.len() > shared::limits::MAX_FOLDER_DEPTH {
                break;
            }
        }
        path.reverse();
        path
    }

    /// Whether the item and every folder above it are out of the trash.
    pub fn is_live(&self, id: ItemId) -> bool {
        let path = self.path(id);
        !path.is_empty() && path.iter().all(|item| item.trashed_at_ms.is_none())
    }

    fn children_of(&self, folder: Option<ItemId>) -> impl Iterator<Item = &Item> {
        self.children
            .get(&folder)
            .into_iter()
            .flatten()
            .filter_map(|id| self.items.get(id))
    }
}

fn in_listing_order(a: &Item, b: &Item) -> Ordering {
    b.is_folder()
        .cmp(&a.is_folder())
        .then_with(|| a.name.key().cmp(&b.name.key()))
        .then_with(|| a.id.cmp(&b.id))
}
