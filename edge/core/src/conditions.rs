//! Conditional requests and ranges of a download, in the order of RFC 9110,
//! section 13.2.2.

use crate::range::{self, Span};
use httpdate::{fmt_http_date, parse_http_date};
use protocol::ids::UnixMillis;
use protocol::problem::Problem;
use std::time::{Duration, SystemTime};

/// The first second, counted from 1970, that a date of HTTP has no form for.
const YEAR_10000_SECONDS: u64 = 253_402_300_800;

/// What tells one representation from others of the same address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    /// The strong entity tag, with its quotes.
    pub etag: String,
    /// `None` where nobody knows when it was written.
    pub modified: Option<Modified>,
}

/// When a representation was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modified {
    /// Whole seconds since 1970, as HTTP has it.
    seconds: u64,
    /// Whether no other bytes were there in the same second, so that the date names
    /// these alone.
    pub is_strong: bool,
}

impl Modified {
    /// The date of bytes that the server took at this time.
    pub fn new(at: UnixMillis, is_strong: bool) -> Self {
        Self {
            seconds: at / 1_000,
            is_strong,
        }
    }

    /// Whether HTTP writes both times as the same date.
    pub fn is_in_the_second_of(self, at: UnixMillis) -> bool {
        self.seconds == at / 1_000
    }

    /// The value of `Last-Modified`.
    pub fn header(self) -> Option<String> {
        let is_date = self.seconds < YEAR_10000_SECONDS;
        let since_1970 = Duration::from_secs(self.seconds);
        let at = SystemTime::UNIX_EPOCH.checked_add(since_1970)?;
        is_date.then(|| fmt_http_date(at))
    }
}

/// The headers that make a request conditional or partial, as they came.
#[derive(Clone, Debug, Default)]
pub struct ConditionalHeaders {
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<String>,
    /// `If-Range`.
    pub if_range: Option<String>,
    /// `Range`.
    pub range: Option<String>,
    /// Whether the method is HEAD: only GET has ranges.
    pub is_head: bool,
}

/// What a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// 304: the client has it.
    NotModified,
    /// 206.
    Part(Span),
    /// 200.
    Whole,
}

/// Decides on the conditions of a GET or HEAD of `size` bytes.
///
/// 1. `If-Match`, or else `If-Unmodified-Since`: 412 if it does not hold.
/// 2. `If-None-Match`, or else `If-Modified-Since`: 304 if it does not hold.
/// 3. `Range`, unless there is an `If-Range` that does not hold: 206, or 416 if no byte
///    of the range is there. Several ranges are answered with the whole.
///
/// A date that can't be read counts as absent, as the RFC has it.
///
/// # Errors
/// 412, 416.
pub fn decide(
    asked: &ConditionalHeaders,
    has: &Validators,
    size: u64,
) -> Result<ReadOutcome, Problem> {
    // 1
    let is_as_expected = match (&asked.if_match, since(&asked.if_unmodified_since, has)) {
        (Some(tags), _) => names(tags, &has.etag, Comparison::Strong),
        (None, Some(since)) => since.modified <= since.date,
        (None, None) => true,
    };
    if !is_as_expected {
        return Err(Problem::PreconditionFailed);
    }
    // 2
    let is_known = match (&asked.if_none_match, since(&asked.if_modified_since, has)) {
        (Some(tags), _) => names(tags, &has.etag, Comparison::Weak),
        (None, Some(since)) => since.modified <= since.date,
        (None, None) => false,
    };
    if is_known {
        return Ok(ReadOutcome::NotModified);
    }
    // 3
    let Some(range) = asked.range.as_deref().filter(|_| !asked.is_head) else {
        return Ok(ReadOutcome::Whole);
    };
    let is_the_same = asked.if_range.as_deref().is_none_or(|of| is_same(of, has));
    if !is_the_same {
        return Ok(ReadOutcome::Whole);
    }
    let part = range::parse(range, size)?;
    Ok(part.map_or(ReadOutcome::Whole, ReadOutcome::Part))
}

/// The date of a header and the date of the bytes, in seconds since 1970.
struct Since {
    date: u64,
    modified: u64,
}

fn since(header: &Option<String>, has: &Validators) -> Option<Since> {
    Some(Since {
        date: seconds(header.as_deref()?)?,
        modified: has.modified?.seconds,
    })
}

fn seconds(date: &str) -> Option<u64> {
    let at = parse_http_date(date.trim()).ok()?;
    let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since_1970.as_secs())
}

/// Whether `If-Range` is about these bytes.
fn is_same(if_range: &str, has: &Validators) -> bool {
    let if_range = if_range.trim();
    if if_range.ends_with('"') {
        return if_range == has.etag;
    }
    let date = seconds(if_range);
    let modified = has.modified.filter(|modified| modified.is_strong);
    date.is_some() && date == modified.map(|modified| modified.seconds)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A weak tag matches nothing.
    Strong,
    /// A weak tag matches like a strong one.
    Weak,
}

/// Whether a list of entity tags names `etag`, which is strong. The list ends at the
/// first part that can't be read.
fn names(list: &str, etag: &str, comparison: Comparison) -> bool {
    let mut rest = list.trim();
    if rest == "*" {
        return true;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let strong = rest.strip_prefix("W/").unwrap_or(rest);
        let is_weak = strong.len() < rest.len();
        let Some((tag, after)) = strong
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'))
        else {
            return false;
        };
        let is_it = etag.trim_matches('"') == tag;
        if is_it && !(is_weak && comparison == Comparison::Strong) {
            return true;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
