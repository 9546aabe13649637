//! The hashing worker's code on blobs in a real browser: the list is the same
//! as hashing all bytes at once gives, however the blob is read, and whether it
//! is read as one segment or as several.

use blocks::chunk::SizeClass;
use blocks::manifest::Manifest;
use blocks::segment::{Joined, segments};
use platform::packed::unpack;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;
use workers::hashing::read::{GoOn, NotHashed, hash_segment};

wasm_bindgen_test_configure!(run_in_browser);

/// Bytes that look random and are the same each time.
fn bytes(length: usize) -> Vec<u8> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn blob(bytes: &[u8]) -> Blob {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).unwrap()
}

async fn check(length: usize) {
    let bytes = bytes(length);
    let class = SizeClass::for_size(length as u64);
    let mut last = 0;
    let whole = 0..length as u64;
    let packed = hash_segment(&blob(&bytes), whole, class, |hashed| {
        assert!(hashed > last);
        last = hashed;
        GoOn::Yes
    })
    .await
    .unwrap();
    let blocks = unpack(&packed).unwrap();
    assert_eq!(blocks, Manifest::of(&bytes, class, 0).blocks);
    assert_eq!(last, length as u64);
}

#[wasm_bindgen_test]
async fn small_blobs_are_one_block_and_an_empty_one_none() {
    check(0).await;
    check(1).await;
    check(60_000).await;
}

#[wasm_bindgen_test]
async fn large_blobs_are_cut_as_if_in_one_piece() {
    check((1 << 20) - 1).await;
    check(1 << 20).await;
    check((20 << 20) + 12_345).await;
}

/// Browsers that know no such reader.
#[wasm_bindgen_test]
async fn where_no_buffer_can_be_lent_the_list_is_the_same() {
    let (global, name) = (js_sys::global(), "ReadableStreamBYOBReader".into());
    let reader = js_sys::Reflect::get(&global, &name).unwrap();
    assert!(js_sys::Reflect::delete_property(&global, &name).unwrap());
    check((3 << 20) + 1).await;
    js_sys::Reflect::set(&global, &name, &reader).unwrap();
}

#[wasm_bindgen_test]
async fn segments_are_read_beyond_their_end_until_they_meet() {
    let bytes = bytes(40 << 20);
    let size = bytes.len() as u64;
    let class = SizeClass::for_size(size);
    let blob = blob(&bytes);
    let mut joined = Joined::default();
    for segment in segments(size, class, 1, 3) {
        let mut read = 0;
        let packed = hash_segment(&blob, segment.clone(), class, |bytes| {
            read = bytes;
            GoOn::Yes
        });
        let blocks = unpack(&packed.await.unwrap()).unwrap();
        if segment.end < size {
            let beyond = read - (segment.end - segment.start);
            assert!((1..16 << 20).contains(&beyond), "{beyond} bytes");
        }
        joined.join(segment, &blocks).unwrap();
    }
    assert!(joined.into_blocks() == Manifest::of(&bytes, class, 0).blocks);
}

#[wasm_bindgen_test]
async fn hashing_stops_when_nobody_wants_it() {
    let bytes = bytes(20 << 20);
    let mut calls = 0;
    let whole = 0..bytes.len() as u64;
    let stopped = hash_segment(&blob(&bytes), whole, SizeClass::for_size(0), |_| {
        calls += 1;
        GoOn::No
    })
    .await;
    assert!(matches!(stopped, Err(NotHashed::Cancelled)));
    assert_eq!(calls, 1);
}
