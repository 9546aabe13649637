//! What is said while a text is typed over.

use super::state::{Keeping, Newer, Standing};
use crate::commands::{KeptText, OpenText};
use crate::words::{say, t};
use merge::Encoding;
use protocol::ids::{UnixMillis, Version};

pub fn damaged(encoding: Encoding) -> String {
    say!(
        "This text can’t be edited here: some of its bytes stand for no character in {encoding}, and would not be the same afterwards.",
        encoding = encoding.name()
    )
}

/// What is said of a text that is opened, if anything is.
pub fn told(text: &OpenText, time: impl Fn(UnixMillis) -> String) -> Option<String> {
    let typed = text.typed.as_ref().map(|typed| {
        say!(
            "You go on with what you typed at {time} and have not saved.",
            time = time(typed.at_ms)
        )
    });
    let encoding = match text.encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => None,
        other => Some(say!(
            "It is saved in {encoding}, as it is.",
            encoding = other.name()
        )),
    };
    let ends = text.has_mixed_ends.then(|| {
        t("Its lines end in different ways, and keep their ends where you do not change them.")
            .to_owned()
    });
    let told: Vec<String> = [typed, encoding, ends].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(" "))
}

pub fn standing(standing: Standing, is_dirty: bool, kept: Keeping, is_cut: bool) -> String {
    let going = match (standing, is_cut) {
        (Standing::Going, true) => {
            t("It is saved in this browser, and sent once there is a connection.")
        }
        (Standing::Going, false) => t("Saving…"),
        (Standing::Stuck, _) => t("It could not be saved: its upload says why."),
        _ => "",
    };
    let typed = match (is_dirty, kept) {
        (false, _) => "",
        (true, Keeping::Yes) => t("Not saved; kept in this browser."),
        (true, Keeping::Not) => t("Not saved."),
        (true, Keeping::Impossible) => {
            t("Not saved, and this browser can’t keep it: save it before you close it.")
        }
    };
    match (going, typed, standing) {
        ("", "", Standing::Saved(version)) => say!("Saved as version {number}.", number = version),
        ("", "", Standing::Over) => t("Saved.").to_owned(),
        ("", "", _) => t("Nothing changed yet.").to_owned(),
        ("", typed, _) => typed.to_owned(),
        (going, "", _) => going.to_owned(),
        (going, typed, _) => {
            let since = say!("What you typed since: {state}", state = lower(typed));
            format!("{going} {since}")
        }
    }
}

fn lower(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

pub fn newer(newer: &Newer) -> String {
    let Newer {
        version,
        by,
        is_own,
    } = newer;
    match is_own {
        true => say!(
            "You saved version {number} on {device} since you began. If you save, both are kept and you choose between them.",
            number = version,
            device = by.device_name
        ),
        false => say!(
            "{person} saved version {number} since you began. If you save, both are kept and you choose between them.",
            person = by.user_name,
            number = version
        ),
    }
}

/// Of what was typed and not saved, of a file that is at this version.
pub fn unsaved(kept: &KeptText, version: Version, time: String) -> String {
    match kept.base < version {
        true => say!(
            "You have unsaved changes from {time}. The file has changed since.",
            time
        ),
        false => say!("You have unsaved changes from {time}.", time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_where_what_was_typed_is() {
        let said = |standing_now, is_dirty, kept| standing(standing_now, is_dirty, kept, false);
        assert_eq!(
            said(Standing::Unsaved, false, Keeping::Not),
            "Nothing changed yet."
        );
        assert_eq!(said(Standing::Unsaved, true, Keeping::Not), "Not saved.");
        assert_eq!(
            said(Standing::Saved(3), false, Keeping::Yes),
            "Saved as version 3."
        );
        assert_eq!(
            said(Standing::Going, true, Keeping::Yes),
            "Saving… What you typed since: not saved; kept in this browser."
        );
        let offline = standing(Standing::Going, false, Keeping::Yes, true);
        assert!(offline.starts_with("It is saved in this browser"));
    }

    #[test]
    fn what_is_offered_says_whether_the_file_has_changed() {
        let kept = KeptText {
            base: 2,
            text: String::new(),
            at_ms: 0,
            draft: None,
        };
        let said = |version| unsaved(&kept, version, "10:40".to_owned());
        assert_eq!(said(2), "You have unsaved changes from 10:40.");
        assert!(said(3).ends_with("The file has changed since."));
    }
}
