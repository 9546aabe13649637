//! The tabs of one browser: one of them polls for all (the one that holds a web
//! lock), and what a tab learns it tells the others.

use super::{Engine, live, pull, session, want_pull};
use crate::browser::bell::Latch;
use crate::browser::js;
use crate::driver::learn;
use crate::state::Drive;
use crate::state::connection::Connection;
use futures_util::future::select;
use js_sys::Array;
use leptos::prelude::Set;
use serde::{Deserialize, Serialize};
use shared::ids::UserId;
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::Item;
use std::cell::RefCell;
use std::pin::pin;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::{AbortController, BroadcastChannel, MessageEvent};

const CHANNEL: &str = "driftless";
const LOCK: &str = "driftless-poll";

/// What tabs tell each other, as JSON text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// The leader has pulled a page.
    Pulled {
        since: Option<String>,
        next: String,
        items: Vec<Item>,
        conflicts: Vec<Conflict>,
        complete: bool,
    },
    /// The leader has replaced the tree.
    Replaced,
    /// The answer to a change of the sending tab.
    Learned {
        items: Vec<Item>,
        conflicts: Vec<Conflict>,
    },
    /// To the leader: pull now.
    PullPlease,
    /// To the leader: a tab was opened.
    Hello,
    /// The leader's connection and position.
    Standing {
        connection: Standing,
        cursor: Option<String>,
    },
    /// Somebody signed in or out.
    SessionChanged { user: Option<UserId> },
}

/// [`Connection`] on its way to another tab.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Connecting,
    Live,
    Reconnecting,
    Offline,
}

/// The channel to the other tabs; without one (some private modes), each tab is
/// alone.
#[derive(Default)]
pub struct Tabs {
    channel: RefCell<Option<BroadcastChannel>>,
}

impl Tabs {
    /// Opens the channel and listens for as long as the page lives.
    pub fn open(&self, drive: Drive) {
        let Ok(channel) = BroadcastChannel::new(CHANNEL) else {
            return;
        };
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string();
            // A tab with an older or newer page may say what this one can't read.
            if let Some(message) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                hear(drive, message);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
        *self.channel.borrow_mut() = Some(channel);
    }

    pub fn tell(&self, message: &Message) {
        if let Some(channel) = &*self.channel.borrow()
            && let Ok(text) = serde_json::to_string(message)
        {
            // Fails on a closed channel, and this one never is.
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }
}

fn hear(drive: Drive, message: Message) {
    let engine = drive.engine();
    if let Message::SessionChanged { user } = message {
        session::changed_elsewhere(drive, user);
        return;
    }
    if engine.session_over().is_set() || !session::is_signed_in(drive) {
        return;
    }
    match message {
        Message::Pulled {
            since,
            next,
            items,
            conflicts,
            complete,
        } => {
            if *engine.feed.cursor.borrow() == since {
                learn::show(drive, &items, &conflicts);
                if complete {
                    pull::mark_complete(drive);
                }
                *engine.feed.cursor.borrow_mut() = Some(next);
            } else {
                spawn_local(pull::catch_up(drive));
            }
        }
        Message::Replaced => spawn_local(pull::catch_up(drive)),
        Message::Learned { items, conflicts } => learn::show(drive, &items, &conflicts),
        Message::PullPlease if engine.feed.leads.get() => want_pull(drive),
        Message::Hello if engine.feed.leads.get() => tell_standing(drive),
        Message::Standing { connection, cursor } if !engine.feed.leads.get() => {
            let (before, now) = (super::connection(drive), connection.into());
            if before != now {
                drive.connection.set(now);
            }
            if before != now && now == Connection::Live {
                live::went_live(drive);
            }
            if *engine.feed.cursor.borrow() != cursor {
                spawn_local(pull::catch_up(drive));
            }
        }
        _ => {}
    }
}

/// Tells the other tabs how this one, the leader, is connected.
pub fn tell_standing(drive: Drive) {
    let engine = drive.engine();
    engine.tabs.tell(&Message::Standing {
        connection: super::connection(drive).into(),
        cursor: engine.feed.cursor.borrow().clone(),
    });
}

/// Waits for this tab's turn and then keeps the drive live until the session
/// ends or the tab is closed.
pub fn take_turns(drive: Drive, over: Latch) {
    let engine = drive.engine();
    engine.tabs.tell(&Message::Hello);
    let locks = web_sys::window().map(|window| js::get(&window.navigator(), "locks"));
    let (Some(locks), Ok(abort)) = (locks.filter(JsValue::is_object), AbortController::new())
    else {
        // An insecure page or an old browser: each tab polls for itself.
        spawn_local(async move { lead(drive, engine, over).await });
        return;
    };
    let turn = {
        let over = over.clone();
        Closure::once_into_js(move || {
            future_to_promise(async move {
                lead(drive, engine, over).await;
                Ok(JsValue::UNDEFINED)
            })
        })
    };
    let options = js::object(&[("signal", abort.signal().into())]);
    let arguments = Array::of3(&JsValue::from_str(LOCK), &options, &turn);
    spawn_local(async move {
        let Ok(request) = js::call(&locks, "request", &arguments) else {
            return;
        };
        let request = pin!(js::outcome(request));
        select(request, pin!(over.wait())).await;
        // Takes this tab out of the queue if its turn has not come.
        abort.abort();
    });
}

async fn lead(drive: Drive, engine: std::rc::Rc<Engine>, over: Latch) {
    if over.is_set() {
        return;
    }
    engine.feed.leads.set(true);
    select(pin!(live::run(drive)), pin!(over.wait())).await;
    engine.feed.leads.set(false);
}

impl From<Connection> for Standing {
    fn from(connection: Connection) -> Self {
        match connection {
            Connection::Connecting => Standing::Connecting,
            Connection::Live => Standing::Live,
            Connection::Reconnecting => Standing::Reconnecting,
            Connection::Offline => Standing::Offline,
        }
    }
}

impl From<Standing> for Connection {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Connecting => Connection::Connecting,
            Standing::Live => Connection::Live,
            Standing::Reconnecting => Connection::Reconnecting,
            Standing::Offline => Connection::Offline,
        }
    }
}
