//! Patches of blocks whose bytes are deflate streams, or parts of them: documents of
//! offices, zips, gzips.
//!
//! One changed letter changes every later bit of a deflate stream, because its codes
//! change, though nearly all of its symbols stay: literals, and copies of so many bytes
//! from so far back. So such a delta says the *symbols* of a block by those of the base,
//! and its reader writes them with the codes that it is told or can work out. Nothing
//! is ever unpacked: a bomb makes no more symbols than it has bits.
//!
//! After the flags of [`super::delta`] come:
//!
//! | part | what |
//! | --- | --- |
//! | length | of the rest: all bits of the block that are not said by symbols |
//! | rest | what makes it, by a range coder ([`rest`], [`coder`]) |
//! | symbols | all else, by the same |
//!
//! The block is made bit by bit: bits of the rest, then symbols of a section of the
//! base, and so on. A section is some deflate blocks of the base, of which the bit where
//! the first begins is told. How the symbols of a section become those of the block is
//! in [`cursor`]; the codes of a deflate block are those of zlib, which follow from its
//! symbols ([`zlib`]), or they are told.

mod apply;
mod bits;
mod coder;
mod container;
mod cursor;
mod deflate;
mod documents;
mod model;
mod rest;
mod symbols;
mod zlib;

pub(super) use apply::apply;
pub use documents::{Documents, MAX_DOCUMENT_BYTES, may_be_document};

use super::delta::BadDelta;

/// The largest block that may be said by symbols: the largest of the smallest class.
pub const MAX_STREAMS_BLOCK_BYTES: usize = 1 << 20;
/// The most symbols of the base that one delta has at one time.
const MAX_SECTION_TOKENS: usize = 768 << 10;
/// The most symbols of one deflate block of the target.
const MAX_PIECE_TOKENS: usize = 256 << 10;
/// The memory that making a block by symbols takes, beside the block and its base.
pub const STREAMS_BYTES: usize =
    4 * (MAX_SECTION_TOKENS + MAX_PIECE_TOKENS) + MAX_STREAMS_BLOCK_BYTES + (640 << 10);

/// What the deltas of one request may cost together, in symbols: a second or two of a
/// Worker's time at most, and a few hundredths for what a person changes. All blocks of a
/// document with as many symbols as [`Documents`] compares cost less.
#[derive(Clone, Debug)]
pub struct Work {
    left: u64,
}

impl Work {
    /// As much as one request may take.
    pub fn of_a_request() -> Self {
        Self { left: 16 << 20 }
    }

    /// No symbols at all: every delta that has some is refused.
    pub fn none() -> Self {
        Self { left: 0 }
    }

    fn spend(&mut self, symbols: u64) -> Result<(), BadDelta> {
        self.left = self.left.checked_sub(symbols).ok_or(BadDelta::Work)?;
        Ok(())
    }
}
