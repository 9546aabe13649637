//! The names of a folder in the order of the person's language, kept from one
//! listing to the next: what has not changed is not sorted again.

use crate::ui::collate::{Collate, insert, sort};
use platform::browser::collator::Collator;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::{BTreeSet, HashSet};
use std::mem;
use std::sync::Arc;
use sync::shards::Shards;
use sync::tree::{Seen, Tree};

/// So many names are sorted at once: some milliseconds.
const SORTED_AT_ONCE: usize = 500;
/// From so many names on that are new in a folder, they are sorted in slices.
const MANY: usize = 3_000;
/// Into so many, no more are put at once than this: each is compared with some of them.
const PUT_AT_ONCE: usize = 250;

#[derive(Default)]
pub struct Names {
    folder: Option<ItemId>,
    folders: Vec<Arc<Item>>,
    files: Vec<Arc<Item>>,
    /// The ids of both. Nearly all that changes while a long list comes is new in it, and that
    /// is found out without a look at each of its rows.
    ids: Shards<ItemId, ()>,
    /// How far the tree's changes are in them,
    seen: Option<Seen>,
    /// but for these.
    waiting: BTreeSet<ItemId>,
}

impl Names {
    /// The children of a folder: folders and mounts first, then files, each by name. Where few
    /// items have changed since the last time, only these are looked at. Of very many that are
    /// new some may [wait](Self::waits) for the next time.
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
        let seen = self.seen.replace(tree.seen());
        let changed = seen.as_ref().and_then(|seen| tree.since(seen));
        let changed: Option<BTreeSet<ItemId>> = changed.map(Iterator::collect);
        match &changed {
            Some(changed) => {
                let known = changed.iter().filter(|id| self.has(**id));
                let known: HashSet<ItemId> = known.copied().collect();
                if !known.is_empty() {
                    self.look_again(tree, |id| known.contains(&id));
                }
            }
            None => self.look_again(tree, |_| true),
        }
        let all = || tree.children(folder).collect();
        let mut new = changed.unwrap_or_else(all);
        new.append(&mut self.waiting);
        new.retain(|id| !self.has(*id) && tree.child(folder, *id).is_some());
        if self.len() >= MANY
            && let Some(first) = new.iter().nth(PUT_AT_ONCE).copied()
        {
            self.waiting = new.split_off(&first);
        }
        for id in &new {
            self.ids.of_mut(id).insert(*id, ());
        }
        let new = new.iter().filter_map(|id| tree.child(folder, *id)).cloned();
        let (files, folders) = new.partition(|item| is_file(item));
        insert(with, &mut self.folders, folders, name);
        insert(with, &mut self.files, files, name);
        self.items().cloned().collect()
    }

    /// Looks at those that may differ: takes out what is not here any more, or has another
    /// place in the order.
    fn look_again(&mut self, tree: &Tree, may_differ: impl Fn(ItemId) -> bool) {
        let (folder, ids) = (self.folder, &mut self.ids);
        let mut stays = |known: &mut Arc<Item>| {
            if !may_differ(known.id) {
                return true;
            }
            let item = tree.child(folder, known.id);
            let is_here =
                |item: &&Arc<Item>| item.name == known.name && is_file(item) == is_file(known);
            match item.filter(is_here) {
                Some(item) => {
                    known.clone_from(item);
                    true
                }
                None => {
                    ids.of_mut(&known.id).remove(&known.id);
                    false
                }
            }
        };
        self.folders.retain_mut(&mut stays);
        self.files.retain_mut(stays);
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
        let is_many = tree.name_count(folder) >= known + MANY;
        is_many.then(|| Sorting::begin(with, folder, tree))
    }

    /// Whether there are more than [`Self::list`] has listed.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn has(&self, id: ItemId) -> bool {
        self.ids.of(&id).contains_key(&id)
    }

    fn len(&self) -> usize {
        self.folders.len() + self.files.len()
    }

    fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.folders.iter().chain(&self.files)
    }
}

fn is_file(item: &Item) -> bool {
    item.file.is_some()
}

fn name(item: &Arc<Item>) -> &str {
    item.name.as_str()
}

/// All names of a folder on their way into their order, a slice at a time. Each goes into one
/// of many parts that follow each other, and each part is sorted by itself.
pub struct Sorting<K> {
    folder: Option<ItemId>,
    waiting: Vec<ItemId>,
    /// What the second part begins with, the third and so on.
    bounds: Vec<K>,
    /// The last first.
    parts: Vec<Vec<Arc<Item>>>,
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
                seen: Some(tree.seen()),
                ..Names::default()
            },
        }
    }

    /// The folder whose names they are.
    pub fn folder(&self) -> Option<ItemId> {
        self.folder
    }

    /// Goes on for some milliseconds. The names, once they are all in order, as they were when
    /// this began: what has changed since is seen by whoever lists them.
    pub fn go_on(&mut self, with: &impl Collate<Key = K>, tree: &Tree) -> Option<Names> {
        if !self.waiting.is_empty() {
            let from = self.waiting.len().saturating_sub(SORTED_AT_ONCE);
            let last = self.parts.len() - 1;
            let waiting = self.waiting.drain(from..);
            for item in waiting.filter_map(|id| tree.child(self.folder, id)) {
                let key = with.key(name(item));
                let is_before = |bound: &K| with.compare(bound, &key).is_le();
                let part = self.bounds.partition_point(is_before);
                self.parts[last - part].push(item.clone());
            }
            return None;
        }
        let Some(mut part) = self.parts.pop() else {
            return Some(mem::take(&mut self.sorted));
        };
        sort(with, &mut part, name);
        for item in part {
            self.sorted.ids.of_mut(&item.id).insert(item.id, ());
            match is_file(&item) {
                true => self.sorted.files.push(item),
                false => self.sorted.folders.push(item),
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
    use super::{Arc, Collate, Item, ItemId, MANY, Names, PUT_AT_ONCE, SORTED_AT_ONCE, Tree};
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

    fn id(n: usize) -> ItemId {
        ItemId::from_random(((n as u128) << 80).to_be_bytes())
    }

    fn put(tree: &mut Tree, n: usize, name: &str, is_file: bool) -> ItemId {
        let id = id(n);
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

    #[test]
    fn of_very_many_that_are_new_in_a_long_list_some_wait() {
        let mut tree = Tree::default();
        for n in 0..MANY {
            put(&mut tree, 2 * n, &(2 * n).to_string(), true);
        }
        let mut names = Names::default();
        assert_eq!(names.list(&Plain, None, &tree).len(), MANY);
        assert!(!names.waits());

        for n in 0..2 * PUT_AT_ONCE + 1 {
            put(&mut tree, 2 * n + 1, &(2 * n + 1).to_string(), n % 2 > 0);
        }
        assert_eq!(names.list(&Plain, None, &tree).len(), MANY + PUT_AT_ONCE);
        // One of those that wait goes, and one of those that are there.
        tree.remove(id(4 * PUT_AT_ONCE + 1));
        tree.remove(id(0));
        let mut listed = names.list(&Plain, None, &tree);
        assert_eq!(listed.len(), MANY + 2 * PUT_AT_ONCE - 1);
        while names.waits() {
            listed = names.list(&Plain, None, &tree);
        }
        let anew = Names::default().list(&Plain, None, &tree);
        assert_eq!(shown(&listed), shown(&anew));
    }

    #[test]
    fn what_has_changed_since_the_last_listing_is_listed_as_if_all_was_looked_at() {
        const COUNT: usize = 60;
        let mut tree = Tree::default();
        let elsewhere = put(&mut tree, COUNT, "elsewhere", false);
        for n in 0..COUNT {
            put(&mut tree, n, &n.to_string(), n % 4 > 0);
        }
        let mut names = Names::default();
        let mut chance: usize = 7;
        for round in 0..500 {
            let mut any = |n: usize| {
                chance = chance * 1_103 % 1_000_003;
                chance % n
            };
            for _ in 0..any(3) {
                let (n, name) = (any(COUNT), any(1_000).to_string());
                let is_file = any(4) > 0;
                match any(5) {
                    0 => tree.remove(id(n)),
                    // Under the same name, but another one.
                    1 => {
                        if let Some(mut listed) = tree.listed(id(n)) {
                            Arc::make_mut(&mut listed.item).created_at_ms += 1;
                            tree.put(listed);
                        }
                    }
                    2 => {
                        put(&mut tree, n, &name, is_file);
                        let mut moved = tree.listed(id(n)).expect("it was put");
                        Arc::make_mut(&mut moved.item).parent = Some(elsewhere);
                        tree.put(moved);
                    }
                    _ => {
                        put(&mut tree, n, &name, is_file);
                    }
                }
            }
            let folder = Some(elsewhere).filter(|_| any(10) == 0);
            let listed = names.list(&Plain, folder, &tree);
            let anew = Names::default().list(&Plain, folder, &tree);
            let by_id = |items: &[Arc<Item>]| {
                let mut items: Vec<_> = items.iter().map(|item| (item.id, item.clone())).collect();
                items.sort_by_key(|(id, _)| *id);
                items
            };
            // Of two with one name either may come first.
            assert_eq!(by_id(&listed), by_id(&anew), "round {round}");
            assert_eq!(shown(&listed), shown(&anew), "round {round}");
        }
    }
}
