//! Each tab keeps what it has not sent under a name of its own, and holds a web
//! lock of that name for as long as it lives. When a tab is gone, the leader
//! takes over what it has left.
//!
//! A tab that is reloaded takes its name again and goes on with its own edits,
//! so a lock that is freed is no reason to hurry.

use super::panel::Panel;
use super::ports::Client;
use super::remains;
use super::store::Store;
use super::upwards::Upwards;
use crate::parts::{self, NotLoaded, PartFuture};
use futures_util::future::select;
use platform::browser::locks::{self, HeldLock};
use platform::browser::{clock, random};
use platform::local_db::Own;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::rc::Rc;
use sync::message::Input;
use sync::one_by_one::one_by_one;
use wasm_bindgen_futures::spawn_local;

const PREFIX: &str = "driftless-tab-";
/// Where a tab remembers its name over a reload.
const KEY: &str = "driftless-tab";

/// A page that is reloaded frees its lock before this page asks for it; one
/// that was duplicated never does. In milliseconds.
const OWN_LOCK_MILLIS: u64 = 300;

/// How long a tab may take to come back, in milliseconds.
const GRACE_MILLIS: u64 = 4_000;

/// How long to wait for an edit that was made here as well, in milliseconds.
const AGAIN_MILLIS: u64 = 10_000;

/// Takes over what a tab has left, in a [part](crate::parts) of the page: seldom one leaves
/// something.
pub type Inherit = fn(Rc<Heirs>, Client, String) -> PartFuture<Inheriting>;
/// Ends when nothing is left.
pub type Inheriting = Pin<Box<dyn Future<Output = ()>>>;

pub struct Heirs {
    inherit: Inherit,
    store: Rc<Store>,
    panel: Rc<Panel>,
    upwards: Rc<Upwards>,
    /// Tabs that this one waits for the end of.
    watched: RefCell<BTreeSet<String>>,
}

/// This tab's name: the one that it had, unless another tab has it.
pub async fn own_name() -> String {
    let storage = web_sys::window().and_then(|window| window.session_storage().ok().flatten());
    let known = storage
        .as_ref()
        .and_then(|storage| storage.get_item(KEY).ok().flatten());
    if let Some(name) = known {
        if !locks::exist() {
            return name;
        }
        if let Some(held) = locks::take_within(&lock_of(&name), OWN_LOCK_MILLIS).await {
            held.forever();
            return name;
        }
    }
    let name = format!("{:014x}", random::small_id());
    if let Some(storage) = storage {
        // Without it, a reload counts as another tab.
        let _ = storage.set_item(KEY, &name);
    }
    if locks::exist() {
        locks::take(&lock_of(&name)).await.forever();
    }
    name
}

impl Heirs {
    pub fn new(
        inherit: Inherit,
        store: Rc<Store>,
        panel: Rc<Panel>,
        upwards: Rc<Upwards>,
    ) -> Rc<Self> {
        Rc::new(Self {
            inherit,
            store,
            panel,
            upwards,
            watched: RefCell::default(),
        })
    }

    /// Takes over what closed tabs have left, now and later. The `first` tab of a
    /// browser knows that no other is just being reloaded.
    pub fn begin(self: &Rc<Self>, client: Client, first: bool) {
        if !locks::exist() {
            return;
        }
        let heirs = self.clone();
        spawn_local(async move {
            let own = heirs.store.tab();
            let held = locks::held().await;
            let tabs = held.iter().filter_map(|lock| lock.strip_prefix(PREFIX));
            let alive: BTreeSet<String> = one_by_one(tabs.map(str::to_owned));
            let with_edits = heirs.store.tabs().await;
            for tab in with_edits.union(&alive).filter(|tab| **tab != own) {
                if first && !alive.contains(tab) {
                    if let Some(held) = locks::take_within(&lock_of(tab), OWN_LOCK_MILLIS).await {
                        heirs.leave_none(&client, tab, held).await;
                    }
                } else {
                    heirs.watch(&client, tab.clone());
                }
            }
            let needed = async || heirs.store.drafts().await;
            remains::clean_up_copies(needed).await;
        });
    }

    /// Waits for the end of a tab.
    pub fn watch(self: &Rc<Self>, client: &Client, tab: String) {
        if tab == self.store.tab() || !self.watched.borrow_mut().insert(tab.clone()) {
            return;
        }
        let (heirs, client) = (self.clone(), client.clone());
        spawn_local(async move {
            let over = client.over().clone();
            select(pin!(heirs.outlive(&client, &tab)), pin!(over.wait())).await;
            heirs.watched.borrow_mut().remove(&tab);
        });
    }

    async fn outlive(self: &Rc<Self>, client: &Client, tab: &str) {
        loop {
            let lock = lock_of(tab);
            drop(locks::take(&lock).await);
            clock::sleep(GRACE_MILLIS).await;
            if let Some(held) = locks::take_within(&lock, OWN_LOCK_MILLIS).await {
                self.leave_none(client, tab, held).await;
                return (self.upwards.on_tab_gone)();
            }
        }
    }

    /// Takes over all that a tab has left, whose lock is `held` until that is done.
    async fn leave_none(self: &Rc<Self>, client: &Client, tab: &str, held: HeldLock) {
        while self.store.tabs().await.contains(tab) && !client.over().is_set() {
            let taking = (self.inherit)(self.clone(), client.clone(), tab.to_owned());
            match taking.await {
                Ok(taking) => {
                    taking.await;
                    break;
                }
                Err(NotLoaded) => clock::sleep(parts::AGAIN_MILLIS).await,
            }
        }
        drop(held);
    }

    /// What was changed here as well waits for that to be done: taken over then, it is
    /// based on an older version, and the server says so.
    pub async fn take_over(self: Rc<Self>, client: Client, tab: String) {
        let (client, tab) = (&client, tab.as_str());
        loop {
            let own = {
                let engine = client.engine();
                let trees = engine.trees();
                Own {
                    items: one_by_one(trees.edits().map(|edit| edit.item)),
                    conflicts: one_by_one(trees.resolutions().keys().copied()),
                }
            };
            let Some(inheritance) = self.store.inherit(tab, &own).await else {
                return;
            };
            if !inheritance.is_empty() {
                let inherited = Input::Inherited {
                    edits: inheritance.edits,
                    resolutions: inheritance.resolutions,
                    matters: inheritance.matters,
                };
                client.take(vec![inherited]);
                self.panel.adopt(client);
            }
            if inheritance.is_whole || client.over().is_set() {
                return;
            }
            clock::sleep(AGAIN_MILLIS).await;
        }
    }
}

fn lock_of(tab: &str) -> String {
    format!("{PREFIX}{tab}")
}
