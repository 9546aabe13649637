//! A native modal dialog: the browser keeps the keyboard inside, makes the
//! rest inert and closes on Escape. It is open for as long as it is mounted.

use super::dom;
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Dialog(
    #[prop(into)] title: Signal<String>,
    /// Escape, the cross, or a press beside the dialog.
    on_close: Callback<()>,
    #[prop(optional)] wide: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = dom::fresh_id("dialog");
    let before = StoredValue::new_local(dom::focused());
    dom::when_drawn(node, move |dialog| {
        let _ = dialog.show_modal();
        // Where no control is meant to be first, the words are.
        let _ = dialog.focus();
        dom::focus_within(&dialog, "[autofocus]");
    });
    on_cleanup(move || {
        // The browser gives the keyboard back only when a dialog is closed, and
        // this one is taken away.
        let before = before.try_get_value().flatten();
        request_animation_frame(move || {
            if let Some(element) = before {
                let _ = element.focus();
            }
        });
    });
    let beside = move |event: leptos::ev::MouseEvent| {
        let on_backdrop = node
            .get_untracked()
            .is_some_and(|dialog| event.target().as_ref() == Some(dialog.as_ref()));
        if on_backdrop {
            on_close.run(());
        }
    };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            tabindex="-1"
            class:dialog-wide=wide
            aria-labelledby=heading.clone()
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_close.run(());
            }
            on:mousedown=beside
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2 id=heading.clone()>{move || view! { <Sentence text=title.get() /> }}</h2>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Close"
                        on:click=move |_| on_close.run(())
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </header>
                {children()}
            </div>
        </dialog>
    }
}
