//! All names of a tree, folded once, so that each key that is pressed only compares.
//!
//! An index is of one moment. It is made in slices, and made anew when the tree has
//! changed: that takes a fraction of a second for 100,000 names, and nothing of an older
//! tree can stay in it.

use super::fold::Folder;
use super::pattern::mask;
use crate::tree::Tree;
use protocol::ids::ItemId;

/// Folded names.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Those that are still to be looked at.
    waiting: Vec<ItemId>,
    entries: Vec<Entry>,
    text: String,
    folder: Folder,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: ItemId,
    end: usize,
    mask: u64,
}

/// A name of the index.
#[derive(Clone, Copy, Debug)]
pub struct Folded<'a> {
    /// Whose name it is.
    pub id: ItemId,
    /// Without case and accents.
    pub name: &'a str,
    /// The [`mask`] of that.
    pub mask: u64,
}

impl Index {
    /// Begins an index of all that is in a tree now, in the trash or not.
    pub fn begin(tree: &Tree) -> Self {
        let waiting: Vec<ItemId> = tree.ids().collect();
        Self {
            entries: Vec::with_capacity(waiting.len()),
            waiting,
            ..Self::default()
        }
    }

    /// Goes on with at most `count` names. What has left the tree since is left out.
    pub fn go_on(&mut self, tree: &Tree, count: usize) {
        let from = self.waiting.len().saturating_sub(count);
        for id in self.waiting.drain(from..) {
            let Some(item) = tree.get(id) else { continue };
            let start = self.text.len();
            self.folder.fold(item.name.as_str(), &mut self.text);
            let end = self.text.len();
            let mask = mask(&self.text[start..end]);
            self.entries.push(Entry { id, end, mask });
        }
    }

    /// Whether all names are in it.
    pub fn is_whole(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many names are in it.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no name is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names from one place on, in an order that stays.
    pub fn from(&self, place: usize) -> impl Iterator<Item = Folded<'_>> {
        let before = place
            .checked_sub(1)
            .and_then(|place| self.entries.get(place));
        let mut start = before.map_or(0, |entry| entry.end);
        let entries = self.entries.get(place..).unwrap_or_default();
        entries.iter().map(move |entry| {
            let name = self.text.get(start..entry.end).unwrap_or_default();
            start = entry.end;
            Folded {
                id: entry.id,
                name,
                mask: entry.mask,
            }
        })
    }
}
