//! `POST /api/v1/blocks`: frames in, one pack out.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::random;
use crate::writes::blocks;
use shared::ids::PackId;
use shared::limits::MAX_PACK_BODY_BYTES;
use worker::Response;

/// 200 with [`BlocksStored`](shared::protocol::files::BlocksStored).
///
/// 1. 413 if the body is too large.
/// 2. See [`blocks::store`].
pub async fn store(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    // 1
    let body = call.body(MAX_PACK_BODY_BYTES).await?;
    // 2
    let (db, packs) = (call.space_of(&who)?, call.packs()?);
    let id = PackId::from_random(random::bytes()?);
    answer::json(&blocks::store(&db, &packs, who.space, call.now(), id, body).await?)
}
