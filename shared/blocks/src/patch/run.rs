//! Which old blocks a new block is compared with.

use crate::hash::BlockHash;
use crate::limits::{MAX_SEARCHED_BYTES, TARGET_BASE_RUN_BYTES};
use crate::manifest::BlockRef;
use crate::splice;
use std::collections::HashSet;
use std::ops::Range;

/// See [`may_have_moved`]: from this part of the old bytes on.
const MOVED_DIVISOR: u64 = 3;

/// A new block and its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRun {
    /// The block's place in the new list.
    pub block: usize,
    /// The base's places in the old list. Neighbours often have the same, so
    /// that one [`Base`](super::Base) serves them all.
    pub base: Range<usize>,
}

/// The run of old blocks that each new block replaces. There is one entry for each
/// block that only the new list has, in order and each once. A run longer than
/// [`TARGET_BASE_RUN_BYTES`] is cut to the part that lies where the block lies. In
/// place of an empty run stand the neighbours. If the old list is empty, so is the
/// answer.
pub fn base_runs(old: &[BlockRef], new: &[BlockRef]) -> Vec<BaseRun> {
    let mut known: HashSet<BlockHash> = old.iter().map(|block| block.hash).collect();
    let old_starts = starts(old);
    let new_starts = starts(new);
    let mut runs = Vec::new();
    for (replaced, inserted) in splice::differences(old, new) {
        let replaced = if replaced.is_empty() {
            replaced.start.saturating_sub(1)..(replaced.start + 1).min(old.len())
        } else {
            replaced
        };
        let replaced_bytes = old_starts[replaced.end] - old_starts[replaced.start];
        let inserted_bytes = new_starts[inserted.end] - new_starts[inserted.start];
        for block in inserted.clone() {
            if !known.insert(new[block].hash) {
                continue;
            }
            let middle = u64::from(new[block].length) / 2;
            let into = new_starts[block] - new_starts[inserted.start] + middle;
            // Below 2^70: no list has more than 2^35 bytes.
            let along = u128::from(into) * u128::from(replaced_bytes) / u128::from(inserted_bytes);
            runs.push(BaseRun {
                block,
                base: window(&old_starts, &replaced, along as u64),
            });
        }
    }
    runs
}

/// Whether so many bytes are new that blocks are compared with the whole old file, and not
/// only with what they replace. It costs at most a few times what is done with the new
/// bytes anyway: reading the old file, or its signatures, or naming its blocks. What is
/// not near is rare where less is new.
pub fn may_have_moved(old: &[BlockRef], new_bytes: u64) -> bool {
    let old_bytes: u64 = old.iter().map(|block| u64::from(block.length)).sum();
    (1..=MAX_SEARCHED_BYTES).contains(&old_bytes) && new_bytes >= old_bytes / MOVED_DIVISOR
}

/// The part of a run around `along`: at most [`TARGET_BASE_RUN_BYTES`], but at least
/// one block, reaching a good way in both directions.
fn window(starts: &[u64], run: &Range<usize>, along: u64) -> Range<usize> {
    let run_start = starts[run.start];
    if starts[run.end] - run_start <= TARGET_BASE_RUN_BYTES {
        return run.clone();
    }
    // Windows begin at multiples of half their length, less a quarter.
    let half = TARGET_BASE_RUN_BYTES / 2;
    let cell = run_start + along / half * half;
    let from = cell.saturating_sub(half / 2);
    let to = cell + half + half / 2;
    let first = starts.partition_point(|&start| start < from);
    let end = starts.partition_point(|&start| start <= to) - 1;
    let window = first.max(run.start)..end.min(run.end);
    let middle = starts.partition_point(|&start| start <= run_start + along) - 1;
    if window.contains(&middle) {
        window
    } else {
        middle..middle + 1
    }
}

/// Where each block begins, and the end of the last.
fn starts(blocks: &[BlockRef]) -> Vec<u64> {
    let mut end = 0;
    let mut starts = vec![0];
    starts.extend(blocks.iter().map(|block| {
        end += u64::from(block.length);
        end
    }));
    starts
}
