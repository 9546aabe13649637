#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random;
use blocks::chunk::{BadSizeClass, Chunker, SizeClass};
use blocks::hash::BlockHash;
use blocks::limits::{MAX_BLOCK_BYTES, MAX_FILE_BYTES, MAX_SIZE_CLASS, MIN_SIZE_CLASS};
use fastcdc::v2020::{FastCDC, Normalization};

fn class(bits: u8) -> SizeClass {
    bits.try_into().unwrap()
}

/// The lengths of the blocks when the bytes come in pieces of `piece` bytes.
fn lengths(bytes: &[u8], class: SizeClass, piece: usize) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut cut = Vec::with_capacity(bytes.len());
    let mut take = |block: &[u8]| {
        lengths.push(block.len());
        cut.extend_from_slice(block);
    };
    let mut chunker = Chunker::new(class);
    for piece in bytes.chunks(piece) {
        chunker.feed(piece, &mut take);
    }
    chunker.finish(&mut take);
    assert!(cut == bytes, "the blocks must be the file");
    lengths
}

fn ends(lengths: &[usize]) -> Vec<usize> {
    lengths
        .iter()
        .scan(0, |end, length| {
            *end += length;
            Some(*end)
        })
        .collect()
}

/// A chunker that cuts elsewhere makes every stored block useless for
/// deduplication: these numbers may never change.
#[test]
fn golden_boundaries() {
    assert_eq!(
        lengths(&random::bytes(1, 4 << 20), class(18), usize::MAX),
        GOLDEN_256_KIB
    );
    assert_eq!(
        lengths(&random::bytes(2, 8 << 20), class(20), usize::MAX),
        GOLDEN_1_MIB
    );
}

const GOLDEN_256_KIB: &[usize] = &[
    301413, 189008, 545088, 308091, 289502, 349494, 329318, 324377, 317161, 306693, 338661, 278892,
    282344, 34262,
];
const GOLDEN_1_MIB: &[usize] = &[
    1152269, 1133282, 831135, 464279, 1121380, 1102502, 1240676, 1343085,
];

#[test]
fn golden_boundaries_are_equal_however_the_bytes_are_fed() {
    let bytes = random::bytes(1, 4 << 20);
    for piece in [37, 255, 64 << 10, (1 << 20) + 1, 4 << 20] {
        assert_eq!(
            lengths(&bytes, class(18), piece),
            GOLDEN_256_KIB,
            "{piece} bytes at a time"
        );
    }
    // One byte at a time is slow: the part up to a golden boundary will do.
    let end = GOLDEN_256_KIB[..5].iter().sum();
    assert_eq!(
        lengths(&bytes[..end], class(18), 1),
        GOLDEN_256_KIB[..5],
        "a byte at a time"
    );
}

#[test]
fn pieces_of_random_lengths_and_empty_ones_change_nothing() {
    let bytes = random::bytes(1, 4 << 20);
    let mut numbers = random::Xorshift::new(9);
    for _ in 0..20 {
        let mut got = Vec::new();
        let mut chunker = Chunker::new(class(18));
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let most = 1 << numbers.below(22);
            let (piece, after) = rest.split_at(numbers.below(most + 1).min(rest.len()));
            chunker.feed(piece, |block| got.push(block.len()));
            rest = after;
        }
        chunker.finish(|block| got.push(block.len()));
        assert_eq!(got, GOLDEN_256_KIB);
    }
}

#[test]
fn cuts_where_fastcdcs_own_iterator_does() {
    for (bits, seed, length) in [(18, 3, 6 << 20), (19, 4, 6 << 20), (22, 5, 24 << 20)] {
        let bytes = random::bytes(seed, length);
        let class = class(bits);
        let theirs: Vec<usize> = FastCDC::with_level(
            &bytes,
            class.min_bytes(),
            class.average_bytes(),
            class.max_bytes(),
            Normalization::Level2,
        )
        .map(|chunk| chunk.length)
        .collect();
        assert_eq!(lengths(&bytes, class, 100_000), theirs, "class {bits}");
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::{class, lengths};
    use crate::random;
    use fastcdc::v2020::{MASKS, cut};
    use proptest::prelude::*;

    /// Cut by the crate's own loop, one block after another.
    fn theirs(bytes: &[u8], bits: u8) -> Vec<usize> {
        let class = class(bits);
        let (min, average, max) = (class.min_bytes(), class.average_bytes(), class.max_bytes());
        let (small, large) = (MASKS[usize::from(bits) + 2], MASKS[usize::from(bits) - 2]);
        let mut lengths = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (_, length) = cut(
                rest,
                min,
                average,
                max,
                small,
                large,
                small << 1,
                large << 1,
            );
            lengths.push(length);
            rest = &rest[length..];
        }
        lengths
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        /// Of any length, odd ones too, and in bytes that repeat.
        #[test]
        fn cuts_where_fastcdcs_own_loop_does(
            seed in any::<u64>(),
            period in prop_oneof![1..100usize, 1..100_000usize, Just(usize::MAX)],
            length in prop_oneof![0..200_000usize, 0..2_000_000usize],
            bits in 18..=20u8,
            piece in 1..1_500_000usize,
        ) {
            let tile = random::bytes(seed, period.min(length).max(1));
            let bytes: Vec<u8> = tile.into_iter().cycle().take(length).collect();
            prop_assert_eq!(lengths(&bytes, class(bits), piece), theirs(&bytes, bits));
        }
    }
}

#[test]
fn blocks_stay_within_their_class() {
    let random = random::bytes(6, 8 << 20);
    let zeros = vec![0; 8 << 20];
    for bytes in [&random, &zeros] {
        let lengths = lengths(bytes, class(18), 1 << 20);
        let (last, others) = lengths.split_last().unwrap();
        for length in others {
            assert!((64 << 10..=1 << 20).contains(length), "{length}");
        }
        assert!((1..=1 << 20).contains(last), "{last}");
    }
}

/// Where nothing ever looks like a boundary, blocks are as large as they may be
/// and all alike, so that a file of zeros is stored as one block.
#[test]
fn zeros_are_cut_into_equal_blocks() {
    assert_eq!(lengths(&vec![0; 4 << 20], class(18), 65_536), [1 << 20; 4]);
}

#[test]
fn small_files_are_one_block_and_empty_ones_none() {
    assert!(lengths(&[], class(18), 1).is_empty());
    assert_eq!(lengths(b"x", class(18), 1), [1]);
    let min = class(18).min_bytes();
    assert_eq!(lengths(&random::bytes(7, min), class(18), 999), [min]);
}

#[test]
fn an_insertion_near_the_front_leaves_later_boundaries() {
    let old = random::bytes(1, 4 << 20);
    for (at, inserted) in [(0, 1), (100, 100), (70_000, 12_345), (200_000, 1)] {
        let mut new = old.clone();
        new.splice(at..at, random::bytes(8, inserted));
        let old_ends = ends(GOLDEN_256_KIB);
        let new_ends = ends(&lengths(&new, class(18), 1 << 20));
        let kept = old_ends
            .iter()
            .filter(|&&end| end > at && new_ends.contains(&(end + inserted)))
            .count();
        let after = old_ends.iter().filter(|&&end| end > at).count();
        assert!(
            kept + 3 >= after,
            "{inserted} bytes at {at}: only {kept} of {after} boundaries stayed"
        );
    }
}

#[test]
fn the_class_of_a_size() {
    for (size, bits) in [
        (0, 18),
        (1, 18),
        (2 << 30, 18),
        ((2 << 30) + 1, 19),
        (4 << 30, 19),
        ((4 << 30) + 1, 20),
        ((8 << 30) + 1, 21),
        ((16 << 30) + 1, 22),
        (MAX_FILE_BYTES, 22),
        (u64::MAX, 22),
    ] {
        assert_eq!(SizeClass::for_size(size), class(bits), "{size} bytes");
    }
}

#[test]
fn a_class_is_a_power_of_two_and_its_quarter_and_four_times_it() {
    let smallest = class(MIN_SIZE_CLASS);
    assert_eq!(smallest.average_bytes(), 256 << 10);
    assert_eq!(smallest.min_bytes(), 64 << 10);
    assert_eq!(smallest.max_bytes(), 1 << 20);
    assert_eq!(class(MAX_SIZE_CLASS).max_bytes(), MAX_BLOCK_BYTES);
}

#[test]
fn a_class_travels_as_its_number_and_no_other_number_is_one() {
    for bits in 0..=u8::MAX {
        let json = bits.to_string();
        if (MIN_SIZE_CLASS..=MAX_SIZE_CLASS).contains(&bits) {
            assert_eq!(
                serde_json::from_str::<SizeClass>(&json).unwrap(),
                class(bits)
            );
            assert_eq!(serde_json::to_string(&class(bits)).unwrap(), json);
        } else {
            assert_eq!(SizeClass::try_from(bits), Err(BadSizeClass(bits)));
            assert!(serde_json::from_str::<SizeClass>(&json).is_err());
        }
    }
}

/// The hash of a whole cut, so that a difference in contents shows as well.
#[test]
fn golden_block_hashes() {
    let bytes = random::bytes(1, 4 << 20);
    let mut hashes = Vec::new();
    let mut chunker = Chunker::new(class(18));
    chunker.feed(&bytes, |block| {
        hashes.extend(BlockHash::of(block).as_bytes())
    });
    chunker.finish(|block| hashes.extend(BlockHash::of(block).as_bytes()));
    assert_eq!(BlockHash::of(&hashes).to_string(), GOLDEN_HASH_OF_HASHES);
}

const GOLDEN_HASH_OF_HASHES: &str =
    "9640beb8fa654a6bfb2abd88dfe96fe671d2a1a97f18775380ae0f9f2b20a6e2";
