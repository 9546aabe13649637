//! What the browser tells the page about itself: network, visibility, leaving.

use super::{input, tabs};
use crate::state::Drive;
use crate::state::connection::Connection;
use leptos::prelude::GetUntracked;
use sync::message::Input;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BeforeUnloadEvent, Event, EventTarget, VisibilityState};

/// Listens for as long as the page lives.
pub fn listen(drive: Drive) {
    let Some(window) = web_sys::window() else {
        return;
    };
    on(&window, "online", move |_| come_back(drive));
    on(&window, "offline", move |_| {
        tabs::show(drive, Connection::Offline);
    });
    // From the back-forward cache: timers and requests stood still.
    on(&window, "pageshow", move |_| come_back(drive));
    on(&window, "beforeunload", move |event| {
        if would_lose(drive) {
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
            // Somebody looks: a retry that waits need not wait any longer.
            if document.visibility_state() == VisibilityState::Visible
                && drive.connection.get_untracked() != Connection::Live
            {
                come_back(drive);
            }
        });
    }
}

/// Whether bytes that the server lacks are nowhere but in this page, or files
/// that were handed in are still on their way into it.
fn would_lose(drive: Drive) -> bool {
    let driver = drive.driver();
    driver.door.is_open()
        || driver
            .client()
            .is_some_and(|client| !client.engine().trees().unkept_drafts().is_empty())
}

/// Tries at once what waits for the network.
fn come_back(drive: Drive) {
    if drive.connection.get_untracked() == Connection::Offline {
        tabs::show(drive, Connection::Reconnecting);
    }
    drive.driver().again.ring();
    input(drive, Input::Online);
    input(drive, Input::PullWanted);
}

fn on(target: &EventTarget, name: &str, listener: impl FnMut(Event) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(listener);
    // Fails for a target that is no event target only.
    let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
