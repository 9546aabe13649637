//! Blocks in and out: as frames, and as signatures.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::random;
use crate::reads::payloads;
use crate::writes::blocks;
use ::blocks::frame::FRAMES_CONTENT_TYPE;
use ::blocks::patch::SIGNATURES_CONTENT_TYPE;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::ids::PackId;
use protocol::limits::MAX_PACK_BODY_BYTES;

/// `POST /blocks`: 200 with [`BlocksStored`](protocol::files::BlocksStored).
///
/// 1. 413 if the body is too large.
/// 2. See [`blocks::store`].
pub async fn store(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    let body = call.body(MAX_PACK_BODY_BYTES).await?;
    // 2
    let (db, packs) = (call.space_of(&who)?, call.runtime.packs()?);
    let id = PackId::from_random(random::bytes()?);
    answer::json(&blocks::store(&db, &packs, who.space, call.runtime.now(), id, body).await?)
}

/// `POST /blocks/fetch`: 200 with frames.
///
/// 1. 413, 400 if the body can't be read.
/// 2. See [`payloads::frames`].
pub async fn fetch(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    let fetch: Fetch = call.json().await?;
    // 2
    let (db, packs) = (call.space_of(&who)?, call.runtime.packs()?);
    let frames = payloads::frames(&db, &packs, who.space, &fetch).await?;
    let length = frames.length();
    answer::pieces(FRAMES_CONTENT_TYPE, length, frames)
}

/// `POST /blocks/signatures`: 200 with signatures.
///
/// 1. 413, 400 if the body can't be read.
/// 2. See [`payloads::signatures`].
pub async fn signatures(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    let fetch: FetchSignatures = call.json().await?;
    // 2
    let (db, packs) = (call.space_of(&who)?, call.runtime.packs()?);
    let signatures = payloads::signatures(&db, &packs, who.space, &fetch).await?;
    Ok(answer::bytes(SIGNATURES_CONTENT_TYPE, signatures))
}
