//! Bytes as lines of text, and back byte for byte.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use windows1252 as ansi;

/// The most bytes that are taken for a text. What is larger is shown as a map
/// of ranges.
pub const MAX_TEXT_BYTES: usize = 32 << 20;

/// How bytes stand for characters. Of UTF-16 only what begins with a byte order
/// mark is recognized; everything that is written in it gets one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    Utf8,
    /// With a byte order mark.
    Utf8Bom,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

impl Encoding {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with BOM",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    Lf,
    CrLf,
    Cr,
    /// The end of the text.
    None,
}

impl LineEnd {
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

/// Why bytes are not taken for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NotText {
    #[error("it is not text in an encoding that can be written back byte for byte")]
    Binary,
    #[error("texts of more than {MAX_TEXT_BYTES} bytes are not merged by line")]
    TooLarge,
}

/// Characters in lines, each with its end. The last one may have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    chars: String,
    /// Where each line ends, as a byte offset in `chars`.
    ends: Vec<u32>,
}

impl Lines {
    pub fn new(chars: String) -> Self {
        let bytes = chars.as_bytes();
        let mut ends = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at += 1;
            if byte == b'\r' && bytes.get(at) == Some(&b'\n') {
                at += 1;
            } else if byte != b'\r' && byte != b'\n' {
                continue;
            }
            ends.push(at as u32);
        }
        if ends.last().map_or(0, |end| *end as usize) < bytes.len() {
            ends.push(bytes.len() as u32);
        }
        Self { chars, ends }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn as_str(&self) -> &str {
        &self.chars
    }

    /// A line with its end; empty behind the last one.
    pub fn line(&self, index: usize) -> &str {
        self.span(index..index + 1)
    }

    /// Lines with their ends; what is behind the last one is left out.
    pub fn span(&self, lines: std::ops::Range<usize>) -> &str {
        &self.chars[self.offset(lines.start)..self.offset(lines.end)]
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.line(index))
    }

    fn offset(&self, line: usize) -> usize {
        match line.checked_sub(1) {
            None => 0,
            Some(before) => self
                .ends
                .get(before)
                .map_or(self.chars.len(), |end| *end as usize),
        }
    }

    /// The commonest line end; [`LineEnd::None`] of a text of at most one line
    /// without an end.
    pub fn usual_end(&self) -> LineEnd {
        let mut counts = [0usize; 3];
        for line in self.iter() {
            match LineEnd::of(line) {
                LineEnd::Lf => counts[0] += 1,
                LineEnd::CrLf => counts[1] += 1,
                LineEnd::Cr => counts[2] += 1,
                LineEnd::None => {}
            }
        }
        let ends = [LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr];
        let most = counts.iter().copied().max().unwrap_or(0);
        let usual = ends.into_iter().zip(counts);
        usual
            .filter(|_| most > 0)
            .find(|(_, count)| *count == most)
            .map_or(LineEnd::None, |(end, _)| end)
    }
}

/// A line without its end.
pub fn without_end(line: &str) -> &str {
    line.strip_suffix(LineEnd::of(line).as_str())
        .unwrap_or(line)
}

/// A file's content as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub encoding: Encoding,
    pub lines: Lines,
}

impl Text {
    /// Reads bytes as text: by their byte order mark, else as UTF-8, else as
    /// Windows-1252 where no byte speaks against that.
    ///
    /// # Errors
    /// They are not text, or would not come back byte for byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotText> {
        if bytes.len() > MAX_TEXT_BYTES {
            return Err(NotText::TooLarge);
        }
        let (encoding, chars) = match bytes {
            [0xEF, 0xBB, 0xBF, rest @ ..] => (Encoding::Utf8Bom, utf8(rest)),
            [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16Le, utf16(rest, u16::from_le_bytes)),
            [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16Be, utf16(rest, u16::from_be_bytes)),
            _ => match utf8(bytes) {
                Some(chars) => (Encoding::Utf8, Some(chars)),
                None => (Encoding::Windows1252, ansi::decode(bytes)),
            },
        };
        let chars = chars.filter(|chars| !chars.contains('\0'));
        let lines = Lines::new(chars.ok_or(NotText::Binary)?);
        Ok(Self { encoding, lines })
    }

    /// A text without a line.
    pub fn empty() -> Self {
        Self {
            encoding: Encoding::Utf8,
            lines: Lines::default(),
        }
    }

    /// The bytes that it was read from.
    pub fn encode(&self) -> Vec<u8> {
        let (bytes, _) = encode(self.lines.as_str(), self.encoding);
        bytes.into_owned()
    }
}

/// Characters as bytes in an encoding, or in UTF-8 if it lacks one of them;
/// with the encoding that it became.
pub fn encode(chars: &str, encoding: Encoding) -> (Cow<'_, [u8]>, Encoding) {
    let with_mark = |mark: &[u8]| {
        let mut bytes = Vec::with_capacity(mark.len() + chars.len() * 2);
        bytes.extend_from_slice(mark);
        bytes
    };
    let bytes = match encoding {
        Encoding::Utf8 => return (chars.as_bytes().into(), Encoding::Utf8),
        Encoding::Utf8Bom => {
            let mut bytes = with_mark(&[0xEF, 0xBB, 0xBF]);
            bytes.extend_from_slice(chars.as_bytes());
            bytes
        }
        Encoding::Utf16Le => {
            let mut bytes = with_mark(&[0xFF, 0xFE]);
            bytes.extend(chars.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        }
        Encoding::Utf16Be => {
            let mut bytes = with_mark(&[0xFE, 0xFF]);
            bytes.extend(chars.encode_utf16().flat_map(u16::to_be_bytes));
            bytes
        }
        Encoding::Windows1252 => match ansi::encode(chars) {
            Some(bytes) => bytes,
            None => return (chars.as_bytes().into(), Encoding::Utf8),
        },
    };
    (bytes.into(), encoding)
}

fn utf8(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(units.iter().map(|bytes| unit(*bytes)))
        .collect::<Result<String, _>>()
        .ok()
}

/// The encoding of old files. Its five bytes without a character, and control
/// characters that no text has, tell that something is not a text.
mod windows1252 {
    /// The characters of the bytes from 0x80 to 0x9F; `\0` where there is none.
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];

    pub fn decode(bytes: &[u8]) -> Option<String> {
        bytes.iter().map(|byte| character(*byte)).collect()
    }

    pub fn encode(chars: &str) -> Option<Vec<u8>> {
        chars.chars().map(byte).collect()
    }

    fn character(byte: u8) -> Option<char> {
        match byte {
            b'\t' | b'\n' | b'\r' | 0x0C | 0x20..=0x7E | 0xA0..=0xFF => Some(char::from(byte)),
            0x80..=0x9F => Some(HIGH[usize::from(byte - 0x80)]).filter(|char| *char != '\0'),
            _ => None,
        }
    }

    fn byte(char: char) -> Option<u8> {
        let byte = match u8::try_from(u32::from(char)) {
            Ok(byte) => byte,
            Err(_) => 0x80 + HIGH.iter().position(|high| *high == char)? as u8,
        };
        (character(byte) == Some(char)).then_some(byte)
    }
}
