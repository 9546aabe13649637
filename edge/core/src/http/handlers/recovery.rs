//! Recovery codes, and the way in for whoever has one and no password any more.

use super::accounts::{Desk, check_device, check_rate, end_polls, start_session};
use crate::access::reach::Use;
use crate::directory::recovery::{self, Recovered};
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::labels::UserName;
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoverStart};

/// `GET /accounts/recovery-codes`: 200 with
/// [`RecoveryCodes`](protocol::recovery::RecoveryCodes), see [`recovery::codes`].
pub async fn codes(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let directory = call.runtime.directory()?;
    answer::json(&recovery::codes(&directory, &who.asking()).await?)
}

/// `POST /accounts/recovery-codes`: 200 with
/// [`RecoveryCodes`](protocol::recovery::RecoveryCodes), see [`recovery::make`].
pub async fn make(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let new: NewRecoveryCodes = call.json().await?;
    let (directory, now) = (call.runtime.directory()?, call.runtime.now());
    answer::json(&recovery::make(&directory, &who.asking(), &new, now).await?)
}

/// `POST /accounts/recover/start`: 200 with
/// [`SignUpStarted`](protocol::accounts::SignUpStarted), whoever asks.
///
/// 1. 429 after too many attempts from one network.
/// 2. As [`recovery::start`].
pub async fn start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    // 2
    let body: RecoverStart = call.json().await?;
    let desk = Desk::of(call)?;
    answer::json(&recovery::start(&desk.door(), &body.message).await?)
}

/// `POST /accounts/recover/finish`: 200 with [`Session`](protocol::accounts::Session). The
/// polls of the devices that have ended end, too.
///
/// 1. 429, 403 `cross_site` for a browser.
/// 2. 400 `bad_name`, and as [`recovery::finish`].
/// 3. As [`devices::put`](crate::directory::devices::put). Where that fails, the new password
///    signs in all the same.
pub async fn finish(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    let body: RecoverFinish = call.json().await?;
    check_device(call, &body.device)?;
    // 2
    let name = UserName::parse(&body.user_name)?;
    let desk = Desk::of(call)?;
    let recovered = recovery::finish(&desk.door(), &name, desk.source(), &body).await?;
    let Recovered { proven, ended } = recovered;
    end_polls(call, proven.user.id, &ended)?;
    // 3
    start_session(call, &desk, proven, body.device, None).await
}
