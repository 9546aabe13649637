//! Blocks in and out: as frames, and as signatures.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::payloads;
use crate::writes::blocks::{self, BlockUpload};
use ::blocks::frame::FRAMES_CONTENT_TYPE;
use ::blocks::patch::SIGNATURES_CONTENT_TYPE;
use protocol::blocks::{Fetch, FetchSignatures, OF};
use protocol::ids::PackId;
use protocol::limits::MAX_PACK_BODY_BYTES;
use protocol::problem::Problem;

/// `POST /blocks`: 200 with [`BlocksStored`](protocol::files::BlocksStored).
///
/// 1. 413 if the body is too large, 400 if `of` names no files, 422 `patch_refused` for a
///    kind of patch that the operator has turned off.
/// 2. See [`blocks::store`], and for who has only a folder [`blocks::store_for_receipts`].
pub async fn store(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Named).await?;
    // 1
    let of = call.items(OF)?;
    let body = call.body(MAX_PACK_BODY_BYTES).await?;
    call.check_patches(&body)?;
    // 2
    let (db, packs) = (call.space_of(who.space())?, call.runtime.packs()?);
    let reach = who.reach();
    let upload = BlockUpload {
        space: who.space(),
        now: call.runtime.now(),
        id: PackId::from_random(call.runtime.fresh_id()?),
        reach: &reach,
        of: &of,
    };
    if reach.is_whole() {
        return answer::json(&blocks::store(&db, &packs, &upload, body).await?);
    }
    let book = call.receipt_book(who.sender(), who.space())?;
    let stored = blocks::store_for_receipts(&db, &packs, &upload, &book, body).await;
    answer::json(&stored.map_err(|failure| who.told(failure))?)
}

/// `POST /blocks/fetch`: 200 with frames.
///
/// 1. 403 `downloads_counted` for a visitor of a link whose downloads are limited.
/// 2. 413, 400 if the body can't be read.
/// 3. See [`payloads::frames`]. What would compress is compressed on its way, where the
///    device reads that and the operator has not turned it off.
pub async fn fetch(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Named).await?;
    // 1
    if who
        .visitor()
        .is_some_and(|visitor| visitor.link.most_downloads.is_some())
    {
        return Err(Problem::DownloadsCounted.into());
    }
    // 2
    let fetch: Fetch = call.json().await?;
    // 3
    let (db, packs) = (call.space_of(who.space())?, call.runtime.packs()?);
    let frames = payloads::frames(&db, &packs, who.space(), &who.reach(), &fetch).await?;
    let length = frames.length();
    let is_compressed = fetch.compressed && call.compresses_downloads() && frames.compress();
    let answer = answer::pieces(FRAMES_CONTENT_TYPE, length, frames)?;
    Ok(match is_compressed {
        true => answer.compressed(),
        false => answer,
    })
}

/// `POST /blocks/signatures`: 200 with signatures.
///
/// 1. 413, 400 if the body can't be read.
/// 2. See [`payloads::signatures`].
pub async fn signatures(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let fetch: FetchSignatures = call.json().await?;
    // 2
    let (db, packs) = (call.space_of(who.space)?, call.runtime.packs()?);
    let signatures = payloads::signatures(&db, &packs, who.space, &who.reach(), &fetch).await?;
    Ok(answer::bytes(SIGNATURES_CONTENT_TYPE, signatures))
}
