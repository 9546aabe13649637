//! A merge in progress.

use super::encoding::Encoding;
use super::ends::Ends;
use super::index::RowIndex;
use super::pairs::{self, Pair};
use super::pick::{PartOf, Pick, Stretch};
use super::pieces::LineEnd;
use super::regions::{self, LineIds, Region, RegionKind};
use super::text::{Lines, Text, merged_encoding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a merge has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeCounts {
    /// Regions that both sides changed, each in its own way…
    pub conflicts: usize,
    /// …and those of them for which something was picked.
    pub resolved: usize,
    /// Regions that needed no pick: one side changed them, or both alike.
    pub merged: usize,
    /// Picks for regions that did not need one.
    pub overridden: usize,
    /// Whether there is a step to take back.
    pub can_undo: bool,
    /// Whether there is a step to make again.
    pub can_redo: bool,
}

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seek {
    /// Conflicts for which nothing is picked yet.
    Open,
    /// Conflicts, with a pick or without.
    Conflict,
    /// Any region that differs from the base.
    Change,
}

/// Whose line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineOrigin {
    Base,
    First,
    Second,
}

#[derive(Clone, Debug)]
struct Picked {
    pick: Pick,
    /// The lines of an edited text.
    lines: Lines,
    /// For each of these lines, the line of a file that says the same.
    sources: Vec<Option<(LineOrigin, usize)>>,
}

/// Picks as they were before a step.
type Step = Vec<(usize, Option<Pick>)>;

/// Three texts and what was picked from them. Regions are named by their index in
/// [`Self::regions`]. A call with an index that does not exist changes nothing and
/// answers nothing.
///
/// Making a merge takes time in proportion to the texts, a pick in proportion to the
/// number of regions, and a window of rows in proportion to the window.
#[derive(Clone, Debug)]
pub struct Merge {
    pub(super) base: Text,
    pub(super) first: Text,
    pub(super) second: Text,
    pub(super) regions: Vec<Region>,
    pub(super) pairs: Vec<Pair>,
    pub(super) index: RowIndex,
    picks: BTreeMap<usize, Picked>,
    conflicts: usize,
    merged: usize,
    done: Vec<Step>,
    undone: Vec<Step>,
    usual_end: LineEnd,
    pub(super) ends: Ends,
    /// The result's encoding, as it follows from the files…
    pub(super) usual_encoding: Encoding,
    /// …and as a person wants it.
    pub(super) written_in: Option<Encoding>,
}

impl Merge {
    /// Compares the texts. Where both sides started from nothing, the base is
    /// [`Text::empty`].
    pub fn new(base: Text, first: Text, second: Text) -> Self {
        let ids = LineIds::new(&base, &first, &second);
        let regions = regions::regions(&ids);
        let pairs = pairs::pairs(&ids, &regions);
        let count = |is: fn(&RegionKind) -> bool| {
            let kinds = regions.iter().map(|region| &region.kind);
            kinds.filter(|kind| is(kind)).count()
        };
        let conflicts = count(|kind| *kind == RegionKind::Conflict);
        let merged = count(|kind| !matches!(kind, RegionKind::Conflict | RegionKind::Same));
        let usual = [&first, &second, &base].map(|text| text.lines.usual_end());
        let usual_end = usual.into_iter().find(|end| *end != LineEnd::None);
        let ends = Ends::of(&base, &first, &second);
        let usual_encoding = merged_encoding(&base, &first, &second);
        let mut merge = Self {
            index: RowIndex::new(&regions, &pairs),
            base,
            first,
            second,
            regions,
            pairs,
            picks: BTreeMap::new(),
            conflicts,
            merged,
            done: Vec::new(),
            undone: Vec::new(),
            usual_end: ends.new.or(usual_end).unwrap_or(LineEnd::Lf),
            ends,
            usual_encoding,
            written_in: None,
        };
        merge.count_result();
        merge
    }

    /// All regions, from the first line to the last.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// What became of the line ends.
    pub fn ends(&self) -> Ends {
        self.ends
    }

    /// The encodings of base, first and second.
    pub fn encodings(&self) -> [Encoding; 3] {
        [&self.base, &self.first, &self.second].map(|text| text.encoding)
    }

    /// How most lines end. A typed line ends so, too.
    pub fn usual_end(&self) -> LineEnd {
        self.usual_end
    }

    /// What was picked for a region.
    pub fn pick_of(&self, region: usize) -> Option<&Pick> {
        self.picks.get(&region).map(|picked| &picked.pick)
    }

    /// How far the merge has come.
    pub fn counts(&self) -> MergeCounts {
        let is_conflict = |region: &&usize| self.regions[**region].kind == RegionKind::Conflict;
        let resolved = self.picks.keys().filter(is_conflict).count();
        MergeCounts {
            conflicts: self.conflicts,
            resolved,
            merged: self.merged,
            overridden: self.picks.len() - resolved,
            can_undo: !self.done.is_empty(),
            can_redo: !self.undone.is_empty(),
        }
    }

    /// Whether every conflict has a pick.
    pub fn is_complete(&self) -> bool {
        let counts = self.counts();
        counts.resolved == counts.conflicts
    }

    /// Whether a region is a conflict without a pick.
    fn is_open(&self, region: usize) -> bool {
        self.regions[region].kind == RegionKind::Conflict && !self.picks.contains_key(&region)
    }

    /// The next region behind `from` that is looked for, or the first of all. The search
    /// goes round, so `from` itself comes last.
    pub fn next(&self, seek: Seek, from: Option<usize>) -> Option<usize> {
        let start = from.map_or(0, |from| from.saturating_add(1).min(self.regions.len()));
        let mut round = (start..self.regions.len()).chain(0..start);
        round.find(|region| self.is_sought(seek, *region))
    }

    /// The next such region before `from`. The search goes round.
    pub fn previous(&self, seek: Seek, from: Option<usize>) -> Option<usize> {
        let end = from.map_or(self.regions.len(), |from| from.min(self.regions.len()));
        let mut round = (0..end).rev().chain((end..self.regions.len()).rev());
        round.find(|region| self.is_sought(seek, *region))
    }

    fn is_sought(&self, seek: Seek, region: usize) -> bool {
        match seek {
            Seek::Open => self.is_open(region),
            Seek::Conflict => self.regions[region].kind == RegionKind::Conflict,
            Seek::Change => self.regions[region].kind != RegionKind::Same,
        }
    }

    /// Picks for a region, or takes a pick back.
    pub fn pick(&mut self, region: usize, pick: Option<Pick>) {
        self.pick_all([(region, pick)]);
    }

    /// Picks for several regions; one step for [`Self::undo`].
    pub fn pick_all(&mut self, picks: impl IntoIterator<Item = (usize, Option<Pick>)>) {
        let step = self.swap(picks.into_iter().collect());
        if !step.is_empty() {
            self.done.push(step);
            self.undone.clear();
        }
    }

    /// Picks the same for every conflict that is still open.
    pub fn pick_open(&mut self, pick: &Pick) {
        let open = (0..self.regions.len()).filter(|region| self.is_open(*region));
        let picks: Vec<_> = open.map(|region| (region, Some(pick.clone()))).collect();
        self.pick_all(picks);
    }

    /// Picks what a person typed in a region's place. Each typed line ends as the line did
    /// from which it was made, or as most lines do.
    pub fn edit(&mut self, region: usize, typed: &str) {
        let Some(text) = self.with_ends(region, typed) else {
            return;
        };
        self.pick(region, Some(Pick::Edited { text }));
    }

    /// Takes the last step back. Returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.done.pop() else {
            return false;
        };
        let undone = self.swap(step);
        self.undone.push(undone);
        true
    }

    /// Makes the last undone step again.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else {
            return false;
        };
        let done = self.swap(step);
        self.done.push(done);
        true
    }

    /// Replaces picks, and returns those that were there and have changed.
    fn swap(&mut self, picks: Step) -> Step {
        let mut before = Vec::new();
        for (region, pick) in picks {
            if region >= self.regions.len() || self.pick_of(region) == pick.as_ref() {
                continue;
            }
            let old = match pick {
                None => self.picks.remove(&region),
                Some(pick) => {
                    let (lines, sources) = match &pick {
                        Pick::Edited { text } => {
                            let known = &self.regions[region];
                            let lines = self.typed_lines(known, text.clone());
                            let sources = self.sources(known, &lines);
                            (lines, sources)
                        }
                        _ => Default::default(),
                    };
                    let picked = Picked {
                        pick,
                        lines,
                        sources,
                    };
                    self.picks.insert(region, picked)
                }
            };
            before.push((region, old.map(|picked| picked.pick)));
        }
        // A step is taken back in reverse order.
        before.reverse();
        if !before.is_empty() {
            self.count_result();
        }
        before
    }

    fn count_result(&mut self) {
        let mut index = std::mem::take(&mut self.index);
        index.count_result((0..self.regions.len()).map(|region| {
            let parts = self.parts(region)?;
            let rows = parts.iter().map(|part| part.range.len()).sum();
            Some((rows, parts.iter().map(Stretch::whole).sum()))
        }));
        self.index = index;
    }

    /// What stands in a region's place in the result; `None` for an open conflict.
    pub(super) fn parts(&self, region: usize) -> Option<Vec<Stretch<'_>>> {
        let known = self.regions.get(region)?;
        let first = || Stretch {
            lines: &self.first.lines,
            range: known.first.clone(),
            of: PartOf::First,
        };
        let second = || Stretch {
            lines: &self.second.lines,
            range: known.second.clone(),
            of: PartOf::Second,
        };
        let picked = self.picks.get(&region);
        Some(match (picked.map(|picked| &picked.pick), known.kind) {
            (None, RegionKind::Conflict) => return None,
            (Some(Pick::Second), _) | (None, RegionKind::FromSecond) => vec![second()],
            (Some(Pick::First), _) | (None, _) => vec![first()],
            (Some(Pick::FirstThenSecond), _) => vec![first(), second()],
            (Some(Pick::SecondThenFirst), _) => vec![second(), first()],
            (Some(Pick::Edited { .. }), _) => {
                let lines = &picked?.lines;
                vec![Stretch {
                    lines,
                    range: 0..lines.len(),
                    of: PartOf::Edited,
                }]
            }
        })
    }

    /// The line of a file that says what a line of an edited text does.
    pub(super) fn source(&self, region: usize, line: usize) -> Option<(&Text, usize)> {
        let sources = &self.picks.get(&region)?.sources;
        let (origin, line) = sources.get(line).copied().flatten()?;
        Some((self.text(origin), line))
    }

    pub(super) fn picks(&self) -> impl Iterator<Item = (usize, &Pick)> {
        let picks = self.picks.iter();
        picks.map(|(region, picked)| (*region, &picked.pick))
    }
}
