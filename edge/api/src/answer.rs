//! Answers of the API that are no errors.

use crate::error::Failure;
use crate::writes::{Answer, Applied};
use serde::Serialize;
use shared::protocol::items::ItemChanged;
use worker::{Response, ResponseBuilder};

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

/// Bytes that this program has made.
pub fn bytes(content_type: &str, bytes: Vec<u8>) -> Result<Response, Failure> {
    let mut response = Response::from_bytes(bytes)?;
    response.headers_mut().set("content-type", content_type)?;
    Ok(response)
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
