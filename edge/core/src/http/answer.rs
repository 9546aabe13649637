//! What a handler answers, and what becomes of a failure: the one place where it turns
//! into HTTP.

use super::caching::{FORGET_ANSWERS, TO_BE_ASKED_AGAIN};
use super::call::Call;
use super::runtime::Runtime;
use crate::conditions::{self, Answer as Condition, Asked, Validators};
use crate::error::Failure;
use crate::memory::PIECE_BYTES;
use crate::range::Span;
use crate::store::places::Run;
use crate::writes::{Answer, Applied};
use blocks::hash::BlockHash;
use protocol::ids::{SpaceId, Version};
use protocol::items::ItemChanged;
use protocol::problem::{ErrorBody, Problem};
use serde::Serialize;

/// An answer, for the runtime to send.
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// In the order in which they are sent; one may be there several times.
    pub headers: Vec<(&'static str, String)>,
    /// What is behind the headers.
    pub body: Body,
}

/// What is behind the headers.
pub enum Body {
    /// Nothing.
    Empty,
    /// What is in memory.
    Bytes(Vec<u8>),
    /// Made while the client reads: many megabytes are never in memory at once.
    Pieces {
        /// Bytes of all pieces.
        length: u64,
        /// In their order. A failure breaks the connection.
        pieces: Box<dyn Iterator<Item = Result<Vec<u8>, Failure>>>,
    },
    /// What is stored.
    Content(Box<Content>),
}

/// A part of what is stored, to be read from the packs while the client reads.
pub struct Content {
    /// The space that it is in.
    pub space: SpaceId,
    /// Where its bytes are.
    pub runs: Vec<Run>,
    /// The parts of which each can be read within one request. A content of more than
    /// one is put together of the answers to requests of the server's own.
    pub requests: Vec<Span>,
    /// The entity tag of the whole, with its quotes.
    pub etag: String,
    /// Bytes of the whole.
    pub size: u64,
    /// A file's version, which the address need not say.
    pub version: Option<Version>,
}

impl Response {
    /// An answer without headers.
    pub fn new(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(other, _)| *other == name)
    }

    /// What holds for every answer: no cache keeps it unless its handler allowed that,
    /// and no browser takes it for something else.
    pub(super) fn with_common_headers(self) -> Self {
        let response = match self.has("cache-control") {
            true => self,
            false => self.with("cache-control", "no-store"),
        };
        response.with("x-content-type-options", "nosniff")
    }
}

/// The answer to a request that failed. A fault of the server is logged.
pub fn failed(failure: Failure) -> Response {
    let allow = match &failure {
        Failure::Method { allow, .. } => Some(allow.clone()),
        _ => None,
    };
    let problem = failure.told();
    let mut response = Response::new(problem.status(), Body::Empty);
    if let Some(allow) = allow {
        response = response.with("allow", allow);
    }
    if let Some(seconds) = retry_after_seconds(&problem) {
        response = response.with("retry-after", seconds.to_string());
    }
    if let Problem::RangeNotSatisfiable { size } = &problem {
        response = response.with("content-range", format!("bytes */{size}"));
    }
    if problem == Problem::SessionEnded {
        let (name, value) = FORGET_ANSWERS;
        response = response.with(name, value);
    }
    // An error is made of texts and numbers, which can always be written.
    let body = serde_json::to_vec(&ErrorBody::from(problem)).unwrap_or_default();
    response.body = Body::Bytes(body);
    response.with("content-type", JSON).with_common_headers()
}

fn retry_after_seconds(problem: &Problem) -> Option<u64> {
    match problem {
        Problem::TooManyPolls => Some(5),
        Problem::Unavailable => Some(1),
        other => other.retry_after_seconds(),
    }
}

const JSON: &str = "application/json";

pub(super) fn json<T: Serialize>(value: &T) -> Result<Response, Failure> {
    with_status(200, value)
}

pub(super) fn created<T: Serialize>(value: &T) -> Result<Response, Failure> {
    with_status(201, value)
}

fn with_status<T: Serialize>(status: u16, value: &T) -> Result<Response, Failure> {
    let body = Body::Bytes(serde_json::to_vec(value)?);
    Ok(Response::new(status, body).with("content-type", JSON))
}

/// JSON that is large and seldom another: who has it is told so.
///
/// # Errors
/// 412.
pub(super) fn json_to_keep<T: Serialize>(
    call: &Call<impl Runtime>,
    value: &T,
) -> Result<Response, Failure> {
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
    let response = match conditions::decide(&asked, &has, size)? {
        Condition::NotModified => Response::new(304, Body::Empty),
        Condition::Whole | Condition::Part(_) => bytes(JSON, body),
    };
    let response = response.with("etag", has.etag);
    Ok(response.with("cache-control", TO_BE_ASKED_AGAIN))
}

/// Bytes that this program has made.
pub(super) fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Response {
    Response::new(200, Body::Bytes(bytes)).with("content-type", content_type)
}

/// The same, sent piece by piece where they are more than one.
///
/// # Errors
/// The first piece can't be made.
pub(super) fn pieces(
    content_type: &'static str,
    length: u64,
    mut pieces: impl Iterator<Item = Result<Vec<u8>, Failure>> + 'static,
) -> Result<Response, Failure> {
    if length <= PIECE_BYTES as u64 {
        let only = pieces.next().transpose()?.unwrap_or_default();
        return Ok(bytes(content_type, only));
    }
    let pieces = Box::new(pieces);
    let response = Response::new(200, Body::Pieces { length, pieces });
    let response = response.with("content-type", content_type);
    Ok(response.with("content-length", length.to_string()))
}

pub(super) fn no_content() -> Response {
    Response::new(204, Body::Empty)
}

/// A change that was made, as its route answers it.
///
/// # Errors
/// It is of a kind that no route answers.
pub(super) fn applied(status: u16, applied: Applied) -> Result<Response, Failure> {
    let seq = applied.seq;
    match applied.answer {
        Answer::Item { item } => with_status(status, &ItemChanged { item, seq }),
        Answer::Conflict { conflict } => with_status(status, &conflict),
        Answer::Deleted { .. } | Answer::Unknown => {
            Err(Failure::Platform("an answer of unknown kind".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::DbError;

    #[test]
    fn a_busy_database_may_be_tried_again() {
        let busy = failed(DbError::Busy("overloaded".into()).into());
        assert_eq!(busy.status, 503);
        assert!(busy.headers.contains(&("retry-after", "1".to_owned())));
    }
}
