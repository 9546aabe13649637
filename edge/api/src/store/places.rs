//! Where blocks stand in packs.

use crate::range::Span;
use serde::Deserialize;
use shared::ids::{PackId, SpaceId};

/// Where a block is stored: `[pack, offset, length]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(PackId, u64, u64)")]
pub struct Place {
    pub pack: PackId,
    pub offset: u64,
    pub length: u64,
}

impl From<(PackId, u64, u64)> for Place {
    fn from((pack, offset, length): (PackId, u64, u64)) -> Self {
        Self {
            pack,
            offset,
            length,
        }
    }
}

/// The name of a pack's object.
pub fn pack_key(space: SpaceId, pack: PackId) -> String {
    format!("{space}/{pack}")
}

/// What of the packs makes up `span` of the content that `blocks` make up
/// whole. Neighbours in a pack become one run.
pub fn runs_of(blocks: &[Place], span: Span) -> Vec<Place> {
    let mut runs: Vec<Place> = Vec::new();
    let mut start = 0_u64;
    for block in blocks {
        let end = start.saturating_add(block.length);
        let (from, to) = (start.max(span.start), end.min(span.end));
        let skipped = from.saturating_sub(start);
        start = end;
        if from >= to {
            continue;
        }
        let run = Place {
            pack: block.pack,
            offset: block.offset.saturating_add(skipped),
            length: to.saturating_sub(from),
        };
        match runs.last_mut() {
            Some(last)
                if last.pack == run.pack
                    && last.offset.saturating_add(last.length) == run.offset =>
            {
                last.length = last.length.saturating_add(run.length);
            }
            _ => runs.push(run),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pack: u8, offset: u64, length: u64) -> Place {
        Place {
            pack: PackId::from_random([pack; 16]),
            offset,
            length,
        }
    }

    #[test]
    fn neighbours_are_read_at_once() {
        let blocks = [
            place(1, 0, 10),
            place(1, 10, 5),
            place(2, 0, 7),
            place(1, 15, 1),
        ];
        let whole = runs_of(&blocks, Span::whole(23));
        assert_eq!(whole, [place(1, 0, 15), place(2, 0, 7), place(1, 15, 1)]);
    }

    #[test]
    fn a_range_cuts_the_runs_at_both_ends() {
        let blocks = [place(1, 100, 10), place(2, 0, 10), place(3, 50, 10)];
        let span = |start, end| Span { start, end };
        assert_eq!(runs_of(&blocks, span(12, 15)), [place(2, 2, 3)]);
        assert_eq!(
            runs_of(&blocks, span(9, 21)),
            [place(1, 109, 1), place(2, 0, 10), place(3, 50, 1)]
        );
        assert_eq!(runs_of(&blocks, span(30, 30)), []);
    }
}
