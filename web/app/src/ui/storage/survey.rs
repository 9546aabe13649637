//! What a drive has: how much of each kind, the largest files, and those that nobody has
//! changed for the longest. It is looked through in slices, so that a large drive does not
//! hold up the page.

use crate::ui::files::Kind;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::cmp::Reverse;
use sync::tree::Tree;

/// How many files are listed as the largest, and as the oldest.
pub const LISTED: usize = 20;

/// What there is of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfKind {
    pub files: usize,
    /// Of the newest versions.
    pub bytes: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// By [`Kind`].
    kinds: [OfKind; Kind::HEADINGS.len()],
    largest: Vec<(Reverse<u64>, ItemId)>,
    oldest: Vec<(u64, ItemId)>,
}

impl Survey {
    /// Files and bytes of all kinds.
    pub fn total(&self) -> OfKind {
        let sum = |sum: OfKind, one: &OfKind| OfKind {
            files: sum.files + one.files,
            bytes: sum.bytes + one.bytes,
        };
        self.kinds.iter().fold(OfKind::default(), sum)
    }

    /// The kinds of which there is something, the largest first, with what they are called.
    pub fn kinds(&self) -> Vec<(&'static str, OfKind)> {
        let named = Kind::HEADINGS.into_iter().zip(self.kinds);
        let mut kinds: Vec<_> = named.filter(|(_, of)| of.files > 0).collect();
        kinds.sort_by_key(|(_, of)| Reverse(of.bytes));
        kinds
    }

    /// The largest first.
    pub fn largest(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.largest.iter().map(|(_, id)| *id)
    }

    /// Those that were changed the longest ago first.
    pub fn oldest(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.oldest.iter().map(|(_, id)| *id)
    }

    fn add(&mut self, item: &Item) {
        let Some(file) = &item.file else { return };
        let of = &mut self.kinds[Kind::of(item) as usize];
        of.files += 1;
        of.bytes += file.size;
        // What is empty takes no room.
        if file.size > 0 {
            put(&mut self.largest, (Reverse(file.size), item.id));
            put(&mut self.oldest, (file.committed.at_ms, item.id));
        }
    }
}

/// Keeps the first ones of an order.
fn put<T: Ord>(first: &mut Vec<T>, next: T) {
    let at = first.partition_point(|one| *one < next);
    if at < LISTED {
        first.truncate(LISTED - 1);
        first.insert(at, next);
    }
}

/// A drive that is being looked through. Of what changes meanwhile it may see the old state
/// or the new one.
pub struct Walk {
    folders: Vec<Option<ItemId>>,
    items: Vec<ItemId>,
    found: Survey,
}

impl Walk {
    pub fn begin() -> Self {
        Self {
            folders: vec![None],
            items: Vec::new(),
            found: Survey::default(),
        }
    }

    /// Looks at so many items more. What was found, once that is all.
    pub fn go_on(&mut self, tree: &Tree, items: usize) -> Option<Survey> {
        for _ in 0..items {
            while self.items.is_empty() {
                let Some(folder) = self.folders.pop() else {
                    return Some(std::mem::take(&mut self.found));
                };
                self.items.extend(tree.children(folder));
            }
            let Some(item) = self.items.pop().and_then(|id| tree.get(id)) else {
                continue;
            };
            match item.is_folder() {
                true => self.folders.push(Some(item.id)),
                false => self.found.add(item),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{LISTED, OfKind, Survey, Walk};
    use protocol::ids::ItemId;
    use std::sync::Arc;
    use sync::tree::{ListedItem, Tree};

    fn id(n: u128) -> ItemId {
        ItemId::from_random((n << 80).to_be_bytes())
    }

    fn put(tree: &mut Tree, n: u128, parent: Option<u128>, name: &str, file: Option<(u64, u64)>) {
        let mut item = serde_json::json!({
            "id": id(n), "parent": parent.map(id), "name": name, "place_version": 1,
            "created_at_ms": 0,
        });
        if let Some((size, at_ms)) = file {
            item["file"] = serde_json::json!({
                "version": 1, "size": size, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_name": "x", "at_ms": at_ms, "device_id": id(1),
                },
            });
        }
        let item = Arc::new(serde_json::from_value(item).unwrap());
        tree.put(ListedItem {
            item,
            pending: false,
        });
    }

    fn surveyed(tree: &Tree, slice: usize) -> Survey {
        let mut walk = Walk::begin();
        loop {
            if let Some(found) = walk.go_on(tree, slice) {
                return found;
            }
        }
    }

    #[test]
    fn all_that_is_out_of_the_trash_is_counted_by_its_kind() {
        let mut tree = Tree::default();
        put(&mut tree, 1, None, "folder", None);
        put(&mut tree, 2, Some(1), "a.jpg", Some((70, 5)));
        put(&mut tree, 3, Some(1), "below", None);
        put(&mut tree, 4, Some(3), "b.png", Some((30, 4)));
        put(&mut tree, 5, None, "notes.txt", Some((400, 3)));
        put(&mut tree, 6, None, "empty.txt", Some((0, 1)));
        let found = surveyed(&tree, 1);
        assert_eq!(found, surveyed(&tree, 1000));
        let of = |files, bytes| OfKind { files, bytes };
        assert_eq!(
            found.kinds(),
            [("Documents", of(2, 400)), ("Pictures", of(2, 100))]
        );
        assert_eq!(found.total(), of(4, 500));
        let ids = |ids: &[u128]| ids.iter().map(|n| id(*n)).collect::<Vec<_>>();
        assert_eq!(found.largest().collect::<Vec<_>>(), ids(&[5, 2, 4]));
        assert_eq!(found.oldest().collect::<Vec<_>>(), ids(&[5, 4, 2]));
    }

    #[test]
    fn only_the_first_ones_are_listed() {
        let mut tree = Tree::default();
        let many = 3 * LISTED as u128;
        for n in 1..=many {
            put(
                &mut tree,
                n,
                None,
                &format!("{n}"),
                Some((n as u64, n as u64)),
            );
        }
        let found = surveyed(&tree, 7);
        let largest: Vec<_> = (0..LISTED as u128).map(|n| id(many - n)).collect();
        assert_eq!(found.largest().collect::<Vec<_>>(), largest);
        let oldest: Vec<_> = (1..=LISTED as u128).map(id).collect();
        assert_eq!(found.oldest().collect::<Vec<_>>(), oldest);
    }
}
