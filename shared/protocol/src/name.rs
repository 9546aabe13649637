//! Names of files and folders.

use crate::ids::ItemId;
use crate::limits::MAX_NAME_BYTES;
use crate::unicode::{case_folded, composed, is_invisible};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A name of 1 to 255 bytes in NFC, with something to be seen in it. It has no
/// separators, no control characters and nothing that reverses letters, and is not `.`
/// or `..`. [`Self::parse`] checks what a person gives, and [`given`] what a request
/// gives; a stored name is read even if it would not be accepted today.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadName {
    #[error("a name can't be empty or consist of spaces")]
    Empty,
    #[error("a name can't be longer than {MAX_NAME_BYTES} bytes")]
    TooLong,
    #[error("a name can't be “.” or “..”")]
    Dots,
    #[error("a name can't consist of characters that nobody can see")]
    Invisible,
    #[error("a name can't contain {0:?}")]
    Character(char),
    /// "exe.fdp" must not be shown as "pdf.exe".
    #[error("a name can't contain U+{:04X}, which shows letters in reverse order", u32::from(*.0))]
    Reversing(char),
}

impl BadName {
    /// The beginning of all messages. An error of serde has the words and not the type,
    /// so it is recognised by this.
    pub const BEGINNING: &str = "a name can't ";
}

impl Name {
    /// Checks a name that is given now and brings it into NFC.
    ///
    /// # Errors
    /// Says what a person has to change.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name = Self::known(text)?;
        if !name.is_visible() {
            return Err(BadName::Invisible);
        }
        Ok(name)
    }

    /// Checks a name that was given at some time: names that nobody can see were accepted
    /// once.
    fn known(text: &str) -> Result<Self, BadName> {
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
            Some(c) if is_reversing(c) => Err(BadName::Reversing(c)),
            Some(c) => Err(BadName::Character(c)),
            None => Ok(Self(name)),
        }
    }

    /// Whether something of the name can be seen.
    pub fn is_visible(&self) -> bool {
        !self.0.chars().all(is_invisible)
    }

    /// The name of an item whose own name can't be read.
    pub fn stand_in(item: ItemId) -> Self {
        let id = item.to_string();
        let beginning = id.split('-').next().unwrap_or_default();
        Self(format!("Unreadable name ({beginning})"))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that must be unique among the live children of a folder. Names that differ
    /// only in case or composition have the same key, because on many file systems they
    /// are one file. Names that differ by more are two here, although some disks make
    /// one of them: see [`disk_key`](crate::disks::disk_key).
    pub fn key(&self) -> String {
        case_folded(&self.0)
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

    /// The name of a file that is handed in, or comes back from the trash, under a name that
    /// is taken: `name (2).ext` for the second of that name.
    pub fn numbered(&self, nth: u32) -> Self {
        self.marked(&nth.to_string())
    }

    /// The name of a file that is handed in where many of that name are: `name (1f0e).ext`
    /// with the first digits of its id, by which nothing else is likely to be called.
    pub fn told_apart(&self, item: ItemId) -> Self {
        let id = item.to_string();
        self.marked(id.split('-').next().unwrap_or_default())
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

/// The number in the name of the second copy and those after it.
fn count(nth: u32) -> String {
    match nth {
        0 | 1 => String::new(),
        nth => format!(" {nth}"),
    }
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}') || c.is_control() || is_reversing(c)
}

/// Whether a character overrides the direction of writing. Marks, embeddings and isolates
/// do not: they only say where text of either direction stands. People's systems put
/// them into names, and a view that shows a name keeps their effect inside it.
fn is_reversing(c: char) -> bool {
    matches!(c, '\u{202D}' | '\u{202E}')
}

/// Reads a name of a request, which is given now: for `deserialize_with`.
///
/// # Errors
/// Says what is wrong with the name, or that it is no text.
pub fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let text = String::deserialize(deserializer)?;
    Name::parse(&text).map_err(serde::de::Error::custom)
}

/// Reads a name as [`given`] does, where a request may leave it out.
///
/// # Errors
/// As for [`given`].
pub fn given_if_present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Name>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let name = text.map(|text| Name::parse(&text)).transpose();
    name.map_err(serde::de::Error::custom)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::known(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}
