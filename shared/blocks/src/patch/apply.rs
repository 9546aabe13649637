//! Makes a block of its delta, of whichever format that is.

use super::delta::{self, BadDelta, streams_of};
use super::streams::{self, Work};

/// Whether a delta says deflate streams by their symbols.
pub fn has_streams(delta: &[u8]) -> bool {
    streams_of(delta).is_some()
}

/// Makes the target, which has `length` bytes and at most
/// [`MAX_BLOCK_BYTES`](crate::limits::MAX_BLOCK_BYTES), from the blocks of the base in their
/// order. It never allocates more than a small multiple of `length`, and
/// [`STREAMS_BYTES`](super::STREAMS_BYTES) for deflate streams.
///
/// # Errors
/// The delta is malformed, reaches beyond the base, or makes another length.
pub fn apply(base: &[&[u8]], delta: &[u8], length: usize) -> Result<Vec<u8>, BadDelta> {
    apply_within(base, delta, length, &mut Work::of_a_request())
}

/// Does the same, and takes what deflate streams cost from the work that is left.
///
/// # Errors
/// As [`apply`], or it is too much work.
pub fn apply_within(
    base: &[&[u8]],
    delta: &[u8],
    length: usize,
    work: &mut Work,
) -> Result<Vec<u8>, BadDelta> {
    match streams_of(delta) {
        Some(parts) => streams::apply(base, parts, length, work),
        None => delta::apply(base, delta, length),
    }
}
