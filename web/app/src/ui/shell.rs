//! The frame around every view of somebody who is signed in.

mod account;
mod connection;
mod guard;
mod header;
mod sidebar;

use super::conflicts::PutOff;
use super::drop_zone::{DropOverlay, Drops};
use super::files::FilesView;
use super::open_dialog::OpenDialog;
use super::parts::{InPart, OfConflicts, OfPages};
use super::route::{Route, use_router};
use super::uploads::UploadPanel;
use crate::state::Drive;
use header::Header;
use leptos::prelude::*;
use sidebar::Sidebar;

#[component]
pub fn Shell() -> impl IntoView {
    provide_context(PutOff::read());
    provide_context(Drops::start());
    guard::mark_title();
    guard::refresh_storage();
    guard::ask_about_taken_names();
    guard::ask_about_own_conflicts();
    let drive: Drive = expect_context();
    let decided = drive.door.decided;
    let router = use_router();
    let page = Memo::new(move |_| match router.at() {
        // One view for all folders: going from one to another keeps it.
        Route::Folder(_) => Route::Folder(None),
        other => other,
    });
    view! {
        <div class="shell" data-intakes=move || decided.get().to_string()>
            <a class="skip" href="#main">
                "Skip to the content"
            </a>
            <Header />
            <Sidebar />
            <main id="main" class="content" tabindex="-1">
                {move || match page.get() {
                    Route::Folder(_) => view! { <FilesView /> }.into_any(),
                    Route::Conflicts => view! { <InPart part=OfConflicts::All /> }.into_any(),
                    Route::Conflict(conflict) => {
                        view! { <InPart part=OfConflicts::One(conflict) /> }.into_any()
                    },
                    Route::Activity(of) => view! { <InPart part=OfPages::Activity(of) /> }.into_any(),
                    Route::Trash => view! { <InPart part=OfPages::Trash /> }.into_any(),
                    Route::Devices => view! { <InPart part=OfPages::Devices /> }.into_any(),
                }}
            </main>
            <UploadPanel />
            <DropOverlay />
            <OpenDialog />
        </div>
    }
}
