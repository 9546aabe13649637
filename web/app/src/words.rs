//! The page's words, in the language of whoever reads it. They stand in the source in English,
//! which is also the key of the catalogue, so what a catalogue lacks is shown in English.
//!
//! | in the source | for |
//! | --- | --- |
//! | `t("Save")` | words as they are |
//! | `say!("{done} of {all} are in", done, all = total)` | a sentence with something in it |
//! | `say_many!(number, "1 file is in", "{n} files are in")` | one that depends on a number |
//! | `english!("Save")` | a constant, which `t` is given where it is shown |
//!
//! Whole sentences only: another language has another order. `scripts/lib/words.mjs` finds
//! all of these by their names and holds the catalogues in `static/words/` against them.

use protocol::units::grouped;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt::Display;

/// A language other than English.
pub struct Catalogue {
    /// By which the browser writes times: "de".
    pub locale: String,
    /// What stands between thousands, and before tenths.
    pub separators: (char, char),
    /// By the English words.
    pub texts: HashMap<String, &'static str>,
    /// By both English forms with `|` between them: the forms of the language, by the category
    /// that `Intl.PluralRules` gives a number.
    pub plurals: HashMap<String, HashMap<String, &'static str>>,
    /// The category of a number.
    pub category: Box<dyn Fn(f64) -> String>,
}

thread_local! {
    static CATALOGUE: OnceCell<Catalogue> = const { OnceCell::new() };
}

/// From now on words are of this language. Only the first call counts: what is drawn already
/// stays as it is.
pub fn speak(catalogue: Catalogue) {
    CATALOGUE.with(|cell| {
        let _ = cell.set(catalogue);
    });
}

/// The words in the reader's language.
pub fn t(english: &'static str) -> &'static str {
    of_elsewhere(english).unwrap_or(english)
}

/// The same for words that came from elsewhere: a refusal of the server, an error of the
/// browser. `None` if the catalogue has them not.
pub fn of_elsewhere(english: &str) -> Option<&'static str> {
    CATALOGUE.with(|cell| cell.get()?.texts.get(english).copied())
}

/// The same where something was put into one of these sentences, and only the whole is known.
/// `None` if it is none of them; the first one counts.
pub fn filled_elsewhere(english: &str, sentences: &[&'static str]) -> Option<String> {
    sentences.iter().find_map(|sentence| {
        let values = values(sentence, english)?;
        let values = values
            .iter()
            .map(|(name, value)| (*name, value as &dyn Display));
        Some(fill(t(sentence), &values.collect::<Vec<_>>()))
    })
}

/// By which the browser writes times. The page's English has the day before the month, which is
/// read right anywhere.
pub fn locale() -> String {
    let known = CATALOGUE.with(|cell| cell.get().map(|words| words.locale.clone()));
    known.unwrap_or_else(|| "en-GB".to_owned())
}

/// A figure that is written as in English, "12,345.6", as the reader writes it.
pub fn figures(english: &str) -> String {
    let separators = CATALOGUE.with(|cell| cell.get().map(|words| words.separators));
    let (group, decimal) = separators.unwrap_or((',', '.'));
    let written = english.chars().map(|c| match c {
        ',' => group,
        '.' => decimal,
        c => c,
    });
    written.collect()
}

/// A sentence whose form depends on a number, `{n}` in it.
pub fn many(number: u64, one: &'static str, other: &'static str) -> &'static str {
    let english = if number == 1 { one } else { other };
    form(number, one, other).unwrap_or(english)
}

/// The form of another language, if it has one.
pub fn form(number: u64, one: &str, other: &str) -> Option<&'static str> {
    CATALOGUE.with(|cell| {
        let catalogue = cell.get()?;
        let forms = catalogue.plurals.get(&format!("{one}|{other}"))?;
        let category = (catalogue.category)(number as f64);
        forms.get(&category).or(forms.get("other")).copied()
    })
}

/// Puts values in the places of a text that have their names: `{name}`. What nobody has named
/// stays.
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len() + 16), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}');
        let value = place.and_then(|(name, _)| values.iter().find(|(of, _)| *of == name));
        match (place, value) {
            (Some((_, behind)), Some((_, value))) => {
                filled.push_str(&value.to_string());
                rest = behind;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// What was put in the places of a text: [`fill`], the other way round.
fn values<'a>(text: &'static str, filled: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut pieces = text.split('{');
    let mut rest = filled.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    for piece in pieces {
        let (name, behind) = piece.split_once('}')?;
        let (value, after) = match behind {
            "" => (rest, ""),
            _ => rest.split_once(behind)?,
        };
        values.push((name, value));
        rest = after;
    }
    rest.is_empty().then_some(values)
}

/// Stands in a sentence for a name that is put there as an element of its own.
pub const NAME: &str = "\u{1}";

/// What of such a sentence is before the name, and what is behind it.
pub fn around_name(text: &str) -> (String, String) {
    let (before, behind) = text.split_once(NAME).unwrap_or((text, ""));
    (before.to_owned(), behind.to_owned())
}

/// A number as it stands in a sentence.
pub fn figure(number: u64) -> String {
    figures(&grouped(number))
}

/// A number of anything, for its words.
pub fn number(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// A sentence with something in it: `say!("{done} of {all} are in", done, all = total)`.
macro_rules! say {
    ($english:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::fill(
            $crate::words::t($english),
            &[$((stringify!($name), &$crate::words::value!($name $(= $value)?) as &dyn std::fmt::Display)),*],
        )
    };
}

/// A sentence that depends on a number, which is `{n}` in it; and other things, as in `say!`.
macro_rules! say_many {
    ($number:expr, $one:literal, $other:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let number = $crate::words::number($number);
        $crate::words::fill(
            $crate::words::many(number, $one, $other),
            &[
                ("n", &$crate::words::figure(number) as &dyn std::fmt::Display),
                $((stringify!($name), &$crate::words::value!($name $(= $value)?) as &dyn std::fmt::Display)),*
            ],
        )
    }};
}

/// Words of a constant.
macro_rules! english {
    ($english:literal) => {
        $english
    };
}

macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}

pub(crate) use {english, say, say_many, value};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_its_values_where_their_names_are() {
        let (done, all) = (3, "“a {b}”");
        assert_eq!(say!("{done} of {all} are in"), "{done} of {all} are in");
        assert_eq!(say!("{done} of {all}", done, all), "3 of “a {b}”");
        assert_eq!(say!("{of} {", of = 1 + 1), "2 {");
        assert_eq!(say_many!(1, "1 file", "{n} files"), "1 file");
        assert_eq!(
            say_many!(1_234, "1 file of {by}", "{n} files of {by}", by = "ann"),
            "1,234 files of ann"
        );
    }

    #[test]
    fn what_was_put_into_a_sentence_is_found_in_it() {
        let of = |text, filled| values(text, filled);
        assert_eq!(
            of("{a} of {b} bytes", "1 of 2 of 3 bytes"),
            Some(vec![("a", "1"), ("b", "2 of 3")])
        );
        assert_eq!(of("no: {why}", "no: why"), Some(vec![("why", "why")]));
        assert_eq!(of("no", "no"), Some(vec![]));
        for other in ["1 of 2", "1 of 2 bytes more", "1 bytes"] {
            assert_eq!(of("{a} of {b} bytes", other), None);
        }
    }

    #[test]
    fn another_language_has_its_own_words_and_numbers() {
        speak(Catalogue {
            locale: "de".to_owned(),
            separators: ('.', ','),
            texts: [
                ("Save".to_owned(), "Sichern"),
                ("{a} of {b}".to_owned(), "von {b}: {a}"),
            ]
            .into(),
            plurals: [(
                "1 file|{n} files".to_owned(),
                [
                    ("one".to_owned(), "{n} Datei"),
                    ("other".to_owned(), "{n} Dateien"),
                ]
                .into(),
            )]
            .into(),
            category: Box::new(|number| if number == 1.0 { "one" } else { "other" }.to_owned()),
        });
        assert_eq!((t("Save"), t("Open")), ("Sichern", "Open"));
        assert_eq!(of_elsewhere("Save"), Some("Sichern"));
        assert_eq!(
            filled_elsewhere("1 of 2", &["all of {b}", "{a} of {b}"]),
            Some("von 2: 1".to_owned())
        );
        assert_eq!(say!("{a} of {b}", a = 1, b = 2), "von 2: 1");
        assert_eq!(say_many!(1, "1 file", "{n} files"), "1 Datei");
        assert_eq!(say_many!(2, "1 file", "{n} files"), "2 Dateien");
        assert_eq!(say_many!(2_000, "1 thing", "{n} things"), "2.000 things");
        assert_eq!(
            (figures("12,345.6"), locale()),
            ("12.345,6".to_owned(), "de".to_owned())
        );
    }
}
