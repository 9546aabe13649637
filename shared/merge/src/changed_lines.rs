//! How much a text changed, in lines.

use super::regions::RegionKind;
use super::session::Merge;
use super::text::Lines;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Whole lines that differ between two texts. A line of which something changed counts on
/// both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedLines {
    /// Lines of the older text that the newer one does not have.
    pub removed: usize,
    /// Lines of the newer text that the older one does not have.
    pub added: usize,
}

impl Merge {
    /// What the second side changed of the base.
    pub fn lines_of_second(&self) -> ChangedLines {
        let is_changed = |kind| !matches!(kind, RegionKind::Same | RegionKind::FromFirst);
        let changed = self.regions.iter().filter(|region| is_changed(region.kind));
        changed.fold(ChangedLines::default(), |sum, region| ChangedLines {
            removed: sum.removed + whole(&self.base.lines, &region.base),
            added: sum.added + whole(&self.second.lines, &region.second),
        })
    }
}

/// How many lines a stretch has something of: a long one is several pieces.
fn whole(lines: &Lines, stretch: &Range<usize>) -> usize {
    let begins = |piece: &usize| *piece == stretch.start || lines.begins(*piece);
    stretch.clone().filter(begins).count()
}
