//! Blocks that nothing needs.

use super::Bounds;
use super::progress::Position;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::{self, garbage};
use crate::writes::versioning::answers;
use blocks::hash::BlockHash;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use protocol::seeded::{self, Bug};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = "blocks";

/// Goes through some pages; how many blocks were removed.
///
/// 1. One batch reads where the page ends and which of its blocks nothing needs.
/// 2. One batch removes those that still nothing needs, counts them out of
///    their spaces, condemns the packs that are left without a block, and
///    writes down how far it went.
///
/// # Errors
/// The database does not answer.
pub async fn collect(
    db: &impl Database,
    stored_before: UnixMillis,
    bounds: &Bounds,
) -> Result<u64, Failure> {
    let rows = bounds.blocks_per_page;
    let mut removed = 0_u64;
    let mut at = Position::read(db, TABLE).await?;
    for _ in 0..bounds.block_pages {
        // 1
        let end = at.end(garbage::BLOCKS_END, rows);
        let unneeded = at.page(garbage::UNNEEDED, rows).bind(stored_before);
        let page = db.batch(vec![end, unneeded]).await?;
        let next = Position::next(answers(&page, 0)?)?;
        let found: Vec<Found> = answers(&page, 1)?.readable(&["space", "hash"]);
        // 2
        let is_last = next.is_none();
        at = next.unwrap_or_default();
        let mut statements = removal(&found, stored_before)?;
        statements.push(at.put(TABLE));
        let answered = db.batch(statements.clone()).await?;
        let of_removals = statements.iter().zip(&answered);
        removed = of_removals
            .filter(|(statement, _)| statement.sql == garbage::REMOVE)
            .fold(removed, |sum, (_, rows)| sum.saturating_add(rows.changes));
        if is_last {
            break;
        }
    }
    Ok(removed)
}

/// A block that nothing needed when it was looked at.
#[derive(Debug, Deserialize)]
pub struct Found {
    space: SpaceId,
    hash: BlockHash,
    pack: PackId,
}

/// What removes blocks, space by space. Each statement looks again whether it
/// may, so blocks that were needed meanwhile are kept.
///
/// # Errors
/// A list can't be written as JSON.
pub fn removal(found: &[Found], stored_before: UnixMillis) -> Result<Vec<Statement>, Failure> {
    let mut spaces: BTreeMap<SpaceId, (Vec<BlockHash>, BTreeSet<PackId>)> = BTreeMap::new();
    for block in found {
        let (hashes, packs) = spaces.entry(block.space).or_default();
        hashes.push(block.hash);
        packs.insert(block.pack);
    }
    let mut statements = Vec::new();
    for (space, (hashes, packs)) in spaces {
        let hashes = serde_json::to_string(&hashes)?;
        let about = |sql| {
            let statement = Statement::new(sql).id(space);
            statement.bind(hashes.as_str()).bind(stored_before)
        };
        let packs = serde_json::to_string(&packs)?;
        if !seeded::is(Bug::CollectedStillCounted) {
            statements.push(about(garbage::UNCOUNT));
        }
        let remove = if seeded::is(Bug::NeedNotAskedAgain) {
            sql::seeded::REMOVE
        } else {
            garbage::REMOVE
        };
        let condemn = if seeded::is(Bug::PackOfStoredBlocks) {
            sql::seeded::CONDEMN
        } else {
            garbage::CONDEMN
        };
        statements.push(about(remove));
        statements.push(Statement::new(condemn).id(space).bind(packs));
    }
    Ok(statements)
}
