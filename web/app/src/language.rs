//! Which language the page speaks. `static/language.js` has written it into the document, and
//! has got its words.

use crate::words::{self, Catalogue};
use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;

/// Where the choice is kept, which `static/language.js` reads.
pub const KEY: &str = "language";

/// One that there is. A further one needs its words in `static/words/`, its name here, and its
/// direction in `static/language.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// As documents say it.
    pub code: &'static str,
    /// By itself.
    pub name: &'static str,
}

/// All of them.
pub const LANGUAGES: [Language; 3] = [
    Language {
        code: "en",
        name: "English",
    },
    Language {
        code: "de",
        name: "Deutsch",
    },
    Language {
        code: "ar",
        name: "العربية",
    },
];

/// That of the document.
pub fn spoken() -> Language {
    let root = document().document_element();
    let code = root.and_then(|root| root.get_attribute("lang"));
    let known = |language: &&Language| Some(language.code) == code.as_deref();
    LANGUAGES
        .iter()
        .find(known)
        .copied()
        .unwrap_or(LANGUAGES[0])
}

/// From now on the page's words are of its language.
pub fn speak() {
    if let Some(of_language) = WORDS.with(Option::clone) {
        words::speak(Box::new(of_language));
    }
}

#[wasm_bindgen]
extern "C" {
    /// Those of `static/language.js`.
    #[derive(Clone)]
    type Words;
    /// None of English.
    #[wasm_bindgen(thread_local_v2, js_name = words)]
    static WORDS: Option<Words>;
    #[wasm_bindgen(method, getter)]
    fn locale(this: &Words) -> String;
    #[wasm_bindgen(method, getter)]
    fn separators(this: &Words) -> String;
    #[wasm_bindgen(method, getter)]
    fn direction(this: &Words) -> String;
    #[wasm_bindgen(method)]
    fn text(this: &Words, english: &str) -> Option<String>;
    #[wasm_bindgen(method)]
    fn plural(this: &Words, number: f64, english: &str) -> Option<String>;
}

impl Catalogue for Words {
    fn locale(&self) -> String {
        Words::locale(self)
    }

    fn separators(&self) -> (char, char) {
        let written = Words::separators(self);
        let mut marks = written.chars();
        (marks.next().unwrap_or(','), marks.next().unwrap_or('.'))
    }

    fn is_from_right(&self) -> bool {
        self.direction() == "rtl"
    }

    fn text(&self, english: &str) -> Option<String> {
        Words::text(self, english)
    }

    fn plural(&self, number: u64, english: &str) -> Option<String> {
        Words::plural(self, number as f64, english)
    }
}
