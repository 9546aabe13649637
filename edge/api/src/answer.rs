//! Answers of the API that are no errors.

use crate::caching::TO_BE_ASKED_AGAIN;
use crate::call::Call;
use crate::error::Failure;
use crate::store::streams;
use blocks::hash::BlockHash;
use driftless_core::conditions::{self, Answer as Condition, Asked, Validators};
use driftless_core::error as core;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::writes::{Answer, Applied};
use protocol::items::ItemChanged;
use serde::Serialize;
use worker::{Context, Headers, Response, ResponseBuilder};

pub fn json<T: Serialize>(value: &T) -> Result<Response, Failure> {
    with_status(200, value)
}

pub fn created<T: Serialize>(value: &T) -> Result<Response, Failure> {
    with_status(201, value)
}

fn with_status<T: Serialize>(status: u16, value: &T) -> Result<Response, Failure> {
    Ok(ResponseBuilder::new()
        .with_status(status)
        .from_json(value)?)
}

/// JSON that is large and seldom another: who has it is told so.
///
/// # Errors
/// 412.
pub fn json_to_keep<T: Serialize>(call: &Call, value: &T) -> Result<Response, Failure> {
    let body = serde_json::to_vec(value)?;
    let etag = format!("\"{}\"", BlockHash::of(&body));
    // A part of JSON is of no use.
    let asked = Asked {
        range: None,
        ..call.asked()?
    };
    let size = body.len() as u64;
    let has = Validators {
        etag,
        modified: None,
    };
    let mut response = match conditions::decide(&asked, &has, size)? {
        Condition::NotModified => ResponseBuilder::new().with_status(304).empty(),
        Condition::Whole | Condition::Part(_) => bytes("application/json", body)?,
    };
    let headers = response.headers_mut();
    headers.set("etag", &has.etag)?;
    headers.set("cache-control", TO_BE_ASKED_AGAIN)?;
    Ok(response)
}

/// Bytes that this program has made.
pub fn bytes(content_type: &str, bytes: Vec<u8>) -> Result<Response, Failure> {
    let mut response = Response::from_bytes(bytes)?;
    response.headers_mut().set("content-type", content_type)?;
    Ok(response)
}

/// The same, sent piece by piece where they are more than one.
pub fn pieces(
    content_type: &str,
    context: &Context,
    length: u64,
    mut pieces: impl Iterator<Item = Result<Vec<u8>, core::Failure>> + 'static,
) -> Result<Response, Failure> {
    if length <= PIECE_BYTES as u64 {
        return bytes(content_type, pieces.next().transpose()?.unwrap_or_default());
    }
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("content-length", &length.to_string())?;
    let body = streams::pieces(context, length, pieces)?;
    Ok(ResponseBuilder::new().with_headers(headers).body(body))
}

pub fn no_content() -> Response {
    ResponseBuilder::new().with_status(204).empty()
}

/// A change that was made, as its route answers it.
pub fn applied(status: u16, applied: Applied) -> Result<Response, Failure> {
    let seq = applied.seq;
    match applied.answer {
        Answer::Item { item } => with_status(status, &ItemChanged { item, seq }),
        Answer::Conflict { conflict } => with_status(status, &conflict),
        Answer::Deleted { .. } | Answer::Unknown => {
            Err(Failure::Runtime("an answer of unknown kind".into()))
        }
    }
}
