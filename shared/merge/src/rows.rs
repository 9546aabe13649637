//! What a view shows of a merge: rows, a window at a time.
//!
//! Each view has its rows numbered from 0. A window costs in proportion to its
//! rows, and a bounded comparison for each changed one.

use super::index::walk;
use super::pairs::Pair;
use super::pick::PartOf;
use super::regions::RegionKind;
use super::session::Merge;
use super::text::{Lines, without_end};
use super::words;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// First and second beside each other: [`SideRow`]s.
    Sides,
    /// All below each other: [`ColumnRow`]s.
    Column,
    /// What results: [`ResultRow`]s.
    Result,
}

/// A line of one of the texts, or a piece of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The number of the line in its own text, counted from 1.
    pub number: usize,
    /// Whether this is a later piece of a line that began above.
    pub is_continued: bool,
    /// The line without its end.
    pub text: String,
    /// What differs from the line beside it, as byte offsets at which `text` can be
    /// sliced.
    pub changed: Vec<Range<usize>>,
}

/// A row of [`View::Sides`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideRow {
    /// The region that the row belongs to.
    pub region: usize,
    /// Who changed that region.
    pub kind: RegionKind,
    /// Whether the sides differ in this row. A region may also have rows that are alike.
    pub differs: bool,
    /// `None` where the first side has no line.
    pub first: Option<Cell>,
    /// `None` where the second side has no line.
    pub second: Option<Cell>,
}

/// Whose line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// All three texts have the line; its number is the first side's.
    All,
    /// The base has the line, and one side, or both alike, changed it.
    Base,
    /// Only the first side has the line.
    First,
    /// Only the second side has the line.
    Second,
    /// Both sides have the line and the base has not; its number is the first side's.
    Both,
}

/// A row of [`View::Column`]. A region that one side changed, or both alike, shows the
/// base's lines and then the new ones. A conflict shows the first side's lines and then
/// the second's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRow {
    /// The region that the row belongs to.
    pub region: usize,
    /// Who changed that region.
    pub kind: RegionKind,
    /// Whose line it is.
    pub side: Side,
    /// The line.
    pub cell: Cell,
}

/// Where a row of the result comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowSource {
    /// All texts have the row.
    All,
    /// The first side's line.
    First,
    /// The second side's line.
    Second,
    /// Both sides have the row and the base has not.
    Both,
    /// A line that was typed.
    Edited,
    /// An open conflict: it is one row without a line.
    Open,
}

/// A row of [`View::Result`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRow {
    /// The region that the row belongs to.
    pub region: usize,
    /// Who changed that region.
    pub kind: RegionKind,
    /// Where the line comes from.
    pub source: RowSource,
    /// The line, with its number in the result and nothing marked as changed; `None` for an
    /// open conflict.
    pub cell: Option<Cell>,
}

impl Merge {
    /// How many rows a view has.
    pub fn row_count(&self, view: View) -> usize {
        self.sums(view).last().copied().unwrap_or(0)
    }

    fn sums(&self, view: View) -> &[usize] {
        match view {
            View::Sides => &self.index.sides,
            View::Column => &self.index.column,
            View::Result => &self.index.result,
        }
    }

    /// The first row of a region, or where it would be if it has none.
    pub fn row_of(&self, view: View, region: usize) -> usize {
        let part = match view {
            View::Sides => self.pairs.partition_point(|pair| pair.region < region),
            View::Column | View::Result => region,
        };
        let sums = self.sums(view);
        sums.get(part).or(sums.last()).copied().unwrap_or(0)
    }

    /// The region that a row belongs to.
    pub fn region_at(&self, view: View, row: usize) -> Option<usize> {
        let (part, _) = walk(self.sums(view), row..row.checked_add(1)?).next()?;
        Some(match view {
            View::Sides => self.pairs[part].region,
            View::Column | View::Result => part,
        })
    }

    /// A window of [`View::Sides`].
    pub fn side_rows(&self, window: Range<usize>) -> Vec<SideRow> {
        let (first, second) = (&self.first.lines, &self.second.lines);
        walk(&self.index.sides, window)
            .map(|(part, row)| {
                let pair = &self.pairs[part];
                let at = |range: &Range<usize>| (row < range.len()).then_some(range.start + row);
                let (left, right) = (at(&pair.first), at(&pair.second));
                let (changed, others) = match (left, right) {
                    (Some(left), Some(right)) if pair.differs => {
                        changed(first.line(left), second.line(right))
                    }
                    _ => Default::default(),
                };
                SideRow {
                    region: pair.region,
                    kind: self.regions[pair.region].kind,
                    differs: pair.differs,
                    first: left.map(|line| cell(first, line, changed)),
                    second: right.map(|line| cell(second, line, others)),
                }
            })
            .collect()
    }

    /// A window of [`View::Column`].
    pub fn column_rows(&self, window: Range<usize>) -> Vec<ColumnRow> {
        walk(&self.index.column, window)
            .map(|(region, row)| self.column_row(region, row))
            .collect()
    }

    fn column_row(&self, region: usize, row: usize) -> ColumnRow {
        let known = &self.regions[region];
        let (base, first, second) = (&self.base.lines, &self.first.lines, &self.second.lines);
        // The lines that are shown first, and the lines below them.
        let (above, below) = match known.kind {
            RegionKind::Same => ((Side::All, first, &known.first), None),
            RegionKind::FromFirst => (
                (Side::Base, base, &known.base),
                Some((Side::First, first, &known.first)),
            ),
            RegionKind::FromSecond => (
                (Side::Base, base, &known.base),
                Some((Side::Second, second, &known.second)),
            ),
            RegionKind::Both => (
                (Side::Base, base, &known.base),
                Some((Side::Both, first, &known.first)),
            ),
            RegionKind::Conflict => (
                (Side::First, first, &known.first),
                Some((Side::Second, second, &known.second)),
            ),
        };
        let is_above = row < above.2.len();
        let nth = if is_above { row } else { row - above.2.len() };
        let (side, lines, range) = if is_above {
            above
        } else {
            below.unwrap_or(above)
        };
        let line = range.start + nth;
        let partner = below.and_then(|below| {
            let partner = if known.kind == RegionKind::Conflict {
                self.partner(region, line, is_above)
            } else {
                let other = if is_above { below.2 } else { above.2 };
                (nth < other.len()).then_some(other.start + nth)
            };
            let other = if is_above { below.1 } else { above.1 };
            partner.map(|partner| other.line(partner))
        });
        let changed = match partner {
            Some(partner) => changed(lines.line(line), partner).0,
            None => Vec::new(),
        };
        ColumnRow {
            region,
            kind: known.kind,
            side,
            cell: cell(lines, line, changed),
        }
    }

    /// The other side's line that stands beside a line of a conflict.
    fn partner(&self, region: usize, line: usize, is_first: bool) -> Option<usize> {
        let from = self.pairs.partition_point(|pair| pair.region < region);
        let to = self.pairs.partition_point(|pair| pair.region <= region);
        let pairs = &self.pairs[from..to];
        let own = |pair: &Pair| {
            if is_first {
                pair.first.clone()
            } else {
                pair.second.clone()
            }
        };
        let pair = &pairs[pairs.partition_point(|pair| own(pair).end <= line)..].first()?;
        let other = if is_first { &pair.second } else { &pair.first };
        let partner = other.start + (line - own(pair).start);
        other.contains(&partner).then_some(partner)
    }

    /// A window of [`View::Result`].
    pub fn result_rows(&self, window: Range<usize>) -> Vec<ResultRow> {
        walk(&self.index.result, window)
            .map(|(region, row)| self.result_row(region, row))
            .collect()
    }

    fn result_row(&self, region: usize, row: usize) -> ResultRow {
        let kind = self.regions[region].kind;
        let open = ResultRow {
            region,
            kind,
            source: RowSource::Open,
            cell: None,
        };
        let Some(parts) = self.parts(region) else {
            return open;
        };
        let mut nth = row;
        let mut whole = self.index.result_lines[region];
        for part in parts {
            if nth >= part.range.len() {
                nth -= part.range.len();
                whole += part.whole();
                continue;
            }
            let source = match (part.of, kind) {
                (PartOf::Edited, _) => RowSource::Edited,
                (_, RegionKind::Same) => RowSource::All,
                (_, RegionKind::Both) => RowSource::Both,
                (PartOf::First, _) => RowSource::First,
                (PartOf::Second, _) => RowSource::Second,
            };
            let line = part.range.start + nth;
            let mut cell = cell(part.lines, line, Vec::new());
            whole += part.lines.whole(line) - part.lines.whole(part.range.start);
            cell.number = whole + 1;
            if part.of == PartOf::Edited && nth == 0 {
                // A typed text stands where the files' lines stood.
                cell.is_continued = !self.first.lines.begins(self.regions[region].first.start);
            }
            return ResultRow {
                source,
                cell: Some(cell),
                ..open
            };
        }
        open
    }
}

fn changed(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    words::changed(without_end(old), without_end(new))
}

fn cell(lines: &Lines, line: usize, changed: Vec<Range<usize>>) -> Cell {
    Cell {
        number: lines.whole(line) + 1,
        is_continued: !lines.begins(line),
        text: lines.content(line).to_owned(),
        changed,
    }
}
