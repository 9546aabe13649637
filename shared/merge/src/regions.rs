//! Where two sides differ from the text that both started from.
//!
//! Two line diffs, base to first and base to second, are laid over each other. Changes
//! that overlap or touch are one region, and a region that only one side changed is
//! merged already. Line ends make no difference here: see [`super::ends`].
//!
//! The crate `similar` has merge regions of its own, but looks through all changes for
//! each region, which takes too long where there are many.

use super::encoding::DAMAGED;
use super::text::Text;
use blocks::diff::{ChangedRange, Numbers, changes};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Who changed a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    /// Nobody.
    Same,
    /// Only the first side: it is merged already.
    FromFirst,
    /// Only the second side: it is merged already.
    FromSecond,
    /// Both sides, in the same way.
    Both,
    /// Both sides, each in its own way: somebody has to pick.
    Conflict,
}

/// A stretch of lines of each text, as indices from 0. Regions follow each
/// other without gaps in all three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Who changed it.
    pub kind: RegionKind,
    /// Its lines of the base.
    pub base: Range<usize>,
    /// Its lines of the first side.
    pub first: Range<usize>,
    /// Its lines of the second side.
    pub second: Range<usize>,
}

/// Lines as numbers: equal lines have equal numbers.
pub(super) struct LineIds {
    pub base: Vec<u32>,
    pub first: Vec<u32>,
    pub second: Vec<u32>,
}

impl LineIds {
    pub fn new(base: &Text, first: &Text, second: &Text) -> Self {
        let by_bytes = are_alike([base, first, second]);
        let mut numbers = Numbers::default();
        let mut of = |text| numbers.of(keys(text, by_bytes));
        Self {
            base: of(base),
            first: of(first),
            second: of(second),
        }
    }
}

/// Whether equal characters have equal bytes in all these texts.
fn are_alike(texts: [&Text; 3]) -> bool {
    let mut encodings = texts
        .iter()
        .filter(|text| !text.is_ascii())
        .map(|text| text.encoding.without_mark());
    let Some(one) = encodings.next() else {
        return true;
    };
    let has_ascii = texts
        .iter()
        .any(|text| text.is_ascii() && !text.lines.is_empty());
    encodings.all(|other| other == one) && !(one.is_wide() && has_ascii)
}

/// What distinguishes lines: their content, and whether the line goes on. Characters
/// stand for the content only if the bytes can't be compared and the characters are
/// sound.
fn keys(text: &Text, by_bytes: bool) -> impl Iterator<Item = (&[u8], bool)> {
    (0..text.lines.len()).map(move |line| {
        let chars = text.lines.content(line);
        let content = if by_bytes || chars.contains(DAMAGED) {
            text.raw_content(line)
        } else {
            chars.as_bytes()
        };
        (content, text.lines.goes_on(line))
    })
}

/// The regions of a merge, from the first line to the last.
pub(super) fn regions(ids: &LineIds) -> Vec<Region> {
    let first = changes(&ids.base, &ids.first);
    let second = changes(&ids.base, &ids.second);
    let mut walk = Walk {
        ids,
        regions: Vec::new(),
        at: (0, 0, 0),
    };
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    loop {
        let starts = [first.peek(), second.peek()].map(|next| next.map(|next| next.old.start));
        let Some(start) = starts.into_iter().flatten().min() else {
            break;
        };
        walk.same_until(start);
        let mut end = start;
        let (mut last_first, mut last_second) = (None, None);
        loop {
            // Changes that touch are one change: no line between keeps them apart.
            if let Some(change) = first.next_if(|change| change.old.start <= end) {
                end = end.max(change.old.end);
                last_first = Some(change);
            } else if let Some(change) = second.next_if(|change| change.old.start <= end) {
                end = end.max(change.old.end);
                last_second = Some(change);
            } else {
                break;
            }
        }
        walk.changed_until(end, last_first, last_second);
    }
    walk.same_until(ids.base.len());
    walk.regions
}

struct Walk<'a> {
    ids: &'a LineIds,
    regions: Vec<Region>,
    /// Where the next region begins in base, first and second.
    at: (usize, usize, usize),
}

impl Walk<'_> {
    fn same_until(&mut self, base: usize) {
        let (from, first, second) = self.at;
        let lines = base - from;
        if lines > 0 {
            self.push(RegionKind::Same, (base, first + lines, second + lines));
        }
    }

    fn push(&mut self, kind: RegionKind, to: (usize, usize, usize)) {
        let (base, first, second) = self.at;
        self.regions.push(Region {
            kind,
            base: base..to.0,
            first: first..to.1,
            second: second..to.2,
        });
        self.at = to;
    }

    /// Adds a stretch that one side or both changed. Their last changes in it say where the
    /// stretch ends on each side.
    fn changed_until(
        &mut self,
        end: usize,
        first: Option<&ChangedRange>,
        second: Option<&ChangedRange>,
    ) {
        let (base, from_first, from_second) = self.at;
        let side_end = |last: Option<&ChangedRange>, from: usize| match last {
            Some(change) => change.new.end + (end - change.old.end),
            None => from + (end - base),
        };
        let to = (
            end,
            side_end(first, from_first),
            side_end(second, from_second),
        );
        let was = &self.ids.base[base..end];
        let one = &self.ids.first[from_first..to.1];
        let other = &self.ids.second[from_second..to.2];
        if one == other {
            self.push(RegionKind::Both, to);
        } else if other == was {
            self.push(RegionKind::FromFirst, to);
        } else if one == was {
            self.push(RegionKind::FromSecond, to);
        } else {
            self.conflict(to);
        }
    }

    /// Adds a conflict, without the lines with which both sides begin or end alike.
    fn conflict(&mut self, to: (usize, usize, usize)) {
        let (base, first, second) = self.at;
        let one = &self.ids.first[first..to.1];
        let other = &self.ids.second[second..to.2];
        let alike = |pairs: &mut dyn Iterator<Item = (&u32, &u32)>| {
            pairs.take_while(|(one, other)| one == other).count()
        };
        let before = alike(&mut one.iter().zip(other));
        let (one, other) = (&one[before..], &other[before..]);
        let behind = alike(&mut one.iter().rev().zip(other.iter().rev()));
        if before > 0 {
            self.push(RegionKind::Both, (base, first + before, second + before));
        }
        self.push(RegionKind::Conflict, (to.0, to.1 - behind, to.2 - behind));
        if behind > 0 {
            self.push(RegionKind::Both, to);
        }
    }
}
