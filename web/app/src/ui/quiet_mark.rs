//! A small sign beside a name, for those who see it and for those who hear it.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;

#[component]
pub fn QuietMark(
    is_shown: Memo<bool>,
    /// What tests and the stylesheet know it by.
    kind: &'static str,
    icon: Icon,
    words: &'static str,
) -> impl IntoView {
    view! {
        <Show when=move || is_shown.get()>
            <span class="badge-quiet" data-testid=kind title=words>
                <Glyph icon />
                <b class="unseen">{words}</b>
            </span>
        </Show>
    }
}
