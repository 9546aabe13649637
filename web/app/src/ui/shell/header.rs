//! The line at the top: who this is, whether it is up to date, what needs a
//! decision.

use super::account::AccountMenu;
use super::bell::Bell;
use super::connection::ConnectionStatus;
use crate::format::count;
use crate::state::Drive;
use crate::ui::conflicts::undecided;
use crate::ui::find::SearchField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route, use_router};
use leptos::context::Provider;
use leptos::prelude::*;

#[component]
pub fn Header() -> impl IntoView {
    let drive: Drive = expect_context();
    view! {
        <header class="header">
            <Provider value=use_router().within(None)>
                <Link to=Route::Folder(None) class="brand" label="Driftless">
                    <img src="/favicon.svg" alt="" width="28" height="28" />
                    <span>"Driftless"</span>
                </Link>
            </Provider>
            <Show when=move || !drive.withdrawn.get()>
                <SearchField />
            </Show>
            <div class="header-end">
                <ConflictsBadge />
                <Bell />
                <Show when=move || !drive.withdrawn.get()>
                    <ConnectionStatus />
                </Show>
                <AccountMenu />
            </div>
        </header>
    }
}

#[component]
fn ConflictsBadge() -> impl IntoView {
    let drive: Drive = expect_context();
    let open = undecided(drive);
    view! {
        <Show when=move || { open.get() > 0 }>
            <Link to=Route::Conflicts class="badge badge-conflict">
                <Glyph icon=Icon::Conflict />
                <span>{move || count(open.get(), "conflict", "conflicts")}</span>
            </Link>
        </Show>
    }
}
