//! LZ4 in its block format, for blocks and for what is left of a patch.

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};

/// LZ4 is kept where it saves at least this part of the plain bytes.
const LEAST_SAVING_DIVISOR: usize = 10;

/// The bytes are not LZ4 of the length that they claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the LZ4 data does not decode to the length that it claims")]
pub struct BadLz4;

/// The compressed bytes; `None` unless that saves at least a tenth.
pub fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    let mut compressed = vec![0; get_maximum_output_size(plain.len())];
    let length = compress_into(plain, &mut compressed).ok()?;
    compressed.truncate(length);
    let most = plain.len() - plain.len().div_ceil(LEAST_SAVING_DIVISOR);
    (length <= most).then_some(compressed)
}

/// The plain bytes, of which there must be `length`. The function allocates that
/// much before it looks at a byte, so the caller has to bound it.
///
/// # Errors
/// The bytes decode to another length, or not at all.
pub fn decompress(compressed: &[u8], length: usize) -> Result<Vec<u8>, BadLz4> {
    let mut plain = vec![0; length];
    match decompress_into(compressed, &mut plain) {
        Ok(written) if written == length => Ok(plain),
        _ => Err(BadLz4),
    }
}
