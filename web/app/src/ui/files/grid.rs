//! The list of files as a grid. The keyboard stays on the grid, which names
//! the active row, so that a row may leave the document while scrolling.

use super::browse::use_browse;
use super::keys::Keys;
use super::layout::Group;
use super::order::Column;
use super::row::{Row, row_id};
use crate::commands::use_commands;
use crate::format::{count, px};
use crate::ui::dialogs::use_dialogs;
use crate::ui::each::numbered;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::use_router;
use crate::words::t;
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
    // An active row out of sight has no element that could be named.
    let active = move || {
        let id = browse.active.get()?;
        let range = browse.layout.with(|layout| layout.drawn(viewport.sight()));
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
            class=move || browse.arrangement.with(|arranged| arranged.classes())
            role="grid"
            aria-label=t("Files")
            aria-multiselectable="true"
            aria-rowcount=move || {
                browse.layout.with(|layout| layout.rows() + layout.headings() + 1).to_string()
            }
            aria-activedescendant=active
            tabindex="0"
            on:scroll=move |_| viewport.scrolled()
            on:focus=move |_| browse.show_active()
            on:keydown=move |event| keys.pressed(&event)
        >
            <Heads />
            <Rows />
        </div>
    }
}

/// What stands in the list.
#[derive(Clone)]
enum Line {
    /// And how many lines stand before it.
    Heading(Group, usize),
    Item(Item),
}

#[component]
fn Rows() -> impl IntoView {
    let browse = use_browse();
    let (viewport, layout) = (browse.viewport, browse.layout);
    let range = Memo::new(move |_| layout.with(|layout| layout.drawn(viewport.sight())));
    let start = Memo::new(move |_| range.with(|range| range.start));
    let lines_before = Memo::new(move |_| layout.with(|layout| layout.lines_before(start.get())));
    let height = move || layout.with(|layout| px(layout.height()));
    let top = move || layout.with(|layout| px(layout.drawn_from(start.get())));
    let columns = move || layout.with(|layout| layout.columns().to_string());
    let shown = move || {
        let range = range.get();
        let rows = browse.rows.get();
        let start = range.start;
        let heading = |place| {
            let (group, before) = layout.with(|layout| {
                let is_drawn = place == start || layout.begins_group(place);
                layout.heading_over(place).filter(|_| is_drawn)
            })?;
            let group = browse.groups.with(|groups| groups.get(group).cloned())?;
            Some(Line::Heading(group, before))
        };
        let items = range.clone().zip(rows.get(range).unwrap_or_default());
        let lines = items.flat_map(|(place, item)| {
            let heading = heading(place);
            heading.into_iter().chain([Line::Item(Item::clone(item))])
        });
        lines.collect::<Vec<_>>()
    };
    // All that a row shows but does not follow by itself. A row that is made anew takes
    // no click whose press was on the one before.
    let key = |line: &Line| match line {
        Line::Heading(group, before) => Err((group.heading, group.rows, *before)),
        Line::Item(item) => {
            let version = item.file.as_ref().map(|file| file.version);
            Ok((
                item.id,
                item.parent,
                item.name.clone(),
                version,
                item.is_damaged(),
            ))
        }
    };
    let row = move |place: ReadSignal<usize>, line| {
        // The heads are row 1.
        let number = Signal::derive(move || lines_before.get() + place.get() + 2);
        match line {
            Line::Heading(group, before) => {
                view! { <GroupHead group number=before + 2 /> }.into_any()
            }
            Line::Item(item) => view! { <Row item number /> }.into_any(),
        }
    };
    view! {
        <div
            role="rowgroup"
            class="grid-body"
            style:height=height
        >
            <div
                role="presentation"
                class="grid-lines"
                style=("--columns", columns)
                style:padding-top=top
            >
                {numbered(shown, key, row)}
            </div>
        </div>
    }
}

#[component]
fn GroupHead(group: Group, number: usize) -> impl IntoView {
    let rows = count(group.rows, "item", "items");
    view! {
        <div role="row" class="group-head" aria-rowindex=number.to_string()>
            <div role="gridcell">
                <strong>{t(group.heading)}</strong>
                " "
                <span>{rows}</span>
            </div>
        </div>
    }
}

#[component]
fn Heads() -> impl IntoView {
    let menu = use_browse().arrange_menu;
    let ask = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        menu.open_at(event.client_x().into(), event.client_y().into());
    };
    view! {
        <div role="rowgroup" class="grid-heads" on:contextmenu=ask>
            <div role="row" class="row row-heads" aria-rowindex="1">
                <Head column=Column::Name class="cell-name" />
                <Head column=Column::Size class="cell-size" />
                <Head column=Column::Kind class="cell-kind" />
                <Head column=Column::Modified class="cell-time" />
                <Head column=Column::Device class="cell-device" />
                <div role="columnheader" class="cell-menu">
                    <span class="unseen">{t("Actions")}</span>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Head(column: Column, class: &'static str) -> impl IntoView {
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
                {column.title()}
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
