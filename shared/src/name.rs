//! Names of files and folders.

use crate::limits::MAX_NAME_BYTES;
use crate::seeded::{self, Bug};
use crate::unicode::{composed, folded};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A name that every common file system can hold: NFC, 1 to 255 bytes, no
/// separators, control characters or direction overrides, not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("a name can't be empty or consist of spaces")]
    Empty,
    #[error("a name can't be longer than {MAX_NAME_BYTES} bytes")]
    TooLong,
    #[error("a name can't be “.” or “..”")]
    Dots,
    #[error("a name can't contain {0:?}")]
    Character(char),
}

impl BadName {
    /// What all of them begin with. An error of serde is known by it, which has
    /// the words and not the type.
    pub const BEGINNING: &str = "a name can't ";
}

impl Name {
    /// Checks a name and brings it into NFC.
    ///
    /// # Errors
    /// What a person has to change.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name = composed(text);
        if name.trim().is_empty() {
            return Err(BadName::Empty);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(BadName::TooLong);
        }
        if name == "." || name == ".." {
            return Err(BadName::Dots);
        }
        match name.chars().find(|&c| is_forbidden(c)) {
            Some(c) => Err(BadName::Character(c)),
            None => Ok(Self(name)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What must be unique among the live children of one folder: two names
    /// that differ only in case or in composition have the same key, because on
    /// many file systems they are one file.
    pub fn key(&self) -> String {
        if seeded::is(Bug::CaseNotFolded) {
            return composed(&self.0);
        }
        folded(&self.0)
    }

    /// The name split before its last dot: `("report", ".pdf")`. A leading dot
    /// starts no extension.
    pub fn stem_and_extension(&self) -> (&str, &str) {
        match self.0.rfind('.') {
            Some(dot) if dot > 0 => self.0.split_at(dot),
            _ => (&self.0, ""),
        }
    }

    /// The name of the copy that "keep both" makes:
    /// `name (conflicted copy, <device>, <date>).ext`, and `… <date> 2)` for
    /// the second one. The stem is shortened where the whole would be too long.
    pub fn conflicted_copy(&self, device: &str, date: &str, nth: u32) -> Self {
        let device: String = device.chars().filter(|&c| !is_forbidden(c)).collect();
        let count = count(nth);
        self.marked(&format!("conflicted copy, {device}, {date}{count}"))
    }

    /// The name of a copy that a person makes: `name (copy).ext`, and
    /// `name (copy 2).ext` for the second one.
    pub fn copy(&self, nth: u32) -> Self {
        self.marked(&format!("copy{}", count(nth)))
    }

    /// The name of something that was handed in under a name that is taken:
    /// `name (2).ext` for the second of that name.
    pub fn numbered(&self, nth: u32) -> Self {
        self.marked(&nth.to_string())
    }

    /// `name (mark).ext`, the stem shortened where the whole would be too long.
    fn marked(&self, mark: &str) -> Self {
        let (stem, extension) = self.stem_and_extension();
        let suffix = composed(&format!(" ({mark}){extension}"));
        let room = MAX_NAME_BYTES.saturating_sub(suffix.len());
        let mut end = stem.len().min(room);
        while !stem.is_char_boundary(end) {
            end -= 1;
        }
        let whole = format!("{}{suffix}", &stem[..end]);
        // Only a device name or an extension of absurd length is cut here.
        let mut end = whole.len().min(MAX_NAME_BYTES);
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        Self(composed(&whole[..end]))
    }
}

/// What tells the second copy and those after it apart.
fn count(nth: u32) -> String {
    match nth {
        0 | 1 => String::new(),
        nth => format!(" {nth}"),
    }
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\\')
        || c.is_control()
        // Line and paragraph separators, and everything that turns the
        // direction of text: "exe.fdp" must not be shown as "pdf.exe".
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
        || ('\u{202A}'..='\u{202E}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}
