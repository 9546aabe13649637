//! Picks that are put apart, and applied again: after a reload, or when the
//! first side has moved on meanwhile.

use super::regions::Kind;
use super::session::{Merge, Pick};
use crate::hash::BlockHash;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// What was picked, with what it was picked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    picks: Vec<Placed>,
}

/// A pick, and the region it is for: a pick holds as long as all three texts
/// say there what they said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Placed {
    /// The region's lines of the base.
    base: Range<usize>,
    /// Which one of the regions with these lines: those that only add something
    /// have no lines of the base.
    nth: usize,
    /// Of what all three texts say there.
    texts: BlockHash,
    #[serde(flatten)]
    pick: Pick,
}

/// What became of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Picks that hold.
    pub kept: usize,
    /// Picks whose region is not as it was: to be decided again.
    pub again: usize,
    /// What was typed for regions that are not as they were.
    pub edits: Vec<LostEdit>,
}

/// A typed text that has no place any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostEdit {
    /// The region that is where it was, a conflict if there is one; `None` of
    /// texts without any line.
    pub near: Option<usize>,
    pub text: String,
}

impl Draft {
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// How many picks it has.
    pub fn len(&self) -> usize {
        self.picks.len()
    }
}

pub(super) fn of(merge: &Merge) -> Draft {
    let nths = nths(merge);
    let picks = merge.picks().map(|(region, pick)| Placed {
        base: merge.regions[region].base.clone(),
        nth: nths[region],
        texts: texts(merge, region),
        pick: pick.clone(),
    });
    Draft {
        picks: picks.collect(),
    }
}

/// For each region how many before it have the same lines of the base.
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
        merge.base.lines.span(known.base.clone()),
        merge.first.lines.span(known.first.clone()),
        merge.second.lines.span(known.second.clone()),
    ];
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    BlockHash::of(&bytes)
}

/// Finds the regions that a draft's picks are for.
pub(super) fn placed(merge: &Merge, draft: &Draft) -> (Vec<(usize, Pick)>, Applied) {
    let nths = nths(merge);
    let places: HashMap<(usize, usize, usize), usize> = merge
        .regions
        .iter()
        .enumerate()
        .map(|(index, region)| ((region.base.start, region.base.end, nths[index]), index))
        .collect();
    let mut picks = Vec::new();
    let mut applied = Applied::default();
    for placed in &draft.picks {
        let place = (placed.base.start, placed.base.end, placed.nth);
        let region = places.get(&place).copied();
        match region.filter(|region| texts(merge, *region) == placed.texts) {
            Some(region) => {
                applied.kept += 1;
                picks.push((region, placed.pick.clone()));
            }
            None => {
                applied.again += 1;
                if let Pick::Edited { text } = &placed.pick {
                    applied.edits.push(LostEdit {
                        near: near(merge, &placed.base),
                        text: text.clone(),
                    });
                }
            }
        }
    }
    (picks, applied)
}

/// The region at some lines of the base, a conflict if there is one.
fn near(merge: &Merge, base: &Range<usize>) -> Option<usize> {
    let regions = &merge.regions;
    let from = regions.partition_point(|region| region.base.end < base.start);
    let to = regions.partition_point(|region| region.base.start <= base.end);
    let mut touching = from..to.max(from);
    let is_conflict = |region: &usize| regions[*region].kind == Kind::Conflict;
    let is_changed = |region: &usize| regions[*region].kind != Kind::Same;
    let conflict = touching.clone().find(is_conflict);
    let changed = conflict.or_else(|| touching.clone().find(is_changed));
    changed.or_else(|| touching.next().or(regions.len().checked_sub(1)))
}
