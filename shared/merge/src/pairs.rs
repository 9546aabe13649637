//! Which line of the first side stands beside which line of the second.

use super::regions::{LineIds, Region, RegionKind};
use blocks::diff::changes;
use std::ops::Range;

/// Lines side by side. Where one side has more lines, the other has gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// The region that they are in.
    pub region: usize,
    /// Whether they differ.
    pub differs: bool,
    pub first: Range<usize>,
    pub second: Range<usize>,
}

impl Pair {
    pub fn rows(&self) -> usize {
        self.first.len().max(self.second.len())
    }
}

/// All lines of both sides, in order.
pub(super) fn pairs(ids: &LineIds, regions: &[Region]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(regions.len());
    for (index, region) in regions.iter().enumerate() {
        let mut push = |differs, first: Range<usize>, second: Range<usize>| {
            if !(first.is_empty() && second.is_empty()) {
                pairs.push(Pair {
                    region: index,
                    differs,
                    first,
                    second,
                });
            }
        };
        if matches!(region.kind, RegionKind::Same | RegionKind::Both) {
            push(false, region.first.clone(), region.second.clone());
            continue;
        }
        let (first, second) = (&region.first, &region.second);
        let (mut at_first, mut at_second) = (first.start, second.start);
        let differing = changes(&ids.first[first.clone()], &ids.second[second.clone()]);
        for change in differing {
            let from = (
                first.start + change.old.start,
                second.start + change.new.start,
            );
            push(false, at_first..from.0, at_second..from.1);
            at_first = first.start + change.old.end;
            at_second = second.start + change.new.end;
            push(true, from.0..at_first, from.1..at_second);
        }
        push(false, at_first..first.end, at_second..second.end);
    }
    pairs
}
