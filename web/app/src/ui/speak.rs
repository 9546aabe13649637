//! Another language for the page.

use super::dom;
use crate::language::{KEY, Language, spoken};
use leptos::prelude::window;

/// Opens the page anew in another language: what is drawn has its words already.
pub fn speak(language: Language) {
    if language != spoken()
        && let Some(storage) = dom::storage()
    {
        let _ = storage.set_item(KEY, language.code);
        let _ = window().location().reload();
    }
}
