//! Small pictures of files. Browsers make them, and the server never decodes one.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::thumbnails as reads;
use crate::writes::thumbnails::{self as writes, NewThumbnail};
use protocol::blocks::OF;
use protocol::ids::{ItemId, PackId};
use protocol::limits::MAX_THUMBNAIL_BYTES;
use protocol::thumbnails::Thumbnails;

/// `GET /thumbnails?of=`: 200 with [`Thumbnails`], of what is the caller's to see.
///
/// 1. 400 if `of` is no list of ids.
/// 2. See [`reads::of_files`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let of = call.items(OF)?;
    // 2
    let db = call.space_of(who.space)?;
    let thumbnails = reads::of_files(&db, who.space, &who.reach(), &of).await?;
    answer::json(&Thumbnails { thumbnails })
}

/// `POST /files/{id}/thumbnail?version=`: 204, also where the version has one.
///
/// 1. 400 for a version that is no number, 413 for more than [`MAX_THUMBNAIL_BYTES`].
/// 2. See [`writes::store`].
pub async fn store(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    // 1
    let version = call.number("version")?;
    let bytes = call.body(MAX_THUMBNAIL_BYTES).await?;
    // 2
    let (db, packs) = (call.space_of(who.space)?, call.runtime.packs()?);
    let id = PackId::from_random(call.runtime.fresh_id()?);
    let new = NewThumbnail {
        item,
        version,
        bytes,
    };
    writes::store(&db, &packs, &call.author(&who), id, &new).await?;
    Ok(answer::no_content())
}
