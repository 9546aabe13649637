//! The page's side of the sync engine: everything that is IO. What is decided
//! is decided in [`sync`]; this carries it out and shows the outcome.
//!
//! | file | does |
//! | --- | --- |
//! | [`session`] | from start to sign-out |
//! | [`remains`] | whose it is what this browser keeps, and when it goes |
//! | [`runner`] | inputs into the engine, its effects in order, its timer |
//! | [`requests`] | a request at the API |
//! | [`writes`] | those that store a content: in as few bytes and requests as can be |
//! | [`gather`] | new files, or changes of places, many in one request |
//! | [`together`] | what such a request is |
//! | [`promises`] | what was asked for, said to be done once it is |
//! | [`lists`] | the block lists that this device knows |
//! | [`drafts`] | the bytes of unsent edits: hashed, sent, kept, let go |
//! | [`frames`] | blocks of a draft as patches, as LZ4 or plain |
//! | [`fill`] | what was sent, into the block cache |
//! | [`downloads`] | files out of the block cache, and what it lacks from the server |
//! | [`zips`] | several files or a folder, as one zip |
//! | [`purge`] | deleting for good |
//! | [`patience`] | asking again, for what a person waits for |
//! | [`acts`] | what a person does, as the engine takes it |
//! | [`show`] | what has changed, into the signals |
//! | [`notices`] | what the engine tells, in words |
//! | [`store`] | the local database, and life without it |
//! | [`tabs`] | which tab leads, and what tabs tell each other |
//! | [`heirs`] | taking over what a closed tab has not sent |
//! | [`gate`] | no request before it is known who is signed in |
//! | [`events`] | what the browser tells the page about itself |
//! | [`door`] | what is handed in, until the engine has it |
//! | [`panel`] | the uploads, each to the end of its row |

pub mod acts;
pub mod door;
pub mod downloads;
pub mod drafts;
pub mod events;
pub mod fill;
pub mod frames;
pub mod gate;
pub mod gather;
pub mod heirs;
pub mod lists;
pub mod notices;
pub mod panel;
pub mod patience;
pub mod promises;
pub mod purge;
mod remains;
pub mod requests;
pub mod runner;
pub mod session;
pub mod show;
pub mod store;
pub mod tabs;
mod together;
pub mod writes;
pub mod zips;

use crate::api::Client;
use crate::browser::bell::Bell;
use crate::cache::Cache;
use crate::hashing::pool::Pool;
use crate::state::Drive;
use door::Door;
use downloads::Downloads;
use drafts::Drafts;
use fill::Fill;
use gate::Gate;
use gather::Gather;
use leptos::prelude::Owner;
use panel::Panel;
use panel::sender::Sender;
use promises::Promises;
use protocol::content::Content;
use protocol::files::NewFile;
use protocol::ids::UserId;
use protocol::items::ItemChange;
use runner::Runner;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use store::Store;
use sync::message::Input;
use tabs::Tabs;

/// What the driver keeps that is no view's business.
#[derive(Default)]
pub struct Driver {
    /// Of whoever is signed in: what is begun for them is not carried on for another.
    client: RefCell<Client>,
    pub store: Store,
    pub tabs: Tabs,
    pub pool: Pool,
    pub sender: Sender,
    pub creates: Gather<NewFile<Content>>,
    pub places: Gather<ItemChange>,
    pub promises: Promises,
    pub drafts: Drafts,
    pub door: Door,
    pub panel: Panel,
    pub gate: Gate,
    pub cache: Cache,
    pub fill: Fill,
    pub downloads: Downloads,
    /// The engine of whoever is signed in.
    runner: RefCell<Option<Rc<Runner>>>,
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

    pub fn client(&self) -> Client {
        self.client.borrow().clone()
    }

    /// Whose page asks from now on.
    fn speak_for(&self, user: Option<UserId>) {
        let client = self.client().of(user);
        *self.client.borrow_mut() = client;
    }

    pub fn runner(&self) -> Option<Rc<Runner>> {
        self.runner.borrow().clone()
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
    if let Some(runner) = drive.driver().runner() {
        runner.take(drive, inputs);
    }
}
