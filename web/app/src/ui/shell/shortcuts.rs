//! The keys that count wherever the keyboard is, unless somebody types or is asked.

use crate::commands::{Commands, use_commands};
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::dom;
use crate::ui::route::{Route, Router, use_router};
use leptos::ev;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// Listens until the view that calls it goes.
pub fn listen() {
    let (commands, dialogs, router) = (use_commands(), use_dialogs(), use_router());
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_free = !event.default_prevented() && !dialogs.is_open();
        if is_free && !dom::is_typed_in(&event) && pressed(&event, commands, dialogs, router) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// Returns whether the key was one of these.
fn pressed(event: &KeyboardEvent, commands: Commands, dialogs: Dialogs, router: Router) -> bool {
    if event.alt_key() {
        return false;
    }
    if !event.ctrl_key() && !event.meta_key() {
        let asks = event.key() == "?";
        if asks {
            dialogs.open(Ask::Keys);
        }
        return asks;
    }
    // A merge has steps of its own.
    if matches!(untrack(|| router.at()), Route::Conflict(_)) {
        return false;
    }
    match dom::shortcut(event).as_str() {
        "z" if event.shift_key() => commands.redo(),
        "z" => commands.undo(),
        "y" if !event.shift_key() => commands.redo(),
        _ => return false,
    }
    true
}
