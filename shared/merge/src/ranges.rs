//! What two sides changed of a file that is no text, told from block lists
//! alone: a map of ranges, without a byte of the file.

use blocks::manifest::BlockRef;
use blocks::splice;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A stretch of the base, in bytes, that one side replaced by a stretch of its own;
/// either may be empty. Blocks limit how exact it is: what changed lies within it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRange {
    /// What was replaced, in bytes of the base.
    pub base: Range<u64>,
    /// What replaces it, in bytes of the side.
    pub side: Range<u64>,
}

/// Where each side differs from the base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// Bytes of each.
    pub base_size: u64,
    /// Bytes of the first side.
    pub first_size: u64,
    /// Bytes of the second side.
    pub second_size: u64,
    /// The first side's changes, in order, not touching each other.
    pub first: Vec<ChangedRange>,
    /// The second side's changes, in order, not touching each other.
    pub second: Vec<ChangedRange>,
    /// Stretches of the base that both sides changed, in order. An empty one is
    /// a place where both put something in.
    pub both: Vec<Range<u64>>,
}

/// Compares three block lists. Without a base, both sides are all new.
pub fn map(base: &[BlockRef], first: &[BlockRef], second: &[BlockRef]) -> Map {
    let of_first = changed(base, first);
    let of_second = changed(base, second);
    Map {
        base_size: size(base),
        first_size: size(first),
        second_size: size(second),
        both: common(&of_first, &of_second),
        first: of_first,
        second: of_second,
    }
}

fn size(blocks: &[BlockRef]) -> u64 {
    blocks.iter().map(|block| u64::from(block.length)).sum()
}

/// Where each block begins, and the end of the last.
fn offsets(blocks: &[BlockRef]) -> Vec<u64> {
    let mut at = 0;
    let mut offsets = vec![0];
    offsets.extend(blocks.iter().map(|block| {
        at += u64::from(block.length);
        at
    }));
    offsets
}

fn changed(base: &[BlockRef], side: &[BlockRef]) -> Vec<ChangedRange> {
    let (of_base, of_side) = (offsets(base), offsets(side));
    let ranges = splice::differences(base, side)
        .into_iter()
        .map(|(old, new)| ChangedRange {
            base: of_base[old.start]..of_base[old.end],
            side: of_side[new.start]..of_side[new.end],
        });
    ranges.collect()
}

/// Where changes of both sides meet in the base.
fn common(first: &[ChangedRange], second: &[ChangedRange]) -> Vec<Range<u64>> {
    let mut both = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(one), Some(other)) = (first.get(i), second.get(j)) {
        let (one, other) = (&one.base, &other.base);
        let meeting = one.start.max(other.start)..one.end.min(other.end);
        // Stretches that merely touch have nothing in common. An insertion at the edge
        // of what the other side replaced does.
        let is_within = meeting.start < meeting.end
            || (meeting.start == meeting.end && (one.is_empty() || other.is_empty()));
        if is_within {
            both.push(meeting);
        }
        if one.end <= other.end {
            i += 1;
        } else {
            j += 1;
        }
    }
    both
}
