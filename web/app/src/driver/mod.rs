//! The page around the client: who is signed in, what a person does, and what they are
//! shown. What goes on between the engine and the server is in [`client`].
//!
//! | file | does |
//! | --- | --- |
//! | [`session`] | from start to sign-out |
//! | [`remains`] | whose it is what this browser keeps, and when it goes |
//! | [`ports`] | the client's ports, in a browser |
//! | [`promises`] | what was asked for, said to be done once it is |
//! | [`downloads`] | a file on its way to the person |
//! | [`zips`] | several files or a folder, as one zip |
//! | [`purge`] | deleting for good |
//! | [`acts`] | what a person does, as the engine takes it |
//! | [`show`] | what has changed, into the signals |
//! | [`notices`] | what the engine tells, in words |
//! | [`store`] | the local database, and life without it |
//! | [`tabs`] | which tab leads, and what tabs tell each other |
//! | [`heirs`] | taking over what a closed tab has not sent |
//! | [`events`] | what the browser tells the page about itself |
//! | [`door`] | what is handed in, until the engine has it |
//! | [`panel`] | the uploads, each to the end of its row |

pub mod acts;
pub mod door;
pub mod downloads;
pub mod events;
pub mod heirs;
pub mod notices;
pub mod panel;
pub mod ports;
pub mod promises;
pub mod purge;
mod remains;
pub mod session;
pub mod show;
pub mod store;
pub mod tabs;
pub mod zips;

use crate::state::Drive;
use client::bell::Bell;
use client::gate::Gate;
use door::Door;
use downloads::Downloads;
use leptos::prelude::Owner;
use panel::Panel;
use platform::api::Api;
use platform::failure::Failure;
use ports::Page;
use promises::Promises;
use protocol::ids::UserId;
use std::cell::{Cell, RefCell};
use store::Store;
use sync::message::Input;
use tabs::Tabs;
use workers::cache::Cache;
use workers::hashing::pool::Pool;

/// The client, in a page.
pub type Client = client::Client<Page>;

/// What the driver keeps that is no view's business.
#[derive(Default)]
pub struct Driver {
    /// Of whoever is signed in: what is begun for them is not carried on for another.
    api: RefCell<Api>,
    pub store: Store,
    pub tabs: Tabs,
    pub pool: Pool,
    pub promises: Promises,
    pub door: Door,
    pub panel: Panel,
    pub gate: Gate,
    pub cache: Cache,
    pub downloads: Downloads,
    /// The engine of whoever is signed in, at work.
    client: RefCell<Option<Client>>,
    /// Rung when what waits for the network is worth another try.
    pub again: Bell,
    /// Whether the person is signing out at this moment.
    signs_out: Cell<bool>,
    /// Whether the server is asked whose the cookie is.
    asks_who: Cell<bool>,
    sign_up_open: Cell<Option<bool>>,
    /// Signals that live as long as the page are made in its name.
    owner: Option<Owner>,
}

impl Driver {
    pub fn new() -> Self {
        Self {
            owner: Owner::current(),
            ..Self::default()
        }
    }

    pub fn api(&self) -> Api {
        self.api.borrow().clone()
    }

    /// Whose page asks from now on.
    fn speak_for(&self, user: Option<UserId>) {
        let api = self.api().of(user);
        *self.api.borrow_mut() = api;
    }

    pub fn client(&self) -> Option<Client> {
        self.client.borrow().clone()
    }

    /// Runs something that makes signals.
    pub fn owning<T>(&self, make: impl FnOnce() -> T) -> T {
        match &self.owner {
            Some(owner) => owner.with(make),
            None => make(),
        }
    }
}

/// Hands something that happened to the engine; nothing if nobody is signed in.
pub fn input(drive: Drive, input: Input) {
    inputs(drive, vec![input]);
}

/// The same for many things at once, which are shown together.
pub fn inputs(drive: Drive, inputs: Vec<Input>) {
    if let Some(client) = drive.driver().client() {
        client.take(inputs);
    }
}

/// Asks the server until there is an answer, or for so long that a person would have
/// given up.
///
/// # Errors
/// Those of the question.
async fn patiently<T>(
    drive: Drive,
    ask: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    client::patience::patiently(&ports::Timers, &drive.driver().again, ask).await
}
