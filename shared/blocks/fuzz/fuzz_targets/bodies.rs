//! A body of a request is taken apart, or refused, whatever it claims.
#![no_main]

use blocks::frame::{Payload, parse, read_lz4, split_carrying};
use blocks::hash::BlockHash;
use blocks::solid::{Solid, read_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _ = split_carrying(body);
    for frame in parse(body).unwrap_or_default() {
        if let Payload::Lz4 { .. } = frame.content {
            let _ = read_lz4(frame.payload);
        }
    }
    let _ = read_bytes(body);
    if let Ok(solid) = Solid::read(body) {
        let named = solid.patches.iter().map(|patch| {
            let bases = vec![BlockHash::of(&[]); patch.bases.len()];
            (BlockHash::of(&patch.delta), bases)
        });
        let _ = solid.frames(&named.collect::<Vec<_>>());
    }
});
