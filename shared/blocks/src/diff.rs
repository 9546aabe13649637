//! What changed from one sequence to another. Lines, words and blocks are numbered
//! first, so that one search serves them all: Myers' algorithm of the crate
//! `similar`, which bounds its own work as Git's does.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Numbers things: equal ones have equal numbers.
pub struct Numbers<T>(HashMap<T, u32>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Numbers<T> {
    /// The numbers of some things, in their order.
    pub fn of(&mut self, things: impl Iterator<Item = T>) -> Vec<u32> {
        let number = |thing| {
            let next = self.0.len() as u32;
            *self.0.entry(thing).or_insert(next)
        };
        things.map(number).collect()
    }
}

/// A range of `old` that became a range of `new`; either may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRange {
    /// What went from the old sequence.
    pub old: Range<usize>,
    /// What came in its place.
    pub new: Range<usize>,
}

/// What changed, in order; something equal stands between any two changes.
pub fn changes(old: &[u32], new: &[u32]) -> Vec<ChangedRange> {
    let mut changes: Vec<ChangedRange> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (tag, old, new) = op.as_tag_tuple();
        match changes.last_mut() {
            _ if tag == DiffTag::Equal => {}
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => changes.push(ChangedRange { old, new }),
        }
    }
    changes
}
