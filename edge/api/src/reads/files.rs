//! A file's versions and their block lists.

use super::items;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::content;
use crate::writes::versioning::{answers, head, list, read_list};
use serde::Deserialize;
use shared::ids::{ItemId, SpaceId, Version};
use shared::manifest::BlockRef;
use shared::protocol::content::splices;
use shared::protocol::files::{FileManifest, ManifestSince};
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;

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
    id: ItemId,
    asked: Option<Version>,
) -> Result<FileManifest, Failure> {
    // 1
    let item = items::item(db, space, id).await?;
    // 2
    let (version, size) = version(db, space, &item, asked).await?;
    let rows = list(&db.run(read_list(space, id, version)).await?)?;
    Ok(FileManifest {
        version,
        size,
        blocks: rows.into_iter().map(|row| row.block).collect(),
    })
}

/// What turns the list of `since` into that of `version`, both of which are of
/// this file.
///
/// 1. 404 unknown, 409 a folder.
/// 2. 404 `no_such_version`, either of them.
///
/// # Errors
/// These, in this order.
pub async fn manifest_since(
    db: &impl Database,
    space: SpaceId,
    id: ItemId,
    asked: Option<Version>,
    since: Version,
) -> Result<ManifestSince, Failure> {
    // 1
    let item = items::item(db, space, id).await?;
    // 2
    let (version, size) = version(db, space, &item, asked).await?;
    self::version(db, space, &item, Some(since)).await?;
    let lists = [since, version].map(|version| read_list(space, id, version));
    let lists = db.batch(lists.into()).await?;
    let blocks = |index| -> Result<Vec<BlockRef>, Failure> {
        let rows = list(answers(&lists, index)?)?;
        Ok(rows.into_iter().map(|row| row.block).collect())
    };
    Ok(ManifestSince {
        version,
        size,
        since,
        splices: splices(&blocks(0)?, &blocks(1)?),
    })
}

#[derive(Deserialize)]
struct SizeRow {
    size: u64,
}

/// The version that is asked for, or the head, and its size.
///
/// # Errors
/// 409 a folder, 404 `no_such_version`.
pub async fn version(
    db: &impl Database,
    space: SpaceId,
    item: &Item,
    asked: Option<Version>,
) -> Result<(Version, u64), Failure> {
    let head = head(item)?;
    let version = asked.unwrap_or(head.version);
    if version == head.version {
        return Ok((version, head.size));
    }
    let read = Statement::new(content::VERSION_SIZE)
        .id(space)
        .id(item.id)
        .bind(version);
    let row: Option<SizeRow> = db.run(read).await?.first()?;
    let row = row.ok_or(Problem::NoSuchVersion)?;
    Ok((version, row.size))
}
