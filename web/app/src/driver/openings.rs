//! Which files the person has open, said to the server while it is so and they look at the
//! page; and what others have open, which it is asked for. Only of files that several people
//! have. What is not said or not heard costs nobody anything, so nothing of it is tried again.

use super::current::Current;
use super::tabs::{TabMessage, Tabs};
use crate::state::Drive;
use crate::state::openings::{Openings as Shown, SeenOpening};
use crate::state::shares::Shares;
use leptos::prelude::{GetUntracked, RwSignal, Set, WithUntracked, untrack};
use platform::api::Api;
use platform::browser::{agent, clock};
use protocol::ids::{ItemId, UnixMillis};
use protocol::limits::OPENING_SAID_EVERY_MILLIS;
use protocol::openings::SayOpen;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;

/// While next versions of more files are on their way, it is said of none that it is open for
/// that: whoever sends so many looks at none of them. What a view shows is said always.
const MOST_SENT: usize = 20;

pub struct Openings {
    root: Option<ItemId>,
    current: Current,
    tree: RwSignal<Tree>,
    shares: Shares,
    shown: Shown,
    tabs: Rc<Tabs>,
    held: RefCell<BTreeMap<ItemId, Held>>,
    /// Whether it is repeated what is open.
    repeats: Cell<bool>,
    /// What is to be said next, and in whose name.
    unsaid: RefCell<VecDeque<(Api, SayOpen)>>,
    /// Whether it is being said.
    says: Cell<bool>,
    /// How many times it was asked what others have open: an older answer may come later.
    asked: Cell<u64>,
}

/// Why a file is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// How many views show it.
    views: usize,
    /// A next version of it is on its way.
    is_sent: bool,
    /// When it was last said.
    said_at: Option<UnixMillis>,
}

impl Held {
    fn is_open(self) -> bool {
        self.views > 0 || self.is_sent
    }

    fn is_due(self, now: UnixMillis) -> bool {
        let is_old = |at: UnixMillis| now.saturating_sub(at) >= OPENING_SAID_EVERY_MILLIS;
        self.said_at.is_none_or(is_old)
    }
}

impl Openings {
    pub fn new(current: Current, drive: Drive, tabs: Rc<Tabs>) -> Rc<Self> {
        Rc::new(Self {
            root: drive.root,
            current,
            tree: drive.tree,
            shares: drive.shares,
            shown: drive.openings,
            tabs,
            held: RefCell::default(),
            repeats: Cell::new(false),
            unsaid: RefCell::default(),
            says: Cell::new(false),
            asked: Cell::new(0),
        })
    }

    /// A view shows the file from now on.
    pub fn opens(self: &Rc<Self>, item: ItemId) {
        self.change(item, |held| held.views += 1);
    }

    /// One that showed it does not any more.
    pub fn closes(self: &Rc<Self>, item: ItemId) {
        self.change(item, |held| held.views = held.views.saturating_sub(1));
    }

    /// Of each file, whether a next version of it is on its way.
    pub fn are_sent(self: &Rc<Self>, sent: Vec<(ItemId, bool)>) {
        let mut is_any_open = false;
        for (item, is_sent) in sent {
            let is_held = self.held.borrow().contains_key(&item);
            if is_sent || is_held {
                is_any_open |= self.note(item, |held| held.is_sent = is_sent);
            }
        }
        // Only now it is known how many they are.
        if is_any_open {
            self.say_on();
        }
    }

    fn change(self: &Rc<Self>, item: ItemId, change: impl FnOnce(&mut Held)) {
        if self.note(item, change) {
            self.say_on();
        }
    }

    /// Notes why a file is open, and returns whether it is. If it is not any more, says so.
    fn note(self: &Rc<Self>, item: ItemId, change: impl FnOnce(&mut Held)) -> bool {
        let mut all = self.held.borrow_mut();
        let mut held = all.get(&item).copied().unwrap_or_default();
        change(&mut held);
        if held.is_open() {
            all.insert(item, held);
            return true;
        }
        all.remove(&item);
        drop(all);
        if held.said_at.is_some() {
            self.say(item, false);
        }
        false
    }

    /// Says what is open, and again for as long as it is.
    fn say_on(self: &Rc<Self>) {
        self.say_due();
        self.repeat();
    }

    /// Says of what is open that it is, unless that was said lately or nobody looks at the
    /// page.
    pub fn say_due(self: &Rc<Self>) {
        if !agent::is_looked_at() || self.tells_nothing() {
            return;
        }
        let now = clock::now_ms();
        let mut due = Vec::new();
        let mut all = self.held.borrow_mut();
        let are_many = all.values().filter(|held| held.is_sent).count() > MOST_SENT;
        for (item, held) in all.iter_mut() {
            let is_for_others = held.views > 0 || !are_many;
            if is_for_others && held.is_due(now) && self.is_shared(*item) {
                held.said_at = Some(now);
                due.push(*item);
            }
        }
        drop(all);
        for item in due {
            self.say(item, true);
        }
    }

    /// As long as something is open.
    fn repeat(self: &Rc<Self>) {
        if self.repeats.replace(true) {
            return;
        }
        let openings = self.clone();
        spawn_local(async move {
            while !openings.held.borrow().is_empty() {
                clock::sleep(OPENING_SAID_EVERY_MILLIS).await;
                openings.say_due();
            }
            openings.repeats.set(false);
        });
    }

    /// One after the other, or a close could overtake its open. The latest of a file is
    /// enough.
    fn say(self: &Rc<Self>, item: ItemId, is_open: bool) {
        let api = self.current.api();
        if !api.is_somebodys() {
            return;
        }
        let mut unsaid = self.unsaid.borrow_mut();
        unsaid.retain(|(_, before)| before.item != item);
        unsaid.push_back((api, SayOpen { item, is_open }));
        drop(unsaid);
        if self.says.replace(true) {
            return;
        }
        let openings = self.clone();
        spawn_local(async move {
            while let Some((api, said)) = openings.next_unsaid() {
                let _ = api.say_open(said).await;
            }
            openings.says.set(false);
        });
    }

    fn next_unsaid(&self) -> Option<(Api, SayOpen)> {
        self.unsaid.borrow_mut().pop_front()
    }

    /// Whether others have the file, too.
    fn is_shared(&self, item: ItemId) -> bool {
        let is_shared = |id: ItemId| untrack(|| self.shares.is_shared(id));
        let by_folder = |tree: &Tree| tree.path(item).iter().any(|above| is_shared(above.id));
        self.root.is_some() || is_shared(item) || self.tree.with_untracked(by_folder)
    }

    /// Whoever tells others nothing is told nothing.
    fn tells_nothing(&self) -> bool {
        self.shown.tells.get_untracked() == Some(false)
    }

    /// Asks what others have open, if somebody else has anything of this root.
    pub fn ask(self: &Rc<Self>) {
        let has_others = self.root.is_some() || untrack(|| self.shares.gives_any());
        if has_others && !self.tells_nothing() {
            self.ask_anyhow();
        }
    }

    /// The same, for whoever wants to know whether the person tells others, or has chosen.
    /// What was asked before is not heard any more.
    pub fn ask_anyhow(self: &Rc<Self>) {
        let (openings, api) = (self.clone(), self.current.api());
        if !api.is_somebodys() {
            return;
        }
        let asked = self.outdate();
        spawn_local(async move {
            // An old answer is no reason to disturb anybody.
            let Ok(told) = api.openings().await else {
                return;
            };
            if openings.current.api().user() != api.user() || openings.asked.get() != asked {
                return;
            }
            let now = clock::now_ms();
            let seen = told.openings.into_iter().map(|one| {
                let seen = SeenOpening {
                    person: one.person,
                    is_open: one.is_open,
                    at_ms: now.saturating_sub(one.ago_ms),
                };
                (one.item, seen)
            });
            let seen: Vec<_> = seen.collect();
            let client = openings.current.client();
            if client.is_some_and(|client| client.platform().leads()) {
                let seen = seen.clone();
                let tells = told.tells;
                openings.tabs.tell(&TabMessage::Openings { tells, seen });
            }
            openings.shown.show(told.tells, seen);
        });
    }

    /// What was asked so far is answered too late, if it is.
    fn outdate(&self) -> u64 {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        asked
    }

    /// Nobody is signed in any more, or nobody looks at this root.
    pub fn forget(&self) {
        self.outdate();
        self.held.borrow_mut().clear();
        self.shown.by_item.set(BTreeMap::new());
    }
}
