//! What somebody sees who has a link and maybe no account.

use leptos::prelude::*;
use protocol::links::{LinkItem, LinkShown};
use web_sys::File;

#[derive(Clone, Copy)]
pub struct Visited {
    pub standing: RwSignal<LinkStanding>,
    /// What was handed in in this visit, in its order.
    pub handed_in: RwSignal<Vec<HandedInFile>>,
}

/// How the link stands, as the server last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStanding {
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
pub struct HandedInFile {
    pub id: u64,
    pub file: StoredValue<File, LocalStorage>,
    pub stage: RwSignal<VisitStage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitStage {
    Waiting,
    /// So many of its bytes are read.
    Reading(u64),
    /// So many of its bytes have left.
    Sending(u64),
    /// The server has it.
    Done,
    Failed(String),
}

impl VisitStage {
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Waiting | Self::Reading(_) | Self::Sending(_))
    }
}

impl Visited {
    pub fn new() -> Self {
        Self {
            standing: RwSignal::new(LinkStanding::Looking),
            handed_in: RwSignal::new(Vec::new()),
        }
    }

    /// Whether something would be lost if the page were closed.
    pub fn is_sending(self) -> bool {
        let is_under_way = |one: &HandedInFile| one.stage.with_untracked(VisitStage::is_under_way);
        self.handed_in
            .with_untracked(|all| all.iter().any(is_under_way))
    }
}

impl Default for Visited {
    fn default() -> Self {
        Self::new()
    }
}
