//! What this device keeps offline: files of the person's own drive, of which every block
//! stays in the block cache, and folders with all that is in them. The choice is this
//! device's, and goes with the session.
//!
//! | file | does |
//! | --- | --- |
//! | here | the way there, for a page that keeps nothing |
//! | [`plan`] | which files that are, and how it stands with them |
//! | [`work`] | fetching them, in a part of the page |

pub mod plan;
pub mod work;

use super::root::Root;
use crate::parts::PartFuture;
use crate::words::t;
use leptos::prelude::Owner;
use platform::browser::shelf;
use platform::failure::Failure;
use protocol::ids::ItemId;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What is done in a [part](crate::parts) of the page.
pub enum OfflineAct {
    /// Looks at what is to be kept, and fetches what is not here.
    Look,
    /// Begins to keep items, or lets go of them.
    Keep { items: Vec<ItemId>, on: bool },
}

/// What the part has made.
pub trait Keeping {
    fn act(self: Rc<Self>, act: OfflineAct);
    /// Nobody is signed in any more.
    fn forget(&self);
}

pub struct Offline {
    /// The person's own drive.
    pub home: Rc<Root>,
    /// Its effects are the page's.
    pub owner: Owner,
    part: fn(Rc<Offline>, OfflineAct) -> PartFuture<()>,
    /// Once the part is here.
    pub keeping: RefCell<Option<Rc<dyn Keeping>>>,
}

impl Offline {
    pub fn new(home: Rc<Root>, part: fn(Rc<Offline>, OfflineAct) -> PartFuture<()>) -> Rc<Self> {
        Rc::new(Self {
            home,
            owner: Owner::current().unwrap_or_default(),
            part,
            keeping: RefCell::default(),
        })
    }

    /// Does something in the part of the page.
    pub fn act(self: &Rc<Self>, act: OfflineAct) {
        let offline = self.clone();
        spawn_local(async move {
            let is_asked_for = matches!(act, OfflineAct::Keep { .. });
            let done = (offline.part)(offline.clone(), act).await;
            // What is kept is looked at again when the page is opened anew.
            if let Err(failure) = done
                && is_asked_for
            {
                let failure: Failure = failure.into();
                let notices = offline.home.drive.notices;
                notices.failure(t("Nothing was changed of what is kept offline"), &failure);
            }
        });
    }

    /// The same at the start, if something is kept here.
    pub fn begin(self: &Rc<Self>) {
        if shelf::read(shelf::OFFLINE).is_some() {
            self.act(OfflineAct::Look);
        }
    }

    /// Nobody is signed in any more.
    pub fn forget(&self) {
        if let Some(keeping) = &*self.keeping.borrow() {
            keeping.forget();
        }
    }
}
