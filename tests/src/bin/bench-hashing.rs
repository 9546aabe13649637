//! How fast one native thread cuts and hashes, with the best instructions that
//! the processor has: what the browser's figures are compared with.
//!
//! `bench-hashing [MiB]` prints one line of JSON: millions of bytes a second of
//! BLAKE3 alone, FastCDC alone, and both as a file is hashed. The bytes are
//! random and in memory.

use blocks::chunk::{Chunker, SizeClass};
use blocks::hash::BlockHash;
use driftless_tests::random;
use serde_json::json;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mebibytes: usize = match std::env::args().nth(1) {
        Some(count) => count.parse()?,
        None => 256,
    };
    let bytes = random::bytes(1, mebibytes << 20);
    // The first pass over new memory is slower than all others.
    hash(&bytes);
    let report = json!({
        "blake3": speed(&bytes, hash),
        "fastcdc": speed(&bytes, |bytes| blocks(bytes, |_| {})),
        "both": speed(&bytes, |bytes| blocks(bytes, hash)),
    });
    println!("{report}");
    Ok(())
}

/// Block by block as in a file of such blocks: a large input would be hashed
/// with more of it at a time.
fn hash(bytes: &[u8]) {
    for block in bytes.chunks(SizeClass::for_size(0).average_bytes()) {
        black_box(BlockHash::of(block));
    }
}

fn blocks(bytes: &[u8], mut take: impl FnMut(&[u8])) {
    let mut chunker = Chunker::new(SizeClass::for_size(0));
    let mut take = |block: &[u8]| take(black_box(block));
    chunker.feed(bytes, &mut take);
    chunker.finish(&mut take);
}

/// Millions of bytes a second.
fn speed(bytes: &[u8], work: impl FnOnce(&[u8])) -> f64 {
    let since = Instant::now();
    work(bytes);
    bytes.len() as f64 / 1e6 / since.elapsed().as_secs_f64()
}
