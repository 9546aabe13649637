//! What two sides changed of a file that is no text: a map of ranges, told from block
//! lists alone, without a byte of the file. Where somebody has the bytes of such a range,
//! they tell more exactly what of it changed.

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

impl Map {
    /// The map with other changes, of which [`exact`] was told.
    #[must_use]
    pub fn with(self, first: Vec<ChangedRange>, second: Vec<ChangedRange>) -> Self {
        Self {
            both: common(&first, &second),
            first,
            second,
            ..self
        }
    }
}

/// Stretches that are closer together than this, in bytes, are told as one: what is written
/// anew has a byte in common with what it replaces here and there.
const TOLD_APART_BYTES: usize = 16;

/// What of a range changed, told from its bytes: of the base, and of the side. Where both
/// have one length, bytes are compared with those at their place; else what the two begin
/// and end with alike is left out.
pub fn exact(range: &ChangedRange, base: &[u8], side: &[u8]) -> Vec<ChangedRange> {
    let differs = |(one, other): (&u8, &u8)| one != other;
    let before = base.iter().zip(side).take_while(|pair| !differs(*pair));
    let before = before.count();
    let (base, side) = (&base[before..], &side[before..]);
    let after = base.iter().rev().zip(side.iter().rev());
    let after = after.take_while(|pair| !differs(*pair)).count();
    let (base, side) = (&base[..base.len() - after], &side[..side.len() - after]);
    let stretches = match (base.len(), side.len()) {
        (0, 0) => Vec::new(),
        (one, other) if one == other => stretches(base, side),
        (one, other) => vec![(0..one, 0..other)],
    };
    let moved = |start: u64, stretch: Range<usize>| {
        let start = start + before as u64;
        start + stretch.start as u64..start + stretch.end as u64
    };
    let stretches = stretches.into_iter();
    let ranges = stretches.map(|(old, new)| ChangedRange {
        base: moved(range.base.start, old),
        side: moved(range.side.start, new),
    });
    ranges.collect()
}

/// Where two of one length differ.
fn stretches(base: &[u8], side: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for (at, _) in base
        .iter()
        .zip(side)
        .enumerate()
        .filter(|(_, (one, other))| one != other)
    {
        match all.last_mut() {
            Some(last) if at - last.end < TOLD_APART_BYTES => last.end = at + 1,
            _ => all.push(at..at + 1),
        }
    }
    all.into_iter().map(|one| (one.clone(), one)).collect()
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
