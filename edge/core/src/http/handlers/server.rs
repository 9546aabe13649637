//! `GET /api/v1/server`: what anyone may know of this server.

use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::accounts::Server;
use protocol::limits::ACCOUNT_END_MILLIS;

/// 200 with [`Server`].
pub fn server(call: &Call<impl Runtime>) -> Result<Response, Failure> {
    answer::json(&Server {
        sign_up_open: is_sign_up_open(call),
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

/// The operator closes sign-up with the variable `SIGN_UP`.
pub fn is_sign_up_open(call: &Call<impl Runtime>) -> bool {
    call.runtime.setting("SIGN_UP").as_deref() != Some("closed")
}
