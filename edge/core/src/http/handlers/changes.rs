//! `GET /api/v1/changes/list?since_token=`: the change feed.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::below::Below;
use crate::reads::changes;
use protocol::changes::{LIMIT, SINCE_TOKEN};
use protocol::cursor::Cursor;

/// 200 with [`ChangePage`](protocol::changes::ChangePage).
///
/// 1. 400 `bad_cursor`, 400 for a limit that is none.
/// 2. See [`changes::page`], and for whoever has a part of the space
///    [`Below::page`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Named).await?;
    // 1
    let cursor = cursor(call)?;
    let limit = call.number(LIMIT)?;
    // 2
    let db = call.space_of(who.space())?;
    let (db, space) = (&db, who.space());
    let page = match who.reach().part() {
        Some(part) => Below { db, space, part }.page(cursor, limit).await?,
        None => changes::page(db, space, cursor, limit).await?,
    };
    answer::json(&page)
}

/// The request's cursor, if it has one.
///
/// # Errors
/// 400 `bad_cursor`, or it has two.
fn cursor(call: &Call<impl Runtime>) -> Result<Option<Cursor>, Failure> {
    changes::cursor(call.query(SINCE_TOKEN)?.as_deref())
}
