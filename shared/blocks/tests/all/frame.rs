#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random;
use blocks::frame::{
    BadFrame, BadPayload, Codec, FRAME_HEADER_BYTES, Frame, Payload, carrying_head, header,
    lz4_payload, parse, parse_within, patch_payload, plain_header, read_lz4, small_frame,
    split_carrying,
};
use blocks::hash::BlockHash;
use blocks::limits::{MAX_BLOCK_BYTES, MAX_PACK_BLOCKS, MAX_PACK_PLAIN_BYTES, MAX_PATCH_BASES};
use blocks::manifest::BlockRef;
use blocks::patch::Patch;

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
            payload: bytes,
            content: Payload::Plain(bytes),
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
    assert_ne!(frames[0].hash, BlockHash::of(frames[0].payload));
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
    for codec in 3..=u8::MAX {
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
        Err(BadFrame::Payload {
            index: 1,
            why: BadPayload::Empty
        })
    );
}

#[test]
fn the_largest_block_passes_and_one_byte_more_is_refused() {
    let block = vec![0; MAX_BLOCK_BYTES + 1];
    assert!(parse(&body(&[&block[1..]])).is_ok());
    let too_large = BadFrame::Payload {
        index: 0,
        why: BadPayload::TooLarge {
            length: MAX_BLOCK_BYTES + 1,
        },
    };
    assert_eq!(parse(&body(&[&block])), Err(too_large.clone()));
    // The header alone is enough to refuse it: nobody waits for the bytes.
    let header = plain_header(BlockHash::of(b""), (MAX_BLOCK_BYTES + 1) as u32);
    assert_eq!(parse(&header), Err(too_large));
    let header = plain_header(BlockHash::of(b""), u32::MAX);
    let got = parse(&header);
    assert!(matches!(
        got,
        Err(BadFrame::Payload {
            why: BadPayload::TooLarge { .. },
            ..
        })
    ));
}

#[test]
fn the_most_frames_pass_and_one_more_is_refused() {
    let blocks = vec![b"x".as_slice(); MAX_PACK_BLOCKS + 1];
    assert_eq!(parse(&body(&blocks[1..])).unwrap().len(), MAX_PACK_BLOCKS);
    assert_eq!(parse(&body(&blocks)), Err(BadFrame::TooMany));
}

fn framed(codec: Codec, plain: &[u8], payload: &[u8]) -> Vec<u8> {
    let header = header(codec, BlockHash::of(plain), payload.len() as u32);
    [header.as_slice(), payload].concat()
}

#[test]
fn codecs_mix_in_one_body() {
    let text = b"to be or not to be, ".repeat(9);
    let lz4 = lz4_payload(&text).unwrap();
    let patch = Patch {
        bases: vec![BlockHash::of(b"first"), BlockHash::of(b"two")],
        delta: b"delta".to_vec(),
    };
    let patched = patch_payload(77, &patch);
    let body = [
        framed(Codec::Lz4, &text, &lz4),
        framed(Codec::Plain, b"plain", b"plain"),
        framed(Codec::Patch, b"new", &patched),
    ]
    .concat();
    let frames = parse(&body).unwrap();
    let contents: Vec<&Payload<'_>> = frames.iter().map(|frame| &frame.content).collect();
    let patch = Payload::Patch {
        length: 77,
        bases: patch.bases.clone(),
        delta: b"delta",
    };
    assert_eq!(contents[1..], [&Payload::Plain(b"plain"), &patch]);
    assert_eq!(contents[0].length(), text.len());
    assert_eq!(frames[0].payload, lz4);
    assert_eq!(frames[2].hash, BlockHash::of(b"new"));
    assert_eq!(read_lz4(&lz4), Ok(text));
}

/// What is stored by one build is read by every later one.
#[test]
fn an_lz4_payload_of_version_1_is_read() {
    // A literal, a match that repeats it, and five literals.
    let payload = [
        20, 0, 0, 0, 0x1A, b'a', 1, 0, 0x50, b'a', b'b', b'c', b'd', b'e',
    ];
    assert_eq!(read_lz4(&payload), Ok(b"aaaaaaaaaaaaaaaabcde".to_vec()));
}

#[test]
fn a_patch_payload_is_laid_out_as_documented() {
    let patch = Patch {
        bases: vec![BlockHash::of(b"x")],
        delta: vec![9, 8],
    };
    let payload = patch_payload(0x0403_0201, &patch);
    assert_eq!(payload[..5], [1, 2, 3, 4, 1]);
    assert_eq!(payload[5..37], BlockHash::of(b"x").as_bytes()[..]);
    assert_eq!(payload[37..], [9, 8]);
}

#[test]
fn lz4_is_kept_where_it_saves_a_tenth() {
    assert_eq!(lz4_payload(&random::bytes(1, 50_000)), None);
    assert_eq!(lz4_payload(b"short"), None);
    let mut half = random::bytes(2, 50_000);
    half.extend([0; 5_000]);
    // 5,000 of 55,000 is less than a tenth.
    assert_eq!(lz4_payload(&half), None);
    half.extend([0; 5_000]);
    assert!(lz4_payload(&half).unwrap().len() < 51_000);
}

#[test]
fn a_block_travels_as_the_smallest_of_its_patch_lz4_and_itself() {
    let (noise, zeros) = (random::bytes(1, 10_000), vec![0; 10_000]);
    let base = BlockHash::of(b"base");
    let travels = |plain: &[u8], bases: &[BlockHash], delta_bytes: usize| {
        let patch = Patch {
            bases: bases.to_vec(),
            delta: vec![7; delta_bytes],
        };
        let frame = small_frame(BlockHash::of(plain), plain, Some(patch))?;
        let [parsed] = parse(&frame.bytes).unwrap().try_into().unwrap();
        let block = BlockRef {
            hash: BlockHash::of(plain),
            length: 10_000,
        };
        assert_eq!(parsed.block(), block);
        Some((parsed.content.codec(), frame.bases))
    };
    assert_eq!(small_frame(base, &noise, None), None);
    assert_eq!(travels(&noise, &[], 9), None);
    assert_eq!(travels(&noise, &[base], 10_000), None);
    assert_eq!(
        travels(&noise, &[base], 9_000),
        Some((Codec::Patch, vec![base]))
    );
    assert_eq!(travels(&zeros, &[base], 9_000), Some((Codec::Lz4, vec![])));
    assert_eq!(
        travels(&zeros, &[base], 4_000),
        Some((Codec::Patch, vec![base]))
    );
    assert_eq!(travels(&zeros, &[], 9), Some((Codec::Lz4, vec![])));
}

#[test]
fn payloads_that_are_too_short_for_their_codec_are_refused() {
    let short = |codec, payload: &[u8]| {
        let why = BadPayload::Short;
        let expected = Err(BadFrame::Payload { index: 0, why });
        assert_eq!(parse(&framed(codec, b"", payload)), expected, "{payload:?}");
    };
    short(Codec::Lz4, &[1, 0, 0]);
    short(Codec::Patch, &[1, 0, 0]);
    short(Codec::Patch, &[1, 0, 0, 0]);
    let one_and_a_half = [&[1, 0, 0, 0, 2][..], &[7; 48]].concat();
    short(Codec::Patch, &one_and_a_half);
}

#[test]
fn more_bases_than_a_patch_may_have_are_refused() {
    let patch = |count: usize| Patch {
        bases: vec![BlockHash::of(b"x"); count],
        delta: vec![0],
    };
    let body = |count| framed(Codec::Patch, b"", &patch_payload(1, &patch(count)));
    assert!(parse(&body(MAX_PATCH_BASES)).is_ok());
    let count = MAX_PATCH_BASES + 1;
    let why = BadPayload::Bases { count };
    assert_eq!(
        parse(&body(count)),
        Err(BadFrame::Payload { index: 0, why })
    );
}

/// Nobody allocates for a length that is only claimed.
#[test]
fn claimed_lengths_are_bounded_for_a_block_and_for_a_body() {
    let claim = |length: usize| {
        let payload = [&(length as u32).to_le_bytes()[..], &[0; 9]].concat();
        framed(Codec::Lz4, b"", &payload)
    };
    let length = MAX_BLOCK_BYTES + 1;
    let why = BadPayload::TooLarge { length };
    assert_eq!(
        parse(&claim(length)),
        Err(BadFrame::Payload { index: 0, why })
    );
    let fits = [
        claim(MAX_BLOCK_BYTES),
        claim(MAX_PACK_PLAIN_BYTES - MAX_BLOCK_BYTES),
    ]
    .concat();
    assert_eq!(parse(&fits).unwrap().len(), 2);
    let (too_much, most) = ([fits, claim(1)].concat(), MAX_PACK_PLAIN_BYTES);
    let refused = BadFrame::TooMuch {
        most_plain_bytes: most,
    };
    assert_eq!(parse(&too_much), Err(refused));
    assert!(parse_within(&too_much, most + 1).is_ok());
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
                prop_assert!(frames.iter().any(|f| BlockHash::of(f.payload) != f.hash || f.content.codec() != Codec::Plain));
            }
        }
    }
}

#[test]
fn a_carrying_body_is_its_json_and_its_frames() {
    let frames = [plain_header(BlockHash::of(b"x"), 1).as_slice(), b"x"].concat();
    let body = [carrying_head(b"{}").as_slice(), &frames].concat();
    assert_eq!(
        split_carrying(&body),
        Some((b"{}".as_slice(), frames.as_slice()))
    );
    assert_eq!(
        split_carrying(&carrying_head(b"{}")),
        Some((b"{}".as_slice(), b"".as_slice()))
    );
    for end in 0..6 {
        assert_eq!(split_carrying(&body[..end]), None, "{end} bytes");
    }
    assert_eq!(split_carrying(&[0xFF; 9]), None);
}
