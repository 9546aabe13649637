//! A native modal dialog: the browser keeps the keyboard inside, makes the
//! rest inert and closes on Escape. It is open for as long as it is mounted.
//! Nothing that a person typed goes with it before they were asked.

use super::dom;
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use crate::words::t;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use platform::browser::js;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Leaves the dialog that this is used in, after a question if something would
/// be lost.
pub fn use_leave() -> Callback<()> {
    expect_context::<Leave>().0
}

#[derive(Clone, Copy)]
struct Leave(Callback<()>);

/// What gets the keyboard back when a dialog is closed, where that is not what has it
/// when the dialog is opened.
#[derive(Clone, Copy)]
pub struct Opener(StoredValue<Option<HtmlElement>, LocalStorage>);

impl Opener {
    pub fn now() -> Self {
        Self(StoredValue::new_local(dom::focused()))
    }
}

#[component]
pub fn Dialog(
    #[prop(into)] title: Signal<String>,
    /// Escape, the cross, or a press beside the dialog.
    on_close: Callback<()>,
    #[prop(optional)] wide: bool,
    /// What is typed is kept elsewhere with each letter: it may be closed any time.
    #[prop(optional)]
    keeps_typed: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = dom::fresh_id("dialog");
    let Opener(before) = use_context().unwrap_or_else(Opener::now);
    let fields = Fields::new();
    let asking = RwSignal::new(false);
    let would_lose = move || !keeps_typed && fields.are_typed();
    let leave = Callback::new(move |()| {
        if would_lose() {
            asking.set(true);
        } else {
            on_close.run(());
        }
    });
    provide_context(Leave(leave));
    dom::when_drawn(node, move |dialog| {
        let _ = dialog.show_modal();
        // Where no control is meant to be first, the words are.
        let _ = dialog.focus();
        dom::focus_within(&dialog, "[autofocus]");
    });
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if would_lose() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        unload.remove();
        // The browser gives the keyboard back only when a dialog is closed, and
        // this one is taken away.
        let before = before.try_get_value().flatten();
        request_animation_frame(move || {
            if let Some(element) = before {
                let _ = element.focus();
            }
        });
    });
    let beside = move |event: ev::MouseEvent| {
        let on_backdrop = node
            .get_untracked()
            .is_some_and(|dialog| event.target().as_ref() == Some(dialog.as_ref()));
        if on_backdrop {
            leave.run(());
        }
    };
    // A browser that is told twice to close a dialog does so without asking: so
    // the key is taken before it gets there.
    let escaped = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            event.prevent_default();
            leave.run(());
        }
    };
    let closed = move |_| {
        if let Some(dialog) = node.get_untracked() {
            let _ = dialog.show_modal();
        }
        leave.run(());
    };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            tabindex="-1"
            class:dialog-wide=wide
            aria-labelledby=heading.clone()
            on:keydown=escaped
            on:cancel=move |event: ev::Event| {
                event.prevent_default();
                leave.run(());
            }
            on:close=closed
            on:mousedown=beside
            on:focusin=move |event| fields.entered(&event)
            on:input=move |event: ev::Event| fields.changed(&event)
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2 id=heading.clone()>{move || view! { <Sentence text=title.get() /> }}</h2>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=t("Close")
                        on:click=move |_| leave.run(())
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </header>
                {children()}
                <Show when=move || asking.get()>
                    <Question asking node on_close />
                </Show>
            </div>
        </dialog>
    }
}

#[component]
fn Question(
    asking: RwSignal<bool>,
    node: NodeRef<html::Dialog>,
    on_close: Callback<()>,
) -> impl IntoView {
    let stay = NodeRef::<html::Button>::new();
    dom::when_drawn(stay, |button| {
        let _ = button.focus();
    });
    let go_on = move |_| {
        asking.set(false);
        if let Some(dialog) = node.get_untracked() {
            dom::focus_within(&dialog, "textarea, input");
        }
    };
    view! {
        <div class="note dialog-question" role="alert">
            <p>{t("What you typed here is not used yet.")}</p>
            <span class="bulk-buttons">
                <button node_ref=stay type="button" class="button button-small" on:click=go_on>
                    {t("Go on typing")}
                </button>
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| on_close.run(())
                >
                    {t("Throw it away")}
                </button>
            </span>
        </div>
    }
}

/// The text fields that a person was in, each with what it had in it then, and whether they
/// changed it: what a field begins with may come after the keyboard.
#[derive(Clone, Copy)]
struct Fields(StoredValue<Vec<(HtmlElement, String, bool)>, LocalStorage>);

impl Fields {
    fn new() -> Self {
        Self(StoredValue::new_local(Vec::new()))
    }

    fn entered(self, event: &ev::FocusEvent) {
        let Some(field) = dom::closest_to(event, "textarea, input") else {
            return;
        };
        let Ok(field) = field.dyn_into::<HtmlElement>() else {
            return;
        };
        self.0.update_value(|known| {
            if known.iter().all(|(one, ..)| *one != field) {
                let value = value(&field);
                known.push((field, value, false));
            }
        });
    }

    fn changed(self, event: &ev::Event) {
        let target = event.target();
        self.0.update_value(|known| {
            for (field, _, is_changed) in known {
                *is_changed |= target.as_ref() == Some(field.as_ref());
            }
        });
    }

    /// Whether something was typed that is still to be seen.
    fn are_typed(self) -> bool {
        let is_typed = |(field, before, is_changed): &(HtmlElement, String, bool)| {
            let now = value(field);
            *is_changed && field.is_connected() && now != *before && !now.trim().is_empty()
        };
        let typed = self.0.try_with_value(|known| known.iter().any(is_typed));
        typed.unwrap_or(false)
    }
}

fn value(field: &HtmlElement) -> String {
    js::get_text(field, "value").unwrap_or_default()
}
