//! Every file and folder of the space, as this device wants it: what the server
//! last said, and what was changed here and is not there yet.
//!
//! Kept in the order in which it is shown, so that one change costs the same in
//! a folder of thirty thousand files as in one of three.

use super::twins::Twins;
use protocol::ids::{ItemId, UnixMillis};
use protocol::items::Item;
use protocol::name::Name;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    items: HashMap<ItemId, Item>,
    /// The live children of each folder. Two children have one name only for
    /// the moment between two entries of the feed.
    children: HashMap<Option<ItemId>, BTreeMap<Place, BTreeSet<ItemId>>>,
    trash: BTreeSet<(Reverse<UnixMillis>, ItemId)>,
    twins: Twins,
    /// Items of which something has not reached the server.
    pending: HashSet<ItemId>,
    /// Whether the tree was complete once: an empty list is then no list that
    /// is still on its way.
    pub complete: bool,
}

/// An item, and whether something of it has not reached the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub item: Item,
    pub pending: bool,
}

/// How much there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    pub files: usize,
    pub folders: usize,
    /// Of the files as they are now, without older versions.
    pub bytes: u64,
}

/// Where an item stands in its folder: folders first, then by name as people
/// read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_file: bool,
    name_key: String,
}

impl Place {
    fn of(item: &Item) -> Self {
        Self {
            is_file: !item.is_folder(),
            name_key: item.name.key(),
        }
    }
}

impl Tree {
    /// Adds an item or replaces it.
    pub fn put(&mut self, Listed { item, pending }: Listed) {
        self.remove(item.id);
        if pending {
            self.pending.insert(item.id);
        }
        self.enlist(&item);
        self.items.insert(item.id, item);
    }

    pub fn remove(&mut self, id: ItemId) {
        self.pending.remove(&id);
        if let Some(known) = self.items.remove(&id) {
            self.unlist(&known);
        }
    }

    pub fn listed(&self, id: ItemId) -> Option<Listed> {
        let item = self.items.get(&id)?.clone();
        let pending = self.is_pending(id);
        Some(Listed { item, pending })
    }

    pub fn is_pending(&self, id: ItemId) -> bool {
        self.pending.contains(&id)
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
        let places = self.children.get(&folder).into_iter();
        places
            .flat_map(BTreeMap::values)
            .flatten()
            .filter_map(|id| self.items.get(id))
            .collect()
    }

    /// The live child with this name, in whatever case it is written.
    pub fn child_named(&self, folder: Option<ItemId>, name: &Name) -> Option<&Item> {
        let places = self.children.get(&folder)?;
        let mut place = Place {
            is_file: false,
            name_key: name.key(),
        };
        let mut ids = places.get(&place);
        if ids.is_none() {
            place.is_file = true;
            ids = places.get(&place);
        }
        self.items.get(ids?.first()?)
    }

    /// What was trashed, newest first; what is below a trashed folder is not
    /// listed.
    pub fn trash(&self) -> Vec<&Item> {
        self.trash
            .iter()
            .filter_map(|(_, id)| self.items.get(id))
            .collect()
    }

    /// How much there is of these items and all below them, in the trash or not.
    pub fn weigh(&self, items: &[ItemId]) -> Weight {
        let mut below: HashMap<ItemId, Vec<&Item>> = HashMap::new();
        for item in self.items.values() {
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
            match &item.file {
                Some(file) => {
                    weight.files += 1;
                    weight.bytes += file.size;
                }
                None => weight.folders += 1,
            }
            next.extend(below.get(&item.id).into_iter().flatten());
        }
        weight
    }

    /// How many items are in the trash and known there by the server.
    pub fn trashed_and_sent(&self) -> usize {
        let sent = self.trash.iter().filter(|(_, id)| !self.is_pending(*id));
        sent.count()
    }

    /// The folders from the root down to `id` and the item itself; empty for
    /// an unknown id.
    pub fn path(&self, id: ItemId) -> Vec<&Item> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(item) = next.and_then(|id| self.get(id)) {
            path.push(item);
            next = item.parent;
            if path.len() > self.items.len() {
                break;
            }
        }
        path.reverse();
        path
    }

    /// Whether another live item in the same folder is the same file on some disks.
    pub fn has_twin(&self, item: &Item) -> bool {
        self.twins.has(item.parent, &item.name)
    }

    /// How many folders are nested from a folder on down, itself counted; 0 for a
    /// file.
    pub fn height(&self, id: ItemId) -> usize {
        let is_folder = |id: &ItemId| self.get(*id).is_some_and(Item::is_folder);
        let mut level: Vec<ItemId> = Some(id).filter(is_folder).into_iter().collect();
        let mut height = 0;
        while !level.is_empty() && height <= self.items.len() {
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
                self.children
                    .entry(item.parent)
                    .or_default()
                    .entry(Place::of(item))
                    .or_default()
                    .insert(item.id);
            }
        }
    }

    fn unlist(&mut self, item: &Item) {
        if let Some(at) = item.trashed_at_ms {
            self.trash.remove(&(Reverse(at), item.id));
            return;
        }
        self.twins.remove(item.parent, &item.name);
        let Some(places) = self.children.get_mut(&item.parent) else {
            return;
        };
        let place = Place::of(item);
        if let Some(ids) = places.get_mut(&place) {
            ids.remove(&item.id);
            if ids.is_empty() {
                places.remove(&place);
            }
        }
        if places.is_empty() {
            self.children.remove(&item.parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listed, Tree};
    use blocks::chunk::SizeClass;
    use protocol::ids::{DeviceId, ItemId, Version};
    use protocol::items::{Committed, FileHead, Item};
    use protocol::name::Name;

    fn id(n: u16) -> ItemId {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        ItemId::from_random(bytes)
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn folder(n: u16, parent: Option<ItemId>, text: &str) -> Item {
        Item {
            id: id(n),
            parent,
            name: name(text),
            place_version: 1,
            file: None,
            created_at_ms: 0,
            trashed_at_ms: None,
            damaged: false,
        }
    }

    fn file(n: u16, parent: Option<ItemId>, text: &str, version: Version) -> Item {
        Item {
            file: Some(FileHead {
                version,
                size: 1,
                size_class: SizeClass::for_size(1),
                modified_at_ms: 0.into(),
                committed: Committed {
                    user_name: "ann".to_owned(),
                    device_id: DeviceId::from_random([0; 16]),
                    device_name: "Chrome on Linux".to_owned(),
                    at_ms: 0,
                },
                damaged: false,
            }),
            ..folder(n, parent, text)
        }
    }

    fn tree(items: impl IntoIterator<Item = Item>) -> Tree {
        let mut tree = Tree::default();
        for item in items {
            tree.put(sent(item));
        }
        tree
    }

    fn sent(item: Item) -> Listed {
        Listed {
            item,
            pending: false,
        }
    }

    fn names(items: &[&Item]) -> Vec<String> {
        items.iter().map(|item| item.name.to_string()).collect()
    }

    #[test]
    fn folders_come_first_then_names_in_any_case() {
        let tree = tree([
            file(1, None, "b.txt", 1),
            file(2, None, "A.txt", 1),
            folder(3, None, "z"),
            file(4, Some(id(3)), "inside", 1),
        ]);
        assert_eq!(names(&tree.list(None)), ["z", "A.txt", "b.txt"]);
        assert_eq!(names(&tree.list(Some(id(3)))), ["inside"]);
        assert!(tree.list(Some(id(9))).is_empty());
    }

    #[test]
    fn a_child_is_found_in_whatever_case_and_composition() {
        let tree = tree([file(1, None, "Café.TXT", 1), folder(2, None, "Docs")]);
        let found = tree.child_named(None, &name("cafe\u{301}.txt"));
        assert_eq!(found.map(|item| item.id), Some(id(1)));
        assert_eq!(
            tree.child_named(None, &name("DOCS")).map(|i| i.id),
            Some(id(2))
        );
        assert_eq!(tree.child_named(None, &name("other")), None);
    }

    #[test]
    fn a_move_a_rename_and_the_trash_take_an_item_off_its_old_place() {
        let mut tree = tree([folder(1, None, "a"), file(2, None, "f", 1)]);
        let moved = Item {
            parent: Some(id(1)),
            name: name("g"),
            place_version: 2,
            ..file(2, None, "f", 1)
        };
        tree.put(sent(moved.clone()));
        assert_eq!(names(&tree.list(None)), ["a"]);
        assert_eq!(names(&tree.list(Some(id(1)))), ["g"]);
        tree.put(sent(Item {
            trashed_at_ms: Some(5),
            place_version: 3,
            ..moved.clone()
        }));
        assert!(tree.list(Some(id(1))).is_empty());
        assert_eq!(names(&tree.trash()), ["g"]);
        assert!(!tree.is_live(id(2)));
        tree.put(sent(Item {
            place_version: 4,
            ..moved
        }));
        assert!(tree.trash().is_empty());
        assert!(tree.is_live(id(2)));
    }

    #[test]
    fn what_is_below_a_trashed_folder_is_not_live_but_not_listed_as_trash() {
        let mut tree = tree([folder(1, None, "a"), file(2, Some(id(1)), "f", 1)]);
        tree.put(sent(Item {
            trashed_at_ms: Some(5),
            place_version: 2,
            ..folder(1, None, "a")
        }));
        assert!(!tree.is_live(id(2)));
        assert_eq!(names(&tree.trash()), ["a"]);
    }

    #[test]
    fn what_is_pending_is_so_until_it_is_put_as_sent() {
        let mut tree = Tree::default();
        let item = file(1, None, "f", 1);
        tree.put(Listed {
            item: item.clone(),
            pending: true,
        });
        assert!(tree.is_pending(id(1)));
        tree.put(sent(item));
        assert!(!tree.is_pending(id(1)));
        tree.remove(id(1));
        assert_eq!(tree, Tree::default());
    }

    #[test]
    fn what_is_deleted_for_good_is_weighed_with_all_below_it_once() {
        let trashed = |item| Item {
            trashed_at_ms: Some(5),
            ..item
        };
        let tree = tree([
            trashed(folder(1, None, "a")),
            file(2, Some(id(1)), "f", 1),
            trashed(file(3, Some(id(1)), "g", 1)),
            file(4, None, "h", 1),
        ]);
        let weight = tree.weigh(&[id(1), id(3), id(9)]);
        assert_eq!((weight.files, weight.folders, weight.bytes), (2, 1, 2));
    }

    #[test]
    fn a_path_goes_from_the_root_to_the_item() {
        let tree = tree([
            folder(1, None, "a"),
            folder(2, Some(id(1)), "b"),
            file(3, Some(id(2)), "c", 1),
        ]);
        assert_eq!(names(&tree.path(id(3))), ["a", "b", "c"]);
        assert!(tree.path(id(9)).is_empty());
    }

    #[test]
    fn two_names_that_are_one_file_on_some_disks_are_twins() {
        let (sharp, plain) = (file(1, None, "Maße.txt", 1), file(2, None, "Masse.txt", 1));
        let mut tree = tree([
            sharp.clone(),
            plain.clone(),
            file(3, Some(id(9)), "masse.txt", 1),
        ]);
        assert!(tree.has_twin(&sharp) && tree.has_twin(&plain));
        assert!(!tree.has_twin(&file(3, Some(id(9)), "masse.txt", 1)));
        tree.put(sent(Item {
            name: name("other"),
            ..plain.clone()
        }));
        assert!(!tree.has_twin(&sharp));
        tree.put(sent(plain));
        tree.put(sent(Item {
            trashed_at_ms: Some(1),
            ..sharp.clone()
        }));
        assert!(!tree.has_twin(&sharp));
    }

    #[test]
    fn a_folder_is_as_high_as_the_folders_in_it() {
        let tree = tree([
            folder(1, None, "a"),
            folder(2, Some(id(1)), "b"),
            file(3, Some(id(2)), "c", 1),
            folder(4, Some(id(1)), "d"),
        ]);
        assert_eq!([1, 2, 3, 4].map(|n| tree.height(id(n))), [2, 1, 0, 1]);
    }

    #[test]
    fn thirty_thousand_files_in_one_folder_take_no_time_to_speak_of() {
        let mut tree = Tree::default();
        for n in 0..30_000 {
            tree.put(sent(file(n, None, &format!("IMG_{n}.jpg"), 1)));
        }
        // Quadratic work would take minutes here.
        for n in 0..30_000 {
            tree.put(sent(file(n, None, &format!("IMG_{n}.jpg"), 2)));
        }
        assert_eq!(tree.list(None).len(), 30_000);
    }
}
