//! What is on its way in and nothing has become of yet, and what did not get in.

use leptos::prelude::*;
use protocol::ids::ItemId;
use std::collections::BTreeMap;
use sync::intake::OnTakenName;

#[derive(Clone, Copy)]
pub struct AtDoor {
    /// Intakes that wait for an answer, the oldest first. Nothing of them is
    /// taken in before.
    pub questions: RwSignal<Vec<Question>>,
    /// Files found so far in what was dropped, while folders are walked.
    pub walking: RwSignal<Option<usize>>,
    /// What was not taken in, until the person has seen it.
    pub left_out: RwSignal<LeftOut>,
    /// What becomes of names that are taken, in folders where it was said for
    /// good.
    pub remembered: RwSignal<BTreeMap<Option<ItemId>, OnTakenName>>,
    /// Counts the intakes of which it is decided what they become.
    pub decided: RwSignal<u32>,
}

impl AtDoor {
    pub fn new() -> Self {
        Self {
            questions: RwSignal::new(Vec::new()),
            walking: RwSignal::new(None),
            left_out: RwSignal::new(LeftOut::default()),
            remembered: RwSignal::new(BTreeMap::new()),
            decided: RwSignal::new(0),
        }
    }
}

impl Default for AtDoor {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts the intakes of this page.
pub type IntakeId = u64;

/// An intake that has names which files have already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub id: IntakeId,
    /// What it is handed in to.
    pub folder: Option<ItemId>,
    /// How many files it has, with those that are new.
    pub files: usize,
    pub names: Vec<TakenName>,
}

/// A name that a file has already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TakenName {
    /// Which of the intake's sources it is.
    pub source: usize,
    /// Below the intake's folder, for people.
    pub path: String,
}

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesAnswer {
    /// Of all names…
    pub all: OnTakenName,
    /// …but these sources'.
    pub but: BTreeMap<usize, OnTakenName>,
    /// Whether it holds for this folder from now on.
    pub remember: bool,
}

/// Things that were handed in and not taken in, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub refused: Vec<RefusedFile>,
    /// What systems leave in folders: paths.
    pub junk: Vec<String>,
}

impl LeftOut {
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.junk.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefusedFile {
    /// A path, for people.
    pub what: String,
    pub why: String,
}
