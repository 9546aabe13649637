//! Typing what stands in a region's place.

use super::session::Session;
use crate::ui::dialog::Dialog;
use leptos::html;
use leptos::prelude::*;
use shared::merge::RegionText;

#[component]
pub fn Editor(session: Session) -> impl IntoView {
    move || {
        let (region, text) = session.editing.get()?;
        Some(view! { <Open session region text /> })
    }
}

#[component]
fn Open(session: Session, region: usize, text: RegionText) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let start = start(text);
    let close = Callback::new(move |()| session.editing.set(None));
    let take = move |_| {
        if let Some(area) = node.get_untracked() {
            session.typed(region, area.value());
        }
    };
    view! {
        <Dialog title="Edit by hand" on_close=close wide=true>
            <label class="field">
                <span>"What stands here in the result"</span>
                <textarea node_ref=node class="editor" autofocus spellcheck="false" prop:value=start></textarea>
            </label>
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| close.run(())>
                    "Cancel"
                </button>
                <button type="button" class="button button-main" on:click=take>
                    "Use this"
                </button>
            </footer>
        </Dialog>
    }
}

/// What would stand there, or both to choose from.
fn start(text: RegionText) -> String {
    let RegionText {
        first,
        second,
        result,
        ..
    } = text;
    result.unwrap_or_else(|| {
        let between = if first.is_empty() || first.ends_with(['\n', '\r']) {
            ""
        } else {
            "\n"
        };
        format!("{first}{between}{second}")
    })
}
