//! `GET /api/v1/activity?before=&limit=&item=&kind=&by=`: what was done in the space, or in
//! the part of it that whoever asks has.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::activity::{self, ActivityFilter, DoneBy};
use protocol::activity::{BEFORE, BY, ITEM, KIND};
use protocol::changes::LIMIT;

/// 200 with [`Activity`](protocol::activity::Activity).
///
/// 1. 400 for a kind, a person or an item that is none.
/// 2. See [`activity::activity`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let (before, limit) = (call.number(BEFORE)?, call.number(LIMIT)?);
    let (kinds, by) = (call.query(KIND)?, call.query(BY)?);
    let wanted = ActivityFilter {
        of: call.item(ITEM)?,
        kinds: kinds.map_or(Ok(Vec::new()), |list| activity::kinds(&list))?,
        by: by.map(|by| DoneBy::parse(&by, who.user)).transpose()?,
    };
    // 2
    let (db, reach) = (call.space_of(who.space)?, who.reach());
    let part = reach.part();
    answer::json(&activity::activity(&db, who.space, part, before, limit, &wanted).await?)
}
