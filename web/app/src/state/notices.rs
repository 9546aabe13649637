//! Sentences for the person in front of the page.

use super::undo::StepId;
use crate::refusals::InWords;
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::ids::ItemId;
use std::cell::Cell;

/// Notices that are kept at a time; what is counted in hundreds has a list of its
/// own.
const MOST_NOTICES: usize = 50;

/// What the person has not dismissed.
#[derive(Clone, Copy)]
pub struct Notices(RwSignal<Vec<Notice>>);

/// A sentence, shown as a toast until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: u64,
    pub tone: Tone,
    pub text: String,
    pub more: More,
}

/// What a notice has beside its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum More {
    #[default]
    Nothing,
    /// What it tells of can be taken back, in this root.
    Undo { root: Option<ItemId>, step: StepId },
    /// It tells that these are not starred any more, in this root.
    Unstarred(StoredValue<(Option<ItemId>, Vec<ItemId>)>),
    /// It tells of work that goes on, and stays until that ends: how much of it is left.
    Progress { all: usize, left: RwSignal<usize> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}

impl Notices {
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    pub fn tell(self, tone: Tone, text: impl Into<String>) {
        self.tell_more(tone, text.into(), More::Nothing);
    }

    /// The same with more than words. Returns the number of the notice.
    pub fn tell_more(self, tone: Tone, text: String, more: More) -> u64 {
        thread_local! {
            // No two have one number, whoever tells them: else the list shows one of
            // them, and closing one closes both.
            static NEXT: Cell<u64> = const { Cell::new(1) };
        }
        let id = NEXT.with(|next| next.replace(next.get() + 1));
        self.0.update(|notices| {
            notices.push(Notice {
                id,
                tone,
                text,
                more,
            });
            keep_few(notices);
        });
        id
    }

    /// What was asked for is done.
    pub fn good(self, text: impl Into<String>) {
        self.tell(Tone::Good, text);
    }

    /// Something went wrong.
    pub fn bad(self, text: impl Into<String>) {
        self.tell(Tone::Bad, text);
    }

    /// The same, with why: where no form is open that could say it.
    pub fn failure(self, what: &str, failure: &Failure) {
        if *failure != Failure::Cancelled {
            self.bad(format!("{what}: {}", failure.in_words()));
        }
    }

    pub fn all(self) -> Vec<Notice> {
        self.0.get()
    }

    pub fn count(self) -> usize {
        self.0.with(Vec::len)
    }

    pub fn dismiss(self, id: u64) {
        self.0
            .update(|notices| notices.retain(|notice| notice.id != id));
    }

    pub fn dismiss_all(self) {
        self.0.set(Vec::new());
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self::new()
    }
}

/// More of them are no help to anybody: those that go by themselves go first, then
/// the oldest.
fn keep_few(notices: &mut Vec<Notice>) {
    while notices.len() > MOST_NOTICES {
        let good = notices.iter().position(|notice| notice.tone == Tone::Good);
        notices.remove(good.unwrap_or(0));
    }
}
