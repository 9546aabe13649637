//! What the client tells, to everything in the page that it concerns.

use super::current::Current;
use super::door::Door;
use super::openings::Openings;
use super::panel::Panel;
use super::ports::Client;
use super::promises::Promises;
use super::tabs::{TabMessage, Tabs};
use super::thumbnails::Thumbnails;
use super::upwards::Upwards;
use super::{notices, show};
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use client::located::Located;
use client::ports::{Observer, SendProgress};
use leptos::prelude::{Set, WithUntracked};
use platform::browser::{agent, clock, opfs};
use protocol::changes::Change;
use protocol::ids::{ConflictId, ItemId};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Answer, Input, Lost, Notice, Observation, Record};
use sync::{Engine, Silence};
use wasm_bindgen_futures::spawn_local;

pub struct Listener {
    pub drive: Drive,
    pub current: Current,
    pub panel: Rc<Panel>,
    pub door: Rc<Door>,
    pub promises: Rc<Promises>,
    pub tabs: Rc<Tabs>,
    pub openings: Rc<Openings>,
    pub thumbnails: Rc<Thumbnails>,
    pub upwards: Rc<Upwards>,
    /// Whether the use of storage is about to be asked for.
    pub asks_use: Rc<Cell<bool>>,
}

/// The use of storage is asked for once in so many milliseconds, after the first change.
const USE_MILLIS: u64 = 4_000;

impl Listener {
    /// Does something about the client, unless that has ended.
    fn with_client(&self, act: impl FnOnce(&Client)) {
        if let Some(client) = self.current.client() {
            act(&client);
        }
    }

    fn say(&self, client: &Client, notice: &Notice) {
        if notices::is_full(&client.engine(), notice) {
            // The panel says how full the drive is, and its figure is old.
            self.drive.uploads.found_full.set(true);
            return (self.upwards.on_other_use)();
        }
        let words = self
            .drive
            .tree
            .with_untracked(|tree| notices::words(tree, &client.engine(), notice));
        let Some(words) = words else {
            return;
        };
        if let Some(item) = words.given_up {
            client.take(vec![Input::Observed(Observation::Withdrawn { item })]);
        }
        self.drive.notices.bad(words.text);
    }
}

impl Listener {
    /// Whether the person's space has other bytes by what another device did. Of the first
    /// look at a drive nothing is news.
    fn uses_otherwise(&self, changes: &[Change]) -> bool {
        let here = self.drive.session.with_untracked(SessionState::device);
        let known = self.current.client();
        let known = known.is_some_and(|client| client.engine().is_complete());
        let is_others = |change: &Change| match change {
            Change::Item { item } => {
                let file = item.file.as_ref();
                file.is_some_and(|file| Some(file.committed.device_id) != here)
            }
            Change::Conflict { conflict } => Some(conflict.committed.device_id) != here,
            Change::Deleted { .. } => true,
            Change::Shared | Change::Unknown => false,
        };
        known && self.drive.root.is_none() && changes.iter().any(is_others)
    }

    /// Asks for the use of storage soon, and has the other tabs do so.
    fn ask_use_soon(&self) {
        if self.asks_use.replace(true) {
            return;
        }
        let (asks, current) = (self.asks_use.clone(), self.current.clone());
        let (tabs, upwards) = (self.tabs.clone(), self.upwards.clone());
        spawn_local(async move {
            clock::sleep(USE_MILLIS).await;
            asks.set(false);
            if current.client().is_some() {
                tabs.tell(&TabMessage::OtherUse);
                (upwards.on_other_use)();
            }
        });
    }
}

/// Of files that the server has, whether a next version is on its way.
fn sent(engine: &Engine, touched: &BTreeSet<ItemId>) -> Vec<(ItemId, bool)> {
    let trees = engine.trees();
    let of = |item: &ItemId| {
        let is_there = trees.remote(*item).is_some_and(|item| item.version() > 0);
        let edit = trees.edit(*item);
        let is_sent = edit.is_some_and(|edit| edit.draft().is_some());
        is_there.then_some((*item, is_sent))
    };
    touched.iter().filter_map(of).collect()
}

impl Observer for Listener {
    fn changed(&self, touched: BTreeSet<ItemId>) {
        self.with_client(|client| {
            if show::news(self.drive, client, &touched) {
                self.door.look_again();
            }
            self.promises.news(&client.engine(), &touched);
            let sent = sent(&client.engine(), &touched);
            self.openings.are_sent(sent);
            self.panel.news(client, touched.into_iter());
            self.door.tidy();
            if client.platform().leads() && client.engine().is_polling() {
                self.tabs.show(Connection::Live);
            }
        });
    }

    fn tell(&self, notice: Notice) {
        self.with_client(|client| match &notice {
            Notice::Unchanged { draft } => self.panel.is_unchanged(*draft),
            notice => self.say(client, notice),
        });
    }

    fn written(&self, records: &[Record]) {
        self.tabs.share(records);
    }

    fn rests(&self) {
        self.with_client(|client| self.tabs.tell_standing(client));
    }

    fn ask_leader(&self) {
        self.tabs.ask_to_pull();
    }

    fn ask_for_state(&self) {
        self.tabs.ask_for_state();
    }

    fn is_not_ours(&self) {
        (self.upwards.on_not_ours)();
    }

    fn has_to_wait(&self) {
        spawn_local(opfs::ask_to_persist());
    }

    fn learned(&self, silence: Silence) {
        agent::remember_silence(silence);
    }

    fn fed(&self, answer: &Answer) {
        self.tabs.feed_answered(answer);
        let is_news = match answer {
            Answer::Changes(page) => !page.changes.is_empty(),
            answer => matches!(answer, Answer::News),
        };
        if is_news {
            (self.upwards.on_news)();
        }
        if let Answer::Changes(page) = answer {
            if page.changes.contains(&Change::Shared) {
                (self.upwards.on_shares)();
            }
            if self.uses_otherwise(&page.changes) {
                self.ask_use_soon();
            }
        }
    }

    fn feed_failed(&self) {
        self.with_client(|client| self.tabs.feed_failed(client));
    }

    fn withdrawn(&self) {
        (self.upwards.on_withdrawn)();
    }

    fn hashing(&self, draft: DraftId) {
        self.panel.hashing(draft);
    }

    fn hashed(&self, draft: DraftId, bytes: u64) {
        self.panel.hashed(draft, bytes);
    }

    fn unhashed(&self, draft: DraftId) {
        self.panel.unhashed(draft);
    }

    fn sending(&self, draft: DraftId, size: u64, blocks: &[Located]) -> Box<dyn Fn(SendProgress)> {
        Box::new(self.panel.sending(draft, size, blocks))
    }

    fn answered(
        &self,
        draft: DraftId,
        conflict: Option<ConflictId>,
        result: &Result<Answer, Lost>,
    ) {
        self.panel.note_answer(draft, conflict, result);
        if let Ok(Answer::Item(changed)) = result {
            self.with_client(|client| self.thumbnails.uploaded(client, draft, &changed.item));
        }
    }

    fn released(&self, draft: DraftId) {
        self.panel.end(draft);
    }
}
