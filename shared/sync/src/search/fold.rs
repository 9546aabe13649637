//! Texts as somebody types them who minds neither case nor accents.

use protocol::unicode::{is_invisible, without_accents};
use std::collections::HashMap;
use std::ops::Range;

/// Folds texts, and keeps what it knows of letters that are not ASCII: a browser takes a
/// microsecond for each.
#[derive(Clone, Debug, Default)]
pub struct Folder(HashMap<char, Box<str>>);

impl Folder {
    /// Adds a folded text to `into`.
    pub fn fold(&mut self, text: &str, into: &mut String) {
        if text.is_ascii() {
            let start = into.len();
            into.push_str(text);
            if let Some(added) = into.get_mut(start..) {
                added.make_ascii_lowercase();
            }
            return;
        }
        for c in text.chars() {
            self.fold_one(c, into);
        }
    }

    /// A folded text by itself.
    pub fn folded(&mut self, text: &str) -> String {
        let mut folded = String::with_capacity(text.len());
        self.fold(text, &mut folded);
        folded
    }

    fn fold_one(&mut self, c: char, into: &mut String) {
        match c.is_ascii() {
            true => into.push(c.to_ascii_lowercase()),
            false => into.push_str(self.0.entry(c).or_insert_with(|| of_letter(c).into())),
        }
    }
}

/// A folded text that knows where it came from.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The folded text.
    pub text: String,
    /// For each of its bytes, the character of the original: where that begins and ends.
    from: Vec<Range<usize>>,
}

impl Traced {
    /// Folds a text.
    pub fn of(text: &str, folder: &mut Folder) -> Self {
        let mut traced = Self {
            text: String::with_capacity(text.len()),
            from: Vec::with_capacity(text.len()),
        };
        for (at, c) in text.char_indices() {
            folder.fold_one(c, &mut traced.text);
            let origin = at..at + c.len_utf8();
            traced.from.resize(traced.text.len(), origin);
        }
        traced
    }

    /// What of the original the bytes `of` of the folded text are: whole characters.
    pub fn origin(&self, of: &Range<usize>) -> Option<Range<usize>> {
        let first = self.from.get(of.start)?;
        let last = self.from.get(of.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }
}

/// One letter that is not ASCII. Signs that keyboards do not have become those that
/// people type instead.
fn of_letter(c: char) -> String {
    let typed = match c {
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'þ' | 'Þ' => "th",
        '\u{2010}'..='\u{2015}' => "-",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        _ if c.is_whitespace() => " ",
        _ if is_invisible(c) => "",
        _ => return without_accents(c.encode_utf8(&mut [0; 4])),
    };
    typed.to_owned()
}
