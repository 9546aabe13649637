//! What somebody sees who has a link and maybe no account.

use leptos::prelude::*;
use protocol::links::{LinkItem, LinkShown};
use web_sys::File;

#[derive(Clone, Copy)]
pub struct Visited {
    pub standing: RwSignal<Standing>,
    /// What was handed in in this visit, in its order.
    pub handed_in: RwSignal<Vec<HandedIn>>,
}

/// How the link stands, as the server last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not known yet.
    Looking,
    /// The server could not be asked; why.
    Unreached(String),
    /// There is no such link, or not any more.
    Gone,
    /// Its password is to be given.
    Locked,
    Open(LinkShown, LinkItem),
}

/// A file on its way to where a drop box leads.
#[derive(Clone, Copy)]
pub struct HandedIn {
    pub id: u64,
    pub file: StoredValue<File, LocalStorage>,
    pub stage: RwSignal<Stage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    /// So many of its bytes are read.
    Reading(u64),
    /// So many of its bytes have left.
    Sending(u64),
    /// The server has it.
    Done,
    Failed(String),
}

impl Stage {
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Waiting | Self::Reading(_) | Self::Sending(_))
    }
}

impl Visited {
    pub fn new() -> Self {
        Self {
            standing: RwSignal::new(Standing::Looking),
            handed_in: RwSignal::new(Vec::new()),
        }
    }

    /// Whether something would be lost if the page were closed.
    pub fn is_sending(self) -> bool {
        let is_under_way = |one: &HandedIn| one.stage.with_untracked(Stage::is_under_way);
        self.handed_in
            .with_untracked(|all| all.iter().any(is_under_way))
    }
}

impl Default for Visited {
    fn default() -> Self {
        Self::new()
    }
}
