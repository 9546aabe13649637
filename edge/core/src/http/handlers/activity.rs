//! `GET /api/v1/activity?before=&limit=&item=`: what was done in the space.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::activity;
use protocol::activity::{BEFORE, ITEM};
use protocol::changes::LIMIT;

/// 200 with [`Activity`](protocol::activity::Activity), see [`activity::activity`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let (before, limit) = (call.number(BEFORE)?, call.number(LIMIT)?);
    let of = call.item(ITEM)?;
    let db = call.space_of(who.space)?;
    answer::json(&activity::activity(&db, who.space, before, limit, of).await?)
}
