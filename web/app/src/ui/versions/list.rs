//! What is known of the versions of a file, page by page.

use crate::commands::{Commands, use_commands};
use crate::format::sentence;
use crate::refusals::InWords;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::files::{FileVersion, FileVersions};
use protocol::ids::{ItemId, UnixMillis, Version};

#[derive(Clone, Copy)]
pub struct List {
    pub item: ItemId,
    commands: Commands,
    pub versions: RwSignal<Vec<FileVersion>>,
    /// Before which one the older ones are; `None` if there are none.
    pub older: RwSignal<Option<Version>>,
    pub state: RwSignal<Asked>,
    /// Counts the questions: an answer to an earlier one is late.
    asked: StoredValue<u32>,
}

#[derive(Clone, PartialEq)]
pub enum Asked {
    Waiting,
    Answered,
    Failed {
        why: String,
        before: Option<Version>,
    },
}

impl List {
    pub fn new(item: ItemId) -> Self {
        Self {
            item,
            commands: use_commands(),
            versions: RwSignal::new(Vec::new()),
            older: RwSignal::new(None),
            state: RwSignal::new(Asked::Waiting),
            asked: StoredValue::new(0),
        }
    }

    /// Asks for those before one, or for the newest.
    pub fn ask(self, before: Option<Version>) {
        let number = self.asked.get_value().wrapping_add(1);
        self.asked.set_value(number);
        self.state.set(Asked::Waiting);
        spawn_local(async move {
            let answer = self.commands.versions(self.item, before).await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(page) => self.take(page, before),
                Err(failure) => {
                    let why = sentence(&failure.in_words());
                    self.state.try_set(Asked::Failed { why, before });
                }
            }
        });
    }

    /// The one before a version; `None` before the first.
    pub fn before(self, version: Version) -> Option<Version> {
        let listed = self.versions.with(|all| {
            let mut older = all.iter().map(|one| one.version);
            older.find(|one| *one < version)
        });
        listed.or_else(|| self.older.get()?.checked_sub(1))
    }

    /// Bytes; 0 of one that is not listed.
    pub fn size(self, version: Version) -> u64 {
        self.versions.with_untracked(|all| {
            let one = all.iter().find(|one| one.version == version);
            one.map_or(0, |one| one.size)
        })
    }

    /// The versions that are listed, the newest first, with when each came; and `chosen`.
    pub fn known(self, chosen: Version) -> Vec<(Version, Option<UnixMillis>)> {
        let mut known: Vec<_> = self.versions.with(|all| {
            let listed = all.iter();
            listed
                .map(|one| (one.version, Some(one.committed.at_ms)))
                .collect()
        });
        if known.iter().all(|(version, _)| *version != chosen) {
            known.push((chosen, None));
        }
        known
    }

    /// A version has another name now, or is pinned, or is not.
    pub fn put(self, marked: FileVersion) {
        self.versions.try_update(|all| {
            if let Some(one) = all.iter_mut().find(|one| one.version == marked.version) {
                *one = marked;
            }
        });
    }

    fn take(self, page: FileVersions, before: Option<Version>) {
        let FileVersions {
            versions,
            next_before,
        } = page;
        self.versions.try_update(|all| match before {
            Some(before) => {
                all.retain(|version| version.version >= before);
                all.extend(versions);
            }
            None => *all = versions,
        });
        self.older.try_set(next_before);
        self.state.try_set(Asked::Answered);
    }
}
