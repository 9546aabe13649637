//! Files: made, committed to, and their block lists.

use super::items::make;
use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::content;
use crate::writes::commit::CommitTo;
use crate::writes::create::Create;
use crate::writes::versioning::{head, item, list, read_item, read_list};
use serde::Deserialize;
use shared::ids::{ItemId, SpaceId, Version};
use shared::protocol::files::{FileManifest, NewFile};
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;
use worker::Response;

/// What never changes may be kept by the browser that was allowed to see it.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// `POST /files`: 201, see [`Create`].
pub async fn create(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let new: NewFile = call.json().await?;
    make(call, &who, &Create::from(new), 201).await
}

/// `POST /files/{id}/commit`: 200, see [`CommitTo`].
pub async fn commit(call: &mut Call, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let commit = call.json().await?;
    make(call, &who, &CommitTo { item, commit }, 200).await
}

/// `GET /files/{id}/manifest?version=`: 200 with [`FileManifest`], of the head
/// without `version`.
///
/// 1. 404 unknown, 409 a folder.
/// 2. 404 `no_such_version`.
pub async fn manifest(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let asked = call.number("version")?;
    let db = call.space_of(&who)?;
    // 1
    let item = item(&db.run(read_item(who.space, id)).await?)?;
    // 2
    let (version, size) = version(&db, who.space, &item, asked).await?;
    let rows = list(&db.run(read_list(who.space, id, version)).await?)?;
    let blocks = rows.into_iter().map(|row| row.block).collect();
    let mut response = answer::json(&FileManifest {
        version,
        size,
        blocks,
    })?;
    if asked.is_some() {
        response.headers_mut().set("cache-control", IMMUTABLE)?;
    }
    Ok(response)
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
