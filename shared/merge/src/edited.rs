//! A text as a text field takes it, and what was typed there as bytes again. A text field
//! knows one line end only; the bytes have the ends, the mark and the encoding that they
//! had before.

use super::encoding::Encoding;
use super::pieces::LineEnd;
use super::text::{Lines, Text, end_bytes};
use super::typed::{Beside, beside};
use serde::{Deserialize, Serialize};

/// The most characters that [`Unwritten`] names.
const MAX_NAMED: usize = 8;

/// Characters that were typed and that the text's encoding does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritten {
    /// The encoding that lacks them.
    pub encoding: Encoding,
    /// Up to eight of them, each once.
    pub chars: Vec<char>,
}

impl Text {
    /// The characters with line feeds only, as a text field has them. `None` if the bytes
    /// would not be the same when they are written again, as where some are no characters.
    pub fn field(&self) -> Option<String> {
        let chars = self.lines.as_str();
        let written = self.encoding.encode(chars).ok()?;
        (written == self.raw_span(0..self.lines.len())).then(|| with_line_feeds(chars))
    }

    /// Whether its lines end in more ways than one.
    pub fn has_mixed_ends(&self) -> bool {
        let counts = self.lines.count_ends();
        counts.iter().filter(|(_, count)| *count > 0).count() > 1
    }

    /// The bytes of what was typed over [`Text::field`]. A line that was not touched ends
    /// as it did, one in the place of another ends as that one, and a new one as most lines
    /// do.
    ///
    /// # Errors
    /// Characters that the encoding does not have.
    pub fn typed_over(&self, typed: &str) -> Result<Vec<u8>, Unwritten> {
        let typed = Lines::new(with_line_feeds(typed));
        let old = (0..self.lines.len()).map(|line| self.lines.content(line));
        let usual = match self.lines.usual_end() {
            LineEnd::None => LineEnd::Lf,
            end => end,
        };
        let mut bytes = self.encoding.mark().to_vec();
        let mut lacking: Vec<char> = Vec::new();
        for (line, beside) in beside(old.collect(), &typed).iter().enumerate() {
            match self.encoding.encode(typed.content(line)) {
                Ok(content) => bytes.extend_from_slice(&content),
                Err(chars) => lacking.extend(chars),
            }
            if typed.end(line) == LineEnd::None {
                continue;
            }
            let end = match beside {
                Beside::Same(was) | Beside::InPlace(was) => self.lines.end(*was),
                Beside::New => LineEnd::None,
            };
            let end = if end == LineEnd::None { usual } else { end };
            bytes.extend_from_slice(&end_bytes(end, self.encoding));
        }
        if lacking.is_empty() {
            return Ok(bytes);
        }
        let mut chars: Vec<char> = Vec::new();
        for char in lacking {
            if chars.len() < MAX_NAMED && !chars.contains(&char) {
                chars.push(char);
            }
        }
        Err(Unwritten {
            encoding: self.encoding,
            chars,
        })
    }
}

fn with_line_feeds(chars: &str) -> String {
    chars.replace("\r\n", "\n").replace('\r', "\n")
}
