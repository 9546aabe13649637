//! Bytes as lines, and long lines as pieces of a few words. So changes far apart in one
//! line, as in a file that a program wrote without line ends, are changes of different
//! pieces.
//!
//! Where a line is cut depends only on the bytes just before the place. So equal
//! stretches are cut alike, wherever in their line they are.

use super::encoding::{Class, Encoding};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Lines of more bytes than this are cut.
pub const LONG_LINE_BYTES: usize = 512;
/// A piece has at least this many bytes, unless it is the last one…
const LEAST_BYTES: usize = 24;
/// …and at most this many, plus one character.
const MOST_BYTES: usize = 120;
/// Of the places between two words, one in 2³ is cut at.
const CUT_BITS: u32 = 3;

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    CrLf,
    /// A carriage return.
    Cr,
    /// The end of the text, or of a piece of a line that goes on.
    None,
}

impl LineEnd {
    /// The characters of the end.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
            Self::None => "",
        }
    }

    /// How a line ends.
    pub fn of(line: &str) -> Self {
        if line.ends_with("\r\n") {
            Self::CrLf
        } else if line.ends_with('\n') {
            Self::Lf
        } else if line.ends_with('\r') {
            Self::Cr
        } else {
            Self::None
        }
    }
}

/// A line, or a piece of a long one.
pub(super) struct Piece {
    /// Without its end.
    pub bytes: Range<usize>,
    pub end: LineEnd,
    /// Whether another piece of the same line follows.
    pub goes_on: bool,
}

/// Hands out all lines of some bytes, which have no mark, in order.
pub(super) fn split(encoding: Encoding, bytes: &[u8], mut hand_out: impl FnMut(Piece)) {
    let mut from = 0;
    while from < bytes.len() {
        let (content, end) = line_from(encoding, bytes, from);
        let mut piece_from = from;
        if content - from > LONG_LINE_BYTES {
            cut(encoding, &bytes[from..content], |at| {
                let bytes = piece_from..from + at;
                piece_from = bytes.end;
                hand_out(Piece {
                    bytes,
                    end: LineEnd::None,
                    goes_on: true,
                });
            });
        }
        hand_out(Piece {
            bytes: piece_from..content,
            end,
            goes_on: false,
        });
        let unit = if encoding.is_wide() { 2 } else { 1 };
        from = content + end.as_str().len() * unit;
    }
}

/// Where the content of a line ends, and how. No character of several bytes contains a
/// line feed or carriage return, but a unit of UTF-16 may.
fn line_from(encoding: Encoding, bytes: &[u8], from: usize) -> (usize, LineEnd) {
    let width = if encoding.is_wide() { 2 } else { 1 };
    let unit = |at: usize| -> Option<u8> {
        let unit = bytes.get(at..at + width)?;
        let (low, high) = match encoding {
            Encoding::Utf16Le => (unit[0], unit[1]),
            Encoding::Utf16Be => (unit[1], unit[0]),
            _ => (unit[0], 0),
        };
        Some(if high == 0 { low } else { 0 })
    };
    let mut at = from;
    while let Some(byte) = unit(at) {
        let end = match byte {
            b'\n' => LineEnd::Lf,
            b'\r' if unit(at + width) == Some(b'\n') => LineEnd::CrLf,
            b'\r' => LineEnd::Cr,
            _ => {
                at += width;
                continue;
            }
        };
        return (at, end);
    }
    (bytes.len(), LineEnd::None)
}

/// Calls `tell` for each place where a line is cut, in order.
fn cut(encoding: Encoding, line: &[u8], mut tell: impl FnMut(usize)) {
    let (mut at, mut from) = (0, 0);
    let mut before = Class::Other;
    let mut hash = 0u32;
    while at < line.len() {
        let (length, class) = encoding.step(&line[at..]);
        let is_between = class == Class::Other || class != before;
        let is_chosen = is_between && hash >> (32 - CUT_BITS) == 0;
        if at - from >= MOST_BYTES || (is_chosen && at - from >= LEAST_BYTES) {
            tell(at);
            from = at;
        }
        for byte in line[at..at + length].iter().filter(|byte| **byte != 0) {
            // Each byte is pushed out at the top by the 8 that follow it.
            let spread = (u32::from(*byte) + 1).wrapping_mul(0x9E37_79B1);
            hash = (hash << 4).wrapping_add(spread);
        }
        before = class;
        at += length;
    }
}
