//! What the browser tells the page about itself: network, visibility, leaving.

use super::marks::MarksAct;
use super::offline::OfflineAct;
use super::session::Sessions;
use crate::state::connection::Connection;
use leptos::prelude::GetUntracked;
use platform::browser::{js, shelf};
use std::rc::Rc;
use sync::message::Input;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BeforeUnloadEvent, Event, EventTarget, VisibilityState};

#[derive(Clone)]
pub struct Events {
    pub sessions: Rc<Sessions>,
}

impl Events {
    /// Listens for as long as the page lives.
    pub fn listen(self) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let events = self.clone();
        on(&window, "online", move |_| {
            events.come_back();
            events.sessions.marks.act(MarksAct::Ask);
        });
        // Another tab has kept something.
        let events = self.clone();
        on(&window, "storage", move |event| {
            let key = js::get_text(&event, "key").unwrap_or_default();
            if [shelf::KNOWN, shelf::UNSENT].contains(&key.as_str()) {
                events.sessions.marks.act(MarksAct::Look);
            }
            if key == shelf::OFFLINE && events.sessions.user().is_some() {
                events.sessions.offline.act(OfflineAct::Look);
            }
        });
        let events = self.clone();
        on(&window, "offline", move |_| {
            for root in events.sessions.roots() {
                root.tabs.show(Connection::Offline);
            }
        });
        // From the back-forward cache: timers and requests stood still.
        let events = self.clone();
        on(&window, "pageshow", move |_| events.come_back());
        let events = self.clone();
        on(&window, "beforeunload", move |event| {
            if events.would_lose() {
                event.prevent_default();
                // What older browsers want; none shows the text.
                if let Ok(event) = event.dyn_into::<BeforeUnloadEvent>() {
                    event.set_return_value("Uploads are not finished");
                }
            }
        });
        if let Some(document) = window.document() {
            let target = document.clone();
            on(&target, "visibilitychange", move |_| {
                if document.visibility_state() == VisibilityState::Visible {
                    self.sessions.news.soon();
                    self.sessions.marks.act(MarksAct::Ask);
                    for root in self.sessions.roots() {
                        root.openings.say_due();
                        root.openings.ask();
                    }
                }
                // Somebody looks: a retry that waits need not wait any longer.
                if document.visibility_state() == VisibilityState::Visible && self.is_cut_off() {
                    self.come_back();
                }
            });
        }
    }

    /// Whether something does not arrive or leave as it should.
    fn is_cut_off(&self) -> bool {
        let roots = self.sessions.roots();
        let mut connections = roots.iter().map(|root| root.drive.connection);
        connections.any(|connection| connection.get_untracked() != Connection::Live)
    }

    /// Whether bytes that the server lacks are nowhere but in this page, or files
    /// that were handed in are still on their way into it.
    fn would_lose(&self) -> bool {
        self.sessions.roots().iter().any(|root| {
            let client = root.current.client();
            root.door.is_open()
                || client.is_some_and(|client| !client.engine().trees().unkept_drafts().is_empty())
        })
    }

    /// Tries at once what waits for the network.
    fn come_back(&self) {
        for root in self.sessions.roots() {
            if root.drive.connection.get_untracked() == Connection::Offline {
                root.tabs.show(Connection::Reconnecting);
            }
            root.current.again().ring();
            root.current.input(Input::Online);
            root.current.input(Input::PullWanted);
            root.openings.ask();
        }
    }
}

fn on(target: &EventTarget, name: &str, listener: impl FnMut(Event) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(listener);
    // Fails for a target that is no event target only.
    let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
