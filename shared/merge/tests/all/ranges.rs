#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use merge::ranges::{ChangedRange, map};
use std::ops::Range;

/// Blocks named by a letter, of 10 bytes, or of 5 if it is a small one.
fn blocks(letters: &str) -> Vec<BlockRef> {
    let block = |letter: char| BlockRef {
        hash: BlockHash::of(letter.to_string().as_bytes()),
        length: if letter.is_lowercase() { 5 } else { 10 },
    };
    letters.chars().map(block).collect()
}

fn change(base: Range<u64>, side: Range<u64>) -> ChangedRange {
    ChangedRange { base, side }
}

#[test]
fn changed_blocks_are_coalesced() {
    let map = map(&blocks("ABCDEF"), &blocks("AxyDEF"), &blocks("ABCDEFz"));
    assert_eq!(
        (map.base_size, map.first_size, map.second_size),
        (60, 50, 65)
    );
    assert_eq!(map.first, [change(10..30, 10..20)]);
    assert_eq!(map.second, [change(60..60, 60..65)]);
    assert!(map.both.is_empty());
}

#[test]
fn what_both_changed_is_told() {
    let map = map(&blocks("ABCDEF"), &blocks("AXYDEF"), &blocks("ABZWEF"));
    assert_eq!(map.first, [change(10..30, 10..30)]);
    assert_eq!(map.second, [change(20..40, 20..40)]);
    assert_eq!(map.both.as_slice(), std::slice::from_ref(&(20..30)));
    // Neighbours that do not overlap have nothing in common.
    let map = self::map(&blocks("ABCD"), &blocks("AXCD"), &blocks("ABYD"));
    assert!(map.both.is_empty());
    // Both put something in at one place.
    let map = self::map(&blocks("AB"), &blocks("AXB"), &blocks("AYB"));
    assert_eq!(map.both.as_slice(), std::slice::from_ref(&(10..10)));
}

#[test]
fn without_a_base_all_is_new() {
    let map = map(&[], &blocks("AB"), &blocks("ab"));
    assert_eq!(map.first, [change(0..0, 0..20)]);
    assert_eq!(map.second, [change(0..0, 0..10)]);
    assert_eq!(map.both.as_slice(), std::slice::from_ref(&(0..0)));
    assert!(self::map(&[], &[], &[]).first.is_empty());
}
