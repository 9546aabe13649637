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
        let mut given = vec![0; self.hashes.len()];
        for copy in &copies {
            for (block, part) in self.parts(copy) {
                given[block] += part.len();
            }
        }
        let named = self.worth_naming(&given);
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
        Patch {
            bases: named.iter().map(|&block| self.hashes[block]).collect(),
            delta: delta::write(target, &joined(kept)),
        }
    }

    /// The blocks that give most, as many as a patch may have, in their order.
    fn worth_naming(&self, given: &[usize]) -> Vec<usize> {
        let mut by_gift: Vec<usize> = (0..given.len())
            .filter(|&block| given[block] >= WORTH_NAMING_BYTES)
            .collect();
        by_gift.sort_by_key(|&block| std::cmp::Reverse(given[block]));
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
        named.sort_unstable();
        named
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
