//! What a handler answers, and the one place where a failure becomes an answer in HTTP.

use super::caching::{FORGET_ANSWERS, TO_BE_ASKED_AGAIN};
use super::call::Call;
use super::runtime::Runtime;
use crate::conditions::{self, ConditionalHeaders, ReadOutcome as Condition, Validators};
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
    /// The headers, in the order in which they are sent. A name may be there several
    /// times.
    pub headers: Vec<(&'static str, String)>,
    /// What comes after the headers.
    pub body: Body,
}

/// What comes after the headers.
pub enum Body {
    /// Nothing.
    Empty,
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// Pieces that are made while the client reads, so that many megabytes are never in
    /// memory at once.
    Pieces {
        /// Bytes of all pieces.
        length: u64,
        /// The pieces, in order. A failure breaks the connection.
        pieces: Box<dyn Iterator<Item = Result<Vec<u8>, Failure>>>,
    },
    /// Stored bytes.
    Content(Box<StoredContent>),
}

/// Stored bytes that are read from the packs while the client reads.
pub struct StoredContent {
    /// The space of the bytes.
    pub space: SpaceId,
    /// Where the bytes are.
    pub runs: Vec<Run>,
    /// Parts that can each be read within one request. If there is more than one, the
    /// server asks itself for each part and puts the answers together.
    pub requests: Vec<Span>,
    /// The entity tag of the whole, with its quotes.
    pub etag: String,
    /// Bytes of the whole.
    pub size: u64,
    /// A file's version, which the address of the request need not name.
    pub version: Option<Version>,
    /// What the server shows itself for the parts of a download over a link:
    /// [`REST`](protocol::headers::REST).
    pub rest: Option<String>,
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

    /// The same, compressed by the runtime on its way: nobody knows how long it will be.
    #[must_use]
    pub(super) fn compressed(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "content-length");
        self.with("content-encoding", "gzip")
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

    /// Adds the headers of every answer: no cache keeps the answer unless its handler
    /// allowed that, no browser guesses another type, and nobody is told the address.
    pub(super) fn with_common_headers(self) -> Self {
        let response = match self.has("cache-control") {
            true => self,
            false => self.with("cache-control", "no-store"),
        };
        response
            .with("x-content-type-options", "nosniff")
            // Addresses may have the key of a link, which is for no other site and for no
            // search engine.
            .with("referrer-policy", "no-referrer")
            .with("x-robots-tag", "noindex")
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

/// JSON that is large and seldom changes: a client that has it already is answered 304.
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
    let asked = ConditionalHeaders {
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

/// The same, sent piece by piece if there is more than one.
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
/// The change is of a kind that no route answers.
pub(super) fn applied(status: u16, applied: Applied) -> Result<Response, Failure> {
    let seq = applied.seq;
    match applied.answer {
        Answer::Item { item } => with_status(status, &ItemChanged { item, seq }),
        Answer::Conflict { conflict } => with_status(status, &conflict),
        Answer::Deleted { .. } | Answer::Shared | Answer::Unknown => {
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
