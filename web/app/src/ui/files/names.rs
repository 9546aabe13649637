//! The names of a folder in the order of the person's language, kept from one
//! listing to the next: what has not changed is not sorted again.

use crate::ui::collate::{Collate, insert, sort};
use platform::browser::collator::Collator;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::HashSet;
use std::mem;
use std::sync::Arc;
use sync::tree::Tree;

/// So many names are sorted at once: some milliseconds.
const SORTED_AT_ONCE: usize = 500;
/// From so many names on that are new in a folder, they are sorted in slices.
const MANY: usize = 3_000;

#[derive(Default)]
pub struct Names {
    folder: Option<ItemId>,
    folders: Vec<Line>,
    files: Vec<Line>,
}

struct Line {
    id: ItemId,
    name: String,
    is_file: bool,
}

impl Line {
    fn of(item: &Item) -> Self {
        Self {
            id: item.id,
            name: item.name.to_string(),
            is_file: item.file.is_some(),
        }
    }

    /// The item, if it still stands here under this name.
    fn item<'a>(&self, folder: Option<ItemId>, tree: &'a Tree) -> Option<&'a Arc<Item>> {
        tree.child(folder, self.id)
            .filter(|item| item.name.as_str() == self.name && item.file.is_some() == self.is_file)
    }
}

impl Names {
    /// The children of a folder: folders and mounts first, then files, each by name.
    pub fn list(
        &mut self,
        with: &impl Collate,
        folder: Option<ItemId>,
        tree: &Tree,
    ) -> Vec<Arc<Item>> {
        if self.folder != folder {
            *self = Self {
                folder,
                ..Self::default()
            };
        }
        let is_here = |line: &Line| line.item(folder, tree).is_some();
        self.folders.retain(is_here);
        self.files.retain(is_here);
        if self.len() < tree.count(folder) {
            let known: HashSet<ItemId> = self.lines().map(|line| line.id).collect();
            let new = tree.children(folder).filter(|id| !known.contains(id));
            let new = new.filter_map(|id| tree.get(id)).map(Line::of);
            let (files, folders) = new.partition(|line| line.is_file);
            insert(with, &mut self.folders, folders, |line| &line.name);
            insert(with, &mut self.files, files, |line| &line.name);
        }
        let items = self.lines().filter_map(|line| line.item(folder, tree));
        items.cloned().collect()
    }

    /// A beginning of these names, if too many of a folder are not known for [`Self::list`]
    /// to sort at once.
    pub fn sorting<C: Collate>(
        &self,
        with: &C,
        folder: Option<ItemId>,
        tree: &Tree,
    ) -> Option<Sorting<C::Key>> {
        let known = match self.folder == folder {
            true => self.len(),
            false => 0,
        };
        let is_many = tree.count(folder) >= known + MANY;
        is_many.then(|| Sorting::begin(with, folder, tree))
    }

    fn len(&self) -> usize {
        self.folders.len() + self.files.len()
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.folders.iter().chain(&self.files)
    }
}

/// All names of a folder on their way into their order, a slice at a time. Each goes into one
/// of many parts that follow each other, and each part is sorted by itself.
pub struct Sorting<K> {
    folder: Option<ItemId>,
    waiting: Vec<ItemId>,
    /// What the second part begins with, the third and so on.
    bounds: Vec<K>,
    /// The last first.
    parts: Vec<Vec<Line>>,
    sorted: Names,
}

impl<K> Sorting<K> {
    fn begin(with: &impl Collate<Key = K>, folder: Option<ItemId>, tree: &Tree) -> Self {
        let waiting: Vec<ItemId> = tree.children(folder).collect();
        // They are in an order that is nearly right, so what is taken of them in equal steps
        // makes parts that are nearly equal.
        let steps = waiting.iter().step_by(SORTED_AT_ONCE).skip(1);
        let names = steps.filter_map(|id| Some(tree.get(*id)?.name.to_string()));
        let mut bounds: Vec<String> = names.collect();
        sort(with, &mut bounds, |name| name);
        let bounds: Vec<K> = bounds.iter().map(|name| with.key(name)).collect();
        let parts = (0..=bounds.len()).map(|_| Vec::new()).collect();
        Self {
            folder,
            waiting,
            bounds,
            parts,
            sorted: Names {
                folder,
                ..Names::default()
            },
        }
    }

    /// The folder whose names they are.
    pub fn folder(&self) -> Option<ItemId> {
        self.folder
    }

    /// Goes on for some milliseconds. The names, once they are all in order. What has left the
    /// tree since is left out.
    pub fn go_on(&mut self, with: &impl Collate<Key = K>, tree: &Tree) -> Option<Names> {
        if !self.waiting.is_empty() {
            let from = self.waiting.len().saturating_sub(SORTED_AT_ONCE);
            let last = self.parts.len() - 1;
            let items = self.waiting.drain(from..).filter_map(|id| tree.get(id));
            for line in items.map(Line::of) {
                let key = with.key(&line.name);
                let is_before = |bound: &K| with.compare(bound, &key).is_le();
                let part = self.bounds.partition_point(is_before);
                self.parts[last - part].push(line);
            }
            return None;
        }
        let Some(mut part) = self.parts.pop() else {
            return Some(mem::take(&mut self.sorted));
        };
        sort(with, &mut part, |line| &line.name);
        for line in part {
            match line.is_file {
                true => self.sorted.files.push(line),
                false => self.sorted.folders.push(line),
            }
        }
        None
    }
}

thread_local! {
    static COLLATOR: Collator = Collator::new();
}

/// Runs something that compares in the person's language.
pub fn in_their_language<T>(run: impl FnOnce(&Collator) -> T) -> T {
    COLLATOR.with(run)
}

/// Items by their names, wherever they are.
pub fn by_name<T>(items: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    in_their_language(|collator| sort(collator, items, name));
}

#[cfg(test)]
mod tests {
    use super::{Arc, Collate, Item, ItemId, MANY, Names, SORTED_AT_ONCE, Tree};
    use std::cmp::Ordering;
    use sync::tree::ListedItem;

    /// Compares letter by letter.
    struct Plain;

    impl Collate for Plain {
        type Key = String;

        fn key(&self, text: &str) -> String {
            text.to_owned()
        }

        fn compare(&self, one: &String, other: &String) -> Ordering {
            one.cmp(other)
        }

        fn plain(&self, text: &str) -> String {
            text.to_owned()
        }
    }

    fn put(tree: &mut Tree, n: usize, name: &str, is_file: bool) -> ItemId {
        let id = ItemId::from_random(((n as u128) << 80).to_be_bytes());
        let mut item = serde_json::json!({
            "id": id, "name": name, "place_version": 1, "created_at_ms": 0,
        });
        if is_file {
            item["file"] = serde_json::json!({
                "version": 1, "size": 1, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_name": "x", "at_ms": 0, "device_id": id,
                },
            });
        }
        let item = Arc::new(serde_json::from_value(item).unwrap());
        tree.put(ListedItem {
            item,
            pending: false,
        });
        id
    }

    fn shown(items: &[Arc<Item>]) -> Vec<(bool, &str)> {
        let shown = items
            .iter()
            .map(|item| (item.file.is_some(), item.name.as_str()));
        shown.collect()
    }

    #[test]
    fn what_is_sorted_in_slices_is_as_if_it_was_sorted_at_once() {
        let mut tree = Tree::default();
        for n in 0..MANY {
            // Every third is a folder, and a third of the names begin alike.
            let name = match n % 3 {
                0 => format!("same {}", n * 7_919 % MANY),
                _ => format!("{} {n}", n * 31 % 97),
            };
            put(&mut tree, n, &name, n % 3 != 1);
        }
        let mut names = Names::default();
        let mut sorting = names.sorting(&Plain, None, &tree).expect("they are many");
        let mut slices = 1;
        // What changes meanwhile.
        let gone = put(&mut tree, 7, "is renamed", true);
        put(&mut tree, MANY, "a late one", true);
        let mut sorted = loop {
            match sorting.go_on(&Plain, &tree) {
                Some(names) => break names,
                None => slices += 1,
            }
        };
        assert!(slices > 2 * (MANY / SORTED_AT_ONCE), "{slices} slices");
        assert!(sorted.sorting(&Plain, None, &tree).is_none());
        let by_slices = sorted.list(&Plain, None, &tree);
        let at_once = names.list(&Plain, None, &tree);
        assert_eq!(shown(&by_slices), shown(&at_once));
        assert_eq!(at_once.len(), MANY + 1);
        assert!(shown(&at_once).is_sorted());

        tree.remove(gone);
        let without = sorted.list(&Plain, None, &tree);
        assert_eq!(without.len(), MANY);
        assert!(without.iter().all(|item| item.id != gone));
    }
}
