//! Blocks on their way down: as frames, which may be patches of what a device holds,
//! and as signatures, for a device that holds nothing. The way up is
//! [`super::files::BlocksStored`].

use crate::ids::{ItemId, Version};
use crate::items::is_false;
use crate::limits::MAX_LISTED_BLOCKS;
use blocks::hash::{BlockHash, ShortHash};
use blocks::manifest::BlockRef;
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
    /// From 1 to [`MAX_FETCH_BLOCKS`](crate::limits::MAX_FETCH_BLOCKS), here or in `listed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub want: Vec<BlockHash>,
    /// Blocks that the device holds: those of the base runs are enough (see
    /// [`blocks::patch::base_runs`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<ShortHash>,
    /// Both by their places, in place of `want` and `bases`: for who has the whole space.
    /// 404 `no_such_version` where a version is not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
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

/// Blocks by their places in lists that both sides have, which takes a few bytes where names
/// take as much as the patches. A run of places is its first one, from 0, and how many
/// they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listed {
    /// The file.
    pub item: ItemId,
    /// Whose list has what is wanted.
    pub version: Version,
    /// Runs of places in it.
    pub want: Vec<[u32; 2]>,
    /// Whose list has what the device holds.
    pub since: Version,
    /// Runs of places in it.
    pub bases: Vec<[u32; 2]>,
}

/// These places as runs, in the order given.
pub fn runs(places: impl IntoIterator<Item = u32>) -> Vec<[u32; 2]> {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some([first, count]) if first.saturating_add(*count) == place => *count += 1,
            _ => runs.push([place, 1]),
        }
    }
    runs
}

/// The blocks at these runs of places in a list. `None` if one is outside of it, or if they are
/// more than [`MAX_LISTED_BLOCKS`].
pub fn at(list: &[BlockRef], runs: &[[u32; 2]]) -> Option<Vec<BlockHash>> {
    let mut all = Vec::new();
    for &[first, count] in runs {
        let (first, count) = (usize::try_from(first).ok()?, usize::try_from(count).ok()?);
        let run = list.get(first..first.checked_add(count)?)?;
        all.extend(run.iter().map(|block| block.hash));
        if all.len() > MAX_LISTED_BLOCKS {
            return None;
        }
    }
    Some(all)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(count: usize) -> Vec<BlockRef> {
        let blocks = (0..count).map(|n| BlockRef {
            hash: BlockHash::of(&n.to_le_bytes()),
            length: 1,
        });
        blocks.collect()
    }

    #[test]
    fn places_are_the_blocks_of_a_list_in_their_order() {
        let list = list(9);
        let places = [3, 4, 5, 1, 8];
        assert_eq!(runs(places), [[3, 3], [1, 1], [8, 1]]);
        let named = places.map(|place| list[place as usize].hash);
        assert_eq!(at(&list, &runs(places)).unwrap(), named);
        assert_eq!(at(&list, &[]), Some(Vec::new()));
    }

    #[test]
    fn places_outside_of_a_list_are_refused_and_so_are_too_many() {
        let long = list(MAX_LISTED_BLOCKS + 1);
        let most = u32::try_from(MAX_LISTED_BLOCKS).unwrap();
        assert!(at(&long, &[[0, most]]).is_some());
        for wrong in [[0, most + 1], [most + 1, 1], [u32::MAX, u32::MAX]] {
            assert_eq!(at(&long, &[wrong]), None);
        }
        assert_eq!(at(&long, &[[0, most], [0, 1]]), None);
    }
}
