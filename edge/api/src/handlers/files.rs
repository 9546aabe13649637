//! Files: made, committed to, and their block lists.

use super::items::make;
use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::reads::files;
use crate::writes::commit::CommitTo;
use crate::writes::create::Create;
use shared::ids::ItemId;
use shared::protocol::files::NewFile;
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

/// `GET /files/{id}/manifest?version=`: 200 with
/// [`FileManifest`](shared::protocol::files::FileManifest), see
/// [`files::manifest`].
pub async fn manifest(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let asked = call.number("version")?;
    let db = call.space_of(&who)?;
    let manifest = files::manifest(&db, who.space, id, asked).await?;
    let mut response = answer::json(&manifest)?;
    if asked.is_some() {
        response.headers_mut().set("cache-control", IMMUTABLE)?;
    }
    Ok(response)
}
