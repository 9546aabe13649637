//! `GET /api/v1/changes/list?since_token=`: the change feed.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::reads::changes;
use shared::cursor::Cursor;
use shared::protocol::changes::{LIMIT, SINCE_TOKEN};
use worker::Response;

/// 200 with [`ChangePage`](shared::protocol::changes::ChangePage).
///
/// 1. 400 `bad_cursor`, 400 for a limit that is none.
/// 2. See [`changes::page`].
pub async fn list(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    // 1
    let cursor = cursor(call)?;
    let limit = call.number(LIMIT)?;
    // 2
    let db = call.space_of(&who)?;
    answer::json(&changes::page(&db, who.space, cursor, limit).await?)
}

/// The request's cursor, if it has one.
///
/// # Errors
/// 400 `bad_cursor`, or it has two.
pub fn cursor(call: &Call) -> Result<Option<Cursor>, Failure> {
    changes::cursor(call.query(SINCE_TOKEN)?.as_deref())
}
