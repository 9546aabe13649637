//! What a browser keeps, read piece by piece: an engine to be, and the tree that it will show.
//! Each item costs the same, however many there are, so a piece takes the thread for as long
//! as its reader wants.

use super::engine::{Config, Engine, Restoring};
use super::message::StoredState;
use super::tree::{ListedItem, Shows, Tree};
use protocol::ids::ItemId;
use protocol::items::Item;

/// An engine and its tree that lack items. Nothing is decided by the one and nothing is shown
/// of the other before [`Self::finish`].
#[derive(Debug)]
pub struct Growing<'a> {
    restoring: Restoring,
    tree: Tree,
    shows: Shows<'a>,
}

impl<'a> Growing<'a> {
    /// Begins with all that is kept but the items. If some of these are in it, they are taken.
    pub fn begin(config: Config, mut kept: StoredState, shows: Shows<'a>) -> Self {
        let items = std::mem::take(&mut kept.items);
        let mut growing = Self {
            restoring: Restoring::begin(config, kept, shows.now_ms),
            tree: Tree::default(),
            shows,
        };
        for item in items {
            growing.put(item);
        }
        growing
    }

    /// Takes one more item.
    pub fn put(&mut self, item: Item) {
        let id = item.id;
        self.restoring.put(item);
        self.show(id);
    }

    /// The engine and what it shows, once all items are here.
    pub fn finish(mut self) -> (Engine, Tree) {
        // What the server does not have is among no items.
        let trees = self.restoring.trees();
        let edited: Vec<ItemId> = trees.edits().map(|edit| edit.item).collect();
        for id in edited {
            self.show(id);
        }
        self.tree.complete = self.restoring.is_complete();
        (self.restoring.finish(), self.tree)
    }

    fn show(&mut self, id: ItemId) {
        if let Some(listed) = ListedItem::of(self.restoring.trees(), id, None, self.shows) {
            self.tree.put(listed);
        }
    }
}
