//! Removes the rows of blocks that nothing needs.

use super::CollectBounds;
use super::packs::READER_GRACE_MILLIS;
use super::progress::Position;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::store::sql::garbage;
use blocks::hash::BlockHash;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = "blocks";

/// Goes through some pages of blocks. Returns how many blocks were removed.
///
/// 1. One batch reads where the page ends and which of its blocks nothing needs.
/// 2. One batch removes those that are still not needed, counts them out of their
///    spaces, condemns the packs that are left without a block, and writes down how far
///    the run has gone.
///
/// # Errors
/// The database does not answer.
pub async fn collect(
    db: &impl Database,
    (stored_before, now): (UnixMillis, UnixMillis),
    bounds: &CollectBounds,
) -> Result<u64, Failure> {
    let rows = bounds.blocks_per_page;
    let mut removed = 0_u64;
    let mut at = Position::read(db, TABLE).await?;
    for _ in 0..bounds.block_pages {
        // 1
        let end = at.end(garbage::BLOCKS_END, rows);
        let unneeded = at.page(garbage::UNNEEDED, rows).bind(stored_before);
        let unneeded = unneeded.readable::<UnneededBlock>(&["space", "hash"]);
        let (next, found) = query::all(db, (end, unneeded)).await?;
        let (next, found) = (next?, found?);
        // 2
        let is_last = next.is_none();
        at = next.unwrap_or_default();
        let removal = (removal(&found, (stored_before, now))?, at.put(TABLE));
        let (of_spaces, ()) = query::all(db, removal).await?;
        for (_, of_space, ()) in of_spaces {
            removed = removed.saturating_add(of_space?);
        }
        if is_last {
            break;
        }
    }
    Ok(removed)
}

/// A block that nothing needed when it was looked at.
#[derive(Debug, Deserialize)]
pub struct UnneededBlock {
    space: SpaceId,
    hash: BlockHash,
    pack: PackId,
}

/// The statements that remove blocks of one space: they count the blocks out, remove
/// them and tell how many, and condemn packs that have no block left.
pub type Removal = (Statement, Query<u64>, Statement);

/// The statements that remove blocks, space by space. Each looks again whether a block
/// is needed, so blocks that are needed by now are kept.
///
/// # Errors
/// A list can't be written as JSON.
pub fn removal(
    found: &[UnneededBlock],
    (stored_before, now): (UnixMillis, UnixMillis),
) -> Result<Vec<Removal>, Failure> {
    let mut spaces: BTreeMap<SpaceId, (Vec<BlockHash>, BTreeSet<PackId>)> = BTreeMap::new();
    for block in found {
        let (hashes, packs) = spaces.entry(block.space).or_default();
        hashes.push(block.hash);
        packs.insert(block.pack);
    }
    let mut removal = Vec::new();
    for (space, (hashes, packs)) in spaces {
        let hashes = serde_json::to_string(&hashes)?;
        let about = |sql| {
            let statement = Statement::new(sql).id(space);
            statement.bind(hashes.as_str()).bind(stored_before)
        };
        let packs = serde_json::to_string(&packs)?;
        removal.push((
            about(garbage::UNCOUNT),
            about(garbage::REMOVE).changes(),
            Statement::new(garbage::CONDEMN)
                .id(space)
                .bind(packs)
                .bind(now.saturating_add(READER_GRACE_MILLIS)),
        ));
    }
    Ok(removal)
}
