#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::limits::{MAX_BLOCK_BYTES, MAX_PATCH_BASES, SUB_BLOCK_BYTES, TARGET_BASE_RUN_BYTES};
use blocks::manifest::{BlockRef, Manifest};
use blocks::patch::{
    BadDelta, BadSignature, Base, BaseRun, Batch, Patch, Samples, Search, Signature, SignedBase,
    Tag, apply, base_runs, encode, first_sub_block_bytes, may_have_moved,
};

const KB: usize = 1 << 10;

/// The bytes of a delta, after having been applied.
fn delta_bytes(base: &[u8], target: &[u8]) -> usize {
    let delta = encode(base, target);
    assert_eq!(apply(&[base], &delta, target.len()).unwrap(), target);
    delta.len()
}

/// Like a SQLite table: pages with cells of text that grow from their ends.
fn pages(count: usize) -> Vec<u8> {
    let mut numbers = random::Xorshift::new(5);
    let mut bytes = Vec::new();
    for page in 0..count {
        let mut text = format!("{page:08}");
        while text.len() < 4 * KB {
            text += &format!(",{:x}", numbers.next() % 4_096);
        }
        bytes.extend_from_slice(&text.as_bytes()[..4 * KB]);
    }
    bytes
}

#[test]
fn a_byte_overwritten_costs_a_few() {
    let base = random::bytes(1, 256 * KB);
    let mut target = base.clone();
    target[100_000] ^= 1;
    assert!(delta_bytes(&base, &target) <= 16);
}

#[test]
fn an_insertion_costs_what_was_inserted() {
    let base = random::bytes(1, 256 * KB);
    let mut target = base.clone();
    target.splice(999..999, random::bytes(2, 100));
    assert!(delta_bytes(&base, &target) <= 116);
}

#[test]
fn scattered_overwrites_cost_their_bytes() {
    let base = random::bytes(1, 1024 * KB);
    let mut target = base.clone();
    for i in 0..8 {
        let at = 1_000 + i * 128 * KB;
        target[at..at + 4 * KB].copy_from_slice(&random::bytes(9 + i as u64, 4 * KB));
    }
    let bytes = delta_bytes(&base, &target);
    assert!((8 * 4 * KB..8 * 4 * KB + 100).contains(&bytes), "{bytes}");
}

#[test]
fn all_of_the_base_is_reached() {
    let base = random::bytes(1, 16 << 20);
    let end = base.len();
    let target = [
        &base[end - 5_000..],
        &base[..5_000],
        &base[8 << 20..9 << 20],
    ]
    .concat();
    assert!(delta_bytes(&base, &target) <= 48);
}

#[test]
fn changed_pages_of_text_cost_less_than_their_bytes() {
    let base = pages(64);
    let mut target = base.clone();
    for page in [3, 17, 40] {
        let at = page * 4 * KB + 1_000;
        let row = target[at..at + 500].to_vec();
        target[at + 30..at + 530].copy_from_slice(&row);
    }
    assert!(delta_bytes(&base, &target) < 300);
}

#[test]
fn what_has_nothing_in_common_costs_little_more_than_itself() {
    let target = random::bytes(2, 10_000);
    assert!(delta_bytes(&random::bytes(1, 10_000), &target) <= 10_016);
    assert!(delta_bytes(&[], &target) <= 10_016);
    let text = b"to be or not to be, ".repeat(500);
    assert!(delta_bytes(&[], &text) < 200);
}

#[test]
fn runs_of_one_byte_are_no_trap() {
    let base = vec![0; 4 << 20];
    let mut target = vec![0; 1 << 20];
    target[500_000] = 1;
    assert!(delta_bytes(&base, &target) <= 32);
}

/// Written by version 1, byte by byte: every later build applies them.
#[test]
fn deltas_of_version_1_are_applied() {
    let base = b"0123456789abcdefghij";
    // Two literals, then 10 bytes from place 5: 3 after the expected 2.
    let plain = [0, 3, 2, 10, 6, b'x', b'y'];
    assert_eq!(apply(&[base], &plain, 12), Ok(b"xy56789abcde".to_vec()));
    // A copy from the start, one literal in place of a byte, the rest in place,
    // and literals at the end.
    let in_place = [0, 8, 0, 4, 0, 1, 15, 0, 2, 0, b'!', b'z', b'z'];
    let made = apply(&[base], &in_place, 22);
    assert_eq!(made, Ok(b"0123!56789abcdefghijzz".to_vec()));
    // Backwards: 4 from place 16, then 4 from place 0, 20 before the expected.
    let backwards = [0, 6, 0, 4, 32, 0, 4, 39];
    assert_eq!(apply(&[base], &backwards, 8), Ok(b"ghij0123".to_vec()));
    // The literals as LZ4: 20 of them.
    let lz4 = [
        2, 2, 20, 20, 0, 0x1A, b'a', 1, 0, 0x50, b'a', b'b', b'c', b'd', b'e',
    ];
    assert_eq!(apply(&[], &lz4, 20), Ok(b"aaaaaaaaaaaaaaaabcde".to_vec()));
}

#[test]
fn malformed_deltas_are_refused_for_what_they_are() {
    let base = b"0123456789".as_slice();
    let refused = |delta: &[u8], length| apply(&[base], delta, length).unwrap_err();
    assert_eq!(refused(&[], 1), BadDelta::Torn);
    assert_eq!(refused(&[8, 0], 1), BadDelta::Flags { flags: 8 });
    assert_eq!(refused(&[0, 3, 0, 4], 4), BadDelta::Torn);
    // One more than the base has, and one before it.
    assert_eq!(refused(&[0, 3, 0, 4, 14], 4), BadDelta::OutsideOfBase);
    assert_eq!(refused(&[0, 3, 0, 4, 1], 4), BadDelta::OutsideOfBase);
    // Too few and too many bytes, bytes left over, a step of nothing.
    assert_eq!(refused(&[0, 3, 0, 4, 0], 5), BadDelta::Torn);
    assert_eq!(refused(&[0, 3, 0, 4, 0], 3), BadDelta::Length);
    assert_eq!(refused(&[0, 3, 0, 4, 0, 9], 4), BadDelta::Length);
    assert_eq!(refused(&[0, 2, 0, 0], 4), BadDelta::Length);
    // A number that ends nowhere, LZ4 that is none, and a block too large.
    assert_eq!(
        refused(&[[0].as_slice(), &[0xFF; 11]].concat(), 4),
        BadDelta::Length
    );
    assert_eq!(refused(&[1, 3, 3, 0xFF, 0xFF, 0xFF], 4), BadDelta::Lz4);
    let length = MAX_BLOCK_BYTES + 1;
    assert_eq!(refused(&[0, 0], length), BadDelta::TooLarge { length });
}

#[test]
fn a_base_of_several_blocks_is_one_stretch() {
    let base = random::bytes(1, 30_000);
    let target = [&base[5_000..25_000], b"new", &base[..100]].concat();
    let delta = encode(&base, &target);
    let blocks = [&base[..10_000], &base[10_000..10_001], &[], &base[10_001..]];
    assert_eq!(apply(&blocks, &delta, target.len()), Ok(target));
}

/// Blocks of a file as a device holds them.
fn blocks(bytes: &[u8], length: usize) -> Vec<(BlockHash, &[u8])> {
    bytes
        .chunks(length)
        .map(|block| (BlockHash::of(block), block))
        .collect()
}

fn rebuilt(patch: &Patch, blocks: &[(BlockHash, &[u8])], length: usize) -> Vec<u8> {
    let find = |hash| blocks.iter().find(|(known, _)| known == hash).unwrap().1;
    let bases: Vec<&[u8]> = patch.bases.iter().map(find).collect();
    apply(&bases, &patch.delta, length).unwrap()
}

#[test]
fn a_patch_names_only_the_blocks_that_it_needs() {
    let file = random::bytes(1, 400_000);
    let blocks = blocks(&file, 50_000);
    let base = Base::of(blocks.iter().copied());
    // Across a boundary, from a far block, and a few bytes of another.
    let target = [
        &file[140_000..160_000],
        &file[390_000..],
        &file[1_000..1_100],
    ]
    .concat();
    let patch = base.patch(&target);
    assert_eq!(patch.bases, [blocks[2].0, blocks[3].0, blocks[7].0]);
    assert!(patch.delta.len() < 130);
    assert_eq!(rebuilt(&patch, &blocks, target.len()), target);
    let unrelated = random::bytes(2, 1_000);
    let patch = base.patch(&unrelated);
    assert_eq!(patch.bases, []);
    assert_eq!(rebuilt(&patch, &[], 1_000), unrelated);
}

#[test]
fn a_patch_names_no_more_blocks_than_are_allowed() {
    let file = random::bytes(1, 40 * KB);
    let blocks = blocks(&file, KB);
    let base = Base::of(blocks.iter().copied());
    let mut target = file.clone();
    target.splice(0..500, []);
    let patch = base.patch(&target);
    assert_eq!(patch.bases.len(), MAX_PATCH_BASES);
    // The block that gives least is among those left out.
    assert!(!patch.bases.contains(&blocks[0].0));
    assert_eq!(rebuilt(&patch, &blocks, target.len()), target);
}

#[test]
fn a_patch_names_no_more_bytes_than_a_request_may_need() {
    let file = random::bytes(1, 20 << 20);
    let blocks = blocks(&file, 5 << 20);
    let target = &file[1 << 20..][..MAX_BLOCK_BYTES];
    let patch = Base::of(blocks.iter().copied()).patch(target);
    assert_eq!(patch.bases.len() * (5 << 20), 15 << 20);
    assert_eq!(rebuilt(&patch, &blocks, target.len()), target);
}

#[test]
fn a_block_that_is_there_twice_counts_once() {
    let block = random::bytes(1, 5_000);
    let hash = BlockHash::of(&block);
    let base = Base::of([(hash, block.as_slice()), (hash, block.as_slice())]);
    let patch = base.patch(&block.repeat(2));
    assert_eq!(patch.bases, [hash]);
    assert_eq!(apply(&[&block], &patch.delta, 10_000), Ok(block.repeat(2)));
}

/// A file's blocks at their places, signed.
fn signed(blocks: &[(BlockHash, &[u8])]) -> Vec<Signature> {
    let mut offset = 0;
    let sign = |&(hash, block): &(BlockHash, &[u8])| {
        let first_bytes = first_sub_block_bytes(offset);
        offset += block.len() as u64;
        Signature::of(hash, block, first_bytes).unwrap()
    };
    blocks.iter().map(sign).collect()
}

#[test]
fn without_the_bytes_an_edit_costs_a_sub_block() {
    let file = random::bytes(1, 200_000);
    let blocks = blocks(&file, 70_001);
    let base = SignedBase::of(&signed(&blocks));
    let mut target = file[70_001..140_002].to_vec();
    target.splice(30_000..30_000, *b"inserted");
    let patch = base.patch(&target);
    assert_eq!(patch.bases, [blocks[1].0]);
    assert!(patch.delta.len() < SUB_BLOCK_BYTES + 32);
    assert_eq!(rebuilt(&patch, &blocks, target.len()), target);
    // Whole blocks, with the odd lengths at their ends.
    let patch = base.patch(&file);
    assert!(patch.delta.len() < 16);
    assert_eq!(rebuilt(&patch, &blocks, file.len()), file);
    // Nothing in common, and nothing to compare with.
    let unrelated = random::bytes(2, 5_000);
    assert_eq!(base.patch(&unrelated).bases, []);
    assert_eq!(SignedBase::of(&[]).patch(&unrelated).bases, []);
}

/// The layout and both hashes are a wire format: pinned byte by byte.
#[test]
fn a_signature_is_laid_out_as_documented() {
    let block = b"abc";
    let signature = Signature::of(BlockHash::of(block), block, 2).unwrap();
    let mut bytes = Vec::new();
    signature.write(&mut bytes);
    assert_eq!(bytes[..32], BlockHash::of(block).as_bytes()[..]);
    assert_eq!(bytes[32..40], [3, 0, 0, 0, 2, 0, 0, 0]);
    assert_eq!(bytes[44..47], BlockHash::of(b"ab").as_bytes()[..3]);
    assert_eq!(bytes[51..], BlockHash::of(b"c").as_bytes()[..3]);
    // (98 · M + 99) mod 2^64 and 100, of which the upper halves.
    let weak = 98_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(99) >> 32;
    assert_eq!(bytes[40..44], (weak as u32).to_le_bytes());
    assert_eq!(bytes[47..51], [0; 4]);
    assert_eq!(Signature::parse_all(&bytes), Ok(vec![signature]));
}

#[test]
fn sub_blocks_begin_at_multiples_of_their_length_in_the_file() {
    assert_eq!(first_sub_block_bytes(0), 1_024);
    assert_eq!(first_sub_block_bytes(1), 1_023);
    assert_eq!(first_sub_block_bytes(2_047), 1);
    let block = random::bytes(1, 3_000);
    let signature = Signature::of(BlockHash::of(&block), &block, 24).unwrap();
    let parts = [0..24, 24..1_048, 1_048..2_072, 2_072..3_000];
    let tags: Vec<Tag> = parts.map(|part| Tag::of(&block[part])).to_vec();
    assert_eq!(signature.tags, tags);
}

#[test]
fn malformed_signatures_are_refused() {
    let mut bytes = Vec::new();
    for block in [random::bytes(1, 2_500), random::bytes(2, 1)] {
        let signature = Signature::of(BlockHash::of(&block), &block, 1_024).unwrap();
        signature.write(&mut bytes);
    }
    assert_eq!(Signature::parse_all(&bytes).unwrap().len(), 2);
    let first = 40 + 3 * 7;
    for end in 1..bytes.len() {
        let got = Signature::parse_all(&bytes[..end]);
        if end == first {
            assert_eq!(got.unwrap().len(), 1);
        } else {
            assert_eq!(got, Err(BadSignature::Torn), "cut at {end}");
        }
    }
    let with = |at: usize, number: u32| {
        let mut bytes = bytes.clone();
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        Signature::parse_all(&bytes).unwrap_err()
    };
    assert_eq!(with(32, 0), BadSignature::BlockLength { length: 0 });
    let length = MAX_BLOCK_BYTES + 1;
    assert_eq!(
        with(32, length as u32),
        BadSignature::BlockLength { length }
    );
    for first_bytes in [0, 1_025] {
        assert_eq!(
            with(36, first_bytes),
            BadSignature::FirstSubBlock { first_bytes }
        );
    }
}

fn block_refs(lengths: &[(u8, u32)]) -> Vec<BlockRef> {
    let one = |&(name, length): &(u8, u32)| BlockRef {
        hash: BlockHash::of(&[name]),
        length,
    };
    lengths.iter().map(one).collect()
}

#[test]
fn a_new_block_is_compared_with_the_run_that_it_replaces() {
    let runs = |old: &[(u8, u32)], new: &[(u8, u32)]| base_runs(&block_refs(old), &block_refs(new));
    let run = |block, base| BaseRun { block, base };
    let old = [(1, 10), (2, 10), (3, 10), (4, 10)];
    assert_eq!(runs(&old, &old), []);
    let replaced = runs(&old, &[(1, 10), (8, 5), (9, 5), (4, 10)]);
    assert_eq!(replaced, [run(1, 1..3), run(2, 1..3)]);
    let inserted = runs(&old, &[(1, 10), (2, 10), (9, 5), (3, 10), (4, 10)]);
    assert_eq!(inserted, [run(2, 1..3)]);
    let appended = runs(&old, &[(1, 10), (2, 10), (3, 10), (4, 10), (9, 5)]);
    assert_eq!(appended, [run(4, 3..4)]);
    assert_eq!(runs(&[], &[(1, 10)]), [run(0, 0..0)]);
    // A block that the old list has elsewhere needs no patch, nor does a repeat.
    let moved = runs(&old, &[(4, 10), (2, 10), (3, 10), (9, 5), (9, 5)]);
    assert_eq!(moved, [run(3, 3..4)]);
}

#[test]
fn a_long_run_is_looked_at_where_the_block_lies() {
    let old: Vec<(u8, u32)> = (0..100).map(|i| (i, 1 << 20)).collect();
    let new: Vec<(u8, u32)> = (100..200).map(|i| (i, 1 << 20)).collect();
    let runs = base_runs(&block_refs(&old), &block_refs(&new));
    assert_eq!(runs.len(), 100);
    let most = (TARGET_BASE_RUN_BYTES >> 20) as usize;
    for (i, run) in runs.iter().enumerate() {
        assert_eq!(run.block, i);
        assert!(run.base.contains(&i), "{run:?}");
        assert!(
            run.base.len() <= most && run.base.len() >= most / 2,
            "{run:?}"
        );
    }
    // Neighbours share a base, so that it is indexed once.
    let bases: std::collections::BTreeSet<usize> = runs.iter().map(|run| run.base.start).collect();
    assert!(bases.len() <= 100 / (most / 2) + 1);
    // A block that is longer than the run may be is a base all the same.
    let huge = base_runs(
        &block_refs(&[(1, 16 << 20), (2, 5)]),
        &block_refs(&[(3, 16 << 20)]),
    );
    assert_eq!(
        huge,
        [BaseRun {
            block: 0,
            base: 0..1
        }]
    );
}

#[test]
fn content_may_have_moved_where_a_third_is_new() {
    let old = block_refs(&[(1, 10), (2, 20)]);
    assert!(may_have_moved(&old, 10) && !may_have_moved(&old, 9));
    assert!(!may_have_moved(&[], 10));
    let huge = vec![block_refs(&[(1, 1 << 30)])[0]; 2];
    assert!(!may_have_moved(&huge, 1 << 31));
}

fn search(blocks: &[(BlockHash, &[u8])]) -> Search {
    let bytes = blocks.iter().map(|(_, block)| block.len() as u64).sum();
    let mut samples = Samples::of(bytes);
    for &(hash, block) in blocks {
        let length = block.len() as u32;
        samples.add(BlockRef { hash, length }, block);
    }
    samples.index()
}

#[test]
fn what_moved_is_found_wherever_it_was() {
    let file = random::bytes(1, 12 << 20);
    let blocks = blocks(&file, 100 * KB);
    let search = search(&blocks);
    // Much of one block, a little of another, and something new.
    let target = [
        &file[10 << 20..][..60 * KB],
        &random::bytes(2, 5 * KB),
        &file[70 * KB..][..4 * KB],
    ]
    .concat();
    let of = |at: usize| at / (100 * KB);
    assert_eq!(search.find(&target), [of(10 << 20), of(70 * KB)]);
    assert_eq!(search.find(&random::bytes(3, 100 * KB)), [0; 0]);
    assert_eq!(search.find(b"short"), [0; 0]);
}

#[test]
fn a_search_finds_no_more_than_a_patch_may_name() {
    let file = random::bytes(1, 40 * 16 * KB);
    let blocks = blocks(&file, 16 * KB);
    assert_eq!(search(&blocks).find(&file).len(), MAX_PATCH_BASES);
    // Of many blocks with the same pages, one is enough.
    let pages = random::bytes(2, 4 * KB).repeat(100);
    let alike: Vec<Vec<u8>> = (0..20_u8)
        .map(|n| [&[n], pages.as_slice()].concat())
        .collect();
    let alike: Vec<(BlockHash, &[u8])> = alike
        .iter()
        .map(|block| (BlockHash::of(block), block.as_slice()))
        .collect();
    assert_eq!(search(&alike).find(&pages).len(), 1);
}

#[test]
fn neighbours_share_old_blocks_for_as_long_as_these_are_few_enough() {
    let file = random::bytes(1, 24 << 20);
    let blocks = blocks(&file, 4 << 20);
    let search = search(&blocks);
    let parts = [0, 1, 0, 2, 3, 4, 5].map(|block| &file[(block << 22) + 5..][..100 * KB]);
    let batches = search.batches(parts);
    let refs = |range: std::ops::Range<usize>| -> Vec<BlockHash> {
        blocks[range].iter().map(|(hash, _)| *hash).collect()
    };
    let got: Vec<_> = batches
        .iter()
        .map(|Batch { targets, base }| {
            let base: Vec<BlockHash> = base.iter().map(|block| block.hash).collect();
            (targets.clone(), base)
        })
        .collect();
    assert_eq!(got, [(0..5, refs(0..4)), (5..7, refs(4..6))]);
    assert!(search.batches([]).is_empty());
}

/// The whole way, as a device goes it: cut, compare, patch, rebuild.
#[test]
fn an_edit_of_a_file_is_rebuilt_from_its_patches() {
    let class = SizeClass::for_size(0);
    let old = pages(1_000);
    let mut new = old.clone();
    new.splice(2_000_000..2_000_000, random::bytes(3, 100));
    new[3_500_000] ^= 1;
    let cut = |bytes: &[u8]| Manifest::of(bytes, class, 0).blocks;
    let (old_blocks, new_blocks) = (cut(&old), cut(&new));
    let at = |blocks: &[BlockRef], index: usize| {
        let lengths = blocks.iter().map(|block| block.length as usize);
        let start: usize = lengths.take(index).sum();
        start..start + blocks[index].length as usize
    };
    let mut wire = 0;
    for BaseRun { block, base } in base_runs(&old_blocks, &new_blocks) {
        let target = &new[at(&new_blocks, block)];
        let held: Vec<(BlockHash, &[u8])> = base
            .map(|i| (old_blocks[i].hash, &old[at(&old_blocks, i)]))
            .collect();
        for patch in [
            Base::of(held.iter().copied()).patch(target),
            SignedBase::of(&signed(&held)).patch(target),
        ] {
            assert_eq!(rebuilt(&patch, &held, target.len()), target);
            wire += patch.delta.len();
        }
    }
    assert!((100..6_000).contains(&wire), "{wire}");
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;
    use std::ops::Range;

    /// Bytes of few values or of many, so that there is much or little in common.
    fn any_bytes(length: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), length.clone()),
            prop::collection::vec(0..2_u8, length.clone()),
            (any::<u64>(), length).prop_map(|(seed, length)| random::bytes(seed, length)),
        ]
    }

    /// Replacements of stretches of a base.
    fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
        let edit = (
            any::<prop::sample::Index>(),
            0..200_usize,
            any_bytes(0..200),
        );
        prop::collection::vec(edit, 0..8)
    }

    fn edited(base: &[u8], edits: &[(prop::sample::Index, usize, Vec<u8>)]) -> Vec<u8> {
        let mut target = base.to_vec();
        for (at, removed, inserted) in edits {
            let at = at.index(target.len() + 1);
            let end = (at + removed).min(target.len());
            target.splice(at..end, inserted.iter().copied());
        }
        target
    }

    proptest! {
        #[test]
        fn applying_what_was_encoded_gives_the_target(
            base in any_bytes(0..20_000),
            edits in edits(),
        ) {
            let target = edited(&base, &edits);
            let delta = encode(&base, &target);
            prop_assert_eq!(apply(&[&base], &delta, target.len()), Ok(target));
        }

        #[test]
        fn both_kinds_of_base_make_patches_that_rebuild(
            base in any_bytes(0..20_000),
            edits in edits(),
            block_length in 1..6_000_usize,
        ) {
            let target = edited(&base, &edits);
            let blocks = blocks(&base, block_length);
            let patch = Base::of(blocks.iter().copied()).patch(&target);
            prop_assert_eq!(&rebuilt(&patch, &blocks, target.len()), &target);
            let patch = SignedBase::of(&signed(&blocks)).patch(&target);
            prop_assert_eq!(&rebuilt(&patch, &blocks, target.len()), &target);
        }

        /// Whatever is found, the patch against it makes the target.
        #[test]
        fn what_a_search_finds_makes_patches_that_rebuild(
            base in any_bytes(0..60_000),
            edits in edits(),
            turn in any::<prop::sample::Index>(),
            block_length in 500..9_000_usize,
        ) {
            let mut target = edited(&base, &edits);
            let at = turn.index(target.len() + 1).min(target.len());
            target.rotate_left(at);
            let blocks = blocks(&base, block_length);
            let targets: Vec<&[u8]> = target.chunks(block_length).collect();
            let mut end = 0;
            for Batch { targets: places, base } in search(&blocks).batches(targets.iter().copied()) {
                prop_assert_eq!(places.start, end);
                end = places.end;
                let bytes: usize = base.iter().map(|block| block.length as usize).sum();
                prop_assert!(bytes <= MAX_BLOCK_BYTES);
                let of = |hash| *blocks.iter().find(|(known, _)| *known == hash).unwrap();
                let base = Base::of(base.iter().map(|block| of(block.hash)));
                for target in &targets[places] {
                    let patch = base.patch(target);
                    prop_assert!(patch.bases.len() <= MAX_PATCH_BASES);
                    prop_assert_eq!(&rebuilt(&patch, &blocks, target.len()), target);
                }
            }
            prop_assert_eq!(end, targets.len());
        }

        /// Other bytes never come out under the target's hash, and never more
        /// of them than the length.
        #[test]
        fn a_damaged_delta_is_refused_or_seen_by_hashing(
            base in any_bytes(1..5_000),
            edits in edits(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let target = edited(&base, &edits);
            let mut delta = encode(&base, &target);
            for (at, byte) in damage {
                let at = at.index(delta.len());
                delta[at] = byte;
            }
            if let Ok(made) = apply(&[&base], &delta, target.len()) {
                prop_assert_eq!(made.len(), target.len());
                prop_assert_eq!(BlockHash::of(&made) == BlockHash::of(&target), made == target);
            }
        }

        #[test]
        fn no_bytes_make_the_readers_panic(
            base: Vec<u8>,
            flags in 0..5_u8,
            bytes: Vec<u8>,
            length in 0..10_000_usize,
        ) {
            let delta = [&[flags][..], &bytes].concat();
            if let Ok(made) = apply(&[&base], &delta, length) {
                prop_assert_eq!(made.len(), length);
            }
            let _ = Signature::parse_all(&bytes);
            for codec in [blocks::frame::Codec::Lz4, blocks::frame::Codec::Patch] {
                let _ = blocks::frame::Payload::of(codec, &bytes);
            }
            let _ = blocks::frame::read_lz4(&bytes);
        }
    }
}
