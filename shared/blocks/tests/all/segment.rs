#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random::{self, Xorshift};
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::segment::{Apart, Joined, SegmentChunker, Wants, segments};
use std::ops::Range;

fn class() -> SizeClass {
    SizeClass::for_size(0)
}

fn block_ref(bytes: &[u8]) -> BlockRef {
    BlockRef {
        hash: BlockHash::of(bytes),
        length: bytes.len() as u32,
    }
}

/// Cuts a segment, and says how many bytes it wanted. The pieces have lengths
/// from `pieces`.
fn cut(file: &[u8], range: Range<u64>, pieces: &mut Xorshift) -> (Vec<BlockRef>, usize) {
    let mut blocks = Vec::new();
    let mut chunker = SegmentChunker::new(class(), range.end - range.start);
    let start = range.start as usize;
    let mut at = start;
    while at < file.len() {
        let piece = (1 + pieces.below(3 << 20)).min(file.len() - at);
        let wants = chunker.feed(&file[at..at + piece], |block| blocks.push(block_ref(block)));
        at += piece;
        if wants == Wants::Nothing {
            return (blocks, at - start);
        }
    }
    chunker.finish(|block| blocks.push(block_ref(block)));
    (blocks, at - start)
}

/// Cuts a file in segments that start at `starts`, and joins them. Returns how
/// often a segment had to be cut again.
fn check(file: &[u8], starts: &[u64], seed: u64) -> usize {
    let mut pieces = Xorshift::new(seed);
    let mut joined = Joined::default();
    let mut again = 0;
    let ends = starts[1..].iter().copied().chain([file.len() as u64]);
    for segment in starts.iter().zip(ends).map(|(&start, end)| start..end) {
        let (blocks, _) = cut(file, segment.clone(), &mut pieces);
        if let Err(Apart { range }) = joined.join(segment, &blocks) {
            again += 1;
            let (blocks, _) = cut(file, range.clone(), &mut pieces);
            joined
                .join(range, &blocks)
                .expect("it starts where the list ends");
        }
    }
    let blocks = joined.into_blocks();
    assert!(
        blocks == Manifest::of(file, class(), 0).blocks,
        "segments from {starts:?} are cut otherwise"
    );
    again
}

fn even(file: &[u8], count: u64) -> Vec<u64> {
    segments(file.len() as u64, class(), 1, count)
        .into_iter()
        .map(|segment| segment.start)
        .collect()
}

#[test]
fn segments_of_random_bytes_meet_and_join() {
    let file = random::bytes(1, 24 << 20);
    for count in [1, 2, 3, 6] {
        assert_eq!(check(&file, &even(&file, count), 2), 0, "{count} segments");
    }
}

#[test]
fn segments_of_zeros_meet_at_once() {
    let file = vec![0; 12 << 20];
    assert_eq!(check(&file, &even(&file, 4), 1), 0);
    let (_, wanted) = cut(&file, 0..3 << 20, &mut Xorshift::new(1));
    assert!(wanted <= 8 << 20, "{wanted} bytes");
}

/// From a start that is no multiple of their length, blocks that are all alike
/// never meet those of another start.
#[test]
fn what_never_meets_is_cut_again() {
    let file = vec![0; 24 << 20];
    assert_eq!(check(&file, &[0, 12_345_678], 1), 1);
    assert!(check(&file, &[0, 4_000_000, 12_345_678, 20_000_001], 1) > 0);
}

#[test]
fn a_segment_that_finds_no_other_gives_up() {
    let file = vec![0; 40 << 20];
    let (_, wanted) = cut(&file, 0..1_234_567, &mut Xorshift::new(1));
    assert!(wanted < 16 << 20, "{wanted} bytes");
}

#[test]
fn segments_smaller_than_a_block_change_nothing() {
    let file = random::bytes(3, 3 << 20);
    let starts: Vec<u64> = (0..file.len() as u64).step_by(40_000).collect();
    check(&file, &starts, 5);
}

#[test]
fn a_file_is_split_without_gaps_and_by_whole_blocks() {
    let mib = 1 << 20;
    for size in [0, 1, 32 * mib] {
        let whole = std::iter::once(0..size);
        assert!(segments(size, class(), 32 * mib, 4).into_iter().eq(whole));
    }
    assert_eq!(
        segments(64 * mib + 1, class(), 32 * mib, 4),
        [0..32 * mib, 32 * mib..64 * mib, 64 * mib..64 * mib + 1]
    );
    for size in [1_000_000_000, 33 << 30] {
        let class = SizeClass::for_size(size);
        let all = segments(size, class, 32 * mib, 7);
        assert!(all.len() <= 7);
        assert_eq!((all[0].start, all[all.len() - 1].end), (0, size));
        for pair in all.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert!(pair[0].end.is_multiple_of(class.max_bytes() as u64));
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::check;
    use crate::random;
    use proptest::prelude::*;

    /// What a file consists of, one stretch after another.
    #[derive(Clone, Debug)]
    enum Stretch {
        Zeros(usize),
        Random {
            seed: u64,
            length: usize,
        },
        /// The same bytes again and again.
        Periodic {
            seed: u64,
            period: usize,
            length: usize,
        },
    }

    fn stretch() -> impl Strategy<Value = Stretch> {
        let length = 1..3usize << 20;
        prop_oneof![
            length.clone().prop_map(Stretch::Zeros),
            (any::<u64>(), length.clone())
                .prop_map(|(seed, length)| Stretch::Random { seed, length }),
            (
                any::<u64>(),
                prop_oneof![1..300usize, 1..700_000usize],
                length
            )
                .prop_map(|(seed, period, length)| Stretch::Periodic {
                    seed,
                    period,
                    length
                }),
        ]
    }

    fn bytes(stretches: &[Stretch]) -> Vec<u8> {
        let of = |stretch: &Stretch| match *stretch {
            Stretch::Zeros(length) => vec![0; length],
            Stretch::Random { seed, length } => random::bytes(seed, length),
            Stretch::Periodic {
                seed,
                period,
                length,
            } => random::bytes(seed, period)
                .into_iter()
                .cycle()
                .take(length)
                .collect(),
        };
        stretches.iter().flat_map(of).collect()
    }

    /// Most far apart, some close together.
    fn starts() -> impl Strategy<Value = Vec<u64>> {
        let step = prop_oneof![1..4_000_000u64, 1..100_000u64, Just(1 << 20)];
        prop::collection::vec(step, 0..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn segments_are_cut_as_the_whole_file_is(
            stretches in prop::collection::vec(stretch(), 1..6),
            steps in starts(),
            seed in any::<u64>(),
        ) {
            let file = bytes(&stretches);
            let mut starts = vec![0];
            for step in steps {
                let start = starts[starts.len() - 1] + step;
                if start < file.len() as u64 {
                    starts.push(start);
                }
            }
            check(&file, &starts, seed);
        }
    }
}
