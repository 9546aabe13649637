//! A fine-grained index of blocks, for a device that does not hold their bytes.
//!
//! A block is divided into sub-blocks of 1 KiB (its first and its last may be
//! shorter), and each has a tag of 7 bytes. A tag makes a wrong match improbable
//! and no more: the hash of the whole block, which the server computes, is what
//! makes it harmless. A block of 256 KiB that is compared with 8 MiB makes 2^31
//! pairs of places, so one block in 2^25 is refused and travels whole.
//!
//! On the wire blocks stand one after another, each like this, with all numbers
//! little-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 32 | the block's hash |
//! | 4 | its length |
//! | 4 | the length of its first sub-block |
//! | 7 for each sub-block | rolling hash (4), first bytes of the BLAKE3 (3) |

use crate::hash::BlockHash;
use crate::limits::{MAX_BLOCK_BYTES, SUB_BLOCK_BYTES};
use std::ops::Range;

/// The content type of signatures.
pub const SIGNATURES_CONTENT_TYPE: &str = "application/vnd.driftless.signatures";

/// Bytes of a block's part before its tags.
const HEADER_BYTES: usize = 40;
/// Bytes of a tag.
const TAG_BYTES: usize = 7;

/// The length of the first sub-block of a block that begins at `offset` in its file.
/// Sub-blocks begin at multiples of [`SUB_BLOCK_BYTES`] of the file, because the pages
/// of a database do, and nearly always the entries of a tar.
pub fn first_sub_block_bytes(offset: u64) -> u32 {
    let step = SUB_BLOCK_BYTES as u64;
    (step - offset % step) as u32
}

/// The sub-blocks of a block of `length` bytes.
pub(super) fn sub_blocks(
    length: u32,
    first_bytes: u32,
) -> impl DoubleEndedIterator<Item = Range<usize>> + Clone {
    let (length, first) = (length as usize, (first_bytes as usize).min(length as usize));
    let count = usize::from(first > 0) + (length - first).div_ceil(SUB_BLOCK_BYTES);
    (0..count).map(move |i| {
        let end = (first + i * SUB_BLOCK_BYTES).min(length);
        (first + i * SUB_BLOCK_BYTES).saturating_sub(SUB_BLOCK_BYTES)..end
    })
}

/// What is known of a sub-block's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The rolling hash.
    pub weak: u32,
    /// The first 3 bytes of the BLAKE3.
    pub strong: [u8; 3],
}

impl Tag {
    /// The tag of a sub-block's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            weak: Rolling::of(bytes).tag(),
            strong: strong(bytes),
        }
    }
}

pub(super) fn strong(bytes: &[u8]) -> [u8; 3] {
    let [a, b, c, ..] = *blake3::hash(bytes).as_bytes();
    [a, b, c]
}

/// The tags of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The block's name.
    pub hash: BlockHash,
    /// The block's plain bytes.
    pub length: u32,
    /// Bytes of the first sub-block, from 1 to [`SUB_BLOCK_BYTES`]: see
    /// [`first_sub_block_bytes`].
    pub first_bytes: u32,
    /// One for each sub-block, in order.
    pub tags: Vec<Tag>,
}

/// Why signatures were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadSignature {
    #[error("the signature ends in the middle")]
    Torn,
    #[error("the first sub-block has {first_bytes} bytes: 1 to {SUB_BLOCK_BYTES} are allowed")]
    FirstSubBlock { first_bytes: u32 },
    #[error("the block has {length} bytes: 1 to {MAX_BLOCK_BYTES} are allowed")]
    BlockLength { length: usize },
}

impl Signature {
    /// The signature of a block whose first sub-block has `first_bytes`.
    ///
    /// # Errors
    /// A length that is not allowed.
    pub fn of(hash: BlockHash, block: &[u8], first_bytes: u32) -> Result<Self, BadSignature> {
        let length = check(block.len(), first_bytes)?;
        let parts = sub_blocks(length, first_bytes);
        Ok(Self {
            hash,
            length,
            first_bytes,
            tags: parts
                .filter_map(|part| block.get(part))
                .map(Tag::of)
                .collect(),
        })
    }

    /// Appends the bytes on the wire.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.hash.as_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.first_bytes.to_le_bytes());
        for tag in &self.tags {
            bytes.extend_from_slice(&tag.weak.to_le_bytes());
            bytes.extend_from_slice(&tag.strong);
        }
    }

    /// Reads a body of signatures.
    ///
    /// # Errors
    /// Names the first signature that is not whole and well formed.
    pub fn parse_all(body: &[u8]) -> Result<Vec<Self>, BadSignature> {
        let mut signatures = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let (signature, after) = Self::parse(rest)?;
            signatures.push(signature);
            rest = after;
        }
        Ok(signatures)
    }

    fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), BadSignature> {
        let (header, rest) = bytes.split_first_chunk().ok_or(BadSignature::Torn)?;
        let header: &[u8; HEADER_BYTES] = header;
        let [hash @ .., l0, l1, l2, l3, f0, f1, f2, f3] = *header;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let first_bytes = u32::from_le_bytes([f0, f1, f2, f3]);
        check(length as usize, first_bytes)?;
        let count = sub_blocks(length, first_bytes).count();
        let (tags, rest) = rest
            .split_at_checked(count * TAG_BYTES)
            .ok_or(BadSignature::Torn)?;
        let signature = Self {
            hash: BlockHash::from_bytes(hash),
            length,
            first_bytes,
            tags: tags.as_chunks().0.iter().map(tag).collect(),
        };
        Ok((signature, rest))
    }
}

/// Whether a first sub-block may have this length.
///
/// # Errors
/// `FirstSubBlock`
pub fn check_first_sub_block(first_bytes: u32) -> Result<(), BadSignature> {
    if (1..=SUB_BLOCK_BYTES).contains(&(first_bytes as usize)) {
        return Ok(());
    }
    Err(BadSignature::FirstSubBlock { first_bytes })
}

fn check(length: usize, first_bytes: u32) -> Result<u32, BadSignature> {
    check_first_sub_block(first_bytes)?;
    match u32::try_from(length) {
        Ok(short) if (1..=MAX_BLOCK_BYTES).contains(&length) => Ok(short),
        _ => Err(BadSignature::BlockLength { length }),
    }
}

fn tag(bytes: &[u8; TAG_BYTES]) -> Tag {
    let [w0, w1, w2, w3, strong @ ..] = *bytes;
    Tag {
        weak: u32::from_le_bytes([w0, w1, w2, w3]),
        strong,
    }
}

/// A polynomial of a window's bytes modulo 2^64 (Karp and Rabin). Its upper half is
/// the tag, because all bytes of the window reach the upper half.
#[derive(Clone, Copy)]
pub(super) struct Rolling {
    sum: u64,
    /// What a byte has been multiplied by when it leaves the window.
    leaving: u64,
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

impl Rolling {
    pub fn of(window: &[u8]) -> Self {
        let (mut sum, mut leaving) = (0_u64, 1_u64);
        for &byte in window {
            sum = sum.wrapping_mul(MULTIPLIER).wrapping_add(value(byte));
            leaving = leaving.wrapping_mul(MULTIPLIER);
        }
        Self { sum, leaving }
    }

    /// Moves the window on by a byte.
    pub fn roll(&mut self, leaves: u8, enters: u8) {
        self.sum = self
            .sum
            .wrapping_mul(MULTIPLIER)
            .wrapping_add(value(enters))
            .wrapping_sub(value(leaves).wrapping_mul(self.leaving));
    }

    pub fn tag(self) -> u32 {
        (self.sum >> 32) as u32
    }
}

/// A byte's value, never 0: windows of zeros must differ by their length.
fn value(byte: u8) -> u64 {
    u64::from(byte) + 1
}
