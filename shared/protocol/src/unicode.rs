//! Unicode's normal forms and letter cases.
//!
//! What is stored follows the tables of two pinned crates. A browser has tables
//! of normal forms of its own: with the feature `browser-unicode` those are used,
//! which spares the page 130 kB. They may know more or fewer of the characters
//! that the newest Unicode added; what a name is, the server says.

#[cfg(all(feature = "browser-unicode", target_arch = "wasm32"))]
use browser::{nfc, nfd};
use caseless::Caseless;
#[cfg(not(all(feature = "browser-unicode", target_arch = "wasm32")))]
use tables::{nfc, nfd};

/// A text in NFC.
pub fn composed(text: &str) -> String {
    // Most names, and a drop of thousands asks for each of theirs.
    if text.is_ascii() {
        return text.to_owned();
    }
    nfc(text)
}

/// The text folded letter by letter (Unicode's simple case folding): texts that
/// differ only in case or composition become equal, while `Straße` and `STRASSE` stay
/// two. The text has to be in NFC. The answer is in NFC, and folding it again changes
/// nothing.
pub fn case_folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded: String = text.chars().map(simple).collect();
    nfc(&folded)
}

/// The text in Unicode's full case folding: texts that somebody may read as one become
/// equal. `ß` becomes `ss`, and the ligature `ﬁ` its two letters.
pub fn fully_folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    nfc(&caseless::default_case_fold_str(&nfd(text)))
}

/// The text in full case folding, without the marks on its letters: `Żółw` becomes
/// `zołw`, since the stroke of an `ł` is no mark.
pub fn without_accents(text: &str) -> String {
    let folded = caseless::default_case_fold_str(&nfd(text));
    // Some fold to letters with marks again.
    let decomposed = nfd(&folded);
    decomposed.chars().filter(|&c| !is_mark(c)).collect()
}

/// Whether a character is one of those that Unicode combines with letters of European
/// scripts.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}'
        | '\u{483}'..='\u{489}'
        | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

/// A character's simple folding: statuses C and S of Unicode's `CaseFolding.txt`.
fn simple(c: char) -> char {
    let mut full = std::iter::once(c).default_case_fold();
    match (full.next(), full.next()) {
        (Some(one), None) => one,
        // The full folding has several characters. These have a simple one
        // besides (status S); the others keep to themselves.
        _ => match c {
            '\u{1E9E}' => '\u{DF}',
            '\u{1F88}'..='\u{1F8F}' | '\u{1F98}'..='\u{1F9F}' | '\u{1FA8}'..='\u{1FAF}' => {
                below(c, 8)
            }
            '\u{1FBC}' | '\u{1FCC}' | '\u{1FFC}' => below(c, 9),
            '\u{1FD3}' => '\u{390}',
            '\u{1FE3}' => '\u{3B0}',
            '\u{FB05}' => '\u{FB06}',
            other => other,
        },
    }
}

fn below(c: char, by: u32) -> char {
    char::from_u32(u32::from(c).saturating_sub(by)).unwrap_or(c)
}

/// Whether a character shows nothing: a space, a character that Unicode asks to be
/// passed over where it can't be shown (`Default_Ignorable_Code_Point`), or one of a
/// few more without ink.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            // Default_Ignorable_Code_Point, which Unicode does not add to outside
            // of these ranges.
            '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
            // The empty Braille pattern, marks of annotations, an empty note head,
            // fillers and controls of scripts.
            | '\u{2800}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{16FE4}'
            | '\u{1D159}')
}

#[cfg(not(all(feature = "browser-unicode", target_arch = "wasm32")))]
mod tables {
    use unicode_normalization::UnicodeNormalization;

    pub fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub fn nfd(text: &str) -> String {
        text.nfd().collect()
    }
}

#[cfg(all(feature = "browser-unicode", target_arch = "wasm32"))]
mod browser {
    use js_sys::JsString;

    pub fn nfc(text: &str) -> String {
        JsString::from(text).normalize("NFC").into()
    }

    pub fn nfd(text: &str) -> String {
        JsString::from(text).normalize("NFD").into()
    }
}
