//! Which encoding some bytes are in. A byte order mark says it; without one, they are
//! UTF-8 if they can be; else the likeliest characters decide. The texts of a merge are
//! looked at together, because a short one alone says little.

use super::encoding::{DAMAGED, Encoding, is_sound_wide};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The most bytes of a text. A larger file is shown as a map of ranges.
pub const MAX_TEXT_BYTES: usize = 32 << 20;
/// A text counts as damaged UTF-8 if it has at least this many characters of several
/// bytes for each damaged place.
const SOUND_FOR_DAMAGED: usize = 20;
/// Bytes beyond ASCII that a text needs to be judged by itself.
const MUCH: usize = 200;
/// How much of a text a guess is made from, in bytes.
const SAMPLE_BYTES: usize = 1 << 20;
/// Words that are compared to see whether two texts are in one encoding.
const COMPARED_WORDS: usize = 20_000;
/// The shortest of these words, in bytes.
const TELLING_WORD: usize = 3;

/// Why bytes are not taken for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum NotText {
    #[error("it is not text in an encoding that is known here")]
    Binary,
    #[error("texts of more than {MAX_TEXT_BYTES} bytes are not merged by line")]
    TooLarge,
}

/// The encoding of each of some texts that belong together.
///
/// # Errors
/// They are not text, or too large to be merged.
pub(super) fn together<const N: usize>(texts: [&[u8]; N]) -> [Result<Encoding, NotText>; N] {
    let known = texts.map(by_its_bytes);
    let unknown = |at: &usize| matches!(known[*at], Ok(None));
    let guessed: Vec<usize> = (0..N).filter(unknown).collect();
    let all: Vec<&[u8]> = guessed.iter().map(|at| texts[*at]).collect();
    let mut encodings = known.map(|known| known.map(|known| known.unwrap_or(Encoding::Utf8)));
    for (nth, at) in guessed.iter().enumerate() {
        let text = texts[*at];
        let others = all.iter().enumerate().filter(|(other, _)| *other != nth);
        let is_alike = |other: &[u8]| has_common_word(text, other);
        let follows = beyond_ascii(text) < MUCH || others.clone().any(|(_, other)| is_alike(other));
        let joint = follows.then(|| guess(&all));
        let candidates = joint.into_iter().flatten().chain(guess(&[text]));
        let mut candidates = candidates.chain([Encoding::Windows1252]);
        let found = candidates.find(|encoding| is_all_characters(*encoding, text));
        encodings[*at] = found.ok_or(NotText::Binary);
    }
    encodings
}

/// What the bytes say without a guess; `None` if they may be text in an older
/// encoding.
fn by_its_bytes(bytes: &[u8]) -> Result<Option<Encoding>, NotText> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(NotText::TooLarge);
    }
    let marked = [Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be];
    let mark = marked.iter().find(|one| bytes.starts_with(one.mark()));
    let sound = match mark {
        Some(encoding) if encoding.is_wide() => {
            is_sound_wide(*encoding, &bytes[2..]).then_some(Some(*encoding))
        }
        _ if bytes.contains(&0) => None,
        Some(encoding) => is_mostly_utf8(&bytes[3..]).then_some(Some(*encoding)),
        None if std::str::from_utf8(bytes).is_ok() => Some(Some(Encoding::Utf8)),
        None if bytes.iter().any(|byte| is_control(*byte)) => None,
        None if is_mostly_utf8(bytes) => Some(Some(Encoding::Utf8)),
        None => Some(None),
    };
    sound.ok_or(NotText::Binary)
}

/// Whether no text has this control character. Escape begins the colours of a log, so
/// texts have it.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// Whether bytes are UTF-8 but for a few places, as where a line of another encoding
/// came in.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut damaged) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk
            .valid()
            .chars()
            .filter(|char| !char.is_ascii())
            .count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    sound >= damaged * SOUND_FOR_DAMAGED
}

fn beyond_ascii(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !byte.is_ascii()).count()
}

/// Words that are more than ASCII. A byte below a digit is part of no character of
/// several bytes.
fn words(bytes: &[u8]) -> HashSet<&[u8]> {
    let words = bytes.split(|byte| *byte < b'0');
    let words = words.filter(|word| word.len() >= TELLING_WORD && !word.is_ascii());
    words.take(COMPARED_WORDS).collect()
}

fn has_common_word(one: &[u8], other: &[u8]) -> bool {
    !words(one).is_disjoint(&words(other))
}

fn guess(texts: &[&[u8]]) -> Option<Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for text in texts {
        detector.feed(sample(text), false);
        // So that no character is made of the end of one and the next one's
        // beginning.
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    let found = Encoding::of_codec(detector.guess(None, Utf8Detection::Deny))?;
    Some(match found {
        Encoding::Gbk if texts.iter().any(|text| is_newer(text)) => Encoding::Gb18030,
        other => other,
    })
}

/// Whether Chinese text has a character of four bytes. Only the newer of two encodings
/// has these, and it also has all characters of the older one.
fn is_newer(text: &[u8]) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let (length, _) = Encoding::Gb18030.step(rest);
        if length == 4 {
            return true;
        }
        rest = &rest[length..];
    }
    false
}

/// The part of a text from which the encoding is guessed: whole words, where the text is
/// more than ASCII.
fn sample(text: &[u8]) -> &[u8] {
    let is_edge = |byte: &u8| *byte < b'0';
    let beyond = text.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let from = text[..beyond].iter().rposition(is_edge).unwrap_or(0);
    let all = &text[from..];
    let Some(some) = all.get(..SAMPLE_BYTES) else {
        return all;
    };
    let to = some.iter().rposition(is_edge).unwrap_or(some.len());
    &some[..to]
}

/// Whether bytes are characters in an encoding, without the control characters that a
/// table without holes makes of any byte.
fn is_all_characters(encoding: Encoding, bytes: &[u8]) -> bool {
    let chars = encoding.decode(bytes);
    let is_none = |char| char == DAMAGED || matches!(char, '\u{80}'..='\u{9F}');
    !chars.chars().any(is_none)
}
