//! Unicode's normal forms.
//!
//! What is stored follows the tables of one pinned crate. A browser has such
//! tables of its own: with the feature `browser-unicode` those are used, which
//! spares the page 130 kB. They may know more or fewer of the characters that the
//! newest Unicode added; what a name is, the server says.

#[cfg(all(feature = "browser-unicode", target_arch = "wasm32"))]
use browser::{nfc, nfd};
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

/// What texts have in common that differ only in case or in composition.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    nfc(&caseless::default_case_fold_str(&nfd(text)))
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
