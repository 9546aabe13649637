#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use merge::ranges::{ChangedRange, exact, map};
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

#[test]
fn bytes_tell_more_exactly_what_changed() {
    let base: Vec<u8> = (0..200).collect();
    let range = change(1_000..1_200, 5_000..5_200);
    let told = |side: &[u8]| exact(&range, &base, side);
    assert_eq!(told(&base), []);
    let mut side = base.clone();
    side[20..24].fill(255);
    side[30] = 255;
    side[100] = 255;
    // What is close together is one stretch.
    let expected = [
        change(1_020..1_031, 5_020..5_031),
        change(1_100..1_101, 5_100..5_101),
    ];
    assert_eq!(told(&side), expected);
    let mut side = base.clone();
    side.splice(50..60, [7; 3]);
    assert_eq!(told(&side), [change(1_050..1_060, 5_050..5_053)]);
    // What was put in may begin as what stood there.
    let mut side = base.clone();
    side.splice(50..50, [50, 7]);
    assert_eq!(told(&side), [change(1_051..1_051, 5_051..5_053)]);
    assert_eq!(
        exact(&change(3..3, 4..6), &[], &[1, 2]),
        [change(3..3, 4..6)]
    );
    assert_eq!(
        exact(&change(3..5, 4..4), &[1, 2], &[]),
        [change(3..5, 4..4)]
    );
}

#[test]
fn a_map_says_what_both_changed_of_the_exact_ranges() {
    let map = map(&blocks("ABC"), &blocks("AXC"), &blocks("AYC"));
    assert_eq!(map.both.as_slice(), std::slice::from_ref(&(10..20)));
    let apart = map.with(vec![change(11..12, 11..12)], vec![change(15..16, 15..16)]);
    assert!(apart.both.is_empty());
    assert_eq!((apart.base_size, apart.first_size), (30, 30));
}
