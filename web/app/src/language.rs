//! Which language the page speaks: `static/language.js` has written it into the document.

use crate::words::{Catalogue, speak};
use js_sys::Intl::PluralRules;
use js_sys::{Array, Number, Object};
use leptos::prelude::document;
use platform::browser::asset;
use platform::failure::Failure;
use serde::Deserialize;
use std::collections::HashMap;

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
    /// By which the browser writes times, figures and plurals. Figures have the digits that
    /// sizes and names have.
    locale: &'static str,
}

/// All of them.
pub const LANGUAGES: [Language; 3] = [
    Language {
        code: "en",
        name: "English",
        locale: "en-GB",
    },
    Language {
        code: "de",
        name: "Deutsch",
        locale: "de",
    },
    Language {
        code: "ar",
        name: "العربية",
        locale: "ar-u-nu-latn",
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

/// Gets the words, unless they are English. Where that fails, the page speaks English.
pub async fn load() {
    let language = spoken();
    if language == LANGUAGES[0] {
        return;
    }
    match fetched(language).await {
        Ok(catalogue) => speak(catalogue),
        Err(why) => {
            leptos::logging::warn!("no words of {}: {why}", language.code);
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("lang", LANGUAGES[0].code);
                let _ = root.remove_attribute("dir");
            }
        }
    }
}

/// A catalogue as it is written down. It stays as long as the page.
#[derive(Deserialize)]
struct Written {
    texts: HashMap<String, Box<str>>,
    plurals: HashMap<String, HashMap<String, Box<str>>>,
}

async fn fetched(Language { code, locale, .. }: Language) -> Result<Catalogue, Failure> {
    let text = asset::text(&format!("/words/{code}.json")).await?;
    let Written { texts, plurals } =
        serde_json::from_str(&text).map_err(|why| Failure::Device(why.to_string()))?;
    let kept = |words: Box<str>| -> &'static str { Box::leak(words) };
    let locales = Array::of1(&locale.into());
    let rules = PluralRules::new(&locales, &Object::new());
    Ok(Catalogue {
        locale: locale.to_owned(),
        separators: separators(locale),
        texts: texts
            .into_iter()
            .map(|(key, words)| (key, kept(words)))
            .collect(),
        plurals: plurals
            .into_iter()
            .map(|(key, forms)| {
                let forms = forms.into_iter().map(|(of, words)| (of, kept(words)));
                (key, forms.collect())
            })
            .collect(),
        category: Box::new(move |number| rules.select(number).into()),
    })
}

/// What stands between thousands and before tenths: the browser writes a figure that has both.
fn separators(locale: &str) -> (char, char) {
    let written: String = Number::from(12_345.6).to_locale_string(locale).into();
    let mut marks = written.chars().filter(|c| !c.is_numeric());
    (marks.next().unwrap_or(','), marks.next().unwrap_or('.'))
}
