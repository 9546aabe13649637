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
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt::Display;

/// A language other than English.
pub trait Catalogue {
    /// By which the browser writes times: "de".
    fn locale(&self) -> String;
    /// What stands between thousands, and before tenths.
    fn separators(&self) -> (char, char);
    /// Whether it is written from right to left.
    fn is_from_right(&self) -> bool;
    /// The words for English ones.
    fn text(&self, english: &str) -> Option<String>;
    /// The words for a number and both English forms, with `|` between these.
    fn plural(&self, number: u64, english: &str) -> Option<String>;
}

struct Spoken {
    catalogue: Box<dyn Catalogue>,
    /// What `t` was asked for. There is an end to the texts of the source, so each stays as long
    /// as the page.
    known: RefCell<HashMap<&'static str, &'static str>>,
}

thread_local! {
    static SPOKEN: OnceCell<Spoken> = const { OnceCell::new() };
}

/// From now on words are of this language. Only the first call counts: what is drawn already
/// stays as it is.
pub fn speak(catalogue: Box<dyn Catalogue>) {
    SPOKEN.with(|cell| {
        let known = RefCell::default();
        let _ = cell.set(Spoken { catalogue, known });
    });
}

/// The words in the reader's language.
pub fn t(english: &'static str) -> &'static str {
    let words = in_catalogue(|Spoken { catalogue, known }| {
        let mut known = known.borrow_mut();
        Some(*known.entry(english).or_insert_with(|| {
            let words = catalogue.text(english);
            words.map_or(english, |words| Box::leak(words.into_boxed_str()))
        }))
    });
    words.unwrap_or(english)
}

/// The same for words that came from elsewhere: a refusal of the server, an error of the
/// browser. `None` if the catalogue has them not.
pub fn of_elsewhere(english: &str) -> Option<String> {
    in_catalogue(|spoken| spoken.catalogue.text(english))
}

/// The same where something was put into one of these sentences, and only the whole is known.
/// `None` if it is none of them; the first one counts.
pub fn filled_elsewhere(english: &str, sentences: &[&'static str]) -> Option<String> {
    sentences.iter().find_map(|sentence| {
        let (names, values) = values(sentence, english)?;
        let values: Vec<&dyn Display> = values.iter().map(|value| value as &dyn Display).collect();
        Some(fill(t(sentence), &names.join(" "), &values))
    })
}

/// By which the browser writes times. The page's English has the day before the month, which is
/// read right anywhere.
pub fn locale() -> String {
    let known = in_catalogue(|spoken| Some(spoken.catalogue.locale()));
    known.unwrap_or_else(|| "en-GB".to_owned())
}

/// A figure that is written as in English, "12,345.6", as the reader writes it.
pub fn figures(english: &str) -> String {
    let separators = in_catalogue(|spoken| Some(spoken.catalogue.separators()));
    let (group, decimal) = separators.unwrap_or((',', '.'));
    let written = english.chars().map(|c| match c {
        ',' => group,
        '.' => decimal,
        c => c,
    });
    written.collect()
}

/// A figure with its unit, "12.3 MB". Its letters are read from left to right, in the midst of
/// whatever direction.
pub fn measure(english: &str) -> String {
    let figures = figures(english);
    match in_catalogue(|spoken| Some(spoken.catalogue.is_from_right())) {
        Some(true) => format!("\u{2066}{figures}\u{2069}"),
        _ => figures,
    }
}

/// A number as it stands in a sentence.
pub fn figure(number: u64) -> String {
    figures(&grouped(number))
}

/// The form of another language for a number, if it has one.
fn plural(number: u64, one: &str, other: &str) -> Option<String> {
    in_catalogue(|spoken| spoken.catalogue.plural(number, &format!("{one}|{other}")))
}

fn in_catalogue<T>(ask: impl FnOnce(&Spoken) -> Option<T>) -> Option<T> {
    SPOKEN.with(|cell| ask(cell.get()?))
}

/// A count with its noun: "1 file", "12,345 files".
pub fn count(number: usize, one: &'static str, other: &'static str) -> String {
    let number = number as u64;
    let figure = figure(number);
    match plural(number, one, other) {
        Some(form) => fill(&form, "n", &[&figure]),
        None => format!("{figure} {}", if number == 1 { one } else { other }),
    }
}

/// What `say!` stands for. The names are one text, with a space behind each: the page has
/// hundreds of sentences, and each list of names would be code.
#[inline(never)]
pub fn said(english: &'static str, names: &str, values: &[&dyn Display]) -> String {
    fill(t(english), names, values)
}

/// What `say_many!` stands for.
#[inline(never)]
pub fn said_many(
    number: u64,
    (one, other): (&'static str, &'static str),
    names: &str,
    values: &[&dyn Display],
) -> String {
    let form = plural(number, one, other);
    let english = if number == 1 { one } else { other };
    let with_number = fill(form.as_deref().unwrap_or(english), "n", &[&figure(number)]);
    match values {
        [] => with_number,
        values => fill(&with_number, names, values),
    }
}

/// Puts values in the places of a text that have their names: `{name}`. What nobody has named
/// stays.
fn fill(text: &str, names: &str, values: &[&dyn Display]) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len() + 16), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}');
        let value = place.and_then(|(place, _)| {
            let at = names.split(' ').position(|name| name == place)?;
            values.get(at)
        });
        match (place, value) {
            (Some((_, behind)), Some(value)) => {
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
fn values<'a>(text: &'static str, filled: &'a str) -> Option<(Vec<&'static str>, Vec<&'a str>)> {
    let mut pieces = text.split('{');
    let mut rest = filled.strip_prefix(pieces.next()?)?;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for piece in pieces {
        let (name, behind) = piece.split_once('}')?;
        let (value, after) = match behind {
            "" => (rest, ""),
            _ => rest.split_once(behind)?,
        };
        names.push(name);
        values.push(value);
        rest = after;
    }
    rest.is_empty().then_some((names, values))
}

/// Stands in a sentence for a name that is put there as an element of its own.
pub const NAME: &str = "\u{1}";

/// What of such a sentence is before the name, and what is behind it.
pub fn around_name(text: &str) -> (String, String) {
    let (before, behind) = text.split_once(NAME).unwrap_or((text, ""));
    (before.to_owned(), behind.to_owned())
}

/// A number of anything, for its words.
pub fn number(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// A sentence with something in it: `say!("{done} of {all} are in", done, all = total)`.
macro_rules! say {
    ($english:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::said(
            $english,
            concat!($(stringify!($name), " "),*),
            &[$(&$crate::words::value!($name $(= $value)?) as &dyn std::fmt::Display),*],
        )
    };
}

/// A sentence that depends on a number, which is `{n}` in it; and other things, as in `say!`.
macro_rules! say_many {
    ($number:expr, $one:literal, $other:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::said_many(
            $crate::words::number($number),
            ($one, $other),
            concat!($(stringify!($name), " "),*),
            &[$(&$crate::words::value!($name $(= $value)?) as &dyn std::fmt::Display),*],
        )
    };
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
pub mod tests {
    use super::*;
    use serde_json::json;

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

    /// A catalogue as it is written down, of a language with the separators and the plurals of
    /// German.
    pub struct Written(pub serde_json::Value);

    impl Catalogue for Written {
        fn locale(&self) -> String {
            "de".to_owned()
        }

        fn separators(&self) -> (char, char) {
            ('.', ',')
        }

        fn is_from_right(&self) -> bool {
            false
        }

        fn text(&self, english: &str) -> Option<String> {
            let words = self.0["texts"].get(english)?;
            words.as_str().map(str::to_owned)
        }

        fn plural(&self, number: u64, english: &str) -> Option<String> {
            let forms = self.0["plurals"].get(english)?;
            let form = &forms[if number == 1 { "one" } else { "other" }];
            form.as_str().map(str::to_owned)
        }
    }

    #[test]
    fn what_was_put_into_a_sentence_is_found_in_it() {
        let of = |text, filled| values(text, filled);
        assert_eq!(
            of("{a} of {b} bytes", "1 of 2 of 3 bytes"),
            Some((vec!["a", "b"], vec!["1", "2 of 3"]))
        );
        assert_eq!(of("no: {why}", "no: why"), Some((vec!["why"], vec!["why"])));
        assert_eq!(of("no", "no"), Some((vec![], vec![])));
        for other in ["1 of 2", "1 of 2 bytes more", "1 bytes"] {
            assert_eq!(of("{a} of {b} bytes", other), None);
        }
    }

    #[test]
    fn another_language_has_its_own_words_and_numbers() {
        speak(Box::new(Written(json!({
            "texts": {"Save": "Sichern", "{a} of {b}": "von {b}: {a}"},
            "plurals": {"1 file|{n} files": {"one": "{n} Datei", "other": "{n} Dateien"}},
        }))));
        assert_eq!((t("Save"), t("Open")), ("Sichern", "Open"));
        assert_eq!(of_elsewhere("Save"), Some("Sichern".to_owned()));
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
