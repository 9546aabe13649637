//! How much there is in each folder, kept up with each change: what one costs depends on how
//! deep it is, and not on how much there is.

use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::{HashMap, HashSet};
use std::ops::{AddAssign, SubAssign};

/// How much there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// How many files.
    pub files: usize,
    /// How many folders.
    pub folders: usize,
    /// Of the files as they are now, without older versions.
    pub bytes: u64,
}

impl Weight {
    /// One item without what is in it. What a mount leads to is not there.
    pub fn of(item: &Item) -> Self {
        match &item.file {
            Some(file) => Self {
                files: 1,
                bytes: file.size,
                ..Self::default()
            },
            None => Self {
                folders: usize::from(item.mount.is_none()),
                ..Self::default()
            },
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.folders += other.folders;
        self.bytes += other.bytes;
    }
}

impl SubAssign for Weight {
    fn sub_assign(&mut self, other: Self) {
        self.files -= other.files;
        self.folders -= other.folders;
        self.bytes -= other.bytes;
    }
}

/// What is in a folder and out of the trash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// How many items are in it.
    pub items: usize,
    /// All that is in it and below.
    pub weight: Weight,
}

/// What is in each folder. Items come and go in any order, so a folder may be known after
/// what is in it.
///
/// An item that is out of the trash counts for the folders above it, up to one that is not
/// known or in the trash: that one does not count for those above it, either, until it is
/// there. Two folders that two devices have put into each other are in themselves for a
/// while. The one that comes second counts for none above it as long as that is so.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    of: HashMap<ItemId, Below>,
    looped: HashSet<ItemId>,
}

/// They follow from the items.
impl PartialEq for Sums {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Which folder an item is in; `None` for one that is not known or is in the trash.
pub type Above<'a> = &'a dyn Fn(ItemId) -> Option<Option<ItemId>>;

impl Sums {
    /// What is in a folder.
    pub fn of(&self, folder: ItemId) -> Below {
        self.of.get(&folder).copied().unwrap_or_default()
    }

    /// Counts an item that is there now and out of the trash.
    pub fn add(&mut self, item: &Item, above: Above<'_>) {
        if let Some(parent) = item.parent {
            self.of.entry(parent).or_default().items += 1;
            if self.is_below_itself(item.id, parent, above) {
                self.looped.insert(item.id);
            } else {
                let total = self.total(item);
                self.for_each_above(parent, above, |below| below.weight += total);
            }
        }
        self.look_at_loops(above);
    }

    /// Counts an item no longer that was there and out of the trash.
    pub fn take(&mut self, item: &Item, above: Above<'_>) {
        if let Some(parent) = item.parent {
            if let Some(below) = self.of.get_mut(&parent) {
                below.items -= 1;
            }
            if !self.looped.remove(&item.id) {
                let total = self.total(item);
                self.for_each_above(parent, above, |below| below.weight -= total);
            }
        }
        self.look_at_loops(above);
    }

    fn total(&self, item: &Item) -> Weight {
        let mut total = Weight::of(item);
        total += self.of(item.id).weight;
        total
    }

    fn is_below_itself(&self, id: ItemId, parent: ItemId, above: Above<'_>) -> bool {
        let mut way = self.way(parent, above);
        way.any(|at| at == id)
    }

    /// A folder and those above it for which it counts.
    fn way<'a>(&'a self, from: ItemId, above: Above<'a>) -> impl Iterator<Item = ItemId> + 'a {
        std::iter::successors(Some(from), move |at| match self.looped.contains(at) {
            true => None,
            false => above(*at).flatten(),
        })
    }

    fn for_each_above(&mut self, parent: ItemId, above: Above<'_>, change: impl Fn(&mut Below)) {
        let folders: Vec<ItemId> = self.way(parent, above).collect();
        for folder in folders {
            let below = self.of.entry(folder).or_default();
            change(below);
            if *below == Below::default() {
                self.of.remove(&folder);
            }
        }
    }

    /// Counts what is not below itself any more.
    fn look_at_loops(&mut self, above: Above<'_>) {
        for id in self.looped.clone() {
            let parent = above(id).flatten();
            if parent.is_none_or(|parent| self.is_below_itself(id, parent, above)) {
                continue;
            }
            self.looped.remove(&id);
            let mut total = self.of(id).weight;
            total.folders += 1;
            if let Some(parent) = parent {
                self.for_each_above(parent, above, |below| below.weight += total);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Below, Item, ItemId, Sums};
    use std::cell::Cell;
    use std::collections::HashMap;

    fn id(n: u32) -> ItemId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        ItemId::from_random(bytes)
    }

    fn folder(n: u32, parent: Option<u32>) -> Item {
        let item = serde_json::json!({
            "id": id(n), "parent": parent.map(id), "name": n.to_string(), "place_version": 1,
            "created_at_ms": 0,
        });
        serde_json::from_value(item).unwrap()
    }

    fn file(n: u32, parent: u32, size: u64) -> Item {
        let item = serde_json::json!({
            "id": id(n), "parent": id(parent), "name": n.to_string(), "place_version": 1,
            "created_at_ms": 0,
            "file": {
                "version": 1, "size": size, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_id": id(0), "device_name": "x", "at_ms": 0,
                },
            },
        });
        serde_json::from_value(item).unwrap()
    }

    /// Items with their sums, and how many folders were looked at.
    #[derive(Default)]
    struct Kept {
        items: HashMap<ItemId, Item>,
        sums: Sums,
        looks: Cell<usize>,
    }

    impl Kept {
        fn put(&mut self, item: Item) {
            self.remove(item.id);
            self.count(&item, Sums::add);
            self.items.insert(item.id, item);
            // As the tree does: whoever closes a loop is known then.
        }

        fn remove(&mut self, id: ItemId) {
            if let Some(item) = self.items.remove(&id) {
                self.count(&item, Sums::take);
            }
        }

        fn count(&mut self, item: &Item, change: fn(&mut Sums, &Item, super::Above<'_>)) {
            if item.trashed_at_ms.is_some() {
                return;
            }
            let (items, looks) = (&self.items, &self.looks);
            change(&mut self.sums, item, &|id| {
                looks.set(looks.get() + 1);
                let item = items.get(&id)?;
                item.trashed_at_ms.is_none().then_some(item.parent)
            });
        }

        /// Counted anew.
        fn recount(&self, folder: ItemId) -> Below {
            let mut below = Below::default();
            for item in self.items.values() {
                let is_live = item.trashed_at_ms.is_none();
                if is_live && item.parent == Some(folder) {
                    below.items += 1;
                    below.weight += super::Weight::of(item);
                    below.weight += self.recount(item.id).weight;
                }
            }
            below
        }

        fn check(&self, folders: u32) {
            for n in 0..folders {
                assert_eq!(self.sums.of(id(n)), self.recount(id(n)), "folder {n}");
            }
        }
    }

    #[test]
    fn sums_are_right_whatever_comes_and_goes_in_whatever_order() {
        const FOLDERS: u32 = 12;
        let mut kept = Kept::default();
        let mut chance: u64 = 7;
        let mut any = |n: u32| {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            (chance % u64::from(n)) as u32
        };
        for _ in 0..1_000 {
            // A folder is in one of a smaller number, so that none is in itself.
            let n = any(60);
            let mut item = match n {
                0..FOLDERS => folder(n, (n > 0).then(|| any(n))),
                _ => file(n, any(FOLDERS), u64::from(any(1_000))),
            };
            if any(5) == 0 {
                item.trashed_at_ms = Some(1);
            }
            match any(6) {
                0 => kept.remove(item.id),
                _ => kept.put(item),
            }
            kept.check(FOLDERS);
        }
    }

    #[test]
    fn folders_that_are_in_each_other_count_again_once_they_are_not() {
        let mut kept = Kept::default();
        kept.put(folder(0, None));
        kept.put(folder(1, Some(0)));
        kept.put(folder(2, Some(0)));
        kept.put(file(20, 1, 5));
        kept.put(file(21, 2, 7));
        // Two devices: 1 into 2, and 2 into 1.
        kept.put(folder(1, Some(2)));
        kept.put(folder(2, Some(1)));
        kept.put(file(22, 2, 9));
        assert_eq!(kept.sums.of(id(0)), Below::default());
        kept.put(folder(1, Some(0)));
        kept.check(3);
        assert_eq!(kept.sums.of(id(0)).weight.bytes, 21);
        // And the other way out of it.
        kept.put(folder(1, Some(2)));
        kept.put(file(20, 1, 50));
        kept.put(folder(2, Some(0)));
        kept.check(3);
        kept.remove(id(2));
        kept.remove(id(1));
        kept.put(folder(2, Some(0)));
        kept.check(3);
    }

    #[test]
    fn a_change_looks_at_the_folders_above_it_and_at_nothing_else() {
        const FILES: u32 = 100_000;
        const DEEP: u32 = 6;
        let mut kept = Kept::default();
        for n in 0..DEEP {
            kept.put(folder(n, n.checked_sub(1)));
        }
        for n in 0..FILES {
            kept.put(file(DEEP + n, n % DEEP, 1));
        }
        assert_eq!(kept.sums.of(id(0)).weight.files, FILES as usize);
        kept.looks.set(0);
        kept.put(file(DEEP, DEEP - 1, 3));
        // It goes and comes, and each way is gone twice: is it a loop, and up.
        assert!(
            kept.looks.get() <= 4 * DEEP as usize,
            "{} looks",
            kept.looks.get()
        );
        assert_eq!(kept.sums.of(id(0)).weight.bytes, u64::from(FILES) + 2);
        // A whole branch is taken out of it at once.
        kept.looks.set(0);
        kept.put(folder(3, None));
        assert!(
            kept.looks.get() <= 4 * DEEP as usize,
            "{} looks",
            kept.looks.get()
        );
        assert_eq!(kept.sums.of(id(3)).weight.files, 3 * FILES as usize / 6);
    }
}
