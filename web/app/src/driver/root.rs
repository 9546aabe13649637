//! All that works on one root: the person's own drive, or something that is shared with
//! them. Each has its engine, its part of the local database and its signals.

use super::current::Current;
use super::door::Door;
use super::downloads::Downloads;
use super::heirs::Heirs;
use super::listener::Listener;
use super::openings::Openings;
use super::panel::Panel;
use super::ports::{Client, Means, Page};
use super::promises::Promises;
use super::show;
use super::tabs::Tabs;
use super::thumbnails::{Thumbnails, Work};
use super::upwards::Upwards;
use crate::state::Drive;
use crate::state::clip::Clip;
use crate::state::shares::LeftFile;
use crate::state::undo::Steps;
use client::gate::{Gate, GateState};
use client::ports::Observer;
use client::tuning::Tuning;
use leptos::prelude::{Set, WithUntracked};
use platform::browser::{agent, clock};
use protocol::accounts::Session;
use protocol::items::Committed;
use std::cell::Cell;
use std::rc::Rc;
use sync::growing::Growing;
use sync::message::{CopyLabel, Input, TabRole};
use sync::tree::{Shows, Tree};
use sync::{Config, Engine};
use wasm_bindgen_futures::spawn_local;

/// Items that are taken in before others have the thread.
const PUT_AT_ONCE: usize = 500;
/// After so many that were read, the person is told how far it is.
const TOLD_EACH: usize = 20_000;

pub struct Root {
    pub drive: Drive,
    pub current: Current,
    pub means: Means,
    pub panel: Rc<Panel>,
    pub door: Rc<Door>,
    pub downloads: Rc<Downloads>,
    pub promises: Rc<Promises>,
    pub tabs: Rc<Tabs>,
    pub openings: Rc<Openings>,
    pub thumbnails: Rc<Thumbnails>,
    observer: Rc<dyn Observer>,
    upwards: Rc<Upwards>,
    /// Whether requests may leave.
    pub gate: Gate,
    /// Whether it is about to work.
    pub starts: Cell<bool>,
}

impl Root {
    /// Of the root that the signals are of. Nothing works yet: see [`Self::start`].
    pub fn new(
        drive: Drive,
        current: Current,
        means: Means,
        pictures: Work,
        upwards: Upwards,
    ) -> Rc<Self> {
        let (notices, upwards) = (drive.notices, Rc::new(upwards));
        let panel = Panel::new(current.clone(), drive.uploads, drive.tree, notices);
        let door = Door::new(
            current.clone(),
            panel.clone(),
            drive.door,
            drive.tree,
            notices,
        );
        let downloads = Downloads::new(
            current.clone(),
            means.cache.clone(),
            (drive.downloads, drive.offline),
            notices,
            means.downloads,
        );
        let promises = Promises::new(drive.tree, notices);
        let heirs = Heirs::new(means.store.clone(), panel.clone(), upwards.clone());
        let tabs = Tabs::new(
            drive,
            current.clone(),
            heirs,
            means.pool.clone(),
            upwards.clone(),
        );
        let openings = Openings::new(current.clone(), drive, tabs.clone());
        let thumbnails = Thumbnails::new(drive, current.clone(), means.clone(), pictures);
        let listener = Listener {
            drive,
            current: current.clone(),
            panel: panel.clone(),
            door: door.clone(),
            promises: promises.clone(),
            tabs: tabs.clone(),
            openings: openings.clone(),
            thumbnails: thumbnails.clone(),
            upwards: upwards.clone(),
            asks_use: Rc::default(),
        };
        Rc::new(Self {
            drive,
            current,
            means,
            panel,
            door,
            downloads,
            promises,
            tabs,
            openings,
            thumbnails,
            observer: Rc::new(listener),
            upwards,
            gate: Gate::default(),
            starts: Cell::new(false),
        })
    }

    /// Makes an engine of what is kept, and shows it. It sends and asks nothing before
    /// [`Self::queue_up`].
    pub async fn start(&self, session: &Session) -> Client {
        let here = Committed {
            user_name: session.user.name.clone(),
            device_id: session.device.id,
            device_name: session.device.name.clone(),
            at_ms: clock::now_ms(),
        };
        let (engine, tree) = self.read(session, &here).await;
        self.drive.read.set(0);
        self.current.speak_for(Some(session.user.id));
        let (means, observer) = (self.means.clone(), self.observer.clone());
        let (upwards, openings) = (self.upwards.clone(), self.openings.clone());
        let on_elsewhere = move || (upwards.on_elsewhere)();
        let on_opened = move || openings.ask();
        let api = self.current.api();
        let client = Client::new(
            Page::new(means, api, here, observer, on_elsewhere, on_opened),
            engine,
            Tuning::default(),
            self.gate.clone(),
            self.current.again().clone(),
        );
        self.current.set_client(client.clone());
        show::all(self.drive, &client, tree);
        self.door.open_for(session.user.id);
        client
    }

    /// What is kept, read in pieces. Where the feed has moved meanwhile, because another tab
    /// leads, it is read again as one state.
    async fn read(&self, session: &Session, here: &Committed) -> (Engine, Tree) {
        let store = &self.means.store;
        let begin = |kept| {
            let now_ms = clock::now_ms();
            Growing::begin(config(session), kept, Shows { here, now_ms })
        };
        if let Some((kept, mut pieces)) = store.load_in_pieces().await {
            let mut growing = begin(kept);
            let mut read = 0;
            let are_whole = loop {
                match pieces.next().await {
                    Ok(Some(items)) => {
                        for item in items {
                            growing.put(item);
                            read += 1;
                            if read % TOLD_EACH == 0 {
                                self.drive.read.set(read);
                            }
                        }
                    }
                    Ok(None) => break pieces.are_one_state().await,
                    Err(failure) => break Err(failure),
                }
            };
            if matches!(are_whole, Ok(true)) {
                return growing.finish();
            }
        }
        let mut kept = store.load().await.unwrap_or_default();
        let items = std::mem::take(&mut kept.items);
        let mut growing = begin(kept);
        for (nth, item) in items.into_iter().enumerate() {
            growing.put(item);
            if nth % PUT_AT_ONCE == PUT_AT_ONCE - 1 {
                clock::breathe().await;
            }
        }
        growing.finish()
    }

    /// Goes on with what was not sent, and queues up to lead.
    pub fn queue_up(&self, client: Client) {
        self.panel.adopt(&client);
        client.take(vec![Input::Elapsed]);
        self.tabs.take_turns(client, self.means.store.tab());
    }

    /// How many changes of this tab the server does not have.
    pub fn unsent(&self) -> usize {
        self.current.client().map_or(0, |client| client.unsent())
    }

    /// Whether something would be lost, or not sent, if it stopped now.
    pub fn is_busy(&self) -> bool {
        self.unsent() > 0
            || self.door.is_open()
            || !self.drive.downloads.with_untracked(Vec::is_empty)
    }

    /// The contents that the server does not have.
    pub fn unsent_files(&self) -> Vec<LeftFile> {
        let Some(client) = self.current.client() else {
            return Vec::new();
        };
        let unsent = client.unsent_contents().into_iter();
        let files = unsent.map(|unsent| LeftFile {
            draft: unsent.draft,
            name: unsent.name,
            size: unsent.size,
        });
        files.collect()
    }

    /// Lets go of what was not sent, also where it is stored, and stops.
    pub fn give_up(self: &Rc<Self>) {
        let root = self.clone();
        spawn_local(async move {
            if let Some(client) = root.current.client() {
                client.forget_unsent();
            }
            root.means.store.forget_own().await;
            root.end();
        });
    }

    /// Stops everything, and shows nothing any more.
    pub fn end(&self) {
        self.gate.set(GateState::Asking);
        if let Some(client) = self.current.take_client() {
            client.end();
        }
        self.current.speak_for(None);
        self.door.forget_all();
        self.panel.forget_all();
        self.downloads.cancel_all();
        self.promises.forget();
        self.drive.steps.set(Steps::default());
        let clip = self.drive.clip;
        let is_from_here = |clip: &Option<Clip>| {
            let root = clip.as_ref().map(|clip| clip.root);
            root == Some(self.drive.root)
        };
        if clip.with_untracked(is_from_here) {
            clip.set(None);
        }
        self.openings.forget();
        self.thumbnails.forget();
        show::nothing(self.drive);
    }
}

fn config(session: &Session) -> Config {
    Config {
        role: TabRole::Follower,
        holds_content: false,
        copy: CopyLabel {
            device: session.device.name.clone(),
            date: clock::local_date(),
        },
        silence: agent::remembered_silence(),
    }
}
