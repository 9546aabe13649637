//! `GET /api/v1/server`: what anyone may know of this server.

use crate::directory::newcomers::{self, SignUpTerms};
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::accounts::Server;
use protocol::limits::ACCOUNT_END_MILLIS;

/// 200 with [`Server`].
pub async fn server(call: &Call<impl Runtime>) -> Result<Response, Failure> {
    let (directory, now) = (call.runtime.directory()?, call.runtime.now());
    let (mode, may_try) = newcomers::mode(&directory, &sign_up_terms(call), now).await?;
    answer::json(&Server {
        sign_up_open: may_try,
        sign_up: Some(mode),
        account_goes_on_ms: Some(account_goes_on_millis(call)),
    })
}

/// How long an account goes on after its person has ended it, as the operator has set it
/// with the variable `ACCOUNT_END_SECONDS`.
pub fn account_goes_on_millis(call: &Call<impl Runtime>) -> u64 {
    let setting = call.runtime.setting("ACCOUNT_END_SECONDS");
    let seconds: Option<u64> = setting.and_then(|text| text.parse().ok());
    seconds.map_or(ACCOUNT_END_MILLIS, |seconds| {
        seconds.max(1).saturating_mul(1_000)
    })
}

/// Who may make an account, as the operator has configured it with the variables `SIGN_UP` and
/// `ADMINISTRATOR`.
pub fn sign_up_terms(call: &Call<impl Runtime>) -> SignUpTerms {
    let (sign_up, administrator) = (
        call.runtime.setting("SIGN_UP"),
        call.runtime.setting("ADMINISTRATOR"),
    );
    SignUpTerms::configured(sign_up.as_deref(), administrator.as_deref())
}
