//! Why something was refused, in the reader's language. The server says it in English, and so
//! do the crates that the page is made of; this page's catalogues know their words. What has
//! figures or names in it is said anew here, from its fields: in English it is what they say.
//!
//! Words without values stand where they are said, and `scripts/lib/words.mjs` reads them there.

use crate::format::{bytes, used};
use crate::words::{self, english, figure, say, say_many};
use platform::failure::Failure;
use protocol::limits::{MAX_FILE_BYTES, MAX_FOLDER_DEPTH};
use protocol::name::BadName;
use protocol::problem::{Limited, Problem};
use sync::intake::Refusal;
use workers::reading::unpack::{MAX_FILES, NoExport, NotTaken};
use workers::signing::strength::Weak;

/// What can be said to whoever reads the page. What is written to the console, or sent
/// anywhere, stays in English.
pub trait InWords {
    fn in_words(&self) -> String;
}

/// What comes as a whole sentence with something in it. Of two that fit, the first one is meant.
const FILLED: [&str; 11] = [
    english!("The browser refused: {why}"),
    english!("The request can't be read: {detail}"),
    english!("The JSON body can't be read: {detail}"),
    english!("A password needs at least {least} characters"),
    english!("a name can't be longer than {letters} letters, or {bytes} bytes"),
    english!("a name can't be longer than {most} letters"),
    english!("a name can't be longer than {most} bytes"),
    english!("a name can't contain {character}, which shows letters in reverse order"),
    english!("a name can't contain {character}"),
    english!("no time is longer than {most} days"),
    english!("what is in the trash is kept for 1 to {most} days"),
];

/// What is said in place of a path that the browser does not tell.
const UNNAMED: [&str; 3] = [
    english!("Something that was dropped"),
    english!("A file whose name can’t be read"),
    english!("A file in “{folder}” whose name can’t be read"),
];

/// What was said in English elsewhere, where nothing but the words of it is left.
pub fn said(english: &str) -> String {
    let known = words::of_elsewhere(english);
    let known = known.or_else(|| words::filled_elsewhere(english, &FILLED));
    known.unwrap_or_else(|| english.to_owned())
}

/// How a file is called that was not taken in: by its path, which is in no language.
pub fn called(what: String) -> String {
    words::filled_elsewhere(&what, &UNNAMED).unwrap_or(what)
}

impl InWords for Failure {
    fn in_words(&self) -> String {
        match self {
            Self::Refused(problem) => problem.in_words(),
            other => said(&other.to_string()),
        }
    }
}

impl InWords for Problem {
    fn in_words(&self) -> String {
        match self {
            Self::AnotherUser { user_name } => {
                say!("{user_name} is signed in in this browser now", user_name)
            }
            Self::VersionConflict {
                current_version,
                committed,
            } => say!(
                "The file is at version {version}, written by {user} on {device}",
                version = current_version,
                user = committed.user_name,
                device = committed.device_name
            ),
            Self::TooManyDevices {
                limit,
                oldest: None,
            } => say!(
                "There are {limit} devices and access tokens, and that is the most. Revoke one first",
                limit
            ),
            Self::TooManyDevices {
                limit,
                oldest: Some(device),
            } => say!(
                "There are {limit} devices and access tokens, and that is the most. Revoke one first: “{name}” was not used for the longest time",
                limit,
                name = device.name
            ),
            Self::TooMuchToHandOver {
                items, most_items, ..
            } if items > most_items => say!(
                "It has {items} files and folders, and at most {most} can be handed over at one time",
                items = figure(*items),
                most = figure(*most_items)
            ),
            Self::TooMuchToHandOver {
                rows, most_rows, ..
            } => say!(
                "It has {rows} versions and pieces of files, and at most {most} can be handed over at one time",
                rows = figure(*rows),
                most = figure(*most_rows)
            ),
            Self::DamagedFile { name, .. } => say!(
                "A part of “{name}” is damaged, so it can't be handed over: its owner can mend it by sending the file again, or delete it for good",
                name
            ),
            Self::OpenConflicts { count } => {
                say!(
                    "{count} conflicts of it are open: they would go along",
                    count
                )
            }
            Self::BodyTooLarge { limit_bytes } => {
                say!("The body is larger than {most}", most = bytes(*limit_bytes))
            }
            Self::BlockTooLarge { limit_bytes } => {
                say!(
                    "The block is larger than {most}",
                    most = bytes(*limit_bytes)
                )
            }
            Self::BlocksMissing { missing_blocks } => say!(
                "{count} blocks are not stored yet",
                count = missing_blocks.len()
            ),
            Self::TooManyRequests {
                retry_after_seconds,
            } => say!(
                "Too many attempts: try again {when}",
                when = when(*retry_after_seconds)
            ),
            Self::HandsFull {
                retry_after_seconds,
            } => say!(
                "The server has its hands full: try again {when}",
                when = when(*retry_after_seconds)
            ),
            Self::QuotaExceeded {
                used_bytes,
                quota_bytes,
                needed_bytes,
                trash_bytes,
            } => {
                let used = used(*used_bytes, *quota_bytes, trash_bytes.unwrap_or(0));
                match needed_bytes {
                    Some(needed) => say!(
                        "There is no room for {size} more: {used}",
                        size = bytes(*needed),
                        used
                    ),
                    None => say!("The space is full: {used}", used),
                }
            }
            Self::LimitReached { what, most } => say!(
                "There are {most} {what}, and there can be no more of them",
                most = figure(*most),
                what = what.in_words()
            ),
            // Nothing is in its words, or what only developers can make use of.
            other => said(&other.to_string()),
        }
    }
}

impl InWords for Limited {
    fn in_words(&self) -> String {
        said(&self.to_string())
    }
}

/// When to try again, rounded up, so that nobody comes back too early.
fn when(seconds: u64) -> String {
    match seconds {
        0..=90 => say_many!(seconds.max(1), "in a second", "in {n} seconds"),
        _ => say_many!(seconds.div_ceil(60), "in a minute", "in {n} minutes"),
    }
}

impl InWords for BadName {
    fn in_words(&self) -> String {
        // The server's come as words alone, and are told from these.
        said(&self.to_string())
    }
}

impl InWords for Refusal {
    fn in_words(&self) -> String {
        match self {
            Self::Name(bad) => bad.in_words(),
            Self::FolderName(folder, bad) => say!(
                "its folder “{folder}” can't be stored: {why}",
                folder,
                why = bad.in_words()
            ),
            Self::FileInTheWay(name) => say!("a file has the name of its folder “{name}”", name),
            Self::MountInTheWay(name) => say!(
                "“{name}” leads to what somebody else shares: put it in there",
                name
            ),
            Self::FolderInTheWay(name) => say!("there is a folder named “{name}”", name),
            Self::TooDeep => say!(
                "folders can't be nested more than {most} levels deep",
                most = MAX_FOLDER_DEPTH
            ),
            Self::TooLarge => Problem::BodyTooLarge {
                limit_bytes: MAX_FILE_BYTES,
            }
            .in_words(),
        }
    }
}

impl InWords for Weak {
    fn in_words(&self) -> String {
        said(&self.to_string())
    }
}

impl InWords for NoExport {
    fn in_words(&self) -> String {
        match self {
            Self::BadManifest(why) => {
                say!("its driftless-export.json can’t be read: {why}", why)
            }
            Self::TooMany => say!("it lists more than {most} files", most = MAX_FILES),
            other => said(&other.to_string()),
        }
    }
}

impl InWords for NotTaken {
    fn in_words(&self) -> String {
        match self {
            Self::BadName { name, why } => {
                say!("“{name}” is no name: {why}", name, why = said(why))
            }
            Self::TooDeep => say!("it is in more than {most} folders", most = MAX_FOLDER_DEPTH),
            other => said(&other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::speak;
    use crate::words::tests::Written;
    use protocol::ids::{DeviceId, ItemId};
    use protocol::name::Name;
    use protocol::retention::{KeptVersions, Retention};
    use std::fmt::Display;

    /// What is said here, and in English elsewhere.
    fn both(refusal: &(impl InWords + Display)) -> (String, String) {
        (refusal.in_words(), refusal.to_string())
    }

    fn problems() -> Vec<Problem> {
        let item = ItemId::from_random([1; 16]);
        let device = serde_json::json!({
            "id": DeviceId::from_random([2; 16]), "name": "Ann’s laptop", "kind": "browser",
            "created_at_ms": 0, "last_seen_at_ms": 0,
        });
        let committed = serde_json::json!({
            "user_name": "ann", "device_id": DeviceId::from_random([2; 16]),
            "device_name": "Chrome on Linux", "at_ms": 0,
        });
        let too_many_devices = |oldest| Problem::TooManyDevices { limit: 100, oldest };
        let too_much = |items| Problem::TooMuchToHandOver {
            items,
            most_items: 10_000,
            rows: 1_234_567,
            most_rows: 100_000,
        };
        let full = |needed_bytes, trash_bytes| Problem::QuotaExceeded {
            used_bytes: 29_017_536,
            quota_bytes: 30_000_000,
            needed_bytes,
            trash_bytes,
        };
        let named = |detail: &str| Problem::BadName {
            detail: detail.to_owned(),
        };
        let mut all = vec![
            Problem::BadRequest {
                detail: "days is not from 1 to 365".to_owned(),
            },
            Problem::BadJson {
                detail: "missing field `name`".to_owned(),
            },
            Problem::SessionEnded,
            Problem::SignInUnavailable,
            Problem::NameTaken { item },
            Problem::AnotherUser {
                user_name: "{ann}".to_owned(),
            },
            Problem::VersionConflict {
                current_version: 1_234,
                committed: serde_json::from_value(committed).unwrap(),
            },
            too_many_devices(None),
            too_many_devices(Some(serde_json::from_value(device).unwrap())),
            too_much(12_345),
            too_much(1),
            Problem::DamagedFile {
                item,
                name: "a.txt".to_owned(),
            },
            Problem::OpenConflicts { count: 1 },
            Problem::BodyTooLarge {
                limit_bytes: 4_300_000,
            },
            Problem::BlockTooLarge { limit_bytes: 999 },
            Problem::BlocksMissing {
                missing_blocks: Vec::new(),
            },
            full(None, None),
            full(Some(5_000_000), None),
            full(Some(5_000_000), Some(17_000_000)),
            named("a name can't be empty"),
            named("a name can't be longer than 64 bytes"),
            named("a name can't be longer than 100 letters"),
            named("a name can't be longer than 100 letters, or 255 bytes"),
            named("a name can't contain line breaks"),
            named("a name can't contain marks of writing direction"),
        ];
        for retry_after_seconds in [0, 1, 2, 90, 91, 120, 3_600] {
            all.push(Problem::TooManyRequests {
                retry_after_seconds,
            });
            all.push(Problem::HandsFull {
                retry_after_seconds,
            });
        }
        let limited = [
            Limited::Items,
            Limited::VersionsOfAFile,
            Limited::ListRows,
            Limited::Grants,
            Limited::Links,
            Limited::Stars,
            Limited::Searches,
            Limited::Invites,
            Limited::Unknown,
        ];
        all.extend(limited.map(|what| Problem::LimitReached { what, most: 10_000 }));
        all
    }

    fn bad_names() -> Vec<BadName> {
        let texts = ["", "..", "\u{2800}", "a/b", "a\n", "a\"\\", "a\u{202E}b"];
        let long = "x".repeat(256);
        let texts = texts.into_iter().chain([long.as_str()]);
        texts.filter_map(|text| Name::parse(text).err()).collect()
    }

    /// Refusals of every kind that a person may meet.
    fn all() -> Vec<(String, String)> {
        let mut all: Vec<_> = problems().iter().map(both).collect();
        all.extend(
            problems()
                .into_iter()
                .map(|one| both(&Failure::Refused(one))),
        );
        all.extend(bad_names().iter().map(both));
        let device = |why: &str| Failure::Device(why.to_owned());
        all.extend(
            [
                Failure::Unreachable,
                Failure::FileUnreadable,
                Failure::Cancelled,
                device("The browser refused: no storage"),
                device(&Weak::Short.to_string()),
            ]
            .iter()
            .map(both),
        );
        let name = || Name::parse("a.txt").unwrap();
        let refusals = [
            Refusal::Name(BadName::TooLong),
            Refusal::FolderName("a:b".to_owned(), BadName::Character('/')),
            Refusal::FileInTheWay(name()),
            Refusal::MountInTheWay(name()),
            Refusal::FolderInTheWay(name()),
            Refusal::TooDeep,
            Refusal::TooLarge,
        ];
        all.extend(refusals.iter().map(both));
        let weak = [Weak::Short, Weak::Common, Weak::Pattern, Weak::Name];
        all.extend(weak.iter().map(both));
        let no_export = [
            NoExport::NoZip,
            NoExport::NoManifest,
            NoExport::BadManifest("EOF while parsing".to_owned()),
            NoExport::Newer,
            NoExport::TooMany,
        ];
        all.extend(no_export.iter().map(both));
        let bad_name = NotTaken::BadName {
            name: "a/b".to_owned(),
            why: BadName::Character('/').to_string(),
        };
        let not_taken = [
            NotTaken::Missing,
            NotTaken::Twice,
            NotTaken::Compressed,
            NotTaken::Encrypted,
            NotTaken::OtherSize,
            NotTaken::Overlaps,
            NotTaken::TooLarge,
            bad_name,
            NotTaken::TooDeep,
        ];
        all.extend(not_taken.iter().map(both));
        let kept = |all_days, weekly_days| Retention {
            versions: Some(KeptVersions {
                all_days,
                hourly_days: all_days,
                daily_days: all_days,
                weekly_days,
            }),
            trash_days: Some(0),
        };
        let wrong = [kept(0, 1), kept(2, 1), kept(1, 1 << 20), kept(1, 1)];
        let wrong = wrong.iter().filter_map(|kept| kept.check().err());
        all.extend(wrong.map(|why| (said(&why), why)));
        all
    }

    #[test]
    fn in_english_it_is_what_is_said_elsewhere() {
        for (here, elsewhere) in all() {
            assert_eq!(here, elsewhere);
        }
        assert_eq!(bad_names().len(), 8);
    }

    #[test]
    fn in_german_nothing_of_it_is_english() {
        let words = include_str!("../../../static/words/de.json");
        speak(Box::new(Written(serde_json::from_str(words).unwrap())));
        for (here, english) in all() {
            assert_ne!(here, english);
            assert!(
                !here.contains(['{', '}']) || english.contains('{'),
                "{here}"
            );
        }
        let full = Problem::BodyTooLarge {
            limit_bytes: 4_300_000,
        };
        assert!(full.in_words().contains("4,3 MB"), "{}", full.in_words());
        // Names are nobody's words.
        assert_eq!(called("Copy".to_owned()), "Copy");
        let unnamed = "A file in “a ”b” whose name can’t be read".to_owned();
        assert!(called(unnamed).contains("„a ”b“"));
    }
}
