//! Picks that are stored and applied again, after a reload or when the first side has
//! moved on.

use super::encoding::Encoding;
use super::pick::Pick;
use super::regions::RegionKind;
use super::session::Merge;
use blocks::hash::BlockHash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What was picked, for which regions, and what else a person decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeDraft {
    picks: Vec<Placed>,
    /// Texts that were typed and stand nowhere in the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<Typed>,
    /// The encodings in which a person had the first and the second side read, if they
    /// chose any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<[Encoding; 2]>,
    /// The encoding that a person chose for the result, if they chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_in: Option<Encoding>,
}

/// A pick and its region. A pick holds as long as all three texts have there what they
/// had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Placed {
    #[serde(flatten)]
    place: RegionKey,
    #[serde(flatten)]
    pick: Pick,
}

/// A region, named by its lines and texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegionKey {
    /// The region's lines of the base.
    base: Range<usize>,
    /// Counts the regions with the same lines of the base, from 0: regions that only add
    /// something have no lines of the base.
    nth: usize,
    /// The hash of the bytes that all three texts have there.
    texts: BlockHash,
}

/// A text that was typed for a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Typed {
    /// The region for which it was typed.
    pub place: RegionKey,
    /// Its characters, with line ends.
    pub text: String,
}

/// What became of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedDraft {
    /// Picks that hold.
    pub kept: usize,
    /// Picks whose region has changed: the person decides again.
    pub again: usize,
    /// Texts that were typed for regions that have changed, or typed and not used.
    pub edits: Vec<LostEdit>,
}

/// A typed text that has no place any more, or was not given one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LostEdit {
    /// The region that stands there now, a conflict if there is one; `None` if the texts
    /// have no lines.
    pub near: Option<usize>,
    /// Whether that region is unchanged.
    pub is_there: bool,
    /// The text.
    pub typed: Typed,
}

impl MergeDraft {
    /// Whether there is nothing in it to be kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All typed texts, in the result or not.
    pub fn texts(&self) -> Vec<&str> {
        let picked = self.picks.iter().filter_map(|placed| match &placed.pick {
            Pick::Edited { text } => Some(text.as_str()),
            _ => None,
        });
        let typed = self.typed.iter().map(|typed| typed.text.as_str());
        picked
            .chain(typed)
            .filter(|text| !text.trim().is_empty())
            .collect()
    }

    /// How many picks it has.
    pub fn len(&self) -> usize {
        self.picks.len()
    }
}

impl Merge {
    /// What was picked so far, to be stored.
    pub fn draft(&self) -> MergeDraft {
        of(self)
    }

    /// Picks what a draft says, and nothing else; one step for [`Self::undo`]. The draft may
    /// have been made against an older first side. A pick for a region that has changed
    /// is not made, and the answer tells of it.
    pub fn apply(&mut self, draft: &MergeDraft) -> AppliedDraft {
        self.written_in = draft.written_in.or(self.written_in);
        let (picks, applied) = placed(self, draft);
        let mut step: BTreeMap<usize, Option<Pick>> =
            self.picks().map(|(region, _)| (region, None)).collect();
        step.extend(picks.into_iter().map(|(region, pick)| (region, Some(pick))));
        self.pick_all(step);
        applied
    }

    /// The same files, read in other encodings. The base is read as the side whose
    /// encoding it shared. Picks stay where the lines are what they were. Texts that were
    /// typed and not used get new places.
    pub fn read_as(&self, sides: [Encoding; 2], typed: Vec<Typed>) -> (Self, AppliedDraft) {
        let [first, second] = sides;
        let of_base = self.base.encoding;
        let is_like_second = of_base == self.second.encoding && of_base != self.first.encoding;
        let base = if is_like_second { second } else { first };
        let mut merge = Self::new(
            self.base.read_as(base),
            self.first.read_as(first),
            self.second.read_as(second),
        );
        let mut draft = self.draft();
        draft.typed = typed;
        let applied = merge.apply(&draft);
        (merge, applied)
    }
}

fn of(merge: &Merge) -> MergeDraft {
    let nths = nths(merge);
    let picks = merge.picks().map(|(region, pick)| Placed {
        place: place(merge, region, nths[region]),
        pick: pick.clone(),
    });
    MergeDraft {
        picks: picks.collect(),
        written_in: merge.written_in,
        ..MergeDraft::default()
    }
}

/// Where a region is; `None` if it does not exist.
pub(super) fn place_of(merge: &Merge, region: usize) -> Option<RegionKey> {
    let base = &merge.regions.get(region)?.base;
    let before = merge.regions[..region].iter().rev();
    let nth = before.take_while(|before| before.base == *base).count();
    Some(place(merge, region, nth))
}

fn place(merge: &Merge, region: usize, nth: usize) -> RegionKey {
    RegionKey {
        base: merge.regions[region].base.clone(),
        nth,
        texts: texts(merge, region),
    }
}

/// For each region, how many regions before it have the same lines of the base.
fn nths(merge: &Merge) -> Vec<usize> {
    let mut nths: Vec<usize> = Vec::with_capacity(merge.regions.len());
    for (index, region) in merge.regions.iter().enumerate() {
        let before = index.checked_sub(1);
        let nth = before.filter(|before| merge.regions[*before].base == region.base);
        nths.push(nth.map_or(0, |before| nths[before] + 1));
    }
    nths
}

fn texts(merge: &Merge, region: usize) -> BlockHash {
    let known = &merge.regions[region];
    let texts = [
        merge.base.raw_span(known.base.clone()),
        merge.first.raw_span(known.first.clone()),
        merge.second.raw_span(known.second.clone()),
    ];
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text);
    }
    BlockHash::of(&bytes)
}

/// Finds the regions that a draft's picks are for.
fn placed(merge: &Merge, draft: &MergeDraft) -> (Vec<(usize, Pick)>, AppliedDraft) {
    let nths = nths(merge);
    let places: HashMap<(usize, usize, usize), usize> = merge
        .regions
        .iter()
        .enumerate()
        .map(|(index, region)| ((region.base.start, region.base.end, nths[index]), index))
        .collect();
    let find = |place: &RegionKey| {
        let region = places.get(&(place.base.start, place.base.end, place.nth));
        let region = region.copied();
        region.filter(|region| texts(merge, *region) == place.texts)
    };
    let mut picks = Vec::new();
    let mut applied = AppliedDraft::default();
    for Placed { place, pick } in &draft.picks {
        if let Some(region) = find(place) {
            applied.kept += 1;
            picks.push((region, pick.clone()));
            continue;
        }
        applied.again += 1;
        if let Pick::Edited { text } = pick {
            applied.edits.push(LostEdit {
                near: near(merge, &place.base),
                is_there: false,
                typed: Typed {
                    place: place.clone(),
                    text: text.clone(),
                },
            });
        }
    }
    for typed in &draft.typed {
        let there = find(&typed.place);
        applied.edits.push(LostEdit {
            near: there.or_else(|| near(merge, &typed.place.base)),
            is_there: there.is_some(),
            typed: typed.clone(),
        });
    }
    (picks, applied)
}

/// The region at some lines of the base, a conflict if there is one.
fn near(merge: &Merge, base: &Range<usize>) -> Option<usize> {
    let regions = &merge.regions;
    let from = regions.partition_point(|region| region.base.end < base.start);
    let to = regions.partition_point(|region| region.base.start <= base.end);
    let mut touching = from..to.max(from);
    let is_conflict = |region: &usize| regions[*region].kind == RegionKind::Conflict;
    let is_changed = |region: &usize| regions[*region].kind != RegionKind::Same;
    let conflict = touching.clone().find(is_conflict);
    let changed = conflict.or_else(|| touching.clone().find(is_changed));
    changed.or_else(|| touching.next().or(regions.len().checked_sub(1)))
}
