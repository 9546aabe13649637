//! `GET /api/v1/server`: what anyone may know.

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use protocol::accounts::Server;
use worker::Response;

/// 200 with [`Server`].
pub fn server(call: &Call) -> Result<Response, Failure> {
    let sign_up_open = is_sign_up_open(call);
    answer::json(&Server { sign_up_open })
}

/// The operator closes sign-up with the variable `SIGN_UP`.
pub fn is_sign_up_open(call: &Call) -> bool {
    call.setting("SIGN_UP").as_deref() != Some("closed")
}
