//! One query over an index, a slice at a time.

use super::index::Index;
use super::pattern::{Fit, Rank};
use super::query::{Facts, Kind, Query};
use crate::tree::Tree;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

/// How many hits are kept; of the others it is only known that they are there.
pub const MAX_HITS: usize = 1_000;

/// What stands first: what fits better, then what is shorter, then what is newer. The id
/// makes the order certain. Without words, only what is newer counts.
type Key = (Rank, usize, Reverse<i64>, ItemId);

/// A query on its way through an index.
#[derive(Clone, Debug)]
pub struct Scan {
    query: Query,
    /// What the person has starred.
    stars: BTreeSet<ItemId>,
    /// The next place of the index.
    at: usize,
    found: usize,
    best: BinaryHeap<Key>,
    /// Whether folders are out of the trash, with all above them.
    live: HashMap<ItemId, bool>,
}

/// Something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which item it is.
    pub id: ItemId,
    /// How its name fits.
    pub fit: Fit,
}

impl Scan {
    /// Begins with a query, of somebody who has starred nothing.
    pub fn begin(query: Query) -> Self {
        Self {
            query,
            stars: BTreeSet::new(),
            at: 0,
            found: 0,
            best: BinaryHeap::new(),
            live: HashMap::new(),
        }
    }

    /// The same for somebody who has starred these.
    #[must_use]
    pub fn starred(self, stars: BTreeSet<ItemId>) -> Self {
        Self { stars, ..self }
    }

    /// The same from the beginning, through another index.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::begin(self.query.clone()).starred(self.stars.clone())
    }

    /// What is looked for.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Looks at `count` names more, at most. `kind` says what a file of this name is.
    pub fn go_on(
        &mut self,
        index: &Index,
        tree: &Tree,
        kind: &dyn Fn(&str) -> Option<Kind>,
        count: usize,
    ) {
        let before = self.at;
        for folded in index.from(before).take(count) {
            self.at += 1;
            if self.query.starred && !self.stars.contains(&folded.id) {
                continue;
            }
            let rank = self.query.pattern.rank(folded.name, folded.mask);
            let Some((rank, item)) = rank.zip(tree.get(folded.id)) else {
                continue;
            };
            let facts = Facts::of(item, kind);
            if !self.query.admits(&facts) || self.is_live(tree, item) == self.query.in_trash {
                continue;
            }
            self.found += 1;
            let length = match self.query.pattern.is_empty() {
                true => 0,
                false => folded.name.len(),
            };
            self.keep((rank, length, Reverse(facts.changed_ms), folded.id));
        }
    }

    /// Whether it has seen all names that are in the index, which may get more.
    pub fn has_seen(&self, index: &Index) -> bool {
        self.at >= index.len()
    }

    /// How many fit, of what was looked at.
    pub fn found(&self) -> usize {
        self.found
    }

    /// The best of them, in order; at most `count`.
    pub fn best(&self, count: usize) -> Vec<Hit> {
        let mut keys: Vec<&Key> = self.best.iter().collect();
        keys.sort_unstable();
        keys.truncate(count);
        let hit = |key: &Key| Hit {
            id: key.3,
            fit: key.0.worst,
        };
        keys.into_iter().map(hit).collect()
    }

    fn keep(&mut self, key: Key) {
        if self.best.len() < MAX_HITS {
            self.best.push(key);
        } else if let Some(mut worst) = self.best.peek_mut()
            && key < *worst
        {
            *worst = key;
        }
    }

    fn is_live(&mut self, tree: &Tree, item: &Item) -> bool {
        if item.trashed_at_ms.is_some() {
            return false;
        }
        let Some(parent) = item.parent else {
            return true;
        };
        // The top of what is shared with the person is in a folder that they do not see.
        let live = self.live.entry(parent);
        *live.or_insert_with(|| tree.get(parent).is_none() || tree.is_live(parent))
    }
}
