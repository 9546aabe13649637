//! The API server: everything under `/api/v1`. The page itself is static and
//! answered before this program is asked.
//!
//! A request goes through [`router`] to its handler; whatever fails on the way
//! becomes an answer in [`error`] and nowhere else. Handlers turn HTTP into
//! types and back; what a space holds is changed by [`writes`] and read by
//! [`reads`], on the traits of [`ports`], so that decisions and statements run
//! natively too.
//!
//! Nothing here may panic: it would reset the isolate and end every other
//! request in it.

mod answer;
mod auth;
mod call;
mod disposition;
pub mod error;
mod handlers;
mod labels;
mod log;
pub mod ports;
mod random;
pub mod range;
pub mod reads;
mod router;
mod sign_in;
pub mod store;
pub mod writes;

use worker::{Context, Env, Request, Response, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let answered = match call::Call::new(request, env, context) {
        Ok(mut call) => router::answer(&mut call).await,
        Err(failure) => Err(failure),
    };
    let response = match answered {
        Ok(response) => response,
        Err(failure) => error::respond(failure)?,
    };
    with_common_headers(response)
}

/// What holds for every answer: no cache keeps it unless its handler allowed
/// that, and no browser takes it for something else.
fn with_common_headers(mut response: Response) -> worker::Result<Response> {
    let headers = response.headers_mut();
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    headers.set("x-content-type-options", "nosniff")?;
    Ok(response)
}
