//! A file's versions and their block lists.

use super::items;
use crate::access::reach::Reach;
use crate::error::Failure;
use crate::ports::Database;
use crate::query;
use crate::rules::{head, page_limit};
use crate::store::versions::{self, VersionRow, list};
use blocks::manifest::BlockRef;
use blocks::number::MAX_EXACT;
use blocks::splice::PlacedBlock;
use protocol::content::{Base, splices};
use protocol::files::{FileManifest, FileVersion, FileVersions, ManifestSince};
use protocol::ids::{ItemId, SpaceId, UnixMillis, Version};
use protocol::items::Item;
use protocol::problem::Problem;

/// The block list of the version that is asked for, or of the head.
///
/// 1. 404 unknown, 409 a folder.
/// 2. 404 `no_such_version`.
///
/// # Errors
/// These, in this order.
pub async fn manifest(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
    asked: Option<Version>,
) -> Result<FileManifest, Failure> {
    // 1
    let item = items::item(db, space, reach, id).await?;
    // 2
    let KnownVersion { version, size, .. } = version(db, space, reach, &item, asked).await?;
    let rows = query::one(db, list(space, id, version)).await?;
    let blocks: Vec<BlockRef> = rows.into_iter().map(|row| row.block).collect();
    check_whole(&blocks, size, gone(&item, version))?;
    Ok(FileManifest {
        version,
        size,
        blocks,
    })
}

/// How many versions a page has, unless another number is asked for.
const DEFAULT_PAGE: u64 = 50;

/// The versions before `before`, or the newest.
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. 404 unknown, 409 a folder.
/// 3. 404 `no_such_version`: they may see only the newest.
///
/// # Errors
/// These, in this order.
pub async fn versions(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
    (before, limit): (Option<Version>, Option<u64>),
) -> Result<FileVersions, Failure> {
    // 1
    let limit = page_limit(limit, DEFAULT_PAGE)?;
    // 2
    let item = items::item(db, space, reach, id).await?;
    head(&item)?;
    // 3
    reach.check_history()?;
    let looks = versions::before((space, id), before.unwrap_or(MAX_EXACT), limit);
    let (rows, end) = query::all(db, looks).await?;
    let goes_on = end?.filter(|end| end.count >= limit);
    Ok(FileVersions {
        versions: rows?.into_iter().map(FileVersion::from).collect(),
        next_before: goes_on
            .and_then(|end| end.version)
            .filter(|&oldest| oldest > 1),
    })
}

/// What has become of a version of which rows are gone since it was found: it was thinned,
/// unless it was the newest one, whose file was deleted for good.
pub fn gone(item: &Item, version: Version) -> Problem {
    match item.version() == version {
        true => Problem::NoSuchItem,
        false => Problem::NoSuchVersion,
    }
}

/// # Errors
/// Rows of the list are gone since its version was found.
fn check_whole(blocks: &[BlockRef], size: u64, gone: Problem) -> Result<(), Problem> {
    let length = blocks.iter().map(|block| u64::from(block.length));
    match length.fold(0, u64::saturating_add) == size {
        true => Ok(()),
        false => Err(gone),
    }
}

/// The splices that turn the list of `since`, a version of this file or of another one,
/// into the list of the version that is asked for, or of the head.
///
/// 1. 404 unknown, 409 a folder.
/// 2. 404 `no_such_version`.
/// 3. 404 `no_such_base`.
///
/// # Errors
/// These, in this order.
pub async fn manifest_since(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
    asked: Option<Version>,
    since: Base,
) -> Result<ManifestSince, Failure> {
    // 1
    let item = items::item(db, space, reach, id).await?;
    // 2
    let KnownVersion { version, size, .. } = version(db, space, reach, &item, asked).await?;
    // 3
    reach.check_history()?;
    let looks = (
        versions::version(space, since.item, since.version).any(),
        list(space, since.item, since.version),
        list(space, id, version),
    );
    let (is_there, base, whole) = query::all(db, looks).await?;
    if !is_there? {
        return Err(Problem::NoSuchBase.into());
    }
    let blocks = |rows: Vec<PlacedBlock>| rows.into_iter().map(|row| row.block).collect();
    let (base, blocks): (Vec<BlockRef>, Vec<BlockRef>) = (blocks(base?), blocks(whole?));
    check_whole(&blocks, size, gone(&item, version))?;
    Ok(ManifestSince {
        version,
        size,
        since: since.version,
        of: (since.item != id).then_some(since.item),
        splices: splices(&base, &blocks),
    })
}

/// A version that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The version's number.
    pub version: Version,
    /// Bytes.
    pub size: u64,
    /// When the server took it.
    pub at: UnixMillis,
}

/// The version that is asked for, or the head.
///
/// # Errors
/// 409 a folder, 404 `no_such_version`: there is none, or they may see only the head.
pub async fn version(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    item: &Item,
    asked: Option<Version>,
) -> Result<KnownVersion, Failure> {
    let head = head(item)?;
    let version = asked.unwrap_or(head.version);
    if version != head.version {
        reach.check_history()?;
    }
    // The size of a damaged head may stand in for one that can't be read.
    if version == head.version && !head.damaged {
        return Ok(KnownVersion {
            version,
            size: head.size,
            at: head.committed.at_ms,
        });
    }
    let row = row(db, space, item.id, version).await?;
    let VersionRow { size, at } = row.ok_or(Problem::NoSuchVersion)?;
    Ok(KnownVersion { version, size, at })
}

/// When the server took a version; `None` if there is no such version.
///
/// # Errors
/// The database does not answer.
pub async fn taken_at(
    db: &impl Database,
    space: SpaceId,
    item: ItemId,
    version: Version,
) -> Result<Option<UnixMillis>, Failure> {
    Ok(row(db, space, item, version).await?.map(|row| row.at))
}

async fn row(
    db: &impl Database,
    space: SpaceId,
    item: ItemId,
    version: Version,
) -> Result<Option<VersionRow>, Failure> {
    let version = versions::version(space, item, version);
    Ok(query::one(db, version.first()).await?)
}
