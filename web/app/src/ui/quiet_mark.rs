//! A small sign beside a name, for those who see it and for those who hear it.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// What the sign is.
#[derive(Clone, Copy, PartialEq)]
pub struct Quiet {
    /// What tests and the stylesheet know it by.
    pub kind: &'static str,
    pub icon: Icon,
    pub words: &'static str,
}

#[component]
pub fn QuietMark(mark: Memo<Option<Quiet>>) -> impl IntoView {
    move || {
        mark.get().map(|Quiet { kind, icon, words }| {
            view! {
                <span class="badge-quiet" data-testid=kind title=words>
                    <Glyph icon />
                    <b class="unseen">{words}</b>
                </span>
            }
        })
    }
}
