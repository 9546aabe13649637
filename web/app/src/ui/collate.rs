//! Texts in the order of the person's language.
//!
//! Comparing two texts is a call into the browser, and takes it half a
//! microsecond. So a long list is brought into an order first that is nearly the
//! right one and takes no calls, and what is right already is not compared twice:
//! one more name in a list of a hundred thousand takes 17 comparisons.

use js_sys::JsString;
use platform::browser::collator::Collator;
use std::cmp::Ordering;
use std::mem;

/// Compares texts, which it may keep in a form of its own.
pub trait Collate {
    type Key;
    fn key(&self, text: &str) -> Self::Key;
    fn compare(&self, one: &Self::Key, other: &Self::Key) -> Ordering;
    /// A text without its accents, where that is not one of ASCII.
    fn plain(&self, text: &str) -> String;
}

impl Collate for Collator {
    type Key = JsString;

    fn key(&self, text: &str) -> JsString {
        text.into()
    }

    fn compare(&self, one: &JsString, other: &JsString) -> Ordering {
        // `02` and `2` are one number: which of them comes first must not depend on which
        // was there first.
        Collator::compare(self, one, other)
            .then_with(|| String::from(one).cmp(&String::from(other)))
    }

    fn plain(&self, text: &str) -> String {
        JsString::from(text).normalize("NFKD").into()
    }
}

/// Sorts by the texts that `text` takes from items. Equal ones keep their order.
pub fn sort<T>(with: &impl Collate, items: &mut Vec<T>, text: impl Fn(&T) -> &str) {
    let texts: Vec<&str> = items.iter().map(text).collect();
    let order = order(with, &texts);
    let mut unsorted: Vec<Option<T>> = mem::take(items).into_iter().map(Some).collect();
    items.extend(order.into_iter().filter_map(|at| unsorted[at].take()));
}

/// The places of these texts in their order. It knows nothing of what they are taken from:
/// sorting is compiled anew for each kind of thing.
fn order(with: &impl Collate, texts: &[&str]) -> Vec<usize> {
    let nearly = texts.iter().map(|text| nearly(with, text));
    let mut keyed: Vec<(usize, String)> = nearly.enumerate().collect();
    keyed.sort_by(|(_, one), (_, other)| one.cmp(other));
    let keyed = keyed.into_iter().map(|(at, _)| (at, with.key(texts[at])));
    // What stands too far up or down is taken out, so that the rest is in order.
    let mut kept = Vec::with_capacity(texts.len());
    let mut strays = Vec::new();
    let is_before = |one: &(usize, _), other: &(usize, _)| with.compare(&one.1, &other.1).is_le();
    for next in keyed {
        match kept.as_slice() {
            [.., last] if is_before(last, &next) => kept.push(next),
            [.., second_last, _] if is_before(second_last, &next) => {
                strays.extend(kept.pop());
                kept.push(next);
            }
            [] => kept.push(next),
            _ => strays.push(next),
        }
    }
    strays.sort_by(|one, other| with.compare(&one.1, &other.1));
    let merged = merged(kept, strays, |one, other| with.compare(&one.1, &other.1));
    merged.into_iter().map(|(at, _)| at).collect()
}

/// Adds more items to those that are in order.
pub fn insert<T>(
    with: &impl Collate,
    items: &mut Vec<T>,
    mut more: Vec<T>,
    text: impl Fn(&T) -> &str,
) {
    sort(with, &mut more, &text);
    *items = merged(mem::take(items), more, |one, other| {
        with.compare(&with.key(text(one)), &with.key(text(other)))
    });
}

/// Two lists that are in order as one: with few comparisons where one of them is
/// short.
fn merged<T>(long: Vec<T>, short: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let steps = (long.len() + 1).ilog2() as usize + 1;
    let is_short = short.len() * steps < long.len();
    let mut merged = Vec::with_capacity(long.len() + short.len());
    let mut long = long.into_iter();
    for next in short {
        let rest = long.as_slice();
        let before = match is_short {
            true => rest.partition_point(|item| compare(item, &next).is_le()),
            false => {
                let before = rest.iter();
                before
                    .take_while(|item| compare(item, &next).is_le())
                    .count()
            }
        };
        merged.extend(long.by_ref().take(before));
        merged.push(next);
    }
    merged.extend(long);
    merged
}

/// A key whose order is nearly that of most languages: punctuation, numbers by
/// their value, letters whatever their case.
fn nearly(with: &impl Collate, text: &str) -> String {
    const PUNCTUATION: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    let plain;
    let text = match text.is_ascii() {
        true => text,
        false => {
            plain = with.plain(text);
            &plain
        }
    };
    let mut key = String::with_capacity(text.len() + 4);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_ascii_digit() {
            let mut digits = String::from(c);
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let value = digits.trim_start_matches('0');
            // Of two numbers the longer one is larger; a name has 255 digits at most.
            key.push('0');
            key.extend(char::from_u32(0x100 + value.len() as u32));
            key.push_str(value);
        } else if let Some(place) = PUNCTUATION.find(c) {
            key.push(char::from(1 + place as u8));
        } else if !('\u{300}'..'\u{370}').contains(&c) {
            key.push(c.to_ascii_lowercase());
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::{Collate, insert, nearly, sort};
    use std::cell::Cell;
    use std::cmp::Ordering;

    /// Stands in for a browser: `ä` is beside `a`, and numbers have values.
    #[derive(Default)]
    struct German {
        compared: Cell<usize>,
    }

    impl Collate for German {
        type Key = (String, String);

        fn key(&self, text: &str) -> (String, String) {
            (nearly(self, text), text.to_owned())
        }

        fn compare(&self, one: &Self::Key, other: &Self::Key) -> Ordering {
            self.compared.set(self.compared.get() + 1);
            // Where case decides, small letters come first.
            one.0.cmp(&other.0).then_with(|| other.1.cmp(&one.1))
        }

        fn plain(&self, text: &str) -> String {
            text.replace('ä', "a\u{308}").replace('Ä', "A\u{308}")
        }
    }

    fn sorted(names: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        sort(&German::default(), &mut names, |name| name);
        names
    }

    #[test]
    fn chapter_2_comes_before_chapter_10_and_umlauts_beside_their_letters() {
        let names = [
            "Zebra",
            "chapter 10",
            "Äpfel",
            "chapter 2",
            "a",
            "A",
            "chapter 02b",
        ];
        let expected = [
            "a",
            "A",
            "Äpfel",
            "chapter 2",
            "chapter 02b",
            "chapter 10",
            "Zebra",
        ];
        assert_eq!(sorted(&names), expected);
    }

    /// Whatever the collator says is right, however far from the first guess.
    #[test]
    fn the_order_is_the_collators_own() {
        struct Backwards;
        impl Collate for Backwards {
            type Key = String;
            fn key(&self, text: &str) -> String {
                text.chars().rev().collect()
            }
            fn compare(&self, one: &String, other: &String) -> Ordering {
                one.cmp(other)
            }
            fn plain(&self, text: &str) -> String {
                text.to_owned()
            }
        }
        let mut seed = 1u32;
        for count in [0, 1, 2, 3, 10, 500] {
            let mut names: Vec<String> = (0..count)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    format!("{}", seed >> 8)
                })
                .collect();
            let mut expected = names.clone();
            expected.sort_by_cached_key(|name| Backwards.key(name));
            let more = names.split_off(count / 2);
            sort(&Backwards, &mut names, |name| name);
            insert(&Backwards, &mut names, more, |name| name);
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn one_more_name_in_100_000_takes_few_comparisons() {
        let german = German::default();
        let mut names: Vec<String> = (0..100_000)
            .map(|n| format!("IMG_{}.jpg", n * 7_919 % 100_000))
            .collect();
        sort(&german, &mut names, |name| name);
        let first = german.compared.replace(0);
        assert!(first < 150_000, "{first} comparisons");
        assert!(names[2] == "IMG_2.jpg" && names[10] == "IMG_10.jpg");
        let more = vec!["IMG_500b.jpg".to_owned()];
        insert(&german, &mut names, more, |name| name);
        let one_more = german.compared.get();
        assert!(one_more < 20, "{one_more} comparisons");
        let at = names
            .iter()
            .position(|name| name == "IMG_500b.jpg")
            .unwrap();
        assert_eq!(names[at - 1], "IMG_500.jpg");
    }
}
