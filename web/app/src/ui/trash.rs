//! What was trashed: bringing it back, and deleting it for good.

mod choose;
mod delete;

pub use delete::DeleteDialog;

use super::clock::use_clock;
use super::damaged::{DamagedMark, DamagedRecord};
use super::dialogs::{Ask, use_dialogs};
use super::each::Each;
use super::icon::{Glyph, Icon};
use super::retention::{of_trash, use_retention};
use super::virtual_list::Viewport;
use crate::commands::use_commands;
use crate::format::{ago, moment, px};
use crate::state::Drive;
use crate::words::{say, t};
use choose::{Chooser, Chosen, ask_about};
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::items::Item;
use protocol::problem::Problem;
use std::collections::BTreeSet;

/// `--row-tall` in the stylesheet.
const ROW_PIXELS: f64 = 60.0;

#[component]
pub fn TrashView() -> impl IntoView {
    let drive: Drive = expect_context();
    let items = Memo::new(move |_| {
        drive
            .tree
            .with(|tree| tree.trash().into_iter().cloned().collect::<Vec<Item>>())
    });
    let told = use_retention();
    view! {
        <section class="page page-list">
            <header class="page-head">
                <h1>{t("Trash")}</h1>
                <p data-testid="kept">{move || told.with(|told| of_trash(told.as_ref().map(|told| &told.retention)))}</p>
            </header>
            <Show when=move || items.with(Vec::is_empty) fallback=move || view! { <Trashed items /> }>
                <div class="empty">
                    <Glyph icon=Icon::Trash />
                    <h2>{t("The trash is empty")}</h2>
                    <p>{t("Files and folders that you trash wait here and can be brought back.")}</p>
                </div>
            </Show>
        </section>
    }
}

#[component]
fn Trashed(items: Memo<Vec<Item>>) -> impl IntoView {
    let chosen: Chosen = RwSignal::new(BTreeSet::new());
    let viewport = Viewport::new(ROW_PIXELS, 0.0);
    let range = Memo::new(move |_| viewport.in_sight(items.with(Vec::len)));
    let shown = move || {
        items.with(|items| {
            items
                .get(range.get())
                .map(<[_]>::to_vec)
                .unwrap_or_default()
        })
    };
    // All that a row shows but does not follow by itself: see the list of files.
    let key = |item: &Item| (item.id, item.parent, item.name.clone(), item.is_damaged());
    view! {
        <Chooser items chosen />
        <div
            node_ref=viewport.node
            class="scroll"
            tabindex="0"
            role="region"
            aria-label=t("Trashed items")
            on:scroll=move |_| viewport.scrolled()
        >
            <div
                class="tall"
                style:height=move || px(viewport.pixels(items.with(Vec::len)))
            >
                <ul
                    class="lines"
                    style:transform=move || {
                        format!("translateY({})", px(viewport.pixels(range.get().start)))
                    }
                >
                    <Each
                        each=shown
                        key=key
                        children=move |item| view! { <TrashedRow item chosen /> }
                    />
                </ul>
            </div>
        </div>
    }
}

#[component]
fn TrashedRow(item: Item, chosen: Chosen) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let commands = use_commands();
    let id = item.id;
    let name = item.name.to_string();
    let pending = Memo::new(move |_| drive.tree.with(|tree| tree.is_pending(id)));
    let shown = item.trashed_at_ms;
    // The server says when it was trashed.
    let at = Memo::new(move |_| {
        let trashed = drive
            .tree
            .with(|tree| tree.get(id).and_then(|item| item.trashed_at_ms));
        trashed.or(shown).unwrap_or_default()
    });
    let place = drive.tree.with_untracked(|tree| {
        let folders = item
            .parent
            .map(|parent| tree.path(parent))
            .unwrap_or_default();
        let mut words = t("Files").to_owned();
        for folder in folders {
            words.push_str(" / ");
            words.push_str(folder.name.as_str());
        }
        words
    });
    let label = say!("Restore {name}", name);
    let told = name.clone();
    let dialogs = use_dialogs();
    let restore = move |_| match commands.restore(id, None) {
        Ok(()) => {}
        Err(Failure::Refused(Problem::NameTaken { .. })) => dialogs.open(Ask::RestoreAs(id)),
        Err(failure) => drive
            .notices
            .failure(&say!("“{name}” was not restored", name = told), &failure),
    };
    let toggle = move |_| {
        chosen.update(|chosen| {
            if !chosen.remove(&id) {
                chosen.insert(id);
            }
        });
    };
    let icon = if item.is_folder() {
        Icon::Folder
    } else {
        Icon::for_name(&name)
    };
    view! {
        <li class="line" data-testid="trashed" data-name=name.clone() data-pending=move || pending.get().then_some("true")>
            <input
                type="checkbox"
                aria-label=say!("Choose {name}", name)
                prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
                on:change=toggle
            />
            <span class="row-icon" class:row-icon-folder=item.is_folder()>
                <Glyph icon />
            </span>
            <span class="line-words">
                <strong title=name.clone()>{name.clone()}</strong>
                <span title=move || moment(at.get())>
                    {t("Was in")} " " <bdi>{place}</bdi> " · "
                    {move || say!("trashed {ago}", ago = ago(at.get(), clock.now_ms()))}
                </span>
            </span>
            {item.is_damaged().then(|| view! { <DamagedMark record=DamagedRecord::Trashed /> })}
            <button type="button" class="button button-fold" aria-label=label on:click=restore>
                <Glyph icon=Icon::Restore />
                <span>{t("Restore")}</span>
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label=say!("Delete {name} for good", name)
                title=t("Delete for good…")
                disabled=pending
                on:click=move |_| dialogs.open(ask_about(vec![id]))
            >
                <Glyph icon=Icon::Trash />
            </button>
        </li>
    }
}
