//! Finds what a target has in common with blocks of which only tags are known.

use super::Patch;
use super::base::Blocks;
use super::delta::Copy;
use super::signature::{Rolling, Signature, Tag, strong, sub_blocks};
use crate::limits::SUB_BLOCK_BYTES;
use std::ops::Range;

/// How many sub-blocks of the same rolling hash are tried.
const MAX_TRIES: usize = 8;

/// Blocks whose bytes only the other side has.
pub struct SignedBase {
    blocks: Blocks,
    sub_blocks: Vec<SubBlock>,
    /// By the lower bits of the rolling hash: the first sub-block with these bits,
    /// counted from 1; 0 is none. Only sub-blocks of full length are looked for by
    /// their hash.
    first: Vec<u32>,
    /// By sub-block: the next one with the same bits.
    next: Vec<u32>,
}

struct SubBlock {
    /// Where it is in the base.
    place: Range<usize>,
    tag: Tag,
}

impl SignedBase {
    /// Takes the signatures of a base in its order. A block that comes twice counts
    /// once.
    pub fn of(signatures: &[Signature]) -> Self {
        let mut blocks = Blocks::default();
        let mut all = Vec::new();
        for block in signatures {
            let start = blocks.end();
            if blocks.add(block.hash, block.length as usize) {
                let parts = sub_blocks(block.length, block.first_bytes).zip(&block.tags);
                all.extend(parts.map(|(part, &tag)| SubBlock {
                    place: start + part.start..start + part.end,
                    tag,
                }));
            }
        }
        let slots = all.len().next_power_of_two().max(256) * 4;
        let mut base = Self {
            blocks,
            first: vec![0; slots],
            next: vec![0; all.len()],
            sub_blocks: all,
        };
        for number in (0..base.sub_blocks.len()).rev() {
            let sub_block = &base.sub_blocks[number];
            if sub_block.place.len() == SUB_BLOCK_BYTES {
                let slot = base.slot(sub_block.tag.weak);
                base.next[number] = base.first[slot];
                base.first[slot] = number as u32 + 1;
            }
        }
        base
    }

    /// The patch that makes `target`. It may be larger than the target's own bytes.
    /// If two different stretches have one tag, the patch makes other bytes, and
    /// the server refuses them by their hash.
    pub fn patch(&self, target: &[u8]) -> Patch {
        self.blocks.patch(target, self.copies(target))
    }

    fn copies(&self, target: &[u8]) -> Vec<Copy> {
        let length = SUB_BLOCK_BYTES;
        let mut copies = Vec::new();
        let (mut at, mut floor) = (0, 0);
        let mut rolling = target.get(..length).map(Rolling::of);
        while let Some(hash) = rolling {
            if let Some(number) = self.find(hash.tag(), &target[at..at + length]) {
                let copy = self.grown(number, target, at, floor);
                at = copy.to + copy.length;
                floor = at;
                copies.push(copy);
                rolling = target.get(at..at + length).map(Rolling::of);
                continue;
            }
            rolling = target.get(at + length).map(|&enters| {
                let mut hash = hash;
                hash.roll(target[at], enters);
                hash
            });
            at += 1;
        }
        copies
    }

    /// The sub-block that has these bytes.
    fn find(&self, weak: u32, window: &[u8]) -> Option<usize> {
        let mut entry = self.first[self.slot(weak)];
        let mut strong_tag = None;
        for _ in 0..MAX_TRIES {
            let number = entry.checked_sub(1)? as usize;
            let tag = self.sub_blocks[number].tag;
            if tag.weak == weak && tag.strong == *strong_tag.get_or_insert_with(|| strong(window)) {
                return Some(number);
            }
            entry = self.next[number];
        }
        None
    }

    /// The copy of a sub-block and of those around it that follow in the target
    /// too, whatever their length.
    fn grown(&self, number: usize, target: &[u8], at: usize, floor: usize) -> Copy {
        let mut place = self.sub_blocks[number].place.clone();
        let (mut to, mut end) = (at, at + place.len());
        for before in self.sub_blocks[..number].iter().rev() {
            let Some(start) = to.checked_sub(before.place.len()).filter(|&s| s >= floor) else {
                break;
            };
            if Tag::of(&target[start..to]) != before.tag {
                break;
            }
            (to, place.start) = (start, before.place.start);
        }
        for after in &self.sub_blocks[number + 1..] {
            let Some(bytes) = target.get(end..end + after.place.len()) else {
                break;
            };
            if Tag::of(bytes) != after.tag {
                break;
            }
            (end, place.end) = (end + bytes.len(), after.place.end);
        }
        Copy {
            from: place.start,
            to,
            length: end - to,
        }
    }

    fn slot(&self, weak: u32) -> usize {
        weak as usize & (self.first.len() - 1)
    }
}
