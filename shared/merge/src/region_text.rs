//! A region as an editor takes it: the characters of every text, and what to begin with.

use super::draft::{RegionKey, place_of};
use super::pick::Pick;
use super::regions::Region;
use super::session::Merge;
use super::text::Text;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A region with the characters of every text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionText {
    /// Where the region is.
    pub region: Region,
    /// What names the region in a draft.
    pub place: RegionKey,
    /// What was picked for it.
    pub pick: Option<Pick>,
    /// The base's lines.
    pub base: String,
    /// The first side's lines.
    pub first: String,
    /// The second side's lines.
    pub second: String,
    /// What stands in the result; `None` for an open conflict.
    pub result: Option<String>,
    /// What an editor begins with: the result, or both sides to choose from.
    pub start: String,
}

impl Merge {
    /// A region with its characters.
    pub fn region(&self, region: usize) -> Option<RegionText> {
        let known = self.regions.get(region)?;
        let span = |text: &Text, range: &Range<usize>| text.lines.span(range.clone()).to_owned();
        Some(RegionText {
            place: place_of(self, region)?,
            start: self.chars(&self.start(region)),
            pick: self.pick_of(region).cloned(),
            base: span(&self.base, &known.base),
            first: span(&self.first, &known.first),
            second: span(&self.second, &known.second),
            result: self.decided(region).map(|decided| self.chars(&decided)),
            region: known.clone(),
        })
    }
}
