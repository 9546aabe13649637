//! What makes the page live: the session, the change feed, the poll, the other
//! tabs and the uploads. Reads and writes [`Drive`]'s signals.
//!
//! | file | does |
//! | --- | --- |
//! | [`session`] | from start to sign-out |
//! | [`pull`] | reads the change feed into tree and local database |
//! | [`live`] | pull, poll, and again; run by one tab of the browser |
//! | [`tabs`] | which tab that is, and what it tells the others |
//! | [`events`] | what the browser tells the page about itself |
//! | [`learn`] | takes in the answers to this tab's own changes |
//! | [`place`], [`resolve`] | commands that are more than one call |
//! | [`store`] | the local database, and life without it |
//! | [`uploads`] | from a dropped file to a version on the server |

pub mod events;
pub mod learn;
pub mod live;
pub mod place;
pub mod pull;
pub mod resolve;
pub mod session;
pub mod store;
pub mod tabs;
pub mod uploads;

use crate::api::Client;
use crate::browser::bell::{Bell, Latch};
use crate::hashing::pool::Pool;
use crate::state::Drive;
use leptos::prelude::{GetUntracked, Owner};
use std::cell::{Cell, RefCell};
use store::Store;
use tabs::Tabs;

/// What the driver keeps that is no view's business.
#[derive(Default)]
pub struct Engine {
    pub client: Client,
    pub store: Store,
    pub tabs: Tabs,
    pub pool: Pool,
    pub uploads: uploads::Queue,
    pub feed: Feed,
    /// Set when the session that now runs ends; replaced by the next one.
    session_over: RefCell<Latch>,
    /// Rung when asking who is signed in is worth another try.
    session_retry: Bell,
    /// Whether the person is signing out at this moment.
    signs_out: Cell<bool>,
    sign_up_open: Cell<Option<bool>>,
    /// Signals that live as long as the page are made in its name.
    owner: Option<Owner>,
}

/// Where this tab stands in the change feed.
#[derive(Default)]
pub struct Feed {
    /// The cursor that belongs to the tree as it is shown.
    pub cursor: RefCell<Option<String>>,
    /// A listing that will replace the tree when it is complete.
    staged: RefCell<Option<pull::Staged>>,
    /// Rung when somebody in this tab wants a pull now.
    pub wanted: Bell,
    /// Rung whenever the tree has changed.
    pub moved: Bell,
    /// Whether this tab polls for all tabs of the browser.
    leads: Cell<bool>,
}

impl Engine {
    pub fn new() -> Self {
        Self {
            owner: Owner::current(),
            ..Self::default()
        }
    }

    /// Set when the session that runs now is over.
    pub fn session_over(&self) -> Latch {
        self.session_over.borrow().clone()
    }

    /// Runs something that makes signals.
    pub fn owning<T>(&self, make: impl FnOnce() -> T) -> T {
        match &self.owner {
            Some(owner) => owner.with(make),
            None => make(),
        }
    }
}

/// Asks for a pull as soon as possible, by whichever tab does that.
pub fn want_pull(drive: Drive) {
    let engine = drive.engine();
    if engine.feed.leads.get() {
        engine.feed.wanted.ring();
    } else {
        engine.tabs.tell(&tabs::Message::PullPlease);
    }
}

/// The connection as it is now.
fn connection(drive: Drive) -> crate::state::connection::Connection {
    drive.connection.get_untracked()
}
