//! The result of a merge: the lines that were decided on, and their bytes.

use super::encoding::{DAMAGED, Encoding};
use super::ends::has_last_end;
use super::pick::{PartOf, Pick};
use super::pieces::LineEnd;
use super::regions::RegionKind;
use super::session::Merge;
use super::text::{Lines, Text, end_bytes};
use serde::{Deserialize, Serialize};

/// The most characters that [`Lacking`] names.
const MAX_NAMED: usize = 8;

/// A finished merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The file's content, with a mark if the encoding has one.
    pub bytes: Vec<u8>,
    /// How the bytes stand for characters.
    pub encoding: Encoding,
    /// Whether the first side has another encoding, as far as its bytes tell one.
    pub is_encoding_changed: bool,
}

/// Characters that the result's encoding does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// The encoding that lacks them.
    pub encoding: Encoding,
    /// Up to eight of them, each once. The replacement character stands for
    /// bytes that are no character in their own file.
    pub chars: Vec<char>,
    /// The first region that has one.
    pub region: usize,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// A conflict has no pick.
    #[error("a conflict is open")]
    Open,
    /// The encoding lacks a character.
    #[error("{} does not have all characters", .0.encoding.name())]
    Lacking(Lacking),
}

/// A line of the result.
#[derive(Clone, Copy)]
pub(super) struct Decided<'a> {
    pub lines: &'a Lines,
    pub index: usize,
    /// How the line ends in the result, unless more has to follow it.
    pub end: LineEnd,
    /// The line of a file that has its bytes; `None` for a typed line.
    pub source: Option<(&'a Text, usize)>,
}

impl Decided<'_> {
    pub fn content(&self) -> &str {
        self.lines.content(self.index)
    }

    pub fn goes_on(&self) -> bool {
        self.lines.goes_on(self.index)
    }

    /// Whether nothing may follow it as it is.
    fn needs_end(&self) -> bool {
        self.end == LineEnd::None && !self.goes_on()
    }
}

impl Merge {
    /// The encoding of the result.
    pub fn encoding(&self) -> Encoding {
        self.written_in.unwrap_or(self.usual_encoding)
    }

    /// Sets the encoding of the whole result; `None` is the one that follows from the
    /// files.
    pub fn write_in(&mut self, encoding: Option<Encoding>) {
        self.written_in = encoding;
    }

    /// The lines that stand in a region's place; `None` for an open conflict.
    pub(super) fn decided(&self, region: usize) -> Option<Vec<Decided<'_>>> {
        let known = self.regions.get(region)?;
        let (base, second) = (&self.base.lines, &self.second.lines);
        let parts = self.parts(region)?;
        // Of lines that both sides have, take those whose bytes can stay.
        let is_first_kept = takes_bytes_of(self.encoding(), &self.first);
        let is_picked = self.pick_of(region).is_some();
        let mut decided = Vec::with_capacity(parts.iter().map(|part| part.range.len()).sum());
        for part in parts {
            for (nth, index) in part.range.clone().enumerate() {
                let end = part.lines.end(index);
                let beside = known.second.start + nth;
                let of_both = if is_first_kept {
                    (&self.first, index)
                } else {
                    (&self.second, beside)
                };
                let (end, source) = match (part.of, known.kind) {
                    (PartOf::First, RegionKind::Same) if !is_picked => {
                        let of_base = base.end(known.base.start + nth);
                        let end = self.ends.merged(of_base, end, second.end(beside));
                        (end, Some(of_both))
                    }
                    (PartOf::First, RegionKind::Both) if !is_picked => {
                        (self.ends.of_first(end), Some(of_both))
                    }
                    (PartOf::First, _) => (self.ends.of_first(end), Some((&self.first, index))),
                    (PartOf::Second, _) => (self.ends.of_second(end), Some((&self.second, index))),
                    (PartOf::Edited, _) => (end, self.source(region, index)),
                };
                decided.push(Decided {
                    lines: part.lines,
                    index,
                    end,
                    source,
                });
            }
        }
        Some(decided)
    }

    /// Lines as characters, none glued to the next.
    pub(super) fn chars(&self, decided: &[Decided<'_>]) -> String {
        let mut chars = String::new();
        let mut before: Option<&Decided<'_>> = None;
        for line in decided {
            if before.is_some_and(Decided::needs_end) {
                chars.push_str(self.usual_end().as_str());
            }
            chars.push_str(line.content());
            chars.push_str(line.end.as_str());
            before = Some(line);
        }
        chars
    }

    /// The result's bytes.
    ///
    /// # Errors
    /// A conflict is open, or the encoding lacks a character.
    pub fn result(&self) -> Result<Merged, Unwritable> {
        let encoding = self.encoding();
        let mut writer = Writer::new(self);
        let mut is_last_picked = false;
        for region in 0..self.regions.len() {
            let decided = self.decided(region).ok_or(Unwritable::Open)?;
            for line in &decided {
                writer.write(line, self.usual_end(), region);
                is_last_picked = self.pick_of(region).is_some();
            }
        }
        if !is_last_picked {
            let (base, first, second) = (&self.base.lines, &self.first.lines, &self.second.lines);
            writer.close(has_last_end(base, first, second), self.usual_end());
        }
        match writer.lacking {
            Some(lacking) => Err(Unwritable::Lacking(lacking)),
            None => Ok(Merged {
                bytes: writer.bytes,
                encoding,
                is_encoding_changed: encoding.has_mark() != self.first.encoding.has_mark()
                    || !takes_bytes_of(encoding, &self.first),
            }),
        }
    }

    /// The characters of the decided lines that the encoding lacks.
    pub fn lacking(&self) -> Option<Lacking> {
        let mut writer = Writer::new(self);
        let as_they_are =
            [&self.first, &self.second].map(|text| takes_bytes_of(self.encoding(), text));
        for region in 0..self.regions.len() {
            let is_edited = matches!(self.pick_of(region), Some(Pick::Edited { .. }));
            if as_they_are == [true, true] && !is_edited {
                continue;
            }
            for line in self.decided(region).unwrap_or_default() {
                writer.write(&line, self.usual_end(), region);
            }
            writer.bytes.clear();
        }
        writer.lacking
    }
}

/// Whether a text's bytes mean the same in an encoding.
fn takes_bytes_of(encoding: Encoding, text: &Text) -> bool {
    text.encoding.without_mark() == encoding.without_mark()
        || (text.is_ascii() && !encoding.is_wide())
}

struct Writer {
    encoding: Encoding,
    /// Whether [`DAMAGED`] may stand for bytes, which must not be lost.
    has_damage: bool,
    bytes: Vec<u8>,
    /// Whether nothing may follow the last line as it is…
    needs_end: bool,
    /// …how the last line ends, and whether it is otherwise empty.
    end: LineEnd,
    is_empty: bool,
    lacking: Option<Lacking>,
}

impl Writer {
    fn new(merge: &Merge) -> Self {
        let encoding = merge.encoding();
        let texts = [&merge.base, &merge.first, &merge.second];
        Self {
            encoding,
            has_damage: texts.iter().any(|text| text.is_damaged()),
            bytes: encoding.mark().to_vec(),
            needs_end: false,
            end: LineEnd::None,
            is_empty: true,
            lacking: None,
        }
    }

    fn write(&mut self, line: &Decided<'_>, usual_end: LineEnd, region: usize) {
        if self.needs_end {
            self.push_end(usual_end);
        }
        let source = line.source;
        match source.filter(|(text, _)| takes_bytes_of(self.encoding, text)) {
            Some((text, index)) => self.bytes.extend_from_slice(text.raw_content(index)),
            None => self.push_chars(line.content(), region),
        }
        self.push_end(line.end);
        self.needs_end = line.needs_end();
        self.end = line.end;
        self.is_empty = line.content().is_empty();
    }

    fn push_chars(&mut self, chars: &str, region: usize) {
        let encoded = match self.encoding.encode(chars) {
            _ if self.has_damage && chars.contains(DAMAGED) => Err(vec![DAMAGED]),
            other => other,
        };
        match encoded {
            Ok(bytes) => self.bytes.extend_from_slice(&bytes),
            Err(chars) => {
                let lacking = self.lacking.get_or_insert_with(|| Lacking {
                    encoding: self.encoding,
                    chars: Vec::new(),
                    region,
                });
                for char in chars {
                    if lacking.chars.len() < MAX_NAMED && !lacking.chars.contains(&char) {
                        lacking.chars.push(char);
                    }
                }
            }
        }
    }

    fn push_end(&mut self, end: LineEnd) {
        self.bytes.extend_from_slice(&end_bytes(end, self.encoding));
    }

    /// Gives the last line an end, or takes it away.
    fn close(&mut self, has_end: Option<bool>, usual_end: LineEnd) {
        match has_end {
            Some(true) if self.needs_end => self.push_end(usual_end),
            Some(false) if !self.is_empty => {
                let end = end_bytes(self.end, self.encoding).len();
                self.bytes.truncate(self.bytes.len() - end);
            }
            _ => {}
        }
    }
}
