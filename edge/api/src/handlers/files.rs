//! Files: made, committed to, and their block lists.

use super::items::make;
use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::{Failure, told};
use crate::reads::files;
use crate::writes::Applied;
use crate::writes::batch::create_files;
use crate::writes::commit::CommitTo;
use crate::writes::create::Create;
use shared::ids::ItemId;
use shared::protocol::files::{FileMade, FilesMade, NewFile, NewFiles};
use worker::Response;

/// What never changes may be kept by the browser that was allowed to see it.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// `POST /files`: 201, see [`Create`].
pub async fn create(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let new: NewFile = call.json().await?;
    make(call, &who, &Create::from(new), 201).await
}

/// `POST /files/batch`: 200 with [`FilesMade`], see [`create_files`]. One message
/// tells the other devices of all of them.
pub async fn create_batch(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let NewFiles { files } = call.json().await?;
    let author = call.author(&who);
    let ends = create_files(&call.space_of(&who)?, &author, files).await?;
    let made = ends.iter().filter_map(|end| end.as_ref().ok());
    let newest = made.filter(|applied| applied.news.is_some());
    if let Some(newest) = newest.max_by_key(|applied| applied.seq) {
        call.announce(&author, newest);
    }
    let results = ends.into_iter().map(|end| {
        let changed = end.and_then(Applied::item_changed);
        FileMade::from(changed.map_err(told))
    });
    answer::json(&FilesMade {
        results: results.collect(),
    })
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
