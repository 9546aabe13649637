//! Blocks that a target is compared with, and the few of them that a patch
//! names.

use super::Patch;
use super::delta::{self, Copy};
use super::index::BaseIndex;
use crate::hash::BlockHash;
use crate::limits::{MAX_PACK_BASE_BYTES, MAX_PATCH_BASES};
use std::collections::HashSet;
use std::ops::Range;

/// A patch does not name a base block that gives fewer bytes than this: the name
/// takes 32 bytes, and the server would have to read the block.
const WORTH_NAMING_BYTES: usize = 128;

/// Blocks whose bytes are at hand.
pub struct Base {
    blocks: Blocks,
    index: BaseIndex,
}

impl Base {
    /// Takes the blocks of a base in their order. A block that comes twice counts
    /// once. Together the blocks must have less than 2 GiB. They are copied, and
    /// the index takes up to as much memory again.
    pub fn of<'a>(blocks: impl IntoIterator<Item = (BlockHash, &'a [u8])>) -> Self {
        let mut known = Blocks::default();
        let mut bytes = Vec::new();
        for (hash, block) in blocks {
            if known.add(hash, block.len()) {
                bytes.extend_from_slice(block);
            }
        }
        let index = BaseIndex::of(bytes);
        Self {
            blocks: known,
            index,
        }
    }

    /// The patch that makes `target`. It may be larger than the target's own
    /// bytes: the caller compares.
    pub fn patch(&self, target: &[u8]) -> Patch {
        self.blocks.patch(target, self.index.copies(target))
    }
}

/// The blocks of a base, one after another.
#[derive(Default)]
pub(super) struct Blocks {
    hashes: Vec<BlockHash>,
    /// Where each begins in the base, and the end of the last.
    bounds: Vec<usize>,
    known: HashSet<BlockHash>,
}

impl Blocks {
    /// Appends a block, unless it is there already.
    pub fn add(&mut self, hash: BlockHash, length: usize) -> bool {
        let is_new = self.known.insert(hash);
        if is_new {
            let start = self.end();
            if self.bounds.is_empty() {
                self.bounds.push(start);
            }
            self.hashes.push(hash);
            self.bounds.push(start + length);
        }
        is_new
    }

    /// Where the base ends so far.
    pub fn end(&self) -> usize {
        self.bounds.last().copied().unwrap_or(0)
    }

    /// Writes the patch that makes `target` by `copies`. It leaves out blocks that
    /// give too little to be named. If there are more blocks than may be named, it
    /// leaves out those that give least.
    pub fn patch(&self, target: &[u8], copies: Vec<Copy>) -> Patch {
        let named = self.named(copies, std::iter::empty()).unwrap_or_default();
        Patch {
            delta: delta::write(target, &named.copies),
            bases: named.hashes,
        }
    }

    /// The blocks that a patch names: all with bytes at the places that are needed, and
    /// others as in [`Blocks::patch`]. `None` if those that are needed are too many.
    pub fn named(
        &self,
        copies: Vec<Copy>,
        needed: impl IntoIterator<Item = Range<usize>>,
    ) -> Option<Named> {
        let mut given = vec![0; self.hashes.len()];
        for copy in &copies {
            for (block, part) in self.parts(copy) {
                given[block] += part.len();
            }
        }
        let mut is_needed = vec![false; self.hashes.len()];
        for place in needed {
            let (from, length) = (place.start, place.len());
            let copy = Copy {
                from,
                to: 0,
                length,
            };
            for (block, _) in self.parts(&copy) {
                is_needed[block] = true;
            }
        }
        let named = self.worth_naming(&given, &is_needed)?;
        let mut starts = vec![None; self.hashes.len()];
        let mut end = 0;
        for &block in &named {
            starts[block] = Some(end);
            end += self.length(block);
        }
        let kept = copies.iter().flat_map(|copy| {
            self.parts(copy).filter_map(|(block, part)| {
                Some(Copy {
                    from: starts[block]? + (part.start - self.bounds[block]),
                    to: copy.to + (part.start - copy.from),
                    length: part.len(),
                })
            })
        });
        Some(Named {
            hashes: named.iter().map(|&block| self.hashes[block]).collect(),
            copies: joined(kept),
            starts,
        })
    }

    /// Where a place of all blocks is among those that are named.
    pub fn place_among(&self, named: &Named, place: usize) -> Option<usize> {
        let block = self.bounds.partition_point(|&at| at <= place);
        let block = block.checked_sub(1)?;
        let start = (*named.starts.get(block)?)?;
        Some(start + place - self.bounds[block])
    }

    /// The bytes of the blocks that are named; `all` has those of all.
    pub fn bytes_of(&self, named: &Named, all: &[u8]) -> Vec<u8> {
        let of_block = |(block, start): (usize, &Option<usize>)| {
            start.and_then(|_| all.get(self.bounds[block]..self.bounds[block + 1]))
        };
        let blocks = named.starts.iter().enumerate().filter_map(of_block);
        blocks.collect::<Vec<_>>().concat()
    }

    /// The blocks that are needed and those that give most, as many as a patch may have, in
    /// their order.
    fn worth_naming(&self, given: &[usize], is_needed: &[bool]) -> Option<Vec<usize>> {
        let mut by_gift: Vec<usize> = (0..given.len())
            .filter(|&block| is_needed[block] || given[block] >= WORTH_NAMING_BYTES)
            .collect();
        by_gift.sort_by_key(|&block| std::cmp::Reverse((is_needed[block], given[block])));
        let mut left_bytes = MAX_PACK_BASE_BYTES;
        let fits = |&block: &usize| match left_bytes.checked_sub(self.length(block)) {
            Some(left) => {
                left_bytes = left;
                true
            }
            None => false,
        };
        let mut named: Vec<usize> = by_gift
            .into_iter()
            .filter(fits)
            .take(MAX_PATCH_BASES)
            .collect();
        let needed = named.iter().filter(|&&block| is_needed[block]).count();
        if needed < is_needed.iter().filter(|&&is_needed| is_needed).count() {
            return None;
        }
        named.sort_unstable();
        Some(named)
    }

    fn length(&self, block: usize) -> usize {
        self.bounds[block + 1] - self.bounds[block]
    }

    /// What a copy takes of each block.
    fn parts(&self, copy: &Copy) -> impl Iterator<Item = (usize, Range<usize>)> {
        let Copy { from, length, .. } = *copy;
        let end = from + length;
        let first = self.bounds.partition_point(|&at| at <= from) - 1;
        let blocks = first..self.hashes.len();
        blocks
            .map(move |block| {
                let part = self.bounds[block].max(from)..self.bounds[block + 1].min(end);
                (block, part)
            })
            .take_while(|(_, part)| !part.is_empty())
    }
}

/// The blocks that a patch names.
#[derive(Default)]
pub(super) struct Named {
    /// In their order.
    pub hashes: Vec<BlockHash>,
    /// What is copied from them, in the order of the target.
    pub copies: Vec<Copy>,
    /// Of each block: where it begins among those that are named.
    starts: Vec<Option<usize>>,
}

/// Joins copies that follow each other on both sides.
fn joined(copies: impl Iterator<Item = Copy>) -> Vec<Copy> {
    let mut joined: Vec<Copy> = Vec::new();
    for copy in copies {
        match joined.last_mut() {
            Some(last)
                if last.from + last.length == copy.from && last.to + last.length == copy.to =>
            {
                last.length += copy.length;
            }
            _ => joined.push(copy),
        }
    }
    joined
}
