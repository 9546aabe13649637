//! Eviction: blocks that nothing refers to make room for an upload. They are kept for a
//! day if there is room, so that an upload can go on, but they never cause a refusal:
//! beyond a bound, the oldest go at once.

use super::blocks::{UnneededBlock, removal};
use super::packs;
use crate::error::Failure;
use crate::ports::{Database, MAX_KEYS_PER_DELETE, Packs, Statement};
use crate::query;
use crate::store::sql::garbage;
use blocks::hash::BlockHash;
use protocol::ids::{SpaceId, UnixMillis};
use protocol::limits::BLOCK_CHARGE;
use serde::Deserialize;

/// The most blocks that are looked at together.
const PAGE: u64 = 4_000;
/// The most pages of one request, with two calls of the database each.
const MOST_PAGES: usize = 4;
/// Later than any block is stored; D1 keeps it exactly.
const WHENEVER: UnixMillis = 1 << 52;

/// Removes a page of the blocks of a space that nothing refers to, however new they are,
/// and objects that are left over: nobody reads them any more.
///
/// # Errors
/// The database or the pack store does not answer.
pub async fn clear(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    now: UnixMillis,
) -> Result<(), Failure> {
    let oldest = Statement::new(garbage::OLDEST_UNNEEDED)
        .id(space)
        .bind("[]")
        .bind(PAGE)
        .bind(WHENEVER);
    let found: Vec<UnneededBlock> = db.run(oldest).await?.readable(&["space", "hash"]);
    let stay_no_longer = Statement::new(garbage::STAY_NO_LONGER).id(space);
    query::all(db, (removal(&found, (WHENEVER, now))?, stay_no_longer)).await?;
    packs::delete(db, packs, now, MAX_KEYS_PER_DELETE).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Unneeded {
    #[serde(flatten)]
    found: UnneededBlock,
    length: u64,
}

/// Removes blocks that nothing refers to from a space, the oldest first, until `bytes`
/// are free: their rows, and then their objects, as the collector does. Blocks that the
/// request has `named` stay. A commit that is faster keeps its blocks; one that is
/// slower is told which are missing.
///
/// # Errors
/// The database or the pack store does not answer.
pub async fn evict(
    db: &impl Database,
    packs: &impl Packs,
    (space, now): (SpaceId, UnixMillis),
    bytes: u64,
    named: &[BlockHash],
) -> Result<(), Failure> {
    let named = serde_json::to_string(named)?;
    let mut freed = 0_u64;
    for _ in 0..MOST_PAGES {
        let oldest = Statement::new(garbage::OLDEST_UNNEEDED)
            .id(space)
            .bind(named.as_str())
            .bind(PAGE)
            .bind(WHENEVER);
        let oldest: Vec<Unneeded> = db.run(oldest).await?.all()?;
        let mut found = Vec::new();
        for block in oldest {
            if freed >= bytes {
                break;
            }
            freed = freed
                .saturating_add(block.length)
                .saturating_add(BLOCK_CHARGE);
            found.push(block.found);
        }
        if found.is_empty() {
            break;
        }
        query::all(db, removal(&found, (WHENEVER, now))?).await?;
        if freed >= bytes {
            break;
        }
    }
    packs::delete(db, packs, now, MAX_KEYS_PER_DELETE).await?;
    Ok(())
}
