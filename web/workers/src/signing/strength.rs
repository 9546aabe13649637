//! Whether a new password is worth anything. Only the browser sees it, so only the
//! browser can say; the list is in the sign-in worker's module and not in the
//! page's.

use protocol::limits::MIN_PASSWORD_CHARS;
use serde::{Deserialize, Serialize};

/// The 3,000 most common of those that are long enough, in lower case and sorted:
/// from the lists of zxcvbn (see `common_passwords.LICENSE.txt`).
const COMMON: &str = include_str!("common_passwords.txt");

/// What people add to a common password to make it look like another one.
const MOST_ADDED: usize = 4;

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weak {
    #[error("A password needs at least {MIN_PASSWORD_CHARS} characters")]
    Short,
    #[error("That is one of the most common passwords, which are tried first. Take another one")]
    Common,
    #[error("That is a pattern, and patterns are tried first. Take another password")]
    Pattern,
    #[error("Your name is not a password. Take another one")]
    Name,
}

/// What is wrong with a new password of somebody with this name, if anything is.
pub fn weakness(password: &str, user_name: &str) -> Option<Weak> {
    let chars: Vec<char> = password.chars().collect();
    if chars.len() < MIN_PASSWORD_CHARS {
        return Some(Weak::Short);
    }
    let lower = password.to_lowercase();
    if is_common(&lower) || is_common(stem(&lower)) {
        return Some(Weak::Common);
    }
    if repeats(&chars) || counts(&chars) {
        return Some(Weak::Pattern);
    }
    let name = user_name.trim().to_lowercase();
    let rest = lower.replace(&name, "");
    let is_name = !name.is_empty() && rest.chars().count() <= MOST_ADDED;
    is_name.then_some(Weak::Name)
}

fn is_common(lower: &str) -> bool {
    COMMON.lines().any(|common| common == lower)
}

/// Without a few digits and signs at its end.
fn stem(lower: &str) -> &str {
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let added = lower.chars().count() - stem.chars().count();
    if added <= MOST_ADDED { stem } else { lower }
}

/// One to four characters, over and over.
fn repeats(chars: &[char]) -> bool {
    (1..=4).any(|unit| chars.iter().zip(&chars[unit..]).all(|(a, b)| a == b))
}

/// Each the next of the one before, or each the one before that.
fn counts(chars: &[char]) -> bool {
    let step = |by: i64| {
        let mut pairs = chars.windows(2);
        pairs.all(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == by)
    };
    step(1) || step(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_no_password() {
        let cases = [
            ("short7!", Weak::Short),
            ("äöüäöü7", Weak::Short),
            ("password", Weak::Common),
            ("Sunshine", Weak::Common),
            ("PASSWORD123!", Weak::Common),
            ("iloveyou1", Weak::Common),
            ("zzzzzzzzzzzz", Weak::Pattern),
            ("lololololo", Weak::Pattern),
            ("cdefghijkl", Weak::Pattern),
            ("zyxwvutsrq", Weak::Pattern),
            ("Marguerite", Weak::Name),
            ("marguerite1999", Weak::Name),
        ];
        for (password, expected) in cases {
            assert_eq!(
                weakness(password, "Marguerite"),
                Some(expected),
                "{password}"
            );
        }
    }

    #[test]
    fn what_takes_long_to_guess_is_one() {
        for password in [
            "correct horse battery staple",
            "pass 5f0c2b9d1a7e3c44",
            "sunshine on my shoulders",
            "ann's annual review",
            "ключи от дома",
        ] {
            assert_eq!(weakness(password, "ann"), None, "{password}");
        }
        assert_eq!(weakness("correct horse", ""), None);
    }

    #[test]
    fn the_list_has_what_it_is_said_to_have() {
        let all: Vec<&str> = COMMON.lines().collect();
        assert_eq!(all.len(), 3_000);
        assert!(all.is_sorted());
        for common in all {
            assert!(common.chars().count() >= MIN_PASSWORD_CHARS, "{common}");
            assert_eq!(common, common.to_lowercase());
        }
    }
}
