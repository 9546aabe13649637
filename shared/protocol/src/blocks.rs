//! Blocks on their way down: as frames, which may be patches of what a device holds,
//! and as signatures, for a device that holds nothing. The way up is
//! [`super::files::BlocksStored`].

use crate::ids::ItemId;
use crate::items::is_false;
use blocks::hash::{BlockHash, ShortHash};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/blocks/fetch`: the blocks of this space, as frames in the
/// order wanted. A block comes as a patch where the server has kept one whose
/// base blocks are all among `bases`, and it is smaller; else as it is stored.
///
/// An answer has at least one block, and ends with the block that reaches
/// [`TARGET_FETCH_BYTES`](crate::limits::TARGET_FETCH_BYTES); the client asks again
/// for the rest. 404 `no_such_block` if a block is not stored, or if whoever asks has only
/// a folder or a file and no file of `of` has the block.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fetch {
    /// From 1 to [`MAX_FETCH_BLOCKS`](crate::limits::MAX_FETCH_BLOCKS).
    pub want: Vec<BlockHash>,
    /// Blocks that the device holds: those of the base runs are enough (see
    /// [`blocks::patch::base_runs`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<ShortHash>,
    /// Files that have the blocks, in any version or conflict, and the base blocks of
    /// patches: up to [`MAX_OF_FILES`](crate::limits::MAX_OF_FILES). Who has the whole
    /// space need not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<ItemId>,
    /// Whether the device can read patches that say deflate streams by their symbols.
    /// Whoever does not say so is not given any.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_symbols: bool,
    /// Whether the device can read a solid body (see [`blocks::solid`]), as which the
    /// patches of an answer are smaller. Whoever does not say so is given frames.
    #[serde(default, skip_serializing_if = "is_false")]
    pub solid: bool,
    /// Whether the answer may have `Content-Encoding: gzip`, which it has where blocks that
    /// are stored as they are would compress.
    #[serde(default, skip_serializing_if = "is_false")]
    pub compressed: bool,
}

/// `POST /api/v1/blocks/signatures`: the signatures of stored blocks in the
/// order wanted (see [`blocks::patch::Signature`]). An answer has at least one
/// signature, and ends with the block that reaches
/// [`TARGET_SIGNED_BYTES`](crate::limits::TARGET_SIGNED_BYTES); the client asks again
/// for the rest. 404 `no_such_block` as for [`Fetch`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FetchSignatures {
    /// From 1 to [`MAX_FETCH_BLOCKS`](crate::limits::MAX_FETCH_BLOCKS).
    pub blocks: Vec<ToSign>,
    /// Files that have the blocks: see [`Fetch::of`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<ItemId>,
}

/// Query parameter of `POST /api/v1/blocks`: files that have the base blocks of its
/// patches, with commas between them. See [`Fetch::of`].
pub const OF: &str = "of";

/// A block, and the length of its first sub-block in bytes (see
/// [`blocks::patch::first_sub_block_bytes`]): on the wire `["hash", first]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(BlockHash, u32)", into = "(BlockHash, u32)")]
pub struct ToSign {
    /// The block's name.
    pub hash: BlockHash,
    /// Bytes of its first sub-block.
    pub first_bytes: u32,
}

impl From<(BlockHash, u32)> for ToSign {
    fn from((hash, first_bytes): (BlockHash, u32)) -> Self {
        Self { hash, first_bytes }
    }
}

impl From<ToSign> for (BlockHash, u32) {
    fn from(block: ToSign) -> Self {
        (block.hash, block.first_bytes)
    }
}

/// As serde writes it.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ToSign {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        blocks::schema::hash_and_number("A block, and the length of its first sub-block in bytes.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ToSign {}
