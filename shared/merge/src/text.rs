//! Bytes as lines of characters. The bytes are kept beside the characters, so that only
//! what was typed is written from characters.

use super::detect::{self, NotText};
use super::encoding::{DAMAGED, Encoding};
use super::pieces::{self, LineEnd};
use std::borrow::Cow;
use std::ops::Range;

/// Characters in lines, each with its end; the last line may have none. A long line is
/// several of these, called pieces, and only its last piece has an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    chars: String,
    /// Where each line ends, as a byte offset in `chars`.
    ends: Vec<u32>,
    /// How many whole lines are before each line, and the number of all at the end; empty
    /// if no line is in pieces.
    whole_before: Vec<u32>,
    /// Whether the last line is a piece of a line that goes on elsewhere.
    is_open: bool,
}

impl Lines {
    /// Splits characters into lines.
    pub fn new(chars: String) -> Self {
        let mut lines = Self::default();
        pieces::split(Encoding::Utf8, chars.as_bytes(), |piece| {
            lines.count(piece.bytes.end + piece.end.as_str().len(), piece.goes_on);
        });
        Self { chars, ..lines }
    }

    /// Lines of which the last one goes on elsewhere if it has no end.
    pub(super) fn open(chars: String) -> Self {
        let mut lines = Self::new(chars);
        let last = lines.len().checked_sub(1);
        lines.is_open = last.is_some_and(|last| lines.end(last) == LineEnd::None);
        if lines.is_open {
            let before = lines.len() - 1;
            let mut whole: Vec<u32> = (0..=lines.len()).map(|at| lines.whole(at) as u32).collect();
            whole[before + 1] = whole[before];
            lines.whole_before = whole;
        }
        lines
    }

    fn push(&mut self, content: &str, end: LineEnd, goes_on: bool) {
        self.chars.push_str(content);
        self.chars.push_str(end.as_str());
        self.count(self.chars.len(), goes_on);
    }

    /// Counts one more line, which ends at an offset.
    fn count(&mut self, end: usize, goes_on: bool) {
        if goes_on && self.whole_before.is_empty() {
            self.whole_before = (0..=self.ends.len() as u32).collect();
        }
        self.ends.push(end as u32);
        if let Some(before) = self.whole_before.last() {
            let before = *before + u32::from(!goes_on);
            self.whole_before.push(before);
        }
    }

    /// How many lines there are, pieces of long lines counted each.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All characters, with the line ends.
    pub fn as_str(&self) -> &str {
        &self.chars
    }

    /// A line with its end; empty behind the last line.
    pub fn line(&self, index: usize) -> &str {
        self.span(index..index + 1)
    }

    /// A line without its end.
    pub fn content(&self, index: usize) -> &str {
        without_end(self.line(index))
    }

    /// How a line ends.
    pub fn end(&self, index: usize) -> LineEnd {
        LineEnd::of(self.line(index))
    }

    /// Whether the line is a piece that is not the last of its line.
    pub fn goes_on(&self, index: usize) -> bool {
        index < self.len()
            && self.end(index) == LineEnd::None
            && (self.is_open || index + 1 < self.len())
    }

    /// How many whole lines end before a line; the pieces of a line count as one.
    pub fn whole(&self, index: usize) -> usize {
        let before = self.whole_before.get(index.min(self.len()));
        before.map_or(index, |before| *before as usize)
    }

    /// Whether a line begins here, not only a piece of it.
    pub fn begins(&self, index: usize) -> bool {
        index
            .checked_sub(1)
            .is_none_or(|before| !self.goes_on(before))
    }

    /// Lines with their ends; an index behind the last line is ignored.
    pub fn span(&self, lines: Range<usize>) -> &str {
        &self.chars[offset(&self.ends, lines.start)..offset(&self.ends, lines.end)]
    }

    /// All lines with their ends.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.line(index))
    }

    /// The commonest line end; [`LineEnd::None`] for a text of at most one line without an
    /// end.
    pub fn usual_end(&self) -> LineEnd {
        let counts = self.count_ends();
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let mut usual = counts.into_iter().filter(|_| most > 0);
        usual
            .find(|(_, count)| *count == most)
            .map_or(LineEnd::None, |(end, _)| end)
    }

    pub(super) fn count_ends(&self) -> [(LineEnd, usize); 3] {
        let mut counts = [LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr].map(|end| (end, 0));
        for line in self.iter() {
            let end = LineEnd::of(line);
            for (counted, count) in &mut counts {
                *count += usize::from(*counted == end);
            }
        }
        counts
    }
}

/// Where a line begins, given where each ends.
fn offset(ends: &[u32], line: usize) -> usize {
    let before = line.min(ends.len()).checked_sub(1);
    before.map_or(0, |before| ends[before] as usize)
}

/// A line without its end.
pub fn without_end(line: &str) -> &str {
    line.strip_suffix(LineEnd::of(line).as_str())
        .unwrap_or(line)
}

/// A file's content as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// How the bytes stand for characters.
    pub encoding: Encoding,
    /// The characters.
    pub lines: Lines,
    /// The file's bytes without the mark, unless they are those of the characters.
    bytes: Option<Raw>,
    is_ascii: bool,
    is_damaged: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Raw {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<u32>,
}

impl Text {
    /// Reads bytes as text, in the encoding that their mark names or that they seem to be in.
    ///
    /// # Errors
    /// They are not text, or too large.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotText> {
        let [encoding] = detect::together([bytes]);
        Ok(Self::of_file(bytes, encoding?))
    }

    /// Reads texts that belong together: an older encoding that one of them shows is taken
    /// for all.
    ///
    /// # Errors
    /// One of them is not text, or too large.
    pub fn decode_together<const N: usize>(texts: [&[u8]; N]) -> Result<[Self; N], NotText> {
        let encodings = detect::together(texts);
        if let Some(Err(reason)) = encodings.iter().find(|found| found.is_err()) {
            return Err(*reason);
        }
        let mut nth = 0;
        Ok(texts.map(|bytes| {
            let encoding = encodings[nth].unwrap_or(Encoding::Utf8);
            nth += 1;
            Self::of_file(bytes, encoding)
        }))
    }

    fn of_file(bytes: &[u8], encoding: Encoding) -> Self {
        Self::read(bytes[encoding.mark().len()..].to_vec(), encoding)
    }

    /// Reads bytes without a mark in an encoding, whatever they are in truth.
    fn read(bytes: Vec<u8>, encoding: Encoding) -> Self {
        let is_ascii = !encoding.is_wide() && bytes.is_ascii();
        let is_utf8 = encoding.without_mark() == Encoding::Utf8;
        let bytes = match String::from_utf8(bytes) {
            Ok(chars) if is_utf8 || is_ascii => {
                return Self {
                    encoding,
                    lines: Lines::new(chars),
                    bytes: None,
                    is_ascii,
                    is_damaged: false,
                };
            }
            Ok(chars) => chars.into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let mut lines = Lines::default();
        let mut ends = Vec::new();
        pieces::split(encoding, &bytes, |piece| {
            let content = encoding.decode(&bytes[piece.bytes.clone()]);
            lines.push(&content, piece.end, piece.goes_on);
            ends.push((piece.bytes.end + end_bytes(piece.end, encoding).len()) as u32);
        });
        Self {
            encoding,
            is_damaged: !encoding.is_wide() && lines.as_str().contains(DAMAGED),
            lines,
            bytes: Some(Raw { bytes, ends }),
            is_ascii,
        }
    }

    /// The same bytes, read in another encoding. An encoding that a mark names stays.
    pub fn read_as(&self, encoding: Encoding) -> Self {
        if self.encoding.has_mark() || encoding.has_mark() || self.encoding == encoding {
            return self.clone();
        }
        Self::read(self.raw().to_vec(), encoding)
    }

    /// A text without a line.
    pub fn empty() -> Self {
        Self::read(Vec::new(), Encoding::Utf8)
    }

    /// The bytes that it was read from.
    pub fn encode(&self) -> Vec<u8> {
        [self.encoding.mark(), self.raw()].concat()
    }

    fn raw(&self) -> &[u8] {
        let chars = self.lines.as_str().as_bytes();
        self.bytes.as_ref().map_or(chars, |raw| &raw.bytes)
    }

    /// The bytes of lines with their ends.
    pub(super) fn raw_span(&self, lines: Range<usize>) -> &[u8] {
        match &self.bytes {
            Some(raw) => &raw.bytes[offset(&raw.ends, lines.start)..offset(&raw.ends, lines.end)],
            None => self.lines.span(lines).as_bytes(),
        }
    }

    /// The bytes of a line without its end.
    pub(super) fn raw_content(&self, line: usize) -> &[u8] {
        let bytes = self.raw_span(line..line + 1);
        let end = end_bytes(self.lines.end(line), self.encoding);
        bytes.strip_suffix(end.as_ref()).unwrap_or(bytes)
    }

    /// Whether some of its bytes are no characters in its encoding.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Whether it looks the same in every encoding of single bytes.
    pub(super) fn is_ascii(&self) -> bool {
        self.is_ascii
    }
}

/// A line end in an encoding.
pub(super) fn end_bytes(end: LineEnd, encoding: Encoding) -> Cow<'static, [u8]> {
    if encoding.is_wide() {
        encoding.encode(end.as_str()).unwrap_or_default()
    } else {
        end.as_str().as_bytes().into()
    }
}

/// The encoding that follows from what the two sides did to the base's.
pub(super) fn merged_encoding(base: &Text, first: &Text, second: &Text) -> Encoding {
    // A text without characters beyond ASCII is in no particular encoding.
    let said = |text: &Text| Some(text.encoding).filter(|of| of.has_mark() || !text.is_ascii());
    let unmarked = |encoding: Option<Encoding>| {
        encoding
            .filter(|encoding| !encoding.has_mark())
            .unwrap_or(Encoding::Utf8)
    };
    let (base, first, second) = (said(base), said(first), said(second));
    if first == base {
        second.unwrap_or_else(|| unmarked(first))
    } else {
        first.unwrap_or_else(|| unmarked(second))
    }
}
