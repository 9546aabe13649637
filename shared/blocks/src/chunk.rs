//! Content-defined chunking: FastCDC 2020 (Xia et al., "The Design of Fast
//! Content-Defined Chunking for Data Deduplication Based Storage Systems"),
//! fed here piece by piece.
//!
//! A boundary depends on the bytes since the last one and on nothing else: not
//! on how the bytes were fed, the machine, or the file's name. So an insertion
//! moves no later boundary once the cutter has met an old one again.

use crate::gear::Gear;
use crate::limits::{
    BLOCK_MAX_FACTOR, BLOCK_MIN_DIVISOR, MAX_SIZE_CLASS, MIN_SIZE_CLASS, TARGET_FILE_BLOCKS,
};
use serde::{Deserialize, Serialize};

/// The average block size of a file as a power of two. It is chosen when the
/// file is created and kept with it, so that growth does not re-cut the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u8))]
#[serde(try_from = "u8", into = "u8")]
pub struct SizeClass(u8);

/// The number is no size class.
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

    fn gear(self) -> Gear {
        let (min, max) = (self.min_bytes(), self.max_bytes());
        Gear::new(self.0, min, self.average_bytes(), max)
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
    gear: Box<Gear>,
    /// Bytes that belong to no block yet, behind `cut` bytes that do. Between two
    /// calls there are fewer of them than the class's largest block has.
    rest: Vec<u8>,
    /// How many bytes at the front of `rest` belong to a block by now.
    cut: usize,
}

impl Chunker {
    /// A chunker for one file.
    pub fn new(class: SizeClass) -> Self {
        Self {
            class,
            gear: Box::new(class.gear()),
            rest: Vec::new(),
            cut: 0,
        }
    }

    /// Takes the next `piece` of the file.
    pub fn feed(&mut self, piece: &[u8], mut block: impl FnMut(&[u8])) {
        let max = self.class.max_bytes();
        let mut piece = piece;
        self.rest.drain(..self.cut);
        self.cut = 0;
        // Fill up the rest with no more than it takes to be certain of its cut,
        // so that the bulk of a large piece is cut in place and never copied.
        while !self.rest.is_empty() && !piece.is_empty() {
            let old = self.rest.len() - self.cut;
            let take = piece.len().min(max - old);
            self.rest.extend_from_slice(&piece[..take]);
            let uncut = &self.rest[self.cut..];
            if uncut.len() < max {
                return;
            }
            let length = self.gear.cut(uncut);
            block(&uncut[..length]);
            if length >= old {
                // The cut fell into the new piece: go on there.
                piece = &piece[length - old..];
                self.rest.clear();
                self.cut = 0;
            } else {
                piece = &piece[take..];
                self.cut += length;
            }
        }
        while piece.len() >= max {
            let length = self.gear.cut(piece);
            block(&piece[..length]);
            piece = &piece[length..];
        }
        self.rest.extend_from_slice(piece);
    }

    /// Cuts what is left. An empty file has no block.
    pub fn finish(self, mut block: impl FnMut(&[u8])) {
        let mut rest = &self.rest[self.cut..];
        while !rest.is_empty() {
            let length = self.gear.cut(rest);
            block(&rest[..length]);
            rest = &rest[length..];
        }
    }
}
