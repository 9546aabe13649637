//! All that works on one root: the person's own drive, or something that is shared with
//! them. Each has its engine, its part of the local database and its signals.

use super::current::Current;
use super::door::Door;
use super::downloads::Downloads;
use super::heirs::Heirs;
use super::listener::Listener;
use super::panel::Panel;
use super::ports::{Client, Means, Page};
use super::promises::Promises;
use super::show;
use super::tabs::Tabs;
use crate::state::Drive;
use client::gate::Gate;
use client::ports::Observer;
use client::tuning::Tuning;
use platform::browser::{agent, clock};
use protocol::accounts::Session;
use protocol::ids::ItemId;
use protocol::items::Committed;
use std::rc::Rc;
use sync::message::{CopyLabel, Input, Kept, Role};
use sync::{Config, Engine};

pub struct Root {
    pub drive: Drive,
    pub current: Current,
    pub means: Means,
    pub panel: Rc<Panel>,
    pub door: Rc<Door>,
    pub downloads: Rc<Downloads>,
    pub promises: Rc<Promises>,
    pub tabs: Rc<Tabs>,
    observer: Rc<dyn Observer>,
    gate: Gate,
}

/// What a root has to tell whoever owns it.
pub struct Upwards {
    /// The figure of the space's use is old: there is no room.
    pub on_full: Box<dyn Fn()>,
    /// What this browser keeps is another user's by now.
    pub on_not_ours: Box<dyn Fn()>,
}

impl Root {
    /// `id` is none for the person's own drive. Nothing works yet: see [`Self::start`].
    pub fn new(
        id: Option<ItemId>,
        drive: Drive,
        current: Current,
        means: Means,
        gate: Gate,
        upwards: Upwards,
    ) -> Rc<Self> {
        let notices = drive.notices;
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
            drive.downloads,
            notices,
        );
        let promises = Promises::new(drive.tree, notices);
        let heirs = Heirs::new(means.store.clone(), panel.clone());
        let tabs = Tabs::new(
            id,
            current.clone(),
            heirs,
            means.pool.clone(),
            drive.session,
            drive.connection,
        );
        let listener = Listener {
            drive,
            current: current.clone(),
            panel: panel.clone(),
            door: door.clone(),
            promises: promises.clone(),
            tabs: tabs.clone(),
            on_full: upwards.on_full,
            on_not_ours: upwards.on_not_ours,
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
            observer: Rc::new(listener),
            gate,
        })
    }

    /// Makes an engine of what is kept, and shows it. It sends and asks nothing before
    /// [`Self::queue_up`].
    pub async fn start(&self, session: &Session) -> Client {
        let kept = self.means.store.load().await.unwrap_or_default();
        let here = Committed {
            user_name: session.user.name.clone(),
            device_id: session.device.id,
            device_name: session.device.name.clone(),
            at_ms: clock::now_ms(),
        };
        self.current.speak_for(Some(session.user.id));
        let (means, observer) = (self.means.clone(), self.observer.clone());
        let client = Client::new(
            Page::new(means, self.current.api(), here, observer),
            engine(session, kept),
            Tuning::default(),
            self.gate.clone(),
            self.current.again().clone(),
        );
        self.current.set_client(client.clone());
        show::all(self.drive, &client);
        self.door.open_for(session.user.id);
        client
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

    /// Stops everything, and shows nothing any more.
    pub fn end(&self) {
        if let Some(client) = self.current.take_client() {
            client.end();
        }
        self.current.speak_for(None);
        self.door.forget_all();
        self.panel.forget_all();
        self.downloads.cancel_all();
        self.promises.forget();
        show::nothing(self.drive);
    }
}

fn engine(session: &Session, kept: Kept) -> Engine {
    let config = Config {
        role: Role::Follower,
        holds_content: false,
        copy: CopyLabel {
            device: session.device.name.clone(),
            date: clock::local_date(),
        },
        silence: agent::remembered_silence(),
    };
    Engine::new(config, kept, clock::now_ms())
}
