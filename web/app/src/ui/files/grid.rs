//! The list of files as a grid. The keyboard stays on the grid, which names
//! the active row, so that a row may leave the document while scrolling.

use super::browse::use_browse;
use super::keys::Keys;
use super::order::Column;
use super::row::{Row, row_id};
use crate::commands::use_commands;
use crate::format::px;
use crate::ui::dialogs::use_dialogs;
use crate::ui::each::numbered;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::use_router;
use leptos::prelude::*;
use protocol::items::Item;

#[component]
pub fn Grid() -> impl IntoView {
    let browse = use_browse();
    let keys = Keys {
        browse,
        commands: use_commands(),
        dialogs: use_dialogs(),
        router: use_router(),
    };
    let viewport = browse.viewport;
    let count = Memo::new(move |_| browse.rows.with(|rows| rows.len()));
    // An active row out of sight has no element that could be named.
    let active = move || {
        let id = browse.active.get()?;
        let range = viewport.in_sight(count.get());
        browse.rows.with(|rows| {
            rows.get(range)?
                .iter()
                .any(|item| item.id == id)
                .then(|| row_id(id))
        })
    };
    view! {
        <div
            node_ref=viewport.node
            class="grid"
            role="grid"
            aria-label="Files"
            aria-multiselectable="true"
            aria-rowcount=move || (count.get() + 1).to_string()
            aria-activedescendant=active
            tabindex="0"
            on:scroll=move |_| viewport.scrolled()
            on:focus=move |_| browse.show_active()
            on:keydown=move |event| keys.pressed(&event)
        >
            <Heads />
            <Rows count />
        </div>
    }
}

#[component]
fn Rows(count: Memo<usize>) -> impl IntoView {
    let browse = use_browse();
    let viewport = browse.viewport;
    let range = Memo::new(move |_| viewport.in_sight(count.get()));
    let start = Memo::new(move |_| range.with(|range| range.start));
    let shown = move || {
        let range = range.get();
        browse
            .rows
            .with(|rows| rows.get(range).map(<[_]>::to_vec).unwrap_or_default())
    };
    // All that a row shows but does not follow by itself. A row that is made anew takes
    // no click whose press was on the one before.
    let key = |item: &Item| {
        let version = item.file.as_ref().map(|file| file.version);
        (
            item.id,
            item.parent,
            item.name.clone(),
            version,
            item.is_damaged(),
        )
    };
    let row = move |place: ReadSignal<usize>, item| {
        // The heads are row 1.
        let number = Signal::derive(move || start.get() + place.get() + 2);
        view! { <Row item number /> }.into_any()
    };
    view! {
        <div
            role="rowgroup"
            class="grid-body"
            style:height=move || px(viewport.pixels(count.get()))
        >
            <div
                role="presentation"
                style:transform=move || format!("translateY({})", px(viewport.pixels(start.get())))
            >
                {numbered(shown, key, row)}
            </div>
        </div>
    }
}

#[component]
fn Heads() -> impl IntoView {
    view! {
        <div role="rowgroup" class="grid-heads">
            <div role="row" class="row row-heads" aria-rowindex="1">
                <Head column=Column::Name label="Name" class="cell-name" />
                <Head column=Column::Size label="Size" class="cell-size" />
                <Head column=Column::Modified label="Modified" class="cell-time" />
                <Head column=Column::Device label="Changed by" class="cell-device" />
                <div role="columnheader" class="cell-menu">
                    <span class="unseen">"Actions"</span>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Head(column: Column, label: &'static str, class: &'static str) -> impl IntoView {
    let order = use_browse().order;
    let sorted = move || {
        let order = order.get();
        (order.column == column).then_some(order.descending)
    };
    view! {
        <div
            role="columnheader"
            class=class
            aria-sort=move || match sorted() {
                Some(true) => "descending",
                Some(false) => "ascending",
                None => "none",
            }
        >
            <button
                type="button"
                class="head"
                on:click=move |_| order.update(|order| *order = order.pressed(column))
            >
                {label}
                {move || {
                    sorted()
                        .map(|descending| {
                            let icon = if descending { Icon::ArrowDown } else { Icon::ArrowUp };
                            view! { <Glyph icon /> }
                        })
                }}
            </button>
        </div>
    }
}
