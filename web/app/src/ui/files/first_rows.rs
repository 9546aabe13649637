//! The first rows of a folder of a very large drive, while the page reads all names: as this
//! browser showed them last, in the place that the document keeps for them. That part of the
//! document is inert: nothing can be done with what is not known yet.

use super::arrangement::{Arrangement, Grouping};
use super::browse::Browse;
use super::kind::Kind;
use super::order::{Order, modified_at_ms};
use crate::commands::{Commands, use_commands};
use crate::format::{ago, bytes};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Route, use_router};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ids::ItemId;
use protocol::items::Item;
use sync::tree::Tree;

/// Where there are so many items, the page says how far it has read them.
const MANY: usize = 20_000;
/// More than a screen has.
const ROWS: usize = 40;

/// Where the document holds the place of rows.
const PLACE: &str = ".first-drive .skeleton";

#[component]
pub fn FirstRows() -> impl IntoView {
    let (commands, router) = (use_commands(), use_router());
    let rows = RwSignal::new(Vec::<Item>::new());
    if let Route::Folder(folder) = untrack(|| router.at()) {
        spawn_local(async move {
            rows.try_set(commands.first_rows(folder).await);
        });
    }
    move || {
        let rows = rows.get();
        (!rows.is_empty()).then(|| view! { <InPlace rows /> })
    }
}

#[component]
fn InPlace(rows: Vec<Item>) -> impl IntoView {
    let node = NodeRef::<leptos::html::Div>::new();
    node.on_load(|rows| {
        if let Ok(Some(place)) = document().query_selector(PLACE) {
            place.replace_children_with_node_1(&rows);
        }
    });
    let classes = Arrangement::read().classes();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|item| view! { <Row item /> })
        .collect();
    view! {
        <div class=classes node_ref=node data-testid="first-rows">
            {rows}
        </div>
    }
}

/// Without what only the whole tree tells: how much is in a folder, and what a mount leads to.
#[component]
fn Row(item: Item) -> impl IntoView {
    let is_folder = item.file.is_none();
    let icon = match is_folder {
        true => Icon::Folder,
        false => Icon::for_name(item.name.as_str()),
    };
    let now = untrack(|| use_clock().now_ms());
    let size = item.file.as_ref().map(|file| bytes(file.size));
    let changed = ago(modified_at_ms(&item), now);
    view! {
        <div class="row">
            <div class="cell-name">
                <span class="row-icon" class:row-icon-folder=is_folder>
                    <Glyph icon />
                </span>
                <span class="row-words">
                    <span class="row-name">{item.name.to_string()}</span>
                    <span class="row-note">{changed.clone()}</span>
                </span>
            </div>
            <div class="cell-size">{size}</div>
            <div class="cell-kind">{Kind::of(&item).word()}</div>
            <div class="cell-time">{changed}</div>
            <div class="cell-device"></div>
            <div class="cell-menu"></div>
        </div>
    }
}

/// Keeps the first rows of a folder of the person's own drive, once somebody is at them and
/// as a page shows them that is opened anew.
pub fn keep(browse: Browse, drive: Drive, commands: Commands) {
    let first = Memo::new(move |_| {
        let arranged = browse.arrangement.get();
        let is_plain = !arranged.tiles && arranged.grouping == Grouping::Nothing;
        let is_first = is_plain && browse.order.get() == Order::by_name();
        let rows = browse.rows.get();
        let first = rows.first().filter(|_| is_first)?;
        let is_large = drive.tree.with_untracked(Tree::len) >= MANY;
        let rows = rows.iter().take(ROWS).map(|item| item.id);
        is_large.then(|| (first.parent, rows.collect::<Vec<ItemId>>()))
    });
    Effect::new(move |_| {
        if let Some((folder, rows)) = first.get() {
            commands.keep_first_rows(folder, rows);
        }
    });
}
