//! The frame around every view of somebody who is signed in.

mod account;
mod bell;
mod connection;
mod guard;
mod header;
mod shortcuts;
mod sidebar;

use super::conflicts::PutOff;
use super::dialogs::use_dialogs;
use super::dom;
use super::drop_zone::{DropOverlay, Drops};
use super::ending::EndingNote;
use super::files::{FilesView, NothingHere};
use super::find;
use super::open_dialog::OpenDialog;
use super::parts::{InPart, OfConflicts, OfPages, OfSearch};
use super::route::{Route, use_router};
use super::uploads::UploadPanel;
use crate::commands::use_commands;
use crate::state::Drive;
use crate::words::t;
use header::Header;
use leptos::context::Provider;
use leptos::prelude::*;
use sidebar::Sidebar;

/// The person's own drive, whatever they look at.
#[derive(Clone, Copy)]
pub struct Home(pub Drive);

/// Everything is of one root: the person's own drive, or what is shared with them and they
/// look at. It is made anew when they turn to another one.
#[component]
pub fn Shell() -> impl IntoView {
    provide_context(PutOff::read());
    let home: Drive = expect_context();
    provide_context(Home(home));
    bell::alert_of_news(home, use_commands());
    let (router, dialogs, commands) = (use_router(), use_dialogs(), use_commands());
    find::open_by_key(dialogs);
    let root = Memo::new(move |_| router.root());
    let was_shown = StoredValue::new(false);
    move || {
        let root = root.get();
        let (drive, commands) = untrack(|| commands.turn_to(root));
        provide_context(drive);
        provide_context(commands);
        provide_context(router.within(root));
        if was_shown.get_value() {
            dialogs.close();
            dom::focus_soon("main");
        }
        was_shown.set_value(true);
        view! { <Frame home /> }
    }
}

#[component]
fn Frame(home: Drive) -> impl IntoView {
    provide_context(Drops::start());
    guard::mark_title();
    guard::refresh_storage();
    guard::ask_about_taken_names();
    guard::ask_about_own_conflicts();
    shortcuts::listen();
    let drive: Drive = expect_context();
    let decided = drive.door.decided;
    let router = use_router();
    let page = Memo::new(move |_| match router.at() {
        // One view for all folders: going from one to another keeps it.
        Route::Folder(_) | Route::File(..) => Route::Folder(None),
        other => other,
    });
    view! {
        <div class="shell" data-intakes=move || decided.get().to_string()>
            <a class="skip" href="#main">
                {t("Skip to the content")}
            </a>
            <Header />
            <Provider value=home>
                <Provider value=router.within(None)>
                    <Sidebar />
                </Provider>
            </Provider>
            <main id="main" class="content" tabindex="-1">
                <EndingNote />
                {move || match page.get() {
                    _ if drive.withdrawn.get() => view! { <InPart part=OfPages::Withdrawn /> }.into_any(),
                    Route::Folder(_) => view! { <FilesView /> }.into_any(),
                    Route::Conflicts => view! { <InPart part=OfConflicts::All /> }.into_any(),
                    Route::Conflict(conflict) => {
                        view! { <InPart part=OfConflicts::One(conflict) /> }.into_any()
                    },
                    Route::Activity(of) => view! { <InPart part=OfPages::Activity(of) /> }.into_any(),
                    Route::Trash => view! { <InPart part=OfPages::Trash /> }.into_any(),
                    Route::Settings => view! { <InPart part=OfPages::Settings /> }.into_any(),
                    Route::Storage => view! { <InPart part=OfPages::Storage /> }.into_any(),
                    Route::Administration => view! { <InPart part=OfPages::Administration /> }.into_any(),
                    Route::Search => view! { <InPart part=OfSearch::Results /> }.into_any(),
                    Route::Starred => view! { <InPart part=OfSearch::Starred /> }.into_any(),
                    Route::Shares => view! { <InPart part=OfPages::Shares /> }.into_any(),
                    Route::Unknown => view! { <NothingHere /> }.into_any(),
                    // Another frame is about to be made, or another page.
                    Route::File(..) | Route::Shared(..) | Route::Visit(..) | Route::NoLink => ().into_any(),
                }}
            </main>
            <Show when=move || !drive.withdrawn.get()>
                <UploadPanel />
            </Show>
            <DropOverlay />
            <OpenDialog />
        </div>
    }
}
