//! Where blocks stand in packs, and what to read of them.

use crate::range::Span;
use crate::store::extents::Extent;
use serde::Deserialize;
use shared::frame::Codec;
use shared::ids::{PackId, SpaceId};
use shared::limits::TARGET_FETCH_BYTES;

/// Where a block is stored and how:
/// `[pack, offset, length, codec, stored length, is damaged]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(PackId, u64, u64, Codec, u64, u8)")]
pub struct Place {
    /// Its bytes in the pack.
    pub extent: Extent,
    /// Its plain bytes.
    pub length: u64,
    /// Plain or LZ4.
    pub codec: Codec,
    /// It was found missing, or not to be what its hash says.
    pub is_damaged: bool,
}

impl From<(PackId, u64, u64, Codec, u64, u8)> for Place {
    fn from(
        (pack, offset, length, codec, stored_length, is_damaged): (
            PackId,
            u64,
            u64,
            Codec,
            u64,
            u8,
        ),
    ) -> Self {
        Self {
            extent: Extent {
                pack,
                offset,
                length: stored_length,
            },
            length,
            codec,
            is_damaged: is_damaged != 0,
        }
    }
}

/// The name of a pack's object.
pub fn pack_key(space: SpaceId, pack: PackId) -> String {
    format!("{space}/{pack}")
}

/// The space and the pack that an object's name tells; `None` for an object that
/// is no pack.
pub fn pack_of_key(key: &str) -> Option<(SpaceId, PackId)> {
    let (space, pack) = key.split_once('/')?;
    Some((space.parse().ok()?, pack.parse().ok()?))
}

/// A part of some content that one call reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Bytes that are sent as they are.
    Plain(Extent),
    /// LZ4 blocks that stand side by side.
    Lz4 { extent: Extent, parts: Vec<Part> },
}

/// A block of a run, and which of its plain bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub stored_length: u64,
    pub span: Span,
}

impl Run {
    /// The plain bytes that it makes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Plain(extent) => extent.length,
            Self::Lz4 { parts, .. } => parts
                .iter()
                .fold(0, |sum, part| part.span.length().saturating_add(sum)),
        }
    }
}

/// What of the packs makes up `span` of the content that `blocks` make up
/// whole. Neighbours in a pack become one run; one of LZ4 blocks is read whole,
/// so it ends when it has [`TARGET_FETCH_BYTES`].
pub fn runs_of(blocks: &[Place], span: Span) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0_u64;
    for block in blocks {
        let end = start.saturating_add(block.length);
        let (from, to) = (start.max(span.start), end.min(span.end));
        let wanted = Span {
            start: from.saturating_sub(start),
            end: to.saturating_sub(start),
        };
        start = end;
        if from < to {
            append(&mut runs, block, wanted);
        }
    }
    runs
}

fn append(runs: &mut Vec<Run>, block: &Place, wanted: Span) {
    let stored = block.extent;
    if block.codec == Codec::Plain {
        let bytes = Extent {
            offset: stored.offset.saturating_add(wanted.start),
            length: wanted.length(),
            ..stored
        };
        match runs.last_mut() {
            Some(Run::Plain(last)) if last.is_followed_by(&bytes) => last.extend(&bytes),
            _ => runs.push(Run::Plain(bytes)),
        }
        return;
    }
    let part = Part {
        stored_length: stored.length,
        span: wanted,
    };
    match runs.last_mut() {
        Some(Run::Lz4 { extent, parts })
            if extent.is_followed_by(&stored) && extent.length < TARGET_FETCH_BYTES =>
        {
            extent.extend(&stored);
            parts.push(part);
        }
        _ => runs.push(Run::Lz4 {
            extent: stored,
            parts: vec![part],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(pack: u8, offset: u64, length: u64) -> Extent {
        Extent {
            pack: PackId::from_random([pack; 16]),
            offset,
            length,
        }
    }

    fn place(pack: u8, offset: u64, length: u64) -> Place {
        Place {
            extent: extent(pack, offset, length),
            length,
            codec: Codec::Plain,
            is_damaged: false,
        }
    }

    fn lz4(pack: u8, offset: u64, stored_length: u64, length: u64) -> Place {
        Place {
            length,
            codec: Codec::Lz4,
            ..place(pack, offset, stored_length)
        }
    }

    fn plain(pack: u8, offset: u64, length: u64) -> Run {
        Run::Plain(extent(pack, offset, length))
    }

    fn span(start: u64, end: u64) -> Span {
        Span { start, end }
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
        assert_eq!(whole, [plain(1, 0, 15), plain(2, 0, 7), plain(1, 15, 1)]);
    }

    #[test]
    fn a_range_cuts_the_runs_at_both_ends() {
        let blocks = [place(1, 100, 10), place(2, 0, 10), place(3, 50, 10)];
        assert_eq!(runs_of(&blocks, span(12, 15)), [plain(2, 2, 3)]);
        assert_eq!(
            runs_of(&blocks, span(9, 21)),
            [plain(1, 109, 1), plain(2, 0, 10), plain(3, 50, 1)]
        );
        assert_eq!(runs_of(&blocks, span(30, 30)), []);
    }

    #[test]
    fn compressed_neighbours_are_read_at_once_and_cut_when_they_are_decoded() {
        let blocks = [
            place(1, 0, 10),
            lz4(1, 10, 5, 100),
            lz4(1, 15, 7, 100),
            lz4(2, 0, 5, 100),
        ];
        let part = |stored_length, span| Part {
            stored_length,
            span,
        };
        let runs = runs_of(&blocks, span(5, 250));
        let both = vec![part(5, span(0, 100)), part(7, span(0, 100))];
        let expected = [
            plain(1, 5, 5),
            Run::Lz4 {
                extent: extent(1, 10, 12),
                parts: both,
            },
            Run::Lz4 {
                extent: extent(2, 0, 5),
                parts: vec![part(5, span(0, 40))],
            },
        ];
        assert_eq!(runs, expected);
        assert_eq!(runs.iter().map(Run::length).sum::<u64>(), 245);
    }

    #[test]
    fn a_run_of_compressed_blocks_fits_into_memory() {
        let blocks: Vec<Place> = (0..10).map(|i| lz4(1, i << 20, 1 << 20, 2 << 20)).collect();
        let runs = runs_of(&blocks, Span::whole(20 << 20));
        assert_eq!(runs.len(), 3);
    }

    #[test]
    fn the_name_of_an_object_tells_its_pack() {
        let (space, pack) = (SpaceId::from_random([1; 16]), PackId::from_random([2; 16]));
        assert_eq!(pack_of_key(&pack_key(space, pack)), Some((space, pack)));
        assert_eq!(pack_of_key("notes.txt"), None);
        assert_eq!(pack_of_key(&format!("{space}/x")), None);
    }
}
