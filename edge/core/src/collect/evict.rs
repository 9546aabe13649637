//! What nothing refers to makes room for what is sent now. It is kept for a day if it
//! may be, and never refuses an upload: beyond a bound the oldest of it goes at once.

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

/// Blocks that are looked at together.
const PAGE: u64 = 4_000;
/// Pages of one request: three calls of the database each.
const MOST_PAGES: usize = 4;
/// Later than any block is stored; D1 keeps it exactly.
const WHENEVER: UnixMillis = 1 << 52;

#[derive(Deserialize)]
struct Unneeded {
    #[serde(flatten)]
    found: UnneededBlock,
    length: u64,
}

/// Removes what nothing refers to from a space, the oldest first, until so many bytes
/// are free, but nothing of what the request names: rows, and then objects, as the
/// collector does. A commit that is faster keeps its blocks, one that is slower is told
/// which are missing.
///
/// # Errors
/// The database or the pack store does not answer.
pub async fn evict(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
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
        query::all(db, removal(&found, WHENEVER)?).await?;
        if freed >= bytes {
            break;
        }
    }
    packs::delete(db, packs, MAX_KEYS_PER_DELETE).await?;
    Ok(())
}
