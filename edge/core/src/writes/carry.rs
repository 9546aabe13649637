//! A change that carries its blocks. They are stored first, because the database
//! refuses a list of what is not stored, and are taken away again if the change is
//! refused: then nothing is left of the request.

use super::blocks::BlockUpload;
use super::{Applied, Author, Change, apply, blocks};
use crate::collect::packs;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, MAX_KEYS_PER_DELETE, Packs, Statement};
use crate::query;
use crate::store::sql::garbage;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::ids::{ItemId, PackId, UnixMillis};
use protocol::problem::Problem;

/// Stores the blocks that a request carries as the pack `id`, which must be fresh, and
/// makes the change, which is told what was carried.
///
/// 1. See [`blocks::store`]. The base blocks of an author of one folder are those of the
///    files `of`.
/// 2. See the change. What was stored stays after 422 `blocks_missing`, since the rest
///    of it is to follow, and where nobody knows whether the change was made.
///
/// # Errors
/// These.
pub async fn apply_carrying<C: Change>(
    db: &impl Database,
    packs: &impl Packs,
    author: &Author,
    (id, frames): (PackId, Vec<u8>),
    of: &[ItemId],
    change: impl FnOnce(&[BlockRef]) -> C,
) -> Result<Applied, Failure> {
    // 1
    let upload = BlockUpload {
        space: author.space,
        now: author.now,
        id,
        reach: &author.reach,
        of,
    };
    let carried = blocks::store_carried(db, packs, &upload, frames).await?;
    // 2
    let hashes = carried.iter().map(|block| block.hash);
    let author = &Author {
        reach: author.reach.clone().bringing(hashes),
        ..author.clone()
    };
    let end = apply(db, author, &change(&carried)).await;
    let is_refused = match &end {
        Err(Failure::Problem(problem)) => !matches!(problem, Problem::BlocksMissing { .. }),
        _ => false,
    };
    if is_refused
        && !carried.is_empty()
        && let Err(why) = take_away(db, packs, author, id, &carried).await
    {
        // The collector finds it, and it counts for nothing.
        log::fault(format_args!("carried blocks stay behind: {why}"));
    }
    end
}

/// Takes away what stands in the pack and nothing refers to by now.
pub(super) async fn take_away(
    db: &impl Database,
    packs: &impl Packs,
    author: &Author,
    id: PackId,
    carried: &[BlockRef],
) -> Result<(), Failure> {
    let hashes: Vec<BlockHash> = carried.iter().map(|block| block.hash).collect();
    let hashes = serde_json::to_string(&hashes)?;
    let about = |sql| {
        let statement = Statement::new(sql).id(author.space).bind(hashes.as_str());
        statement.bind(WHENEVER).id(id)
    };
    let condemn = Statement::new(garbage::CONDEMN_OBJECT)
        .id(author.space)
        .id(id);
    let removal = (
        about(garbage::UNCOUNT_OF_PACK),
        about(garbage::REMOVE_OF_PACK).changes(),
        condemn,
    );
    let ((), removed, ()) = query::all(db, removal).await?;
    if removed? > 0 {
        packs::delete(db, packs, author.now, MAX_KEYS_PER_DELETE).await?;
    }
    Ok(())
}

/// Later than any block is stored; D1 keeps it exactly.
const WHENEVER: UnixMillis = 1 << 52;
