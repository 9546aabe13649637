//! Content-defined chunking: FastCDC 2020 (Xia et al., "The Design of Fast
//! Content-Defined Chunking for Data Deduplication Based Storage Systems"),
//! cut by the crate `fastcdc` and fed here piece by piece.
//!
//! A boundary depends on the bytes since the last one and on nothing else: not
//! on how the bytes were fed, the machine, or the file's name. So an insertion
//! moves no later boundary once the cutter has met an old one again.

use crate::limits::{
    BLOCK_MAX_FACTOR, BLOCK_MIN_DIVISOR, MAX_SIZE_CLASS, MIN_SIZE_CLASS, TARGET_FILE_BLOCKS,
};
use fastcdc::v2020::{MASKS, cut};
use serde::{Deserialize, Serialize};

/// Normalized chunking level 2: sends 4 to 12 % less than the crate's default
/// of 1 after an edit, for slightly more blocks.
const NORMALIZATION_LEVEL: usize = 2;

/// The average block size of a file as a power of two. It is chosen when the
/// file is created and kept with it, so that growth does not re-cut the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SizeClass(u8);

/// A number that is no size class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a size class: it must be between {MIN_SIZE_CLASS} and {MAX_SIZE_CLASS}")]
pub struct BadSizeClass(pub u8);

impl SizeClass {
    /// The class for a new file of `size` bytes.
    pub fn for_size(size: u64) -> Self {
        let mut class = MIN_SIZE_CLASS;
        while class < MAX_SIZE_CLASS && size > TARGET_FILE_BLOCKS << class {
            class += 1;
        }
        Self(class)
    }

    /// The average block in bytes.
    pub fn average_bytes(self) -> usize {
        1 << self.0
    }

    /// The smallest block in bytes; a file's last block may be smaller.
    pub fn min_bytes(self) -> usize {
        self.average_bytes() / BLOCK_MIN_DIVISOR
    }

    /// The largest block in bytes.
    pub fn max_bytes(self) -> usize {
        self.average_bytes() * BLOCK_MAX_FACTOR
    }
}

impl TryFrom<u8> for SizeClass {
    type Error = BadSizeClass;

    fn try_from(class: u8) -> Result<Self, BadSizeClass> {
        if (MIN_SIZE_CLASS..=MAX_SIZE_CLASS).contains(&class) {
            Ok(Self(class))
        } else {
            Err(BadSizeClass(class))
        }
    }
}

impl From<SizeClass> for u8 {
    fn from(class: SizeClass) -> u8 {
        class.0
    }
}

/// Cuts a file that arrives in pieces of any length.
///
/// [`Chunker::feed`] takes the next piece and hands every block that is now
/// certain to `block`, in order; [`Chunker::finish`] hands over the last one. A
/// block is certain once the largest possible block's bytes are there, so the
/// chunker never holds more than that and the piece.
pub struct Chunker {
    class: SizeClass,
    /// Bytes that belong to no block yet: fewer than the class's largest block
    /// between two calls.
    rest: Vec<u8>,
}

impl Chunker {
    /// A chunker for one file.
    pub fn new(class: SizeClass) -> Self {
        Self {
            class,
            rest: Vec::new(),
        }
    }

    /// Takes the next `piece` of the file.
    pub fn feed(&mut self, piece: &[u8], mut block: impl FnMut(&[u8])) {
        let max = self.class.max_bytes();
        let mut piece = piece;
        // Fill up the rest with no more than it takes to be certain of its cut,
        // so that the bulk of a large piece is cut in place and never copied.
        while !self.rest.is_empty() && !piece.is_empty() {
            let old = self.rest.len();
            let take = piece.len().min(max - old);
            self.rest.extend_from_slice(&piece[..take]);
            if self.rest.len() < max {
                return;
            }
            let length = self.cut(&self.rest);
            block(&self.rest[..length]);
            if length >= old {
                // The cut fell into the new piece: go on there.
                piece = &piece[length - old..];
                self.rest.clear();
            } else {
                piece = &piece[take..];
                self.rest.drain(..length);
            }
        }
        while piece.len() >= max {
            let length = self.cut(piece);
            block(&piece[..length]);
            piece = &piece[length..];
        }
        self.rest.extend_from_slice(piece);
    }

    /// Cuts what is left. An empty file has no block.
    pub fn finish(self, mut block: impl FnMut(&[u8])) {
        let mut rest = self.rest.as_slice();
        while !rest.is_empty() {
            let length = self.cut(rest);
            block(&rest[..length]);
            rest = &rest[length..];
        }
    }

    /// The length of the first block of `source`, which holds either the
    /// largest block's bytes or all that the file has left.
    fn cut(&self, source: &[u8]) -> usize {
        let bits = usize::from(self.class.0);
        let small = MASKS[bits + NORMALIZATION_LEVEL];
        let large = MASKS[bits - NORMALIZATION_LEVEL];
        let (_, length) = cut(
            source,
            self.class.min_bytes(),
            self.class.average_bytes(),
            self.class.max_bytes(),
            small,
            large,
            small << 1,
            large << 1,
        );
        length
    }
}
