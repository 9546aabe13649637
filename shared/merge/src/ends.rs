//! How the lines of the result end. Line ends are merged apart from the lines. So a side
//! that changed all line ends, as an editor of another system does, conflicts with
//! nobody who changed some lines.

use super::pieces::LineEnd;
use super::text::{Lines, Text};
use serde::{Deserialize, Serialize};

/// A text has one kind of line end if this many of its lines have it, in
/// percent.
const NEARLY_ALL_PERCENT: usize = 90;

/// What became of the line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// The kind into which a side turned nearly all line ends; the result has it.
    pub new: Option<LineEnd>,
    /// Whether the first side turned them into that kind…
    pub by_first: bool,
    /// …and whether the second side did.
    pub by_second: bool,
}

impl Ends {
    pub(super) fn of(base: &Text, first: &Text, second: &Text) -> Self {
        let [base, first, second] = [base, first, second].map(|text| text.lines.count_ends());
        let of_base = main_end(base);
        let had_ends = base.iter().any(|(_, count)| *count > 0);
        let turned = |side| main_end(side).filter(|end| had_ends && Some(*end) != of_base);
        let (by_first, by_second) = (turned(first), turned(second));
        let new = by_first.or(by_second);
        Self {
            new,
            by_first: by_first.is_some(),
            by_second: by_second.is_some() && by_second == new,
        }
    }

    /// How a line of the first side ends in the result.
    pub(super) fn of_first(self, end: LineEnd) -> LineEnd {
        self.turned(end, self.by_first)
    }

    pub(super) fn of_second(self, end: LineEnd) -> LineEnd {
        self.turned(end, self.by_second)
    }

    fn turned(self, end: LineEnd, is_turned: bool) -> LineEnd {
        match self.new {
            Some(new) if !is_turned && end != LineEnd::None => new,
            _ => end,
        }
    }

    /// How a line ends in the result that all three texts have.
    pub(super) fn merged(self, base: LineEnd, first: LineEnd, second: LineEnd) -> LineEnd {
        if first == second {
            first
        } else if first == base {
            self.of_second(second)
        } else {
            self.of_first(first)
        }
    }
}

/// The end that nearly all lines have.
fn main_end(counts: [(LineEnd, usize); 3]) -> Option<LineEnd> {
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let is_main = |(_, count): &&(LineEnd, usize)| *count * 100 >= all * NEARLY_ALL_PERCENT;
    let main = counts.iter().find(is_main).filter(|_| all > 0);
    main.map(|(end, _)| *end)
}

/// Whether the result's last line has an end; `None` if the texts do not tell.
pub(super) fn has_last_end(base: &Lines, first: &Lines, second: &Lines) -> Option<bool> {
    let has = |lines: &Lines| {
        let last = lines.len().checked_sub(1)?;
        Some(lines.end(last) != LineEnd::None)
    };
    let (base, first, second) = (has(base)?, has(first)?, has(second)?);
    Some(if first == base { second } else { first })
}
