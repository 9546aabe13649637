//! Which encoding some bytes are in: by their byte order mark, as UTF-8 if they
//! are that, else by what the characters would be. The texts of a merge are
//! looked at together, because a short one alone says little.

use super::encoding::Encoding;
use super::text::{MAX_TEXT_BYTES, NotText};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use std::collections::HashSet;

/// Damaged UTF-8 has at least this many characters of several bytes for each
/// place that is none.
const SOUND_FOR_DAMAGED: usize = 20;
/// Bytes beyond ASCII of which a text has to have as many to be judged by itself.
const MUCH: usize = 200;
/// Words that are compared to see whether two texts are in one encoding.
const COMPARED_WORDS: usize = 20_000;
/// The shortest word that says so, in bytes.
const TELLING_WORD: usize = 3;

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
            let chars = encoding.decode(&bytes[2..]);
            let is_damaged = chars.contains(super::encoding::DAMAGED);
            (!is_damaged && !chars.contains('\0')).then_some(Some(*encoding))
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

/// Control characters that no text has. Escape begins the colours of a log.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// Whether it is UTF-8 but for a few places, as where a line of something else
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

/// Words that are more than ASCII. What is below a digit is part of no
/// character of several bytes.
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
        detector.feed(text, false);
        // So that no character is made of the end of one and the next one's
        // beginning.
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    let found = Encoding::of_codec(detector.guess(None, Utf8Detection::Deny))?;
    // The newer of the two has all characters of the older.
    let is_newer = |text: &&[u8]| Encoding::Gbk.encode(&Encoding::Gbk.decode(text)).is_err();
    Some(match found {
        Encoding::Gbk if texts.iter().any(is_newer) => Encoding::Gb18030,
        other => other,
    })
}

/// Whether bytes are characters in an encoding, and none of them a control
/// character that only a table without holes makes of a byte.
fn is_all_characters(encoding: Encoding, bytes: &[u8]) -> bool {
    let chars = encoding.decode(bytes);
    let is_none = |char| char == super::encoding::DAMAGED || matches!(char, '\u{80}'..='\u{9F}');
    !chars.chars().any(is_none)
}
