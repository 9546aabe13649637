//! What was picked for a region, and what stands in the result for it.

use super::text::Lines;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What stands in a region's place in the result.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "pick", rename_all = "snake_case")]
pub enum Pick {
    /// The first side's lines.
    First,
    /// The second side's lines.
    Second,
    /// The lines of both sides, the first side's before.
    FirstThenSecond,
    /// The lines of both sides, the second side's before.
    SecondThenFirst,
    /// Typed characters, with their line ends.
    Edited {
        /// What was typed.
        text: String,
    },
}

/// A stretch of lines that stands in the result.
pub(super) struct Stretch<'a> {
    pub lines: &'a Lines,
    pub range: Range<usize>,
    pub of: PartOf,
}

impl Stretch<'_> {
    /// How many lines end in it.
    pub fn whole(&self) -> usize {
        self.lines.whole(self.range.end) - self.lines.whole(self.range.start)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartOf {
    First,
    Second,
    Edited,
}
