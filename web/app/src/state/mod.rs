//! What the views show, as signals. Written by the commands and the sync loop,
//! read by the views.

pub mod connection;
pub mod door;
pub mod downloads;
pub mod session;
pub mod tree;
mod twins;
pub mod uploads;

use crate::driver::Driver;
use connection::Connection;
use door::AtDoor;
use downloads::Downloads;
use leptos::prelude::*;
use protocol::conflicts::Conflict;
use protocol::ids::ConflictId;
use session::SessionState;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use sync::edit::{Matter, Resolution};
use sync::ids::Nonce;
use tree::Tree;
use uploads::Uploads;

/// Notices that are kept at a time; what is counted in hundreds has a list of its
/// own.
const MOST_NOTICES: usize = 50;

/// All of the page's state. Cheap to copy: it holds signals.
#[derive(Clone, Copy)]
pub struct Drive {
    pub session: RwSignal<SessionState>,
    pub connection: RwSignal<Connection>,
    pub tree: RwSignal<Tree>,
    pub door: AtDoor,
    pub uploads: Uploads,
    pub downloads: Downloads,
    /// The open conflicts of this space.
    pub conflicts: RwSignal<BTreeMap<ConflictId, Conflict>>,
    /// Merges that were not carried out and are kept; each says why. Its
    /// conflict is open again, if nobody else has resolved it.
    pub merges: RwSignal<BTreeMap<ConflictId, Resolution>>,
    /// What met a change of somebody else's, until the person has seen it.
    pub matters: RwSignal<BTreeMap<Nonce, Matter>>,
    /// What of this device's is not on the server.
    pub unsent: RwSignal<Unsent>,
    pub notices: RwSignal<Vec<Notice>>,
    /// What is behind the signals; no business of the views.
    driver: StoredValue<Rc<Driver>, LocalStorage>,
}

impl Drive {
    /// Empty state; needs a reactive owner.
    pub fn new() -> Self {
        Self {
            session: RwSignal::new(SessionState::Checking),
            connection: RwSignal::new(Connection::Connecting),
            tree: RwSignal::new(Tree::default()),
            door: AtDoor::new(),
            uploads: Uploads::new(),
            downloads: Downloads::new(),
            conflicts: RwSignal::new(BTreeMap::new()),
            merges: RwSignal::new(BTreeMap::new()),
            matters: RwSignal::new(BTreeMap::new()),
            unsent: RwSignal::new(Unsent::default()),
            notices: RwSignal::new(Vec::new()),
            driver: StoredValue::new_local(Rc::new(Driver::new())),
        }
    }

    /// Shows a sentence to the person in front of the page.
    pub fn notify(self, tone: Tone, text: String) {
        thread_local! {
            // No two have one number, whoever tells them: else the list shows one of
            // them, and closing one closes both.
            static NEXT: Cell<u64> = const { Cell::new(1) };
        }
        let id = NEXT.with(|next| next.replace(next.get() + 1));
        self.notices.update(|notices| {
            notices.push(Notice { id, tone, text });
            keep_few(notices);
        });
    }

    pub(crate) fn driver(self) -> Rc<Driver> {
        self.driver.get_value()
    }
}

impl Default for Drive {
    fn default() -> Self {
        Self::new()
    }
}

/// Changes of this device that the server does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// They wait, or travel.
    pub going: usize,
    /// They need a person.
    pub stuck: usize,
}

/// More of them are no help to anybody: those that go by themselves go first, then
/// the oldest.
fn keep_few(notices: &mut Vec<Notice>) {
    while notices.len() > MOST_NOTICES {
        let good = notices.iter().position(|notice| notice.tone == Tone::Good);
        notices.remove(good.unwrap_or(0));
    }
}

/// A sentence for the person in front of the page, shown as a toast until it
/// is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: u64,
    pub tone: Tone,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}
