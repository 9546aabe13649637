//! Which blocks are where in the cache, and which bundle goes first. Pure: it
//! knows no storage, and time is an argument.

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
pub use client::ports::{BundleId, CachedBlock};
use std::collections::{HashMap, HashSet};

/// Many small edits make many small bundles: more than this are too many to be
/// listed before each use.
const MAX_BUNDLES: usize = 1_024;

/// A use is written down if the last one was so long ago, in milliseconds.
const USE_MILLIS: u64 = 60_000;

/// What is known of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// By this device's clock.
    pub used_at_ms: u64,
    /// What it takes, or may come to take while it is written.
    pub bytes: u64,
    /// In their order, without gaps. None while it is written.
    pub blocks: Vec<BlockRef>,
    /// Whether it has blocks that stay whatever the bound is.
    pub stays: bool,
}

/// All bundles.
#[derive(Debug, Default)]
pub struct BundleIndex {
    bundles: HashMap<BundleId, Bundle>,
    places: HashMap<BlockHash, CachedBlock>,
}

impl BundleIndex {
    /// Whether it is known what is in a bundle. What one is written with becomes
    /// known later.
    pub fn is_whole(&self, id: BundleId) -> bool {
        let bundle = self.bundles.get(&id);
        bundle.is_some_and(|bundle| !bundle.blocks.is_empty())
    }

    pub fn ids(&self) -> impl Iterator<Item = BundleId> {
        self.bundles.keys().copied()
    }

    /// What all bundles take that may go, in bytes.
    pub fn bytes(&self) -> u64 {
        let may_go = self.bundles.values().filter(|bundle| !bundle.stays);
        may_go.map(|bundle| bundle.bytes).sum()
    }

    /// The bundles of these blocks that do not stay, and whether all the blocks are here.
    pub fn loose_of(
        &self,
        hashes: impl IntoIterator<Item = BlockHash>,
    ) -> (HashSet<BundleId>, bool) {
        let (mut loose, mut are_here) = (HashSet::new(), true);
        for hash in hashes {
            match self.places.get(&hash) {
                Some(place) if self.stays(place.bundle) => {}
                Some(place) => {
                    loose.insert(place.bundle);
                }
                None => are_here = false,
            }
        }
        (loose, are_here)
    }

    /// The bundles that stay and have none of these blocks.
    pub fn staying_without(&self, needed: &HashSet<BlockHash>) -> Vec<BundleId> {
        let is_needed = |block: &BlockRef| needed.contains(&block.hash);
        let without = self
            .bundles
            .iter()
            .filter(|(_, bundle)| bundle.stays && !bundle.blocks.iter().any(is_needed));
        without.map(|(id, _)| *id).collect()
    }

    fn stays(&self, id: BundleId) -> bool {
        self.bundles.get(&id).is_some_and(|bundle| bundle.stays)
    }

    pub fn find(&self, hash: BlockHash) -> Option<CachedBlock> {
        self.places.get(&hash).copied()
    }

    /// Adds a bundle, or says anew what is in it.
    pub fn put(&mut self, id: BundleId, bundle: Bundle) {
        self.remove(id);
        for place in places(id, &bundle) {
            self.places.insert(place.block.hash, place);
        }
        self.bundles.insert(id, bundle);
    }

    pub fn remove(&mut self, id: BundleId) {
        if self
            .bundles
            .remove(&id)
            .is_none_or(|old| old.blocks.is_empty())
        {
            return;
        }
        self.places.retain(|_, place| place.bundle != id);
        // Another tab may have stored the same blocks.
        for (&other, bundle) in &self.bundles {
            for place in places(other, bundle) {
                self.places.entry(place.block.hash).or_insert(place);
            }
        }
    }

    /// These bundles are used now. Returns those of which that is worth writing
    /// down.
    pub fn touch(&mut self, ids: &HashSet<BundleId>, now_ms: u64) -> Vec<BundleId> {
        let mut old = Vec::new();
        for id in ids {
            if let Some(bundle) = self.bundles.get_mut(id)
                && bundle.used_at_ms.saturating_add(USE_MILLIS) < now_ms
            {
                bundle.used_at_ms = now_ms;
                old.push(*id);
            }
        }
        old
    }

    /// The bundles to let go, those used longest ago first, so that `more` bytes
    /// in a new one go over no bound. Those that stay are not counted.
    pub fn surplus(&self, more: u64, bound: u64) -> Vec<BundleId> {
        let may_go = self.bundles.iter().filter(|(_, bundle)| !bundle.stays);
        let mut by_use: Vec<(&BundleId, &Bundle)> = may_go.collect();
        by_use.sort_by_cached_key(|(id, bundle)| (bundle.used_at_ms, **id));
        let (mut bytes, mut count) = (self.bytes().saturating_add(more), by_use.len() + 1);
        let mut surplus = Vec::new();
        for (&id, bundle) in by_use {
            if bytes <= bound && count <= MAX_BUNDLES {
                break;
            }
            bytes -= bundle.bytes;
            count -= 1;
            surplus.push(id);
        }
        surplus
    }
}

fn places(id: BundleId, bundle: &Bundle) -> impl Iterator<Item = CachedBlock> {
    bundle.blocks.iter().scan(0, move |end, &block| {
        let offset = *end;
        *end += u64::from(block.length);
        Some(CachedBlock {
            block,
            bundle: id,
            offset,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Bundle, BundleIndex, MAX_BUNDLES, USE_MILLIS};
    use blocks::hash::BlockHash;
    use blocks::manifest::BlockRef;
    use std::collections::HashSet;

    fn block(name: &str, length: u32) -> BlockRef {
        BlockRef {
            hash: BlockHash::of(name.as_bytes()),
            length,
        }
    }

    fn bundle(used_at_ms: u64, blocks: &[BlockRef]) -> Bundle {
        Bundle {
            used_at_ms,
            bytes: blocks.iter().map(|block| u64::from(block.length)).sum(),
            blocks: blocks.to_vec(),
            stays: false,
        }
    }

    #[test]
    fn a_block_is_found_where_it_is_in_its_bundle() {
        let mut index = BundleIndex::default();
        let (a, b, c) = (block("a", 5), block("b", 7), block("c", 9));
        index.put(1, bundle(0, &[a, b]));
        index.put(2, bundle(0, &[c]));
        let place = index.find(b.hash).unwrap();
        assert_eq!((place.bundle, place.offset, place.block), (1, 5, b));
        assert_eq!(index.find(c.hash).unwrap().offset, 0);
        assert_eq!(index.find(block("d", 1).hash), None);
        assert_eq!(index.bytes(), 21);
    }

    #[test]
    fn what_another_bundle_has_as_well_is_still_found() {
        let mut index = BundleIndex::default();
        let (a, b) = (block("a", 5), block("b", 7));
        index.put(1, bundle(0, &[a, b]));
        index.put(2, bundle(0, &[b]));
        index.remove(2);
        assert_eq!(index.find(b.hash).unwrap().bundle, 1);
        index.remove(1);
        assert_eq!(index.find(b.hash), None);
        assert_eq!(index.bytes(), 0);
    }

    #[test]
    fn a_bundle_that_is_written_counts_before_it_has_blocks() {
        let mut index = BundleIndex::default();
        let claim = Bundle {
            bytes: 100,
            ..bundle(0, &[])
        };
        index.put(1, claim);
        assert_eq!(index.bytes(), 100);
        assert!(!index.is_whole(1));
        index.put(1, bundle(0, &[block("a", 60)]));
        assert_eq!(index.bytes(), 60);
        assert!(index.is_whole(1));
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_and_no_more_than_has_to() {
        let mut index = BundleIndex::default();
        for id in 1..=4 {
            index.put(id, bundle(10 - id, &[block(&id.to_string(), 10)]));
        }
        assert!(index.surplus(10, 50).is_empty());
        assert_eq!(index.surplus(11, 50), [4]);
        assert_eq!(index.surplus(10, 25), [4, 3, 2]);
        assert_eq!(index.surplus(0, 0), [4, 3, 2, 1]);
        index.touch(&HashSet::from([4]), USE_MILLIS + 100);
        assert_eq!(index.surplus(11, 50), [3]);
    }

    #[test]
    fn what_stays_is_not_counted_and_does_not_go() {
        let mut index = BundleIndex::default();
        let (a, b, c) = (block("a", 10), block("b", 10), block("c", 10));
        let stays = |blocks: &[BlockRef]| Bundle {
            stays: true,
            ..bundle(0, blocks)
        };
        index.put(1, stays(&[a, b]));
        index.put(2, bundle(1, &[c]));
        assert_eq!(index.bytes(), 10);
        assert!(index.surplus(0, 10).is_empty());
        assert_eq!(index.surplus(0, 0), [2]);
        let hashes = |blocks: &[BlockRef]| blocks.iter().map(|one| one.hash).collect::<Vec<_>>();
        assert_eq!(index.loose_of(hashes(&[a, b])), (HashSet::new(), true));
        assert_eq!(index.loose_of(hashes(&[a, c])), (HashSet::from([2]), true));
        let lacks = block("d", 1);
        assert_eq!(index.loose_of(hashes(&[a, lacks])), (HashSet::new(), false));
        // One of its blocks is enough.
        assert!(index.staying_without(&HashSet::from([b.hash])).is_empty());
        assert_eq!(index.staying_without(&HashSet::from([c.hash])), [1]);
    }

    #[test]
    fn there_are_never_too_many_bundles() {
        let mut index = BundleIndex::default();
        for id in 0..MAX_BUNDLES as u64 {
            index.put(id, bundle(id, &[block(&id.to_string(), 1)]));
        }
        assert_eq!(index.surplus(1, u64::MAX), [0]);
    }

    #[test]
    fn a_use_is_written_down_now_and_then() {
        let mut index = BundleIndex::default();
        index.put(1, bundle(0, &[block("a", 1)]));
        let one = HashSet::from([1, 9]);
        assert!(index.touch(&one, USE_MILLIS).is_empty());
        let written = index.touch(&one, USE_MILLIS + 1);
        assert_eq!(written.len(), 1);
        assert!(index.touch(&one, USE_MILLIS + 2).is_empty());
    }
}
