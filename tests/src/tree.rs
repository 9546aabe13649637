//! What a device knows of its space: the change feed, applied.

use crate::client::{Client, Failure};
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId};
use protocol::items::Item;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Whoever can be asked for pages of the feed.
pub trait Feed {
    type Refusal: Debug;

    fn changes(&self, since: Option<&str>, limit: Option<u64>)
    -> Result<ChangePage, Self::Refusal>;
}

impl Feed for Client {
    type Refusal = Failure;

    fn changes(&self, since: Option<&str>, limit: Option<u64>) -> Result<ChangePage, Failure> {
        self.changes(since, limit)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub items: BTreeMap<ItemId, Item>,
    pub conflicts: BTreeMap<ConflictId, Conflict>,
    /// Where the feed goes on.
    pub cursor: Option<String>,
}

/// One pull, until there is no more.
#[derive(Debug)]
pub struct Pulled {
    pub pages: usize,
    pub resets: usize,
    /// In the order in which they came.
    pub changes: Vec<Change>,
}

impl Tree {
    /// Reads the whole space from its start.
    pub fn of<F: Feed>(client: &F) -> Result<Self, F::Refusal> {
        let mut tree = Self::default();
        tree.pull(client, None)?;
        Ok(tree)
    }

    /// Pulls until the feed has no more to say.
    ///
    /// # Panics
    /// If the feed never ends: a page that has more must bring something.
    pub fn pull<F: Feed>(&mut self, client: &F, limit: Option<u64>) -> Result<Pulled, F::Refusal> {
        let mut pulled = Pulled {
            pages: 0,
            resets: 0,
            changes: Vec::new(),
        };
        loop {
            let page = client.changes(self.cursor.as_deref(), limit)?;
            pulled.pages += 1;
            if let Some(limit) = limit {
                assert!(page.changes.len() as u64 <= limit, "{page:?}");
            }
            if page.reset {
                pulled.resets += 1;
                self.items.clear();
                self.conflicts.clear();
            }
            for change in &page.changes {
                match change.clone() {
                    Change::Item { item } => {
                        self.items.insert(item.id, item);
                    }
                    Change::Conflict { conflict } => {
                        self.conflicts.insert(conflict.id, conflict);
                    }
                    Change::Deleted { item } => {
                        self.items.remove(&item);
                        self.conflicts.retain(|_, conflict| conflict.item != item);
                    }
                    Change::Shared => {}
                    Change::Unknown => panic!("the server says what this build does not know"),
                }
            }
            assert!(
                !page.has_more || self.cursor.as_ref() != Some(&page.next_token),
                "the feed has more but stays where it is"
            );
            self.cursor = Some(page.next_token);
            pulled.changes.extend(page.changes);
            if !page.has_more {
                return Ok(pulled);
            }
        }
    }
}
