//! A delta that somebody has written makes what it promises of its base, or is refused.
#![no_main]

use blocks::patch::apply;
use libfuzzer_sys::fuzz_target;

/// Bytes of a block.
const MOST: u32 = 1 << 16;

fuzz_target!(|input: (&[u8], &[u8], u32)| {
    let (base, delta, length) = input;
    let length = (length % MOST) as usize;
    let (one, two) = base.split_at(base.len() / 3);
    if let Ok(block) = apply(&[one, two], delta, length) {
        assert_eq!(block.len(), length);
    }
});
