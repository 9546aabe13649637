//! 1. a block may come as LZ4 or as a patch, and is read as what it is
//! 2. what does not come out is refused and changes nothing
//! 3. a device that holds the base pulls the patch, one that holds nothing has
//!    signatures to make patches with

use crate::client::{
    compressed, framed, frames, gzipped, manifest, new_file, opened, patched, patched_by_symbols,
};
use crate::drive::{Drive, Site};
use crate::random;
use blocks::frame::{
    Codec, FRAME_HEADER_BYTES, Frame, Payload, lz4_payload, parse, patch_payload, read_lz4,
};
use blocks::hash::BlockHash;
use blocks::patch::{Patch, Signature, SignedBase, apply};
use protocol::blocks::{Fetch, FetchSignatures, ToSign};
use protocol::limits::{MAX_FETCH_BLOCKS, MAX_PACK_BASES, TARGET_FETCH_BYTES, TARGET_SIGNED_BYTES};
use protocol::problem::Problem;

/// Text of so many bytes that no test has used before. Its lines are numbered: no two of its
/// blocks are the same.
fn unseen_text(length: usize) -> Vec<u8> {
    let words = data_encoding::HEXLOWER.encode(&random::unseen_bytes(256));
    let lines = (0_u32..).flat_map(|n| format!("{n:08}{words}").into_bytes());
    lines.take(length).collect()
}

/// Bytes with a few others in their middle.
fn edited(base: &[u8]) -> Vec<u8> {
    let (before, after) = base.split_at(base.len() / 2);
    [before, &random::unseen_bytes(20), after].concat()
}

fn hashes(blocks: &[&[u8]]) -> Vec<BlockHash> {
    blocks.iter().map(|block| BlockHash::of(block)).collect()
}

fn fetch(want: &[&[u8]], bases: &[&[u8]]) -> Fetch {
    Fetch {
        want: hashes(want),
        bases: hashes(bases).iter().map(BlockHash::short).collect(),
        by_symbols: true,
        ..Fetch::default()
    }
}

/// A refused patch of this block.
fn is_refused(refused: Problem, block: &[u8]) {
    match refused {
        Problem::PatchRefused { block: named, .. } => assert_eq!(named, BlockHash::of(block)),
        other => panic!("{other:?}"),
    }
}

/// What a frame of an answer makes, for a device that holds these blocks.
fn made(frame: &Frame<'_>, held: &[&[u8]]) -> Vec<u8> {
    let plain = match &frame.content {
        Payload::Plain(bytes) => bytes.to_vec(),
        Payload::Lz4 { .. } => read_lz4(frame.payload).unwrap(),
        Payload::Patch {
            length,
            bases,
            delta,
        } => {
            let find = |hash: &BlockHash| held.iter().find(|held| BlockHash::of(held) == *hash);
            let bases: Vec<&[u8]> = bases.iter().map(|hash| *find(hash).unwrap()).collect();
            apply(&bases, delta, *length).unwrap()
        }
    };
    assert_eq!(BlockHash::of(&plain), frame.hash);
    plain
}

pub fn a_compressed_block_is_read_as_what_it_is(site: &impl Site) {
    let ann = site.person();
    // Two blocks of a file, one of which LZ4 makes smaller.
    let bytes = [unseen_text(1 << 20), random::unseen_bytes(100_000)].concat();
    let content = manifest(&bytes);
    let mut body = Vec::new();
    let mut rest = bytes.as_slice();
    let mut sent = 0;
    for block in &content.blocks {
        let (block, after) = rest.split_at(block.length as usize);
        rest = after;
        match lz4_payload(block) {
            Some(_) => body.extend(compressed(block)),
            None => body.extend(frames(&[block])),
        }
        sent += 1;
    }
    assert!(sent >= 2 && body.len() < bytes.len() / 2);
    assert_eq!(ann.store_frames(&body).unwrap().stored, sent);
    // The quota counts what it is a block of.
    assert_eq!(ann.used(), bytes.len() as u64);
    let again = ann.store_frames(&body).unwrap();
    assert_eq!((again.stored, again.already_stored), (0, sent));
    let file = new_file(None, "file", Some(content.clone()));
    let file = ann.create_file(&file).unwrap().item.id;
    assert!(ann.content(file, None).unwrap() == bytes);
    let mut start = 0;
    for block in &content.blocks {
        let end = start + block.length as usize;
        assert!(ann.block(block.hash).unwrap() == bytes[start..end]);
        start = end;
    }
    // Ranges that begin and end within blocks of either kind.
    let end = bytes.len();
    for range in [0..1, 10..500_000, 900_000..end - 5, end - 3..end, 0..end] {
        let (start, end) = (range.start as u64, range.end as u64);
        assert!(ann.range(file, start..end).unwrap() == bytes[range]);
    }
}

pub fn compressed_bytes_of_another_hash_store_nothing(site: &impl Site) {
    let ann = site.person();
    let (one, other) = (unseen_text(5_000), unseen_text(5_000));
    let payload = lz4_payload(&one).unwrap();
    let body = framed(Codec::Lz4, BlockHash::of(&other), &payload);
    let refused = ann.store_frames(&body).unwrap_err();
    let (claimed, actual) = (BlockHash::of(&other), BlockHash::of(&one));
    assert_eq!(refused, Problem::HashMismatch { claimed, actual });
    let mut short = compressed(&one);
    short[40] -= 1;
    let refused = ann.store_frames(&short).unwrap_err();
    assert!(matches!(refused, Problem::BadFrames { .. }), "{refused:?}");
    assert_eq!(ann.used(), 0);
}

pub fn a_patched_block_is_stored_whole(site: &impl Site) {
    let ann = site.person();
    let first = random::unseen_bytes(30_000);
    let second = unseen_text(30_000);
    ann.store(&[&first]).unwrap();
    ann.store_frames(&compressed(&second)).unwrap();
    // Its base is a plain block and a compressed one, in two packs.
    let block = edited(&[first.as_slice(), &second].concat());
    let body = patched(&[&first, &second], &block);
    assert!(body.len() < 250);
    let answer = ann.store_frames(&body).unwrap();
    assert_eq!((answer.stored, answer.already_stored), (1, 0));
    assert!(ann.block(BlockHash::of(&block)).unwrap() == block);
    assert_eq!(ann.used(), 120_020);
    let again = ann.store_frames(&body).unwrap();
    assert_eq!((again.stored, again.already_stored), (0, 1));
    // A patch of a block that is there is not looked at.
    let other = framed(Codec::Patch, BlockHash::of(&block), &[1, 0, 0, 0, 0, 9]);
    assert_eq!(ann.store_frames(&other).unwrap().already_stored, 1);
    assert_eq!(ann.used(), 120_020);
    let file = new_file(None, "file", Some(manifest(&block)));
    let file = ann.create_file(&file).unwrap().item.id;
    assert!(ann.content(file, None).unwrap() == block);
}

pub fn codecs_mix_in_one_body(site: &impl Site) {
    let ann = site.person();
    let base = unseen_text(20_000);
    ann.store_frames(&compressed(&base)).unwrap();
    let (plain, text) = (random::unseen_bytes(7_000), unseen_text(9_000));
    let edits = [edited(&base), edited(&base)];
    let body = [
        patched(&[&base], &edits[0]),
        frames(&[&plain]),
        patched(&[&base], &edits[1]),
        compressed(&text),
    ]
    .concat();
    assert_eq!(ann.store_frames(&body).unwrap().stored, 4);
    for block in [&base, &plain, &text, &edits[0], &edits[1]] {
        assert!(ann.block(BlockHash::of(block)).unwrap() == *block);
    }
}

pub fn a_patch_that_does_not_come_out_changes_nothing(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let base = random::unseen_bytes(5_000);
    let block = edited(&base);
    let good = random::unseen_bytes(500);
    let try_it = |body: Vec<u8>| {
        let refused = ann.store_frames(&[frames(&[&good]), body].concat());
        is_refused(refused.unwrap_err(), &block);
        for hash in [BlockHash::of(&good), BlockHash::of(&block)] {
            assert_eq!(ann.block(hash).unwrap_err(), Problem::NoSuchBlock);
        }
    };
    // Its base is not stored, or is somebody else's.
    try_it(patched(&[&base], &block));
    bob.store(&[&base]).unwrap();
    try_it(patched(&[&base], &block));
    assert_eq!(ann.used(), 0);
    ann.store(&[&base]).unwrap();
    // Its delta is no delta, or makes something else.
    let patch = |delta: &[u8]| {
        let patch = Patch {
            bases: vec![BlockHash::of(&base)],
            delta: delta.to_vec(),
        };
        let payload = patch_payload(block.len() as u32, &patch);
        framed(Codec::Patch, BlockHash::of(&block), &payload)
    };
    try_it(patch(&[]));
    try_it(patch(&[0xFF; 40]));
    let mut other = patched(&[&base], &block);
    *other.last_mut().unwrap() ^= 1;
    try_it(other);
    assert_eq!(ann.used(), 5_000);
    assert_eq!(
        ann.store_frames(&patched(&[&base], &block)).unwrap().stored,
        1
    );
}

pub fn only_so_many_base_blocks_are_read_for_a_request(site: &impl Site) {
    let ann = site.person();
    let bases: Vec<Vec<u8>> = (0..=MAX_PACK_BASES)
        .map(|_| random::unseen_bytes(200))
        .collect();
    let blocks: Vec<&[u8]> = bases.iter().map(Vec::as_slice).collect();
    ann.store(&blocks).unwrap();
    let edits: Vec<Vec<u8>> = bases.iter().map(|base| edited(base)).collect();
    let patches = |range: std::ops::Range<usize>| {
        let one = |i: usize| patched(&[&bases[i]], &edits[i]);
        range.flat_map(one).collect::<Vec<u8>>()
    };
    let refused = ann.store_frames(&patches(0..MAX_PACK_BASES + 1));
    is_refused(refused.unwrap_err(), edits.last().unwrap());
    assert_eq!(ann.used(), 200 * (MAX_PACK_BASES as u64 + 1));
    let stored = ann.store_frames(&patches(0..MAX_PACK_BASES)).unwrap();
    assert_eq!(stored.stored as usize, MAX_PACK_BASES);
}

pub fn a_device_that_holds_the_base_pulls_the_patch(site: &impl Site) {
    let ann = site.person();
    let phone = site.second_device(&ann, "Phone");
    let bases = [random::unseen_bytes(40_000), random::unseen_bytes(40_000)];
    ann.store(&[&bases[0], &bases[1]]).unwrap();
    let block = edited(&bases.concat());
    ann.store_frames(&patched(&[&bases[0], &bases[1]], &block))
        .unwrap();
    let pull = |held: &[&[u8]]| {
        let answer = phone.fetch(&fetch(&[&block], held)).unwrap();
        let frames = parse(&answer).unwrap();
        assert!(frames.len() == 1 && made(&frames[0], held) == block);
        (frames[0].content.codec(), answer.len())
    };
    let (codec, bytes) = pull(&[&bases[1], &bases[0]]);
    assert_eq!(codec, Codec::Patch);
    assert!(bytes < 250, "{bytes}");
    // Half of the base is not enough.
    assert_eq!(pull(&[&bases[0]]).0, Codec::Plain);
    assert_eq!(pull(&[]).0, Codec::Plain);
}

/// In a small answer and in one of several pieces, with what is no patch behind it.
pub fn patches_come_as_one_stream_if_asked(site: &impl Site) {
    let ann = site.person();
    let base = random::unseen_bytes(40_000);
    let others = [random::unseen_bytes(700), random::unseen_bytes(600_000)];
    ann.store(&[&base, &others[0], &others[1]]).unwrap();
    let edits: Vec<Vec<u8>> = (0..3).map(|_| edited(&base)).collect();
    for edit in &edits {
        ann.store_frames(&patched(&[&base], edit)).unwrap();
    }
    for other in &others {
        let want: [&[u8]; 4] = [&edits[0], other, &edits[1], &edits[2]];
        let asked = fetch(&want, &[&base]);
        let solid = Fetch {
            solid: true,
            ..asked.clone()
        };
        let (frames, answer) = (ann.fetch(&asked).unwrap(), ann.fetch(&solid).unwrap());
        assert!(answer.len() + 150 < frames.len());
        assert!(opened(&answer, &[&base]).unwrap() == frames);
    }
}

/// Only whoever says so is given patches that say streams by their symbols.
pub fn a_gzip_is_patched_by_its_symbols(site: &impl Site) {
    let ann = site.person();
    let phone = site.second_device(&ann, "Phone");
    let noise = random::unseen_bytes(30_000);
    let mut text = data_encoding::HEXLOWER.encode(&noise).into_bytes();
    let base = gzipped(&text);
    text[30_000..30_010].copy_from_slice(b"and so on.");
    let block = gzipped(&text);
    ann.store(&[&base]).unwrap();
    let body = patched_by_symbols(&base, &block).unwrap();
    assert!(5 * body.len() < block.len(), "{} bytes", body.len());
    let mut damaged = body.clone();
    // How many bytes are not said by symbols: behind the frame's header, the length, the
    // base and the flags.
    damaged[FRAME_HEADER_BYTES + 4 + 1 + 32 + 1] ^= 1;
    is_refused(ann.store_frames(&damaged).unwrap_err(), &block);
    assert_eq!(ann.used(), base.len() as u64);
    assert_eq!(ann.store_frames(&body).unwrap().stored, 1);
    assert!(ann.block(BlockHash::of(&block)).unwrap() == block);
    let pull = |by_symbols| {
        let asked = Fetch {
            by_symbols,
            ..fetch(&[&block], &[&base])
        };
        let answer = phone.fetch(&asked).unwrap();
        let frames = parse(&answer).unwrap();
        assert!(frames.len() == 1 && made(&frames[0], &[&base]) == block);
        frames[0].content.codec()
    };
    assert_eq!(pull(true), Codec::Patch);
    assert_eq!(pull(false), Codec::Plain);
}

pub fn frames_come_in_the_order_wanted_and_as_they_are_stored(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let (plain, text) = (random::unseen_bytes(3_000), unseen_text(8_000));
    let tiny = random::unseen_bytes(3);
    ann.store(&[&plain, &tiny]).unwrap();
    ann.store_frames(&compressed(&text)).unwrap();
    let want: [&[u8]; 4] = [&tiny, &text, &plain, &tiny];
    let answer = ann.fetch(&fetch(&want, &[])).unwrap();
    let frames = parse(&answer).unwrap();
    let codecs: Vec<Codec> = frames.iter().map(|frame| frame.content.codec()).collect();
    assert_eq!(
        codecs,
        [Codec::Plain, Codec::Lz4, Codec::Plain, Codec::Plain]
    );
    for (frame, block) in frames.iter().zip(want) {
        assert!(made(frame, &[]) == block);
    }
    let unknown = random::unseen_bytes(9);
    let refused = ann.fetch(&fetch(&[&plain, &unknown], &[])).unwrap_err();
    assert_eq!(refused, Problem::NoSuchBlock);
    let refused = bob.fetch(&fetch(&[&plain], &[&plain])).unwrap_err();
    assert_eq!(refused, Problem::NoSuchBlock);
    let many = vec![plain.as_slice(); MAX_FETCH_BLOCKS + 1];
    for want in [&[], many.as_slice()] {
        let refused = ann.fetch(&fetch(want, &[])).unwrap_err();
        assert!(matches!(refused, Problem::BadRequest { .. }), "{refused:?}");
    }
    assert_eq!(
        parse(&ann.fetch(&fetch(&many[1..], &[])).unwrap())
            .unwrap()
            .len(),
        MAX_FETCH_BLOCKS
    );
}

/// Whoever asks again for the rest gets all of it.
pub fn an_answer_of_frames_is_bounded(site: &impl Site) {
    let ann = site.person();
    let blocks: Vec<Vec<u8>> = (0..7).map(|_| random::unseen_bytes(1 << 20)).collect();
    for block in &blocks {
        ann.store(&[block]).unwrap();
    }
    let mut left: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let mut answers = 0;
    while !left.is_empty() {
        assert!(answers < 2, "{} blocks are left", left.len());
        let answer = ann.fetch(&fetch(&left, &[])).unwrap();
        assert!((answer.len() as u64) < TARGET_FETCH_BYTES + (1 << 20));
        let frames = parse(&answer).unwrap();
        for (frame, block) in frames.iter().zip(left.drain(..frames.len())) {
            assert!(made(frame, &[]) == block);
        }
        answers += 1;
    }
    assert_eq!(answers, 2);
}

pub fn signatures_make_patches_without_the_bytes(site: &impl Site) {
    let ann = site.person();
    let (first, second) = (random::unseen_bytes(50_000), unseen_text(50_000));
    ann.store(&[&first]).unwrap();
    ann.store_frames(&compressed(&second)).unwrap();
    let blocks = [(&first, 1_024), (&second, 176)].map(|(block, first_bytes)| ToSign {
        hash: BlockHash::of(block),
        first_bytes,
    });
    let asked = FetchSignatures {
        blocks: blocks.to_vec(),
        of: Vec::new(),
    };
    let answer = ann.signatures(&asked).unwrap();
    let signatures = Signature::parse_all(&answer).unwrap();
    let expected = [(&first, 1_024), (&second, 176)].map(|(block, first_bytes)| {
        Signature::of(BlockHash::of(block), block, first_bytes).unwrap()
    });
    assert_eq!(signatures, expected);
    let block = edited(&[first.as_slice(), &second].concat());
    let patch = SignedBase::of(&signatures).patch(&block);
    assert!(patch.delta.len() < 4_000);
    let payload = patch_payload(block.len() as u32, &patch);
    let body = framed(Codec::Patch, BlockHash::of(&block), &payload);
    assert_eq!(ann.store_frames(&body).unwrap().stored, 1);
    assert!(ann.block(BlockHash::of(&block)).unwrap() == block);
}

pub fn what_is_asked_for_signatures_is_checked(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let block = random::unseen_bytes(3_000);
    ann.store(&[&block]).unwrap();
    let hash = BlockHash::of(&block);
    let ask = |blocks: Vec<ToSign>| FetchSignatures {
        blocks,
        of: Vec::new(),
    };
    let to_sign = |first_bytes| ToSign { hash, first_bytes };
    for blocks in [vec![], vec![to_sign(0)], vec![to_sign(1_025)]] {
        let refused = ann.signatures(&ask(blocks)).unwrap_err();
        assert!(matches!(refused, Problem::BadRequest { .. }), "{refused:?}");
    }
    let refused = bob.signatures(&ask(vec![to_sign(1)])).unwrap_err();
    assert_eq!(refused, Problem::NoSuchBlock);
}

pub fn an_answer_of_signatures_is_bounded(site: &impl Site) {
    let ann = site.person();
    let blocks: Vec<Vec<u8>> = (0..6).map(|_| random::unseen_bytes(1 << 20)).collect();
    for block in &blocks {
        ann.store(&[block]).unwrap();
    }
    let asked = FetchSignatures {
        blocks: blocks
            .iter()
            .map(|block| ToSign {
                hash: BlockHash::of(block),
                first_bytes: 1_024,
            })
            .collect(),
        of: Vec::new(),
    };
    let answer = ann.signatures(&asked).unwrap();
    let signed = Signature::parse_all(&answer).unwrap();
    assert_eq!(signed.len() as u64, TARGET_SIGNED_BYTES >> 20);
}
