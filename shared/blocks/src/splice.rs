//! Block lists as rows. A row says that a block stood at a place from one version
//! until another, so a commit writes rows only for what changed.
//!
//! A row's place is its `ord`: rows are read in its order. Fresh lists leave
//! gaps of [`GAP`] between neighbours, and an insertion takes numbers from the
//! gap it falls into. Where a gap is used up, the whole list is written anew.

use crate::diff::{self, ChangedRange, Numbers};
use crate::manifest::BlockRef;
use std::collections::HashSet;
use std::ops::Range;

/// The place of a row within its file's list. Stays below 2^53, which D1 passes
/// through a double: [`GAP`] times the most blocks that a file may have.
pub type Ord = u64;

/// The distance between neighbours in a list that was written whole: an
/// insertion can halve a gap 32 times.
pub const GAP: Ord = 1 << 32;

const _: () = assert!(GAP * (crate::limits::MAX_FILE_BLOCKS as u64 + 1) < 1 << 53);

/// A block and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedBlock {
    /// Where the block stands.
    pub ord: Ord,
    /// The block.
    pub block: BlockRef,
}

/// What a commit does to a file's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowChanges {
    /// Rows of the base whose block does not stand there any more.
    pub closed: Vec<Ord>,
    /// Rows that start with the new version.
    pub opened: Vec<PlacedBlock>,
}

/// Plans the rows of a commit: `base` is the base version's list in order of
/// `ord`, `new` the new version's blocks.
pub fn plan(base: &[PlacedBlock], new: &[BlockRef]) -> RowChanges {
    let old: Vec<BlockRef> = base.iter().map(|row| row.block).collect();
    let mut changes = RowChanges::default();
    for (replaced, inserted) in differences(&old, new) {
        let below = replaced.start.checked_sub(1).map_or(0, |i| base[i].ord);
        let above = base
            .get(replaced.end)
            .map_or_else(|| end_of_list(below, inserted.len()), |row| row.ord);
        let Some(places) = places_between(below, above, inserted.len() as u64) else {
            return rewrite(base, new);
        };
        changes
            .closed
            .extend(base[replaced].iter().map(|row| row.ord));
        changes.opened.extend(
            places
                .zip(&new[inserted])
                .map(|(ord, &block)| PlacedBlock { ord, block }),
        );
    }
    changes
}

/// The stretches of `old` that `new` replaces, in order, each with the stretch of
/// `new` that stands in its place.
pub fn differences(old: &[BlockRef], new: &[BlockRef]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut numbers = Numbers::default();
    let (old_ids, new_ids) = (numbers.of(old.iter()), numbers.of(new.iter()));
    // A block that only one list has equals nothing. Without such blocks, a list
    // that is new from end to end costs no search.
    let old_common = common(&old_ids, &new_ids);
    let new_common = common(&new_ids, &old_ids);
    let ids = |of: &[(usize, u32)]| -> Vec<u32> { of.iter().map(|(_, id)| *id).collect() };
    let mut differences = Vec::new();
    let (mut old_done, mut new_done) = (0, 0);
    let mut equal_at = |old_at: usize, new_at: usize| {
        if old_done < old_at || new_done < new_at {
            differences.push((old_done..old_at, new_done..new_at));
        }
        (old_done, new_done) = (old_at + 1, new_at + 1);
    };
    let end = ChangedRange {
        old: old_common.len()..old_common.len(),
        new: new_common.len()..new_common.len(),
    };
    let changes = diff::changes(&ids(&old_common), &ids(&new_common));
    let (mut old_from, mut new_from) = (0, 0);
    for change in changes.into_iter().chain([end]) {
        let olds = &old_common[old_from..change.old.start];
        let news = &new_common[new_from..change.new.start];
        for ((old_at, _), (new_at, _)) in olds.iter().zip(news) {
            equal_at(*old_at, *new_at);
        }
        (old_from, new_from) = (change.old.end, change.new.end);
    }
    equal_at(old.len(), new.len());
    differences
}

/// The members of a list that another list has as well, and where they stand.
fn common(list: &[u32], other: &[u32]) -> Vec<(usize, u32)> {
    let other: HashSet<&u32> = other.iter().collect();
    let here = list.iter().copied().enumerate();
    here.filter(|(_, id)| other.contains(id)).collect()
}

/// Applies `changes` to a list, as the database does.
pub fn apply(base: &[PlacedBlock], changes: &RowChanges) -> Vec<PlacedBlock> {
    let mut rows: Vec<PlacedBlock> = base
        .iter()
        .filter(|row| !changes.closed.contains(&row.ord))
        .chain(&changes.opened)
        .copied()
        .collect();
    rows.sort_by_key(|row| row.ord);
    rows
}

fn end_of_list(below: Ord, count: usize) -> Ord {
    below + (count as u64 + 1) * GAP
}

/// `count` places strictly between two others, evenly spread; `None` if there is no
/// room.
fn places_between(below: Ord, above: Ord, count: u64) -> Option<impl Iterator<Item = Ord>> {
    let step = (above - below) / (count + 1);
    // Appending for ever must not leave the numbers that D1 can hold.
    let fits = step > 0 && above < 1 << 53;
    fits.then(move || (1..=count).map(move |i| below + i * step))
}

fn rewrite(base: &[PlacedBlock], new: &[BlockRef]) -> RowChanges {
    // A closed row and an opened one may share a place: a row's key holds the
    // version that it starts with too.
    RowChanges {
        closed: base.iter().map(|row| row.ord).collect(),
        opened: new
            .iter()
            .zip(1..)
            .map(|(&block, i)| PlacedBlock {
                ord: i * GAP,
                block,
            })
            .collect(),
    }
}
