//! Patches: a block as what is new in it, against blocks that the other side
//! has.
//!
//! A patch names its base blocks and holds a delta. The bytes of the base blocks, one
//! after another, are its base; the head of `delta.rs` has the delta's format.
//! [`apply`] makes the block. Its caller must compare the block's hash: only the hash
//! shows a wrong base, or two stretches with one tag.
//!
//! [`Documents`] says blocks of zips and gzips by what their deflate streams hold.
//!
//! [`Base`] finds what a block has in common with blocks whose bytes are at
//! hand; [`SignedBase`] does it with the tags of blocks that only the other side
//! has. [`base_runs`] says which blocks to compare with by their places, and [`Search`] finds
//! them by what they hold.

mod apply;
mod base;
mod delta;
mod index;
mod run;
mod search;
mod signature;
mod signed;
mod streams;

pub use apply::{apply, apply_within, has_streams};
pub use base::Base;
pub use delta::BadDelta;
pub(crate) use delta::Parts;
pub use run::{BaseRun, base_runs, may_have_moved};
pub use search::{Batch, Samples, Search};
pub use signature::{
    BadSignature, SIGNATURES_CONTENT_TYPE, Signature, Tag, check_first_sub_block,
    first_sub_block_bytes,
};
pub use signed::SignedBase;
pub use streams::{
    Documents, MAX_DOCUMENT_BYTES, MAX_STREAMS_BLOCK_BYTES, STREAMS_BYTES, Work, may_be_document,
};

use crate::hash::BlockHash;
use index::BaseIndex;

/// A block as what is new in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The blocks that make up the base, in order, each once; at most
    /// [`MAX_PATCH_BASES`](crate::limits::MAX_PATCH_BASES) with
    /// [`MAX_PACK_BASE_BYTES`](crate::limits::MAX_PACK_BASE_BYTES). None if the
    /// block has nothing in common with any.
    pub bases: Vec<BlockHash>,
    /// What to copy from the base and what to put in between.
    pub delta: Vec<u8>,
}

/// The delta that makes `target` from `base`, without regard to blocks. For several
/// targets of one base, use [`Base`], which indexes the base once.
pub fn encode(base: &[u8], target: &[u8]) -> Vec<u8> {
    delta::write(target, &BaseIndex::of(base.to_vec()).copies(target))
}
