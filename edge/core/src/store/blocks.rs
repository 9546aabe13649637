//! Queries about stored blocks.

use super::places::BlockPlace;
use super::sql::blocks;
use super::stand_ins::or_null;
use crate::ports::Statement;
use crate::query::Query;
use ::blocks::hash::{BlockHash, ShortHash};
use ::blocks::manifest::BlockRef;
use protocol::ids::{ItemId, PackId, SpaceId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// A block that is not stored as it is claimed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Unmet {
    /// The block.
    pub hash: BlockHash,
    /// The bytes that it is claimed to have.
    pub claimed: u32,
    /// The bytes that it has, if it is stored.
    #[serde(deserialize_with = "or_null")]
    pub stored: Option<u32>,
}

/// Looks up which claimed blocks are not stored whole, or are not as long as they are
/// claimed to be.
///
/// # Errors
/// The list can't be written.
pub fn unmet(space: SpaceId, claimed: &[BlockRef]) -> serde_json::Result<Query<Vec<Unmet>>> {
    Ok(about(blocks::UNMET, space, claimed)?.rows())
}

/// A block that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct MissingBlock {
    /// The block.
    pub hash: BlockHash,
    /// The pack in which the block is damaged; `None` if it is not stored.
    pub damaged_in: Option<PackId>,
}

/// Looks up which of these blocks the space lacks.
///
/// # Errors
/// The list can't be written.
pub fn missing(
    space: SpaceId,
    hashes: &(impl Serialize + ?Sized),
) -> serde_json::Result<Query<Vec<MissingBlock>>> {
    Ok(about(blocks::MISSING, space, hashes)?.rows())
}

/// A block, and a file that has it in some version or conflict.
pub type Had = (BlockHash, ItemId);

/// Which of these blocks each of some files has, in any version or conflict.
///
/// # Errors
/// A list can't be written.
pub fn had(
    space: SpaceId,
    hashes: &BTreeSet<BlockHash>,
    files: &BTreeSet<ItemId>,
) -> serde_json::Result<Query<HashSet<Had>>> {
    let files: Vec<ItemId> = files.iter().copied().collect();
    let had = about(blocks::HAD, space, hashes)?.bind(serde_json::to_string(&files)?);
    let had = had.list::<(BlockHash, Vec<usize>)>().or_default();
    Ok(had.then(move |had| {
        let of_block = |(hash, places): (BlockHash, Vec<usize>)| {
            let files = places.into_iter().filter_map(|place| files.get(place));
            files.map(|file| (hash, *file)).collect::<Vec<Had>>()
        };
        Ok(had.into_iter().flat_map(of_block).collect())
    }))
}

/// Looks up the places of those blocks that are stored.
///
/// # Errors
/// The list can't be written.
pub fn places(
    space: SpaceId,
    hashes: &(impl Serialize + ?Sized),
) -> serde_json::Result<Query<Vec<(BlockHash, BlockPlace)>>> {
    Ok(about(blocks::PLACES, space, hashes)?.list().or_default())
}

/// Looks up the blocks whose hashes begin with these bytes, and their places.
///
/// # Errors
/// The list can't be written.
pub fn named(
    space: SpaceId,
    names: &BTreeSet<ShortHash>,
) -> serde_json::Result<Query<Vec<(BlockHash, BlockPlace)>>> {
    Ok(about(blocks::NAMED, space, names)?.list().or_default())
}

/// A statement about a space and a list.
pub(super) fn about(
    sql: &'static str,
    space: SpaceId,
    list: &(impl Serialize + ?Sized),
) -> serde_json::Result<Statement> {
    let list = serde_json::to_string(list)?;
    Ok(Statement::new(sql).id(space).bind(list))
}
