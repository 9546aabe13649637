//! Ranges of a download (RFC 9110, section 14).

use crate::digits;
use protocol::problem::Problem;

/// The bytes from `start` up to `end`, which is not one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The first byte behind the span.
    pub end: u64,
}

impl Span {
    /// All of `size` bytes.
    pub fn whole(size: u64) -> Self {
        Self {
            start: 0,
            end: size,
        }
    }

    /// How many bytes the span has.
    pub fn length(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// The value of `Content-Range`; a span is never empty there.
    pub fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, self.end.saturating_sub(1))
    }
}

/// The part of `size` bytes that the header `Range` asks for. For several ranges, and
/// for a header that can't be read, it is `None`: the answer is the whole then, as the
/// RFC allows.
///
/// # Errors
/// 416: no byte of the range is there.
pub fn parse(header: &str, size: u64) -> Result<Option<Span>, Problem> {
    let Some((unit, spec)) = header.trim().split_once('=') else {
        return Ok(None);
    };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Ok(None);
    }
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Ok(None);
    };
    let span = match (number(first), number(last)) {
        (Some(start), Some(last)) if start <= last => Span {
            start,
            end: last.saturating_add(1).min(size),
        },
        (Some(start), None) if last.trim().is_empty() => Span { start, end: size },
        (None, Some(count)) if first.trim().is_empty() => Span {
            start: size.saturating_sub(count),
            end: size,
        },
        _ => return Ok(None),
    };
    if span.length() == 0 {
        return Err(Problem::RangeNotSatisfiable { size });
    }
    Ok(Some(span))
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    // A number that does not fit is past every file's end.
    digits::are(text).then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_of_every_form() {
        let cases = [
            ("bytes=0-0", Some((0, 1))),
            ("bytes=2-4", Some((2, 5))),
            ("bytes=2-", Some((2, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-99", Some((0, 10))),
            ("Bytes=2-4", Some((2, 5))),
            ("bytes", None),
            ("bytes=5-99999999999999999999999", Some((5, 10))),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("items=0-1", None),
            ("bytes=+1-2", None),
        ];
        for (header, expected) in cases {
            let expected = expected.map(|(start, end)| Span { start, end });
            assert_eq!(parse(header, 10), Ok(expected), "{header}");
        }
    }

    #[test]
    fn a_range_without_a_byte_is_refused() {
        let refused = Err(Problem::RangeNotSatisfiable { size: 10 });
        for header in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(parse(header, 10), refused, "{header}");
        }
        let empty = Err(Problem::RangeNotSatisfiable { size: 0 });
        assert_eq!(parse("bytes=0-", 0), empty);
        assert_eq!(parse("bytes=-5", 0), empty);
    }
}
