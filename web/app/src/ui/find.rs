//! The way to the search, in the page's first module: the keys, the field in the head, and
//! the dialog with what is typed. What finds anything is a part of the page; it comes
//! while somebody types, and nothing typed is lost.

use super::dialog::Dialog;
use super::dialogs::{Ask, Dialogs, use_dialogs};
use super::dom;
use super::icon::{Glyph, Icon};
use super::parts::{InPart, OfSearch};
use super::route::{Route, use_router};
use super::typing::{LIST_ID, Typing};
use crate::words::t;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// Opens the search with Ctrl-K, or with a slash where nothing is typed.
pub fn open_by_key(dialogs: Dialogs) {
    let pressed = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && asks(&event) && !dialogs.is_open() {
            event.prevent_default();
            dialogs.open(Ask::Find);
        }
    });
    on_cleanup(move || pressed.remove());
}

fn asks(event: &KeyboardEvent) -> bool {
    let is_command = event.ctrl_key() || event.meta_key();
    if event.alt_key() || event.is_composing() {
        return false;
    }
    match is_command {
        true => !event.shift_key() && dom::shortcut(event) == "k",
        false => {
            const TYPED_INTO: &str =
                "input:not([type=checkbox]), textarea, select, [contenteditable]";
            event.key() == "/" && dom::closest_to(event, TYPED_INTO).is_none()
        }
    }
}

/// In the head of the page; on a phone an icon.
#[component]
pub fn SearchField() -> impl IntoView {
    let (dialogs, router) = (use_dialogs(), use_router());
    let words = move || match router.at() {
        Route::Search => Some(router.query()).filter(|text| !text.is_empty()),
        _ => None,
    };
    view! {
        <button
            type="button"
            class="search-field"
            aria-label=t("Search")
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K /"
            title=t("Search (Ctrl-K)")
            data-testid="search"
            on:click=move |_| dialogs.open(Ask::Find)
        >
            <Glyph icon=Icon::Search />
            <span>{move || words().unwrap_or_else(|| t("Search").to_owned())}</span>
            <kbd aria-hidden="true">{t("Ctrl K")}</kbd>
        </button>
    }
}

/// Asks what is looked for.
#[component]
pub fn FindDialog() -> impl IntoView {
    let (dialogs, router) = (use_dialogs(), use_router());
    let typing = Typing::new(untrack(|| match router.at() {
        Route::Search => router.query(),
        _ => String::new(),
    }));
    let input = NodeRef::<html::Input>::new();
    dom::when_drawn(input, move |input| {
        let _ = input.focus();
        input.select();
    });
    let pressed = move |event: KeyboardEvent| match typing.keys.get_value() {
        Some(keys) => keys.run(event),
        None if event.key() == "Enter" => typing.is_entered.set_value(true),
        None => {}
    };
    view! {
        <Dialog title=t("Search") on_close=dialogs.on_close() wide=true keeps_typed=true>
            <div class="find">
                <div class="find-field">
                    <Glyph icon=Icon::Search />
                    <input
                        node_ref=input
                        type="text"
                        role="combobox"
                        aria-label=t("Search for files, folders and commands")
                        aria-autocomplete="list"
                        aria-expanded=move || typing.is_listed.get().to_string()
                        aria-controls=move || typing.is_listed.get().then_some(LIST_ID)
                        aria-activedescendant=move || typing.active.get()
                        placeholder=t("Search for files and commands")
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        enterkeyhint="go"
                        autofocus
                        data-testid="find"
                        prop:value=move || typing.text.get()
                        on:input=move |event| {
                            typing.is_entered.set_value(false);
                            typing.text.set(event_target_value(&event));
                        }
                        on:keydown=pressed
                    />
                </div>
                <InPart part=OfSearch::Palette(typing) />
            </div>
        </Dialog>
    }
}
