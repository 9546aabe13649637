//! `GET /api/v1/server`: what anyone may know of this server.

use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::accounts::Server;

/// 200 with [`Server`].
pub fn server(call: &Call<impl Runtime>) -> Result<Response, Failure> {
    let sign_up_open = is_sign_up_open(call);
    answer::json(&Server { sign_up_open })
}

/// The operator closes sign-up with the variable `SIGN_UP`.
pub fn is_sign_up_open(call: &Call<impl Runtime>) -> bool {
    call.runtime.setting("SIGN_UP").as_deref() != Some("closed")
}
