//! How the list is shown: as rows or tiles, in which order and groups, with which columns.

use super::arrangement::Grouping;
use super::browse::use_browse;
use super::order::Column;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::MenuPopover;
use crate::words::{say, t};
use leptos::prelude::*;

const COLUMNS: [Column; 5] = [
    Column::Name,
    Column::Size,
    Column::Kind,
    Column::Modified,
    Column::Device,
];

#[component]
pub fn ArrangeMenu() -> impl IntoView {
    view! {
        <MenuPopover menu=use_browse().arrange_menu label=t("View")>
            <Shapes />
            <hr />
            <Orders />
            <hr />
            <Groupings />
            <Columns />
        </MenuPopover>
    }
}

#[component]
fn Shapes() -> impl IntoView {
    let browse = use_browse();
    let shape = move |tiles| {
        let mut arranged = browse.arrangement.get_untracked();
        arranged.tiles = tiles;
        browse.arrange(arranged);
    };
    let is = move |tiles: bool| browse.arrangement.with(|list| list.tiles == tiles);
    view! {
        <Choice icon=Icon::Text label=t("As rows") chosen=move || is(false) act=move || shape(false) />
        <Choice icon=Icon::Tiles label=t("As tiles") chosen=move || is(true) act=move || shape(true) />
    }
}

#[component]
fn Orders() -> impl IntoView {
    let order = use_browse().order;
    COLUMNS
        .map(|column| {
            let is_it = move || order.get().column == column;
            // As it is, or as a press would have it.
            let icon = move || {
                let order = order.get();
                let shown = match order.column == column {
                    true => order,
                    false => order.pressed(column),
                };
                match shown.descending {
                    true => Icon::ArrowDown,
                    false => Icon::ArrowUp,
                }
            };
            let label = match column {
                Column::Name => t("Sort by name"),
                Column::Size => t("Sort by size"),
                Column::Kind => t("Sort by kind"),
                Column::Modified => t("Sort by date"),
                Column::Device => t("Sort by who changed it"),
            };
            view! {
                <button
                    type="button"
                    role="menuitemradio"
                    aria-checked=move || is_it().to_string()
                    on:click=move |_| order.update(|order| *order = order.pressed(column))
                >
                    {move || view! { <Glyph icon=icon() /> }}
                    {label}
                </button>
            }
        })
        .collect_view()
}

#[component]
fn Groupings() -> impl IntoView {
    let browse = use_browse();
    let group = move |grouping| {
        let mut arranged = browse.arrangement.get_untracked();
        arranged.grouping = grouping;
        browse.arrange(arranged);
    };
    [
        (Grouping::Nothing, Icon::Close, t("No groups")),
        (Grouping::Kind, Icon::Archive, t("Group by kind")),
        (Grouping::Date, Icon::Clock, t("Group by date")),
    ]
    .map(|(grouping, icon, label)| {
        let is_it = move || browse.arrangement.with(|list| list.grouping == grouping);
        view! { <Choice icon label chosen=is_it act=move || group(grouping) /> }
    })
    .collect_view()
}

/// Tiles have none.
#[component]
fn Columns() -> impl IntoView {
    let browse = use_browse();
    let columns = move || {
        Column::OPTIONAL
            .map(|column| {
                let is_shown = move || browse.arrangement.with(|list| list.shows(column));
                let press = move |_| {
                    let arranged = browse.arrangement.get_untracked();
                    browse.arrange(arranged.with_or_without(column));
                };
                view! {
                    <button
                        type="button"
                        role="menuitemcheckbox"
                        class="menu-column"
                        aria-checked=move || is_shown().to_string()
                        on:click=press
                    >
                        <Glyph icon=Icon::Table />
                        {say!("Column “{title}”", title = column.title())}
                    </button>
                }
            })
            .collect_view()
    };
    let has_columns = Memo::new(move |_| browse.arrangement.with(|list| !list.tiles));
    move || {
        has_columns.get().then(|| {
            view! {
                <hr class="menu-column" />
                {columns()}
            }
        })
    }
}

#[component]
fn Choice(
    icon: Icon,
    label: &'static str,
    chosen: impl Fn() -> bool + Send + 'static,
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            role="menuitemradio"
            aria-checked=move || chosen().to_string()
            on:click=move |_| act()
        >
            <Glyph icon />
            {label}
        </button>
    }
}
