//! The tabs of one browser: one of them leads, that is, pulls and polls for all
//! (the one that holds a web lock), and what a tab learns it tells the others.
//! Each tab sends its own edits. All of this is done for each root by itself.

use super::current::Current;
use super::heirs::Heirs;
use super::ports::Client;
use super::upwards::Upwards;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::openings::{Openings as ShownOpenings, SeenOpening};
use crate::state::session::SessionState;
use futures_util::future::{Either, select};
use leptos::prelude::{GetUntracked, RwSignal, Set, WithUntracked};
use platform::browser::{agent, locks};
use protocol::conflicts::Conflict;
use protocol::grants::Grants;
use protocol::ids::{ItemId, UnixMillis, UserId};
use protocol::items::Item;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use sync::message::{Answer, Input, Record, StoredState, TabRole};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};
use workers::hashing::pool::Pool;

const CHANNEL: &str = "driftless";
/// With the user's id: a tab of somebody who was signed in before, and that sleeps,
/// leads nobody else's.
const LOCK_PREFIX: &str = "driftless-poll-";
/// A lock that is free is had within this many milliseconds.
const AT_ONCE_MILLIS: u64 = 200;

/// A message as it travels, as JSON text. A tab of somebody who is not signed in any
/// more may not have heard of that: it takes nothing from another one's tabs.
#[derive(Debug, Serialize, Deserialize)]
struct Letter<M> {
    /// Whose page it is from.
    user: Option<UserId>,
    message: M,
}

/// What tabs tell each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TabMessage {
    /// A tab has learned and stored this.
    Shared { records: Vec<Record> },
    /// To the leader: pull now.
    PullPlease,
    /// To the leader: a tab of this name was opened.
    Hello { tab: String },
    /// The leader's connection and position; also the answer to a wish for a
    /// pull, once that is done.
    Standing {
        connection: SharedConnection,
        cursor: Option<String>,
    },
    /// To the leader, where there is no local database: what do you know?
    StatePlease,
    /// The answer.
    State {
        items: Vec<Item>,
        conflicts: Vec<Conflict>,
        cursor: Option<String>,
        complete: bool,
    },
    /// Somebody signed in or out.
    SessionChanged { user: Option<UserId> },
    /// To all: something is shared with the person, or not any more. The leader has said in a
    /// [`TabMessage::Access`] before what the server says of it now; a tab to which none came
    /// asks by itself.
    SharesChanged,
    /// To all: what the server has just told the leader of what is shared, and of the end of
    /// the person's account.
    Access {
        grants: Grants,
        account_ends_at_ms: Option<UnixMillis>,
    },
    /// To all: so much that others did is not seen.
    Unseen { count: u64 },
    /// To all: the space has other bytes by what another device did.
    OtherUse,
    /// To all: others have this open of the root.
    Openings {
        tells: bool,
        seen: Vec<(ItemId, SeenOpening)>,
    },
    /// To all: does the person look at you?
    WhoLooks,
    /// The answer of the one that they look at.
    LookedAt,
    /// To all: this root is not shared with the person any more.
    Withdrawn,
}

/// [`Connection`] on its way to another tab.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedConnection {
    Connecting,
    Live,
    Reconnecting,
    Offline,
}

/// The channel to the other tabs; without one (some private modes), each tab is
/// alone.
pub struct Tabs {
    root: Option<ItemId>,
    current: Current,
    heirs: Rc<Heirs>,
    pool: Pool,
    session: RwSignal<SessionState>,
    connection: RwSignal<Connection>,
    unseen: RwSignal<u64>,
    openings: ShownOpenings,
    channel: RefCell<Option<BroadcastChannel>>,
    /// Another tab waits for the next pull.
    pull_asked: Cell<bool>,
    /// This tab waits for the leader's state.
    state_asked: Cell<bool>,
    /// Another tab has said that the person looks at it.
    looked_at_elsewhere: Cell<bool>,
    /// The other tabs are to hear how this one, the leader, stands.
    standing_due: Cell<bool>,
    /// The leader has said what is shared, and is about to say that this has changed.
    access_told: Cell<bool>,
    upwards: Rc<Upwards>,
}

impl Tabs {
    pub fn new(
        drive: Drive,
        current: Current,
        heirs: Rc<Heirs>,
        pool: Pool,
        upwards: Rc<Upwards>,
    ) -> Rc<Self> {
        Rc::new(Self {
            root: drive.root,
            current,
            heirs,
            pool,
            session: drive.session,
            connection: drive.connection,
            unseen: drive.unseen,
            openings: drive.openings,
            channel: RefCell::default(),
            pull_asked: Cell::new(false),
            state_asked: Cell::new(false),
            looked_at_elsewhere: Cell::new(false),
            standing_due: Cell::new(false),
            access_told: Cell::new(false),
            upwards,
        })
    }

    /// Opens the channel and listens for as long as the page lives.
    /// `on_session_change` hears that another tab signed somebody in or out.
    pub fn open(self: &Rc<Self>, on_session_change: impl Fn(Option<UserId>) + 'static) {
        let Ok(channel) = BroadcastChannel::new(&self.name(CHANNEL)) else {
            return;
        };
        let tabs = self.clone();
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string();
            // A tab with an older or newer page may say what this one can't read.
            match text.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(Letter {
                    message: TabMessage::SessionChanged { user },
                    ..
                }) => on_session_change(user),
                Some(letter) => tabs.hear(letter),
                None => {}
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
        *self.channel.borrow_mut() = Some(channel);
    }

    /// What is called so for the person's own drive, for this root.
    fn name(&self, name: &str) -> String {
        match self.root {
            None => name.to_owned(),
            Some(root) => format!("{name}-{root}"),
        }
    }

    pub fn tell(&self, message: &TabMessage) {
        let user = self.user();
        if let Some(channel) = &*self.channel.borrow()
            && let Ok(text) = serde_json::to_string(&Letter { user, message })
        {
            // Fails on a closed channel, and this one never is.
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }

    fn user(&self) -> Option<UserId> {
        self.session.with_untracked(SessionState::user)
    }

    /// Tells the other tabs what was stored, but for what is this tab's own.
    pub fn share(&self, records: &[Record]) {
        let is_everything = records.contains(&Record::Replace);
        let records: Vec<Record> = if is_everything {
            // They load it.
            vec![Record::Replace]
        } else {
            let shared = records.iter().filter(|record| {
                matches!(
                    record,
                    Record::Item(_)
                        | Record::Learned { .. }
                        | Record::Deleted(_)
                        | Record::Conflict(_)
                        | Record::ConflictClosed(_)
                        | Record::Cursor { .. }
                        | Record::Complete
                )
            });
            shared.cloned().collect()
        };
        if !records.is_empty() {
            self.tell(&TabMessage::Shared { records });
        }
    }

    fn hear(&self, Letter { user, message }: Letter<TabMessage>) {
        let Some(client) = self.current.client() else {
            return;
        };
        if user != self.user() {
            return;
        }
        match message {
            TabMessage::Shared { records } => client.take(vec![Input::Shared(records)]),
            TabMessage::PullPlease if client.platform().leads() => {
                self.pull_asked.set(true);
                client.take(vec![Input::PullWanted]);
            }
            TabMessage::Hello { tab } if client.platform().leads() => {
                self.standing_due.set(true);
                client.work();
                self.heirs.watch(&client, tab);
            }
            TabMessage::Standing { connection, cursor } if !client.platform().leads() => {
                self.show(connection.into());
                if let Some(cursor) = cursor {
                    // Says only where the leader is.
                    let records = vec![Record::Cursor {
                        from: Some(cursor.clone()),
                        to: cursor,
                    }];
                    client.take(vec![Input::Shared(records)]);
                }
            }
            TabMessage::Access {
                grants,
                account_ends_at_ms,
            } => {
                self.access_told.set(true);
                (self.upwards.on_access)(grants, account_ends_at_ms);
            }
            TabMessage::SharesChanged if !self.access_told.replace(false) => {
                (self.upwards.on_shares)();
            }
            TabMessage::Unseen { count } => self.unseen.set(count),
            TabMessage::OtherUse => (self.upwards.on_other_use)(),
            TabMessage::Openings { tells, seen } => self.openings.show(tells, seen),
            TabMessage::WhoLooks if agent::is_looked_at() => self.tell(&TabMessage::LookedAt),
            TabMessage::LookedAt => self.looked_at_elsewhere.set(true),
            TabMessage::Withdrawn => (self.upwards.on_withdrawn)(),
            TabMessage::StatePlease if client.platform().leads() => self.tell_state(&client),
            TabMessage::State {
                items,
                conflicts,
                cursor,
                complete,
            } if self.state_asked.replace(false) => {
                let kept = StoredState {
                    items,
                    conflicts,
                    cursor,
                    complete,
                    ..StoredState::default()
                };
                client.take(vec![Input::Loaded(kept)]);
            }
            _ => {}
        }
    }

    /// Tells the other tabs how this one, the leader, is connected, if they are to
    /// hear it. Called when everything is stored and told that leads to where it
    /// stands.
    pub fn tell_standing(&self, client: &Client) {
        let is_due = self.standing_due.replace(false);
        if !is_due || !client.platform().leads() {
            return;
        }
        let cursor = client.engine().cursor().map(str::to_owned);
        self.tell(&TabMessage::Standing {
            connection: self.connection.get_untracked().into(),
            cursor,
        });
    }

    /// Asks whether the person looks at another tab of this browser.
    pub fn ask_who_looks(&self) {
        self.looked_at_elsewhere.set(false);
        self.tell(&TabMessage::WhoLooks);
    }

    /// What was answered to that so far.
    pub fn is_looked_at_elsewhere(&self) -> bool {
        self.looked_at_elsewhere.get()
    }

    /// The leader is to pull now.
    pub fn ask_to_pull(&self) {
        self.tell(&TabMessage::PullPlease);
    }

    /// Where nothing is stored, the leader's memory is what there is.
    pub fn ask_for_state(&self) {
        self.state_asked.set(true);
        self.tell(&TabMessage::StatePlease);
    }

    fn tell_state(&self, client: &Client) {
        let engine = client.engine();
        let trees = engine.trees();
        self.tell(&TabMessage::State {
            items: trees
                .entries()
                .filter_map(|(_, entry)| entry.remote.as_deref().cloned())
                .collect(),
            conflicts: trees.conflicts.values().cloned().collect(),
            cursor: engine.cursor().map(str::to_owned),
            complete: engine.is_complete(),
        });
    }

    /// Waits for this tab's turn and then leads until the session ends or the tab
    /// is closed. `tab` is its name.
    pub fn take_turns(self: &Rc<Self>, client: Client, tab: String) {
        self.tell(&TabMessage::Hello { tab });
        let user = self.user().map(|user| user.to_string());
        let lock = self.name(&format!("{LOCK_PREFIX}{}", user.unwrap_or_default()));
        let tabs = self.clone();
        spawn_local(async move {
            if !locks::exist() {
                // An insecure page or an old browser: each tab polls for itself.
                return tabs.lead(&client, false);
            }
            let at_once = locks::take_within(&lock, AT_ONCE_MILLIS).await;
            let is_first = at_once.is_some();
            let held = match at_once {
                Some(held) => held,
                None => {
                    let turn = pin!(locks::take(&lock));
                    let over = pin!(client.over().wait());
                    match select(turn, over).await {
                        Either::Left((held, _)) => held,
                        Either::Right(_) => return,
                    }
                }
            };
            tabs.lead(&client, is_first);
            client.over().wait().await;
            drop(held);
        });
    }

    fn lead(&self, client: &Client, is_first: bool) {
        if client.over().is_set() {
            return;
        }
        client.platform().lead();
        client.take(vec![Input::Role(TabRole::Leader)]);
        self.heirs.begin(client.clone(), is_first);
    }

    /// What the leader's loop was answered.
    pub fn feed_answered(&self, answer: &Answer) {
        let is_last = matches!(answer, Answer::Changes(page) if !page.has_more);
        if is_last && self.pull_asked.replace(false) {
            self.standing_due.set(true);
        }
    }

    /// The leader's loop has failed, and the engine has heard of it. A poll that may have
    /// been ended for its silence is no failure: the pull that is under way tells.
    pub fn feed_failed(&self, client: &Client) {
        if !client.engine().is_unsure() {
            self.show_unconnected();
        }
    }

    /// After a failure.
    pub fn show_unconnected(&self) {
        self.show(match agent::is_online() {
            true => Connection::Reconnecting,
            false => Connection::Offline,
        });
    }

    /// Shows the connection, in all tabs if this one leads.
    pub fn show(&self, connection: Connection) {
        if self.connection.get_untracked() == connection {
            return;
        }
        self.connection.set(connection);
        if connection == Connection::Live {
            self.current.again().ring();
            // While there is a connection to load it by.
            let pool = self.pool.clone();
            spawn_local(async move { pool.warm_up().await });
        }
        if let Some(client) = self.current.client() {
            self.standing_due.set(true);
            client.work();
        }
    }
}

impl From<Connection> for SharedConnection {
    fn from(connection: Connection) -> Self {
        match connection {
            Connection::Connecting => SharedConnection::Connecting,
            Connection::Live => SharedConnection::Live,
            Connection::Reconnecting => SharedConnection::Reconnecting,
            Connection::Offline => SharedConnection::Offline,
        }
    }
}

impl From<SharedConnection> for Connection {
    fn from(standing: SharedConnection) -> Self {
        match standing {
            SharedConnection::Connecting => Connection::Connecting,
            SharedConnection::Live => Connection::Live,
            SharedConnection::Reconnecting => Connection::Reconnecting,
            SharedConnection::Offline => Connection::Offline,
        }
    }
}
