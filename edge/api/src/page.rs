//! The page, at addresses that are no files. The runtime has answered for every file
//! that this release has, and without this program.

use crate::call::WorkerCall;
use crate::error::platform;
use driftless_core::error::Failure;
use driftless_core::http::runtime::Runtime;
use protocol::problem::Problem;
use worker::{Headers, Method, RequestInit, Response, ResponseBuilder};

/// Sends the page itself, which finds out what the address shows.
///
/// 1. 404 for the name of a file: it is one of the release before or after, in whose
///    place no cache may get a page.
/// 2. 405 for other methods.
/// 3. The page, with the headers that it has at `/`, or 304.
pub async fn page(call: &WorkerCall) -> Result<Response, Failure> {
    // 1
    if names_a_file(call.path()) {
        return Err(Problem::NoSuchRoute.into());
    }
    // 2
    let method = match call.method().as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => {
            return Err(Failure::Method {
                method: call.method(),
                allow: "GET, HEAD".to_owned(),
            });
        }
    };
    // 3
    let headers = Headers::new();
    if let Some(known) = call.header("if-none-match")? {
        let set = headers.set("if-none-match", &known);
        set.map_err(platform)?;
    }
    let mut init = RequestInit::new();
    init.with_method(method).with_headers(headers);
    let files = call.env.assets("ASSETS");
    let files = files.map_err(|_| Failure::from(Problem::NoSuchRoute))?;
    let root = call.url().join("/").map_err(|why| platform(why.into()))?;
    let answer = files.fetch(root, Some(init)).await.map_err(platform)?;
    // A copy, since the headers of a fetched answer can't be changed any more.
    let (status, headers) = (answer.status_code(), answer.headers().clone());
    add_common(&headers).map_err(platform)?;
    let (_, body) = answer.into_parts();
    Ok(ResponseBuilder::new()
        .with_status(status)
        .with_headers(headers)
        .body(body))
}

/// What all answers of this program have.
fn add_common(headers: &Headers) -> worker::Result<()> {
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    headers.set("x-robots-tag", "noindex")?;
    headers.set("x-content-type-options", "nosniff")
}

/// No address of the app has a dot in its last part, and every file has one.
fn names_a_file(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::names_a_file;

    #[test]
    fn files_are_told_from_addresses_of_the_app() {
        for file in [
            "/app-17fa93c760de825b.js",
            "/app-9365cbd849264cd8_bg.wasm",
            "/tokens-8f92ef134dc6bfc4.css",
            "/folders/app.js",
            "/.env",
        ] {
            assert!(names_a_file(file), "{file}");
        }
        for address in [
            "/",
            "/trash",
            "/folders/3f0c7a52-9a52-4ed5-8f0a-0d6b1c0b7f11",
            "/conflicts/",
            "/v1.2/devices",
        ] {
            assert!(!names_a_file(address), "{address}");
        }
    }
}
