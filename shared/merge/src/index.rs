//! Sums of rows, to find what a window begins with without walking there.

use super::pairs::Pair;
use super::regions::{Region, RegionKind};
use std::ops::Range;

/// How many rows each view has before each of its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct RowIndex {
    /// Rows before each pair, and the number of all rows at the end.
    pub sides: Vec<usize>,
    /// Rows before each region, and the number of all rows at the end.
    pub column: Vec<usize>,
    pub result: Vec<usize>,
    /// Lines of the result that end before each region, and the number of all lines at the
    /// end.
    pub result_lines: Vec<usize>,
}

impl RowIndex {
    pub fn new(regions: &[Region], pairs: &[Pair]) -> Self {
        Self {
            sides: sums(pairs.iter().map(Pair::rows)),
            column: sums(regions.iter().map(column_rows)),
            result: Vec::new(),
            result_lines: Vec::new(),
        }
    }

    /// Takes, for each region, its rows in the result and how many of them end a line;
    /// `None` for an open conflict.
    pub fn count_result(&mut self, counts: impl Iterator<Item = Option<(usize, usize)>> + Clone) {
        let rows = counts.clone();
        self.result = sums(rows.map(|counts| counts.map_or(1, |(rows, _)| rows)));
        self.result_lines = sums(counts.map(|counts| counts.map_or(0, |(_, lines)| lines)));
    }
}

fn sums(counts: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sums = vec![0];
    let mut sum = 0;
    sums.extend(counts.map(|count| {
        sum += count;
        sum
    }));
    sums
}

fn column_rows(region: &Region) -> usize {
    match region.kind {
        RegionKind::Same => region.first.len(),
        RegionKind::FromFirst | RegionKind::Both => region.base.len() + region.first.len(),
        RegionKind::FromSecond => region.base.len() + region.second.len(),
        RegionKind::Conflict => region.first.len() + region.second.len(),
    }
}

/// For each row of a window: the part that it is in, and its row in that part.
pub(super) fn walk(sums: &[usize], window: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let total = sums.last().copied().unwrap_or(0);
    // The last part that begins at or before the row; parts before it are empty.
    let mut part = sums.partition_point(|sum| *sum <= window.start).max(1) - 1;
    (window.start..window.end.min(total)).map(move |row| {
        while sums[part + 1] <= row {
            part += 1;
        }
        (part, row - sums[part])
    })
}
