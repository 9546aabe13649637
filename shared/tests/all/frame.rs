#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use shared::frame::{BadFrame, FRAME_HEADER_BYTES, Frame, parse, plain_header};
use shared::hash::BlockHash;
use shared::limits::{MAX_BLOCK_BYTES, MAX_PACK_BLOCKS};

fn body(blocks: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for block in blocks {
        body.extend(plain_header(BlockHash::of(block), block.len() as u32));
        body.extend_from_slice(block);
    }
    body
}

#[test]
fn frames_come_back_as_they_were_written() {
    let long = vec![7; 70_000];
    let blocks: [&[u8]; 4] = [b"a", b"two", b"a", &long];
    let expected: Vec<Frame<'_>> = blocks
        .iter()
        .map(|bytes| Frame {
            hash: BlockHash::of(bytes),
            bytes,
        })
        .collect();
    assert_eq!(parse(&body(&blocks)), Ok(expected));
}

/// The layout is a wire format: pinned byte by byte.
#[test]
fn the_header_is_laid_out_as_documented() {
    let hash = BlockHash::of(b"x");
    let header = plain_header(hash, 0x0403_0201);
    assert_eq!(header[..8], [0, 0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(header[8..], hash.as_bytes()[..]);
}

/// The parser names what the sender claims; comparing it is the server's part.
#[test]
fn a_wrong_hash_is_not_the_parsers_business() {
    let mut body = body(&[b"bytes"]);
    body[8] ^= 1;
    let frames = parse(&body).unwrap();
    assert_ne!(frames[0].hash, BlockHash::of(frames[0].bytes));
}

#[test]
fn every_cut_of_a_body_is_torn_but_between_frames() {
    let whole = body(&[b"first", b"second"]);
    let between = FRAME_HEADER_BYTES + 5;
    for end in 1..whole.len() {
        let got = parse(&whole[..end]);
        if end == between {
            assert_eq!(got.unwrap().len(), 1);
        } else {
            let index = usize::from(end > between);
            assert_eq!(got, Err(BadFrame::Torn { index }), "cut at {end}");
        }
    }
}

#[test]
fn an_empty_body_holds_no_frame() {
    assert_eq!(parse(&[]), Err(BadFrame::None));
}

#[test]
fn unknown_codecs_are_refused() {
    for codec in 1..=u8::MAX {
        let mut body = body(&[b"first", b"second"]);
        body[FRAME_HEADER_BYTES + 5] = codec;
        assert_eq!(parse(&body), Err(BadFrame::Codec { index: 1, codec }));
    }
}

#[test]
fn reserved_bytes_must_be_zero() {
    for at in 1..4 {
        let mut body = body(&[b"first"]);
        body[at] = 1;
        assert_eq!(parse(&body), Err(BadFrame::Reserved { index: 0 }));
    }
}

#[test]
fn an_empty_block_is_refused() {
    assert_eq!(
        parse(&body(&[b"first", b""])),
        Err(BadFrame::Empty { index: 1 })
    );
}

#[test]
fn the_largest_block_passes_and_one_byte_more_is_refused() {
    let block = vec![0; MAX_BLOCK_BYTES + 1];
    assert!(parse(&body(&[&block[1..]])).is_ok());
    let too_large = BadFrame::TooLarge {
        index: 0,
        length: MAX_BLOCK_BYTES + 1,
    };
    assert_eq!(parse(&body(&[&block])), Err(too_large.clone()));
    // The header alone is enough to refuse it: nobody waits for the bytes.
    let header = plain_header(BlockHash::of(b""), (MAX_BLOCK_BYTES + 1) as u32);
    assert_eq!(parse(&header), Err(too_large));
    let header = plain_header(BlockHash::of(b""), u32::MAX);
    assert!(matches!(parse(&header), Err(BadFrame::TooLarge { .. })));
}

#[test]
fn the_most_frames_pass_and_one_more_is_refused() {
    let blocks = vec![b"x".as_slice(); MAX_PACK_BLOCKS + 1];
    assert_eq!(parse(&body(&blocks[1..])).unwrap().len(), MAX_PACK_BLOCKS);
    assert_eq!(parse(&body(&blocks)), Err(BadFrame::TooMany));
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        /// A changed byte never makes a body mean fewer or other blocks of the
        /// same claimed hashes.
        #[test]
        fn a_flipped_bit_is_refused_or_seen_by_hashing(
            blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..5),
            at: prop::sample::Index,
            bit in 0..8,
        ) {
            let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
            let mut body = body(&blocks);
            let at = at.index(body.len());
            body[at] ^= 1_u8 << bit;
            if let Ok(frames) = parse(&body) {
                prop_assert!(frames.iter().any(|f| BlockHash::of(f.bytes) != f.hash));
            }
        }
    }
}
