//! What becomes of Markdown while it is typed.

use super::super::super::dom;
use super::super::markdown::draw;
use crate::commands::Preview;
use crate::refusals::InWords;
use crate::words::t;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

#[component]
pub fn MarkdownPreview(text: RwSignal<String>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let reader = StoredValue::new_local(Rc::new(Preview::default()));
    let failed = RwSignal::new(None::<String>);
    let asked = StoredValue::new(0_u32);
    let show = move |text: String| {
        let number = asked.get_value() + 1;
        asked.set_value(number);
        let Some(reader) = reader.try_get_value() else {
            return;
        };
        spawn_local(async move {
            let marks = reader.marks(&text).await;
            // A later text is under way.
            if asked.try_get_value() != Some(number) {
                return;
            }
            match marks {
                Ok(marks) => {
                    if let Some(Some(place)) = node.try_get_untracked() {
                        draw(&place, &marks, 2);
                    }
                    failed.try_set(None);
                }
                Err(failure) => {
                    failed.try_set(Some(failure.in_words()));
                }
            }
        });
    };
    dom::when_drawn(node, move |_| show(text.get_untracked()));
    Effect::new(move |_| show(text.get()));
    view! {
        <div class="viewer-scroll editor-preview" tabindex="0" role="region" aria-label=t("Preview")>
            {move || failed.get().map(|why| view! { <p class="viewer-note" role="status">{why}</p> })}
            <div node_ref=node class="viewer-paper markdown" dir="auto" data-testid="editor-preview"></div>
        </div>
    }
}
