//! Queries about stored blocks.

use super::places::BlockPlace;
use super::sql::blocks;
use super::stand_ins::or_null;
use crate::ports::Statement;
use crate::query::Query;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::ids::{PackId, SpaceId};
use serde::{Deserialize, Serialize};

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

fn about(
    sql: &'static str,
    space: SpaceId,
    list: &(impl Serialize + ?Sized),
) -> serde_json::Result<Statement> {
    let list = serde_json::to_string(list)?;
    Ok(Statement::new(sql).id(space).bind(list))
}
