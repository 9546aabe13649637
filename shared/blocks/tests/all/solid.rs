#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random;
use blocks::frame::{Frame, Payload, parse, plain_header, small_frame};
use blocks::hash::{BlockHash, ShortHash};
use blocks::limits::MAX_SOLID_BYTES;
use blocks::patch::{Base, apply};
use blocks::solid::{BadSolid, MARK, Solid, beginning_of, is_solid, read_bytes};

/// The frame of a block: a patch where these blocks have something in common with it.
fn frame(bases: &[&[u8]], block: &[u8]) -> Vec<u8> {
    let base = Base::of(bases.iter().map(|base| (BlockHash::of(base), *base)));
    let hash = BlockHash::of(block);
    match small_frame(hash, block, Some(base.patch(block))) {
        Some(frame) => frame.bytes,
        None => [plain_header(hash, block.len() as u32).as_slice(), block].concat(),
    }
}

/// The solid body of frames, and the body of the same frames.
fn bodies(frames: &[Vec<u8>]) -> (Option<Vec<u8>>, Vec<u8>) {
    let is_patch = |frame: &&Vec<u8>| frame[0] == 2;
    let patches: Vec<Option<&[u8]>> = frames
        .iter()
        .map(|frame| Some(frame.as_slice()).filter(|_| is_patch(&frame)))
        .collect();
    let rest = frames.iter().filter(|frame| !is_patch(frame));
    let rest: Vec<u8> = rest.flatten().copied().collect();
    let solid = beginning_of(&patches).map(|beginning| [beginning, rest].concat());
    (solid, frames.concat())
}

/// What a server makes of a solid body that has these blocks.
fn opened(body: &[u8], held: &[&[u8]]) -> Result<Vec<u8>, BadSolid> {
    let solid = Solid::read(body)?;
    let mut named = Vec::new();
    for patch in &solid.patches {
        let base = |name: &ShortHash| {
            held.iter()
                .find(|block| BlockHash::of(block).short() == *name)
        };
        let bases: Option<Vec<&[u8]>> =
            patch.bases.iter().map(|name| base(name).copied()).collect();
        let bases = bases.ok_or(BadSolid::Columns)?;
        let plain = apply(&bases, &patch.delta, patch.length).map_err(|_| BadSolid::Columns)?;
        let names = bases.iter().map(|base| BlockHash::of(base));
        named.push((BlockHash::of(&plain), names.collect()));
    }
    solid.frames(&named)
}

/// The blocks of a body of frames, made with blocks that are held.
fn blocks(body: &[u8], held: &[&[u8]]) -> Vec<Vec<u8>> {
    let plain = |frame: &Frame<'_>| match &frame.content {
        Payload::Plain(bytes) => bytes.to_vec(),
        Payload::Lz4 { .. } => blocks::frame::read_lz4(frame.payload).unwrap(),
        Payload::Patch {
            length,
            bases,
            delta,
        } => {
            let base = |hash: &BlockHash| held.iter().find(|block| BlockHash::of(block) == *hash);
            let bases: Vec<&[u8]> = bases.iter().map(|hash| *base(hash).unwrap()).collect();
            apply(&bases, delta, *length).unwrap()
        }
    };
    let frames = parse(body).unwrap();
    for frame in &frames {
        assert_eq!(BlockHash::of(&plain(frame)), frame.hash);
    }
    frames.iter().map(plain).collect()
}

/// Two bases, and blocks: patches of one or of both, one that is none, and one of text.
fn edit() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let bases = vec![random::bytes(1, 9_000), random::bytes(2, 9_000)];
    let both = [&bases[1][..8_000], b"between", &bases[0][100..]].concat();
    let one = [b"before", &bases[0][..]].concat();
    let other = random::bytes(3, 500);
    let text = b"some text, ".repeat(90);
    let last = [&bases[1][..4_000], &bases[1][4_100..]].concat();
    (bases, vec![other, both, one, text, last])
}

fn slices(blocks: &[Vec<u8>]) -> Vec<&[u8]> {
    blocks.iter().map(Vec::as_slice).collect()
}

#[test]
fn a_solid_body_has_the_same_blocks_in_the_same_order_and_is_smaller() {
    let (bases, wanted) = edit();
    let bases = slices(&bases);
    let frames: Vec<Vec<u8>> = wanted.iter().map(|block| frame(&bases, block)).collect();
    let (solid, body) = bodies(&frames);
    let solid = solid.expect("there are patches");
    assert!(is_solid(&solid) && !is_solid(&body));
    // Of three patches, the names of their blocks, and most of the four of their bases.
    assert!(
        solid.len() + 180 < body.len(),
        "{} {}",
        solid.len(),
        body.len()
    );
    assert_eq!(Solid::read(&solid).unwrap().places(), [1, 2, 4]);
    assert!(blocks(&opened(&solid, &bases).unwrap(), &bases) == wanted);
}

#[test]
fn who_does_not_know_solid_bodies_refuses_them() {
    let (bases, wanted) = edit();
    let (solid, _) = bodies(&[frame(&slices(&bases), &wanted[1])]);
    assert!(parse(&solid.unwrap()).is_err());
}

#[test]
fn there_is_no_solid_body_without_a_patch() {
    let (_, wanted) = edit();
    let frames = [frame(&[], &wanted[0]), frame(&[], &wanted[3])];
    assert_eq!(bodies(&frames).0, None);
    assert_eq!(beginning_of(&[]), None);
}

#[test]
fn other_bases_that_make_other_blocks_are_seen() {
    let (bases, wanted) = edit();
    let bases = slices(&bases);
    let (solid, _) = bodies(&[frame(&bases, &wanted[2])]);
    let solid = solid.unwrap();
    let solid = Solid::read(&solid).unwrap();
    let right = (BlockHash::of(&wanted[2]), vec![BlockHash::of(bases[0])]);
    assert!(solid.frames(&[right]).is_ok());
    let wrong = (BlockHash::of(&wanted[1]), vec![BlockHash::of(bases[0])]);
    assert_eq!(solid.frames(&[wrong]), Err(BadSolid::Digest));
    assert_eq!(solid.frames(&[]), Err(BadSolid::Digest));
}

#[test]
fn every_cut_is_refused() {
    let (bases, wanted) = edit();
    let bases = slices(&bases);
    let frames: Vec<Vec<u8>> = wanted.iter().map(|block| frame(&bases, block)).collect();
    let solid = bodies(&frames).0.unwrap();
    for end in 0..solid.len() {
        assert!(opened(&solid[..end], &bases).is_err(), "{end} bytes");
    }
}

/// A few bytes that claim to be many are refused before anything is decoded.
#[test]
fn a_bomb_is_refused_by_its_claim() {
    let claiming = |plain: usize| {
        let mut body = vec![MARK, 0];
        body.extend([0; 32]);
        let mut number = plain;
        while number >= 0x80 {
            body.push(number as u8 | 0x80);
            number >>= 7;
        }
        body.push(number as u8);
        // One byte of DEFLATE, and seven columns of none.
        body.extend([1, 0]);
        body.extend([0; 14]);
        body
    };
    assert_eq!(
        read_bytes(&claiming(MAX_SOLID_BYTES)),
        Ok(2 * MAX_SOLID_BYTES)
    );
    let too_large = claiming(MAX_SOLID_BYTES + 1);
    assert_eq!(read_bytes(&too_large), Err(BadSolid::TooLarge));
    assert_eq!(Solid::read(&too_large).err(), Some(BadSolid::TooLarge));
    assert_eq!(Solid::read(&claiming(1_000)).err(), Some(BadSolid::Deflate));
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    /// Bytes with stretches in common: each is cut from the same few.
    fn alike() -> impl Strategy<Value = Vec<u8>> {
        let part = (0..4_u64, 0..900_usize, 1..900_usize).prop_map(|(seed, from, length)| {
            let bytes = random::bytes(seed + 1, 2_000);
            bytes[from..from + length].to_vec()
        });
        prop::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_blocks_come_out_as_they_were(
            held in prop::collection::vec(alike(), 0..4),
            wanted in prop::collection::vec(alike(), 1..6),
        ) {
            let held = slices(&held);
            let frames: Vec<Vec<u8>> = wanted.iter().map(|block| frame(&held, block)).collect();
            if let (Some(solid), _) = bodies(&frames) {
                let made = opened(&solid, &held).unwrap();
                prop_assert!(blocks(&made, &held) == wanted);
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = Solid::read(&[&[MARK, 0], bytes.as_slice()].concat());
        }

        /// Whatever changes on the way, no other block comes out of a patch.
        #[test]
        fn a_flipped_bit_is_refused_or_means_the_same(
            held in alike(),
            wanted in prop::collection::vec(alike(), 1..4),
            at: prop::sample::Index,
            bit in 0..8,
        ) {
            let held = [held.as_slice()];
            let frames: Vec<Vec<u8>> = wanted.iter().map(|block| frame(&held, block)).collect();
            if let (Some(mut solid), _) = bodies(&frames) {
                let whole = solid.clone();
                let at = at.index(solid.len());
                solid[at] ^= 1_u8 << bit;
                let rest = Solid::read(&whole).unwrap().rest_bytes();
                if let Ok(made) = opened(&solid, &held) && at < whole.len() - rest {
                    prop_assert!(blocks(&made, &held) == wanted);
                }
            }
        }
    }
}
