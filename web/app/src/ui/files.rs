//! The files of a folder.

mod arrange_menu;
mod arrangement;
mod band;
mod beside;
mod breadcrumb;
mod browse;
mod bulk;
mod chooser;
mod choosing;
mod clip;
mod download;
mod empty;
mod first_rows;
mod grid;
mod groups;
mod keys;
mod kind;
mod layout;
mod move_to;
mod names;
mod naming;
mod order;
mod place;
mod press;
mod rename;
mod row;
mod row_menu;
mod toolbar;

pub use beside::BesideRows;
pub use chooser::FolderChooser;
pub use choosing::open;
pub use download::{PartOfZipDialog, download};
pub use empty::NothingHere;
pub use first_rows::FirstRows;
pub use kind::Kind;
pub use move_to::MoveDialog;
pub use naming::{NewFolderDialog, NewTextDialog, RenameDialog, RestoreDialog};
pub use order::modified_at_ms;
pub use place::{TrashDialog, trash_or_ask};
pub use rename::NameField;

use breadcrumb::Breadcrumb;
use browse::Browse;
use empty::{EmptyFolder, Gone, Loading};
use grid::Grid;
use leptos::prelude::*;
use toolbar::Toolbar;

use super::around::Around;
use super::door::RememberedLine;
use super::parts::{InPart, OfLists, PagePart};
use super::route::{Route, use_router};
use crate::state::Drive;
use crate::ui::space::SpaceNote;
use crate::words::t;
use protocol::ids::ItemId;

#[component]
pub fn FilesView() -> impl IntoView {
    let drive: Drive = expect_context();
    let is_visited = untrack(|| drive.is_visited());
    let browse = Browse::start();
    provide_context(browse);
    provide_context(Around {
        folder: browse.folder,
        rows: browse.rows,
    });
    let router = use_router();
    let opened = Memo::new(move |_| match router.at() {
        Route::File(_, id) => Some(id),
        _ => None,
    });
    let is_open = Memo::new(move |_| opened.get().is_some());
    Effect::new(move |before: Option<Option<ItemId>>| {
        let now = opened.get();
        if let (Some(Some(left)), None) = (before, now) {
            browse.come_back(left);
        }
        now
    });
    let needs_beside = Memo::new(move |_| browse.needs_beside(drive));
    let face = Memo::new(move |_| {
        let folder = browse.folder.get();
        drive.tree.with(|tree| match folder {
            Some(id) if tree.complete && !tree.is_live(id) => Face::Gone,
            _ if browse.rows.with(|rows| !rows.is_empty()) => Face::Rows,
            _ if !tree.complete || browse.is_sorting.get() => Face::Loading,
            _ => Face::Empty,
        })
    });
    view! {
        <div
            class="files"
            on:pointerover=move |_| browse.is_come_to()
            on:focusin=move |_| browse.is_come_to()
        >
            <div class="files-head">
                <Breadcrumb />
                <Show when=move || !is_visited && !drive.may_change()>
                    <OnlyViewed />
                </Show>
                <Toolbar />
            </div>
            {drive.root.is_none().then(|| view! { <SpaceNote /> })}
            <RememberedLine folder=browse.folder />
            {move || match face.get() {
                Face::Rows => view! { <Grid /> }.into_any(),
                Face::Loading => view! { <Loading /> }.into_any(),
                Face::Empty => view! { <EmptyFolder /> }.into_any(),
                Face::Gone => view! { <Gone /> }.into_any(),
            }}
            {move || needs_beside.get().then(|| view! { <InPart part=OfLists::BesideRows /> })}
            {move || is_open.get().then(|| view! { <InPart part=PagePart::Viewer /> })}
        </div>
    }
}

/// In place of what one could do.
#[component]
fn OnlyViewed() -> impl IntoView {
    view! {
        <p class="hint" data-testid="only-viewed">
            {t("You can only view this.")}
        </p>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Rows,
    Loading,
    Empty,
    /// The folder was trashed, or never was.
    Gone,
}
