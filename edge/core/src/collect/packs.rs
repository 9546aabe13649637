//! Deletes the objects of packs that have no block left.

use crate::error::Failure;
use crate::ports::{Database, Packs, Statement};
use crate::store::packs::pack_key;
use crate::store::sql::garbage;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use serde::Deserialize;

/// Until when the objects of packs stay that nobody can read.
pub const AT_ONCE: UnixMillis = 0;
/// How long the object of a pack stays that has no block any more: an hour, in which any
/// request has read what it has looked up. Some of its blocks may have moved lately, and the
/// last one need not be among them.
pub const READER_GRACE_MILLIS: u64 = 60 * 60 * 1_000;

#[derive(Deserialize)]
struct Condemned {
    space: SpaceId,
    pack: PackId,
}

/// Deletes at most so many condemned packs whose objects need not stay any longer, and then
/// forgets them. Returns how many. A pack that is gone already is no error, so this may be
/// repeated.
///
/// # Errors
/// The database or the pack store does not answer.
pub async fn delete(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    at_most: u64,
) -> Result<u64, Failure> {
    let read = Statement::new(garbage::CONDEMNED).bind(at_most).bind(now);
    let condemned: Vec<Condemned> = db.run(read).await?.readable(&["space", "pack"]);
    if condemned.is_empty() {
        return Ok(0);
    }
    let keys = condemned.iter().map(|row| pack_key(row.space, row.pack));
    packs.delete(keys.collect()).await?;
    let rows: Vec<_> = condemned.iter().map(|row| (row.space, row.pack)).collect();
    let forget = Statement::new(garbage::FORGET_CONDEMNED).bind(serde_json::to_string(&rows)?);
    db.run(forget).await?;
    Ok(condemned.len() as u64)
}
