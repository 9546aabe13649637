//! The block worker's work in a real worker: what is kept is found again, what
//! is damaged is noticed, and what is made as a frame is received as the block.

use blocks::frame::{Codec, parse};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::{Signature, first_sub_block_bytes};
use blocks::solid::beginning;
use client::ports::{BundleId, CachedBlock};
use flate2::Compression;
use flate2::write::GzEncoder;
use js_sys::{Array, Uint8Array};
use platform::browser::opfs::BLOCKS;
use platform::browser::random;
use std::io::Write;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;
use workers::cache::received::receive;
use workers::cache::work::{Against, check, frames, keep};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const BLOCK_BYTES: usize = 100_000;

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(next).collect()
}

fn blob(bytes: &[u8]) -> Blob {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).unwrap()
}

/// The bytes as blocks of one size, one after another in a bundle.
fn places(bytes: &[u8], bundle: BundleId) -> Vec<CachedBlock> {
    let blocks = bytes.chunks(BLOCK_BYTES).enumerate();
    let place = |(number, block): (usize, &[u8])| CachedBlock {
        block: BlockRef {
            hash: BlockHash::of(block),
            length: block.len() as u32,
        },
        bundle,
        offset: (number * BLOCK_BYTES) as u64,
    };
    blocks.map(place).collect()
}

fn near(here: &[CachedBlock]) -> Against {
    Against::Cached {
        near: here.to_vec(),
        all: Vec::new(),
        document: Vec::new(),
    }
}

async fn kept(bytes: &[u8]) -> Vec<CachedBlock> {
    let id = random::small_id();
    let done = keep(vec![blob(bytes)], &places(bytes, 0), id)
        .await
        .unwrap();
    let here = places(bytes, id);
    let blocks: Vec<BlockRef> = here.iter().map(|place| place.block).collect();
    assert_eq!(done.blocks, blocks);
    here
}

#[wasm_bindgen_test]
async fn what_is_damaged_is_noticed() {
    let bytes = noise(1, 350_000);
    let here = kept(&bytes).await;
    assert!(check(&here).await.is_empty());
    let bundle = here[0].bundle;
    let mut other = bytes.clone();
    other[123_456] ^= 1;
    let name = bundle.to_string();
    BLOCKS
        .write(&name, &Uint8Array::from(other.as_slice()))
        .await
        .unwrap();
    assert_eq!(check(&here).await.into_iter().collect::<Vec<_>>(), [bundle]);
    assert!(
        check(&here[..1]).await.is_empty(),
        "the first block is whole"
    );

    let against = near(&here);
    let refused = frames(blob(&bytes), &places(&bytes, 0), against).await;
    assert!(refused.made.is_empty() && refused.damaged.contains(&bundle));
    BLOCKS.remove(&name).await.unwrap();
    assert!(check(&here[..1]).await.contains(&bundle), "it is gone");
}

#[wasm_bindgen_test]
async fn a_block_that_is_not_what_it_was_is_not_kept() {
    let bytes = noise(2, 250_000);
    let mut other = bytes.clone();
    other[150_000] ^= 1;
    let id = random::small_id();
    let done = keep(vec![blob(&other)], &places(&bytes, 0), id)
        .await
        .unwrap();
    let whole = places(&bytes, id);
    assert_eq!(done.blocks, [whole[0].block, whole[2].block]);
    BLOCKS.remove(&id.to_string()).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_patch_of_cached_blocks_makes_the_block() {
    let old = noise(3, 300_000);
    let here = kept(&old).await;
    let mut new = old.clone();
    new[150_000] ^= 1;
    let wanted = places(&new, 0)[1];
    let made = frames(blob(&new), &[wanted], near(&here)).await;
    assert!(made.bytes.len() < 200, "{} bytes", made.bytes.len());
    assert_eq!(made.made[0].bases, [here[1].block]);
    assert_eq!(made.made[0].frame_bytes as usize, made.bytes.len());

    let id = random::small_id();
    let received = receive(&made.bytes, &here, id).await.unwrap();
    assert_eq!(received.blocks, [wanted.block]);
    let place = CachedBlock {
        bundle: id,
        offset: 0,
        ..wanted
    };
    assert!(check(&[place]).await.is_empty());

    // Without its base it is left, and not taken for wrong.
    BLOCKS.remove(&here[0].bundle.to_string()).await.unwrap();
    let without = receive(&made.bytes, &here, random::small_id())
        .await
        .unwrap();
    assert!(without.blocks.is_empty() && without.wrong.is_empty());
    assert!(without.damaged.contains(&here[0].bundle));
    BLOCKS.remove(&id.to_string()).await.unwrap();
}

fn gzipped(rows: &[String]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(rows.join("\n").as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A stream that is cut into three blocks, of which all bits are others.
#[wasm_bindgen_test]
async fn a_document_is_patched_by_its_streams() {
    let numbers = noise(8, 120_000);
    let row = |bytes: &[u8]| format!("{};{};open", bytes[0], u32::from(bytes[1]) * 7919);
    let mut rows: Vec<String> = numbers.chunks(2).map(row).collect();
    let old = gzipped(&rows);
    rows[100] = "one row is another".to_owned();
    let new = gzipped(&rows);
    assert!(old.len() > 2 * BLOCK_BYTES, "{} bytes", old.len());
    let here = kept(&old).await;
    let wanted = places(&new, 0);
    let with = |document: &[CachedBlock]| Against::Cached {
        near: here.clone(),
        all: here.clone(),
        document: document.to_vec(),
    };
    let without = frames(blob(&new), &wanted, with(&[])).await;
    let made = frames(blob(&new), &wanted, with(&here)).await;
    assert_eq!(made.made.len(), wanted.len());
    let (bytes, before) = (made.bytes.len(), without.bytes.len());
    assert!(bytes < 10_000, "{bytes} bytes instead of {before}");
    let id = random::small_id();
    let received = receive(&made.bytes, &here, id).await.unwrap();
    let blocks: Vec<BlockRef> = wanted.iter().map(|place| place.block).collect();
    assert_eq!(received.blocks, blocks);
    for bundle in [here[0].bundle, id] {
        BLOCKS.remove(&bundle.to_string()).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn what_moved_is_found_where_it_was() {
    let old = noise(7, 1_000_000);
    let here = kept(&old).await;
    // What was at the end is in front now, and each is compared with what was in front.
    let new = [&old[650_000..], &old[..650_000]].concat();
    let wanted = &places(&new, 0)[..2];
    let against = Against::Cached {
        near: here[..1].to_vec(),
        all: here.clone(),
        document: Vec::new(),
    };
    let made = frames(blob(&new), wanted, against).await;
    assert!(made.bytes.len() < 500, "{} bytes", made.bytes.len());
    let bases: Vec<BlockRef> = made.made[0].bases.clone();
    assert_eq!(bases, [here[6].block, here[7].block]);
    let id = random::small_id();
    let received = receive(&made.bytes, &here, id).await.unwrap();
    let blocks: Vec<BlockRef> = wanted.iter().map(|place| place.block).collect();
    assert_eq!(received.blocks, blocks);

    // The same as one stream, and with a byte that changed on the way.
    let parts = parse(&made.bytes).unwrap();
    let solid = beginning(&parts.into_iter().map(Some).collect::<Vec<_>>()).unwrap();
    assert!(solid.len() < made.bytes.len());
    let solid_id = random::small_id();
    let received = receive(&solid, &here, solid_id).await.unwrap();
    assert_eq!(received.blocks, blocks);
    let mut changed = solid.clone();
    changed[10] ^= 1;
    let received = receive(&changed, &here, random::small_id()).await.unwrap();
    assert!(received.blocks.is_empty() && received.damaged.is_empty());
    BLOCKS.remove(&solid_id.to_string()).await.unwrap();

    // Where what is found can't be read, nothing is made, and the page is told.
    BLOCKS.remove(&here[0].bundle.to_string()).await.unwrap();
    let gone = Against::Cached {
        near: Vec::new(),
        all: here.clone(),
        document: Vec::new(),
    };
    let made = frames(blob(&new), wanted, gone).await;
    assert!(made.made.is_empty() && made.damaged.contains(&here[0].bundle));
    BLOCKS.remove(&id.to_string()).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_patch_is_made_of_signatures_alone() {
    let old = noise(4, 100_000);
    let hash = BlockHash::of(&old);
    let signature = Signature::of(hash, &old, first_sub_block_bytes(0)).unwrap();
    let mut new = old.clone();
    new[50_000] ^= 1;
    let against = Against::Signed(vec![signature]);
    let made = frames(blob(&new), &places(&new, 0), against).await;
    assert_eq!(made.made[0].bases[0].hash, hash);
    assert!(made.bytes.len() < 2_000, "{} bytes", made.bytes.len());
}

#[wasm_bindgen_test]
async fn what_compresses_is_lz4_and_what_does_not_is_left() {
    let text = "The same line, again and again.\n".repeat(5_000);
    let made = frames(
        blob(text.as_bytes()),
        &places(text.as_bytes(), 0),
        Against::Nothing,
    )
    .await;
    let parsed = parse(&made.bytes).unwrap();
    assert!(
        parsed
            .iter()
            .all(|frame| frame.content.codec() == Codec::Lz4)
    );
    assert_eq!(parsed.len(), 2);
    let id = random::small_id();
    let received = receive(&made.bytes, &[], id).await.unwrap();
    assert_eq!(received.blocks.len(), 2);
    BLOCKS.remove(&id.to_string()).await.unwrap();

    let noise = noise(5, 200_000);
    let made = frames(blob(&noise), &places(&noise, 0), Against::Nothing).await;
    assert!(made.made.is_empty());
}

#[wasm_bindgen_test]
async fn a_frame_of_other_bytes_is_wrong() {
    let bytes = noise(6, 1_000);
    let claimed = BlockHash::of(b"something else");
    let mut body = blocks::frame::plain_header(claimed, 1_000).to_vec();
    body.extend_from_slice(&bytes);
    let received = receive(&body, &[], random::small_id()).await.unwrap();
    assert_eq!(received.wrong, [claimed]);
    assert!(received.blocks.is_empty());
}
