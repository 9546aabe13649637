//! Conflicts: the list of the open ones, and the dialog that settles one.

mod card;
mod dialog;
mod put_off;
mod sides;

pub use dialog::ConflictDialog;
pub use put_off::{PutOff, use_put_off};

use super::clock::use_clock;
use super::dialogs::{Ask, use_dialogs};
use super::format::{ago, moment};
use super::icon::{Glyph, Icon};
use crate::state::Drive;
use leptos::prelude::*;
use shared::protocol::conflicts::Conflict;

#[component]
pub fn ConflictsView() -> impl IntoView {
    let drive: Drive = expect_context();
    let open = Memo::new(move |_| {
        let mut open: Vec<Conflict> = drive.conflicts.with(|all| all.values().cloned().collect());
        open.sort_by_key(|conflict| std::cmp::Reverse(conflict.committed.at_ms));
        open
    });
    view! {
        <section class="page">
            <header class="page-head">
                <h1>"Conflicts"</h1>
                <p>
                    "The same file was changed in two places at a time. Both versions are kept safe until you decide."
                </p>
            </header>
            <Show
                when=move || open.with(|open| !open.is_empty())
                fallback=|| {
                    view! {
                        <div class="empty">
                            <Glyph icon=Icon::Check />
                            <h2>"Nothing to decide"</h2>
                            <p>"When two edits of a file meet, you find them here."</p>
                        </div>
                    }
                }
            >
                <ul class="lines lines-boxed">
                    <For
                        each=move || open.get()
                        key=|conflict| conflict.id
                        children=move |conflict| view! { <Line conflict /> }
                    />
                </ul>
            </Show>
        </section>
    }
}

#[component]
fn Line(conflict: Conflict) -> impl IntoView {
    let (drive, dialogs, clock): (Drive, _, _) = (expect_context(), use_dialogs(), use_clock());
    let id = conflict.id;
    let item = conflict.item;
    let name = Memo::new(move |_| sides::file_name(drive, item));
    let at = conflict.committed.at_ms;
    let device = conflict.committed.device_name;
    view! {
        <li class="line" data-testid="conflict">
            <span class="row-icon row-icon-conflict">
                <Glyph icon=Icon::Conflict />
            </span>
            <span class="line-words">
                <strong>{name}</strong>
                <span title=moment(at)>
                    "Second version from " {device} ", " {move || ago(at, clock.now_ms())}
                </span>
            </span>
            <button
                type="button"
                class="button button-main"
                aria-label=move || format!("Decide on {}", name.get())
                on:click=move |_| dialogs.open(Ask::Conflict(id))
            >
                "Decide"
            </button>
        </li>
    }
}
