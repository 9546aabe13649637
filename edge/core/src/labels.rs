//! Names of users, devices and links.

use crate::error::Failure;
use protocol::limits::{MAX_LABEL_BYTES, MAX_VERSION_NAME_BYTES, MAX_VERSION_NAME_CHARS};
use protocol::name::Name;
use protocol::problem::Problem;
use protocol::unicode::fully_folded;

/// A user's name: trimmed, in NFC, and otherwise by the rules for file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(Name);

impl UserName {
    /// # Errors
    /// 400 `bad_name`, with what the person has to change.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        label(text).map(Self)
    }

    /// The label as the person wrote it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The form that must be unique: "Ada" and "ada" are one user, and so are "Straße"
    /// and "Strasse". Sign-in records may be bound to it, so this rule can never
    /// change.
    pub fn key(&self) -> String {
        fully_folded(self.0.as_str())
    }
}

/// A device's name. Slashes, which the names of browsers have, become spaces.
///
/// # Errors
/// 400 `bad_name`.
pub fn device_name(text: &str) -> Result<String, Failure> {
    Ok(label(&text.replace(['/', '\\'], " "))?.into())
}

/// What the owner of a link calls it, if it is called anything.
///
/// # Errors
/// 400 `bad_name`.
pub fn link_label(text: &str) -> Result<String, Failure> {
    match text.trim() {
        "" => Ok(String::new()),
        text => Ok(label(&text.replace(['/', '\\'], " "))?.into()),
    }
}

/// Whom an invitation is for, if whoever made it says so.
///
/// # Errors
/// 400 `bad_name`.
pub fn invite_note(text: &str) -> Result<String, Failure> {
    link_label(text)
}

/// What a version of a file is called; empty if it is to have no name.
///
/// # Errors
/// 400 `bad_name`.
pub fn version_name(text: &str) -> Result<&str, Failure> {
    let bad = |detail: String| Failure::from(Problem::BadName { detail });
    let name = text.trim();
    if name.chars().count() > MAX_VERSION_NAME_CHARS || name.len() > MAX_VERSION_NAME_BYTES {
        return Err(bad(format!(
            "a name can't be longer than {MAX_VERSION_NAME_CHARS} letters, or {MAX_VERSION_NAME_BYTES} bytes"
        )));
    }
    if name.contains(char::is_control) {
        return Err(bad("a name can't contain line breaks".to_owned()));
    }
    if name.contains(turns_text) {
        let detail = "a name can't contain marks of writing direction".to_owned();
        return Err(bad(detail));
    }
    Ok(name)
}

fn label(text: &str) -> Result<Name, Failure> {
    let bad = |detail: String| Failure::from(Problem::BadName { detail });
    let name = Name::parse(text.trim()).map_err(|why| bad(why.to_string()))?;
    // Labels are shown within sentences, whose writing direction they must not change.
    if name.as_str().contains(turns_text) {
        let detail = "a name can't contain marks of writing direction".to_owned();
        return Err(bad(detail));
    }
    if name.as_str().len() > MAX_LABEL_BYTES {
        let detail = format!("a name can't be longer than {MAX_LABEL_BYTES} bytes");
        return Err(bad(detail));
    }
    Ok(name)
}

/// Whether a character changes the writing direction of what is around it.
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_has_one_key() -> Result<(), Failure> {
        let composed = UserName::parse(" Zo\u{eb} ")?;
        let decomposed = UserName::parse("ZOE\u{308}")?;
        assert_eq!(composed.as_str(), "Zo\u{eb}");
        assert_eq!(composed.key(), decomposed.key());
        let (one, other) = (UserName::parse("Stra\u{df}e")?, UserName::parse("STRASSE")?);
        assert_eq!(one.key(), other.key());
        Ok(())
    }

    #[test]
    fn a_version_may_have_no_name_and_one_of_a_hundred_letters() -> Result<(), Failure> {
        assert_eq!(version_name("  ")?, "");
        assert_eq!(
            version_name(" Sent to the printer / final ")?,
            "Sent to the printer / final"
        );
        assert!(version_name(&"\u{e9}".repeat(100)).is_ok());
        let too_long = ["x".repeat(101), "\u{1f4be}".repeat(64)];
        for text in ["a\nb", "a\u{202e}b", &too_long[0], &too_long[1]] {
            assert!(version_name(text).is_err(), "{text:?}");
        }
        Ok(())
    }

    #[test]
    fn bad_labels_are_refused() {
        for text in [
            "",
            "  ",
            "a\u{202e}b",
            "a\u{200f}b",
            "\u{200b}",
            "a\nb",
            &"x".repeat(65),
        ] {
            assert!(UserName::parse(text).is_err(), "{text:?}");
        }
        assert!(UserName::parse(&"x".repeat(64)).is_ok());
        assert!(device_name("Chrome/Linux").is_ok());
    }
}
