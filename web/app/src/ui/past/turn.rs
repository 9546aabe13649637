//! Where the dialog is, and what takes it on.

use crate::commands::{Came, Commands, PastOutcome, PastPlan, Progress, plan_past, use_commands};
use crate::format::sentence;
use crate::refusals::InWords;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ids::{ItemId, UnixMillis};
use protocol::past::{Past, PastItem};
use std::sync::Arc;

/// What the server has told.
#[derive(Clone)]
pub struct Told {
    pub past: Past,
    pub entries: Arc<Vec<PastItem>>,
}

/// What was carried out, and what came of it.
#[derive(Clone)]
pub struct Went {
    /// The time that it was about.
    pub at: UnixMillis,
    /// When that was asked: a moment before anything was done.
    pub asked_at: UnixMillis,
    pub outcome: Arc<PastOutcome>,
    /// Whether it took back what was done just before.
    pub is_undo: bool,
}

#[derive(Clone)]
pub enum Stage {
    /// A time is chosen; with what was wrong with the last one.
    Choose(Option<String>),
    /// The server is asked.
    Asking,
    Look(Told),
    Going {
        total: usize,
    },
    Ended(Went),
}

/// What the dialog is about, and where it is.
#[derive(Clone, Copy)]
pub struct Turn {
    commands: Commands,
    pub of: Option<ItemId>,
    pub stage: RwSignal<Stage>,
    /// Of what is asked, how much was told so far.
    pub told: RwSignal<usize>,
    pub progress: Progress,
    /// Counts what was begun: what comes of something earlier is late.
    begun: StoredValue<u32>,
}

impl Turn {
    pub fn new(of: Option<ItemId>) -> Self {
        Self {
            commands: use_commands(),
            of,
            stage: RwSignal::new(Stage::Choose(None)),
            told: RwSignal::new(0),
            progress: Progress {
                done: RwSignal::new(0),
                stop: RwSignal::new(false),
            },
            begun: StoredValue::new(0),
        }
    }

    /// Begins something: what was begun before is late from now on.
    fn begins(self) -> u32 {
        let number = self.begun.get_value().wrapping_add(1);
        self.begun.set_value(number);
        number
    }

    fn is_late(self, number: u32) -> bool {
        self.begun.try_get_value() != Some(number)
    }

    /// Asks what was otherwise at a time.
    pub fn ask(self, at: UnixMillis) {
        let commands = self.commands;
        let number = self.begins();
        self.told.set(0);
        self.stage.set(Stage::Asking);
        spawn_local(async move {
            let answer = commands.past((self.of, at), self.told).await;
            if self.is_late(number) {
                return;
            }
            self.stage.set(match answer {
                Ok((past, entries)) => Stage::Look(Told {
                    past,
                    entries: Arc::new(entries),
                }),
                Err(failure) => Stage::Choose(Some(sentence(&failure.in_words()))),
            });
        });
    }

    /// Carries a plan out.
    pub fn go(self, past: Past, plan: PastPlan, is_undo: bool) {
        let commands = self.commands;
        let number = self.begins();
        let total = plan.steps().count();
        self.progress.done.set(0);
        self.progress.stop.set(false);
        self.stage.set(Stage::Going { total });
        spawn_local(async move {
            let about = (self.of, past.at_ms);
            let outcome = commands.bring_past_back(about, plan, self.progress).await;
            if !self.is_late(number) {
                self.stage.set(Stage::Ended(Went {
                    at: past.at_ms,
                    asked_at: past.asked_at_ms,
                    outcome: Arc::new(outcome),
                    is_undo,
                }));
            }
        });
    }

    /// Takes back what was done: each item of it is again as it was before.
    pub fn undo(self, went: &Went) {
        let commands = self.commands;
        let (number, went) = (self.begins(), went.clone());
        self.told.set(0);
        self.stage.set(Stage::Asking);
        spawn_local(async move {
            let answer = commands.past((self.of, went.asked_at), self.told).await;
            if self.is_late(number) {
                return;
            }
            match answer {
                Ok((past, entries)) => {
                    let plan = plan_past(&entries, Came::Goes).only(&went.outcome.done);
                    self.go(past, plan, true);
                }
                Err(failure) => self
                    .stage
                    .set(Stage::Choose(Some(sentence(&failure.in_words())))),
            }
        });
    }
}
