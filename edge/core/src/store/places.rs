//! Where blocks stand in packs, and what to read of them.

use crate::ports::DbError;
use crate::range::Span;
use crate::store::extents::Extent;
use blocks::frame::{self, Codec};
use protocol::ids::PackId;
use protocol::limits::TARGET_FETCH_BYTES;
use serde::Deserialize;
use std::borrow::Cow;

/// Where a block is stored and how:
/// `[pack, offset, length, codec, stored length, is damaged]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(PackId, u64, u64, Codec, u64, u8)")]
pub struct BlockPlace {
    /// The stored bytes in the pack.
    pub extent: Extent,
    /// Plain bytes of the block.
    pub length: u64,
    /// Plain or LZ4.
    pub codec: Codec,
    /// Whether the scrub found that the block is missing or does not match its hash.
    pub is_damaged: bool,
}

impl From<(PackId, u64, u64, Codec, u64, u8)> for BlockPlace {
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

impl BlockPlace {
    /// The bytes of memory that decoding the block takes, beside its payload.
    pub fn decoded_bytes(&self) -> usize {
        match self.codec {
            Codec::Plain => 0,
            Codec::Lz4 | Codec::Patch => usize::try_from(self.length).unwrap_or(usize::MAX),
        }
    }

    /// The plain bytes of the block, decoded from its payload.
    ///
    /// # Errors
    /// The payload is damaged.
    pub fn plain<'a>(&self, payload: &'a [u8]) -> Result<Cow<'a, [u8]>, DbError> {
        let plain = match self.codec {
            Codec::Plain => Some(Cow::Borrowed(payload)),
            Codec::Lz4 => frame::read_lz4(payload).ok().map(Cow::Owned),
            Codec::Patch => None,
        };
        plain
            .filter(|plain| plain.len() as u64 == self.length)
            .ok_or_else(|| DbError::Fault("a stored block is damaged".into()))
    }
}

/// A stretch of some content, with what is read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Bytes that are sent as they are, in one call.
    Plain(Extent),
    /// Blocks that are read into memory first.
    Gathered(GatheredBlocks),
}

/// Blocks in the order in which they are sent, of extents that are read once each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatheredBlocks {
    /// Each is one call.
    pub extents: Vec<Extent>,
    /// The blocks, in the order in which they are sent.
    pub parts: Vec<BlockSpan>,
}

/// A block of a run, and which of its plain bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSpan {
    /// Where the block is stored, within one of the run's extents.
    pub stored: Extent,
    /// How its stored bytes encode it.
    pub codec: Codec,
    /// Which of its plain bytes are wanted.
    pub span: Span,
}

impl Run {
    /// How many plain bytes the run makes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Plain(extent) => extent.length,
            Self::Gathered(GatheredBlocks { parts, .. }) => parts
                .iter()
                .fold(0, |sum, part| part.span.length().saturating_add(sum)),
        }
    }

    /// How many calls of the pack store the run needs.
    pub fn calls(&self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Gathered(gathered) => gathered.extents.len(),
        }
    }
}

/// The most calls of the pack store that one request makes; the free plan has 50 for
/// all that a request does.
pub const MAX_CALLS: usize = 40;

/// The runs that make up `span` of the content whose blocks are `blocks`. Neighbours in
/// a pack become one run, and so does a block that comes several times in a row. If
/// that takes too many calls, blocks that are near each other in a pack are read at
/// once and wait in memory for their turn.
pub fn runs_of(blocks: &[BlockPlace], span: Span) -> Vec<Run> {
    let wanted = wanted(blocks, span);
    let runs = neighbours(&wanted);
    if calls(&runs) <= MAX_CALLS {
        return runs;
    }
    let gathered = gathered(&wanted);
    match calls(&gathered) < calls(&runs) {
        true => gathered,
        false => runs,
    }
}

fn calls(runs: &[Run]) -> usize {
    runs.iter().map(Run::calls).sum()
}

/// The part of each block that is wanted.
fn wanted(blocks: &[BlockPlace], span: Span) -> Vec<BlockSpan> {
    let mut wanted = Vec::new();
    let mut start = 0_u64;
    for block in blocks {
        let end = start.saturating_add(block.length);
        let (from, to) = (start.max(span.start), end.min(span.end));
        if from < to {
            wanted.push(BlockSpan {
                stored: block.extent,
                codec: block.codec,
                span: Span {
                    start: from.saturating_sub(start),
                    end: to.saturating_sub(start),
                },
            });
        }
        start = end;
    }
    wanted
}

/// Runs of blocks that follow each other in a pack or are the same block. A run of LZ4
/// blocks is read into memory whole, so it takes no more once it has
/// [`TARGET_FETCH_BYTES`].
fn neighbours(wanted: &[BlockSpan]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<&BlockSpan> = None;
    for part in wanted {
        let is_same = last.is_some_and(|last| last.stored == part.stored);
        last = Some(part);
        let is_taken = match runs.last_mut() {
            Some(Run::Gathered(run)) => run.takes_next(part, is_same),
            Some(Run::Plain(run)) if part.codec == Codec::Plain && !is_same => {
                let bytes = part.bytes();
                let follows = run.is_followed_by(&bytes);
                if follows {
                    run.extend(&bytes);
                }
                follows
            }
            _ => false,
        };
        if is_taken {
            continue;
        }
        runs.push(match part.codec == Codec::Plain && !is_same {
            true => Run::Plain(part.bytes()),
            false => Run::Gathered(GatheredBlocks {
                extents: vec![part.stored],
                parts: vec![*part],
            }),
        });
    }
    runs
}

/// The most bytes that are read into memory for one run.
const MAX_GATHERED_BYTES: u64 = 2 * TARGET_FETCH_BYTES;
/// The most bytes between two parts that are read with them in vain.
const MAX_GAP_BYTES: u64 = TARGET_FETCH_BYTES;

/// Runs of blocks that are sent soon after each other, wherever they are stored. Those
/// of one pack are read with one call if not much between them is read in vain.
fn gathered(wanted: &[BlockSpan]) -> Vec<Run> {
    let mut runs: Vec<GatheredBlocks> = Vec::new();
    for part in wanted {
        let fits = runs.last_mut().is_some_and(|run| run.gathers(part));
        if !fits {
            runs.push(GatheredBlocks {
                extents: vec![part.stored],
                parts: vec![*part],
            });
        }
    }
    runs.into_iter().map(Run::Gathered).collect()
}

impl BlockSpan {
    /// The stored bytes that are wanted of a block that is stored plain.
    fn bytes(&self) -> Extent {
        Extent {
            offset: self.stored.offset.saturating_add(self.span.start),
            length: self.span.length(),
            ..self.stored
        }
    }
}

impl GatheredBlocks {
    /// Takes in a part that is the same block as the one before, or an LZ4 block that
    /// follows it in the pack. Returns whether it did.
    fn takes_next(&mut self, part: &BlockSpan, is_same: bool) -> bool {
        if !is_same {
            let Some(extent) = self.extents.last_mut() else {
                return false;
            };
            let follows = part.codec != Codec::Plain && extent.is_followed_by(&part.stored);
            if !follows || extent.length >= TARGET_FETCH_BYTES {
                return false;
            }
            extent.extend(&part.stored);
        }
        self.parts.push(*part);
        true
    }

    /// Takes in a part, if there is room for its bytes. Returns whether it did.
    fn gathers(&mut self, part: &BlockSpan) -> bool {
        let stored = &part.stored;
        if self.extents.iter().any(|extent| extent.contains(stored)) {
            self.parts.push(*part);
            return true;
        }
        let bytes: u64 = self.extents.iter().map(|extent| extent.length).sum();
        let near = self.extents.iter_mut().find_map(|extent| {
            let cover = extent.cover(stored)?;
            let gap = cover
                .length
                .saturating_sub(extent.length)
                .saturating_sub(stored.length);
            (gap <= MAX_GAP_BYTES).then_some((extent, cover))
        });
        match near {
            Some((extent, cover)) => {
                let more = cover.length.saturating_sub(extent.length);
                if bytes.saturating_add(more) > MAX_GATHERED_BYTES {
                    return false;
                }
                *extent = cover;
            }
            None => {
                let fits = bytes.saturating_add(stored.length) <= MAX_GATHERED_BYTES;
                if !fits || self.extents.len() >= MAX_CALLS {
                    return false;
                }
                self.extents.push(*stored);
            }
        }
        self.parts.push(*part);
        true
    }
}

/// Splits `span`, whose runs are `runs`, into parts that each need at most
/// [`MAX_CALLS`] calls, so that each fits into one request.
pub fn requests_of(runs: &[Run], span: Span) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let (mut calls, mut at) = (0_usize, span.start);
    for run in runs {
        let end = at.saturating_add(run.length()).min(span.end);
        let more = calls.saturating_add(run.calls());
        match spans.last_mut() {
            Some(last) if more <= MAX_CALLS => {
                last.end = end;
                calls = more;
            }
            _ => {
                spans.push(Span { start: at, end });
                calls = run.calls();
            }
        }
        at = end;
    }
    spans
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

    fn place(pack: u8, offset: u64, length: u64) -> BlockPlace {
        BlockPlace {
            extent: extent(pack, offset, length),
            length,
            codec: Codec::Plain,
            is_damaged: false,
        }
    }

    fn lz4(pack: u8, offset: u64, stored_length: u64, length: u64) -> BlockPlace {
        BlockPlace {
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
        let part = |block: &BlockPlace, span| BlockSpan {
            stored: block.extent,
            codec: Codec::Lz4,
            span,
        };
        let gathered = |extent, parts| {
            let extents = vec![extent];
            Run::Gathered(GatheredBlocks { extents, parts })
        };
        let runs = runs_of(&blocks, span(5, 250));
        let both = vec![
            part(&blocks[1], span(0, 100)),
            part(&blocks[2], span(0, 100)),
        ];
        let last = vec![part(&blocks[3], span(0, 40))];
        let expected = [
            plain(1, 5, 5),
            gathered(extent(1, 10, 12), both),
            gathered(extent(2, 0, 5), last),
        ];
        assert_eq!(runs, expected);
        assert_eq!(runs.iter().map(Run::length).sum::<u64>(), 245);
    }

    #[test]
    fn a_run_of_compressed_blocks_fits_into_memory() {
        let blocks: Vec<BlockPlace> = (0..10).map(|i| lz4(1, i << 20, 1 << 20, 2 << 20)).collect();
        let runs = runs_of(&blocks, Span::whole(20 << 20));
        assert_eq!(runs.len(), 3);
    }

    #[test]
    fn a_block_that_repeats_is_read_once() {
        for zeros in [place(1, 7, 1 << 20), lz4(1, 7, 4_000, 1 << 20)] {
            let blocks = vec![zeros; 1_024];
            let runs = runs_of(&blocks, Span::whole(1 << 30));
            assert_eq!(runs.iter().map(Run::length).sum::<u64>(), 1 << 30);
            assert!(calls(&runs) <= 2, "{}", calls(&runs));
        }
    }

    #[test]
    fn what_is_near_in_a_pack_is_one_call_if_calls_are_many() {
        // Every second block is in a pack of its own.
        let blocks: Vec<BlockPlace> = (0..200_u8)
            .map(|n| match n % 2 {
                0 => place(0, u64::from(n) * 100, 100),
                _ => place(n, 0, 100),
            })
            .collect();
        let runs = runs_of(&blocks, Span::whole(20_000));
        assert_eq!(runs.iter().map(Run::length).sum::<u64>(), 20_000);
        assert!(calls(&runs) < 110, "{}", calls(&runs));
        let requests = requests_of(&runs, Span::whole(20_000));
        assert_eq!(requests.first().map(|span| span.start), Some(0));
        assert_eq!(requests.last().map(|span| span.end), Some(20_000));
        for pair in requests.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
        for request in requests {
            let runs = runs_of(&blocks, request);
            assert!(calls(&runs) <= MAX_CALLS, "{request:?}: {}", calls(&runs));
            assert_eq!(runs.iter().map(Run::length).sum::<u64>(), request.length());
        }
    }
}
