//! A document of any bytes comes out of its patches as it was, made against any other one.
#![no_main]

use blocks::hash::BlockHash;
use blocks::patch::{Base, Documents, Patch, apply};
use libfuzzer_sys::fuzz_target;

const BLOCK_BYTES: usize = 4 << 10;

fn check(patch: &Patch, old: &[(BlockHash, &[u8])], block: &[u8]) {
    let named = patch.bases.iter();
    let base = named.map(|base| old.iter().find(|(hash, _)| hash == base).expect("named").1);
    let made = apply(&base.collect::<Vec<_>>(), &patch.delta, block.len());
    assert_eq!(made.as_deref(), Ok(block));
}

fuzz_target!(|input: (&[u8], &[u8])| {
    let (old, new) = input;
    let old: Vec<(BlockHash, &[u8])> = old
        .chunks(BLOCK_BYTES)
        .map(|block| (BlockHash::of(block), block))
        .collect();
    let documents = Documents::of(old.iter().copied(), new.to_vec());
    let base = Base::of(old.iter().copied());
    for (n, block) in new.chunks(BLOCK_BYTES).enumerate() {
        check(&base.patch(block), &old, block);
        let start = n * BLOCK_BYTES;
        let range = start..start + block.len();
        if let Some(patch) = documents
            .as_ref()
            .and_then(|documents| documents.patch(range))
        {
            check(&patch, &old, block);
        }
    }
});
