//! How long the past is kept: it is for the owner of the whole drive to say.

use crate::access::reach::Use;
use crate::error::{Failure, bad_request};
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::retention::settings::{configured, set, tell as read};
use protocol::retention::{ChangeRetention, Retention};

/// `GET /retention`: 200 with [`SpaceRetention`](protocol::retention::SpaceRetention).
pub async fn tell(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let otherwise = otherwise(call)?;
    answer::json(&read(&call.space_of(who.space)?, who.space, otherwise).await?)
}

/// `PATCH /retention`: 200 with the same.
///
/// 1. 403 `not_for_tokens`: what is kept for a shorter time is gone for good.
/// 2. 400 for numbers that contradict each other.
/// 3. Sets it. A job that is at work goes by it, too.
pub async fn change(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    who.check_person()?;
    // 2
    let ChangeRetention { retention } = call.json().await?;
    if let Some(retention) = &retention {
        retention.check().map_err(bad_request)?;
    }
    // 3
    let otherwise = otherwise(call)?;
    let db = call.space_of(who.space)?;
    set(&db, who.space, retention.as_ref()).await?;
    answer::json(&read(&db, who.space, otherwise).await?)
}

fn otherwise(call: &Call<impl Runtime>) -> Result<Retention, Failure> {
    configured(call.runtime.setting("RETENTION").as_deref())
}
