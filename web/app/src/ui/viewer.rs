//! A file that is open: shown over the list that it was opened from, as far as a browser
//! can show it. The address says which one it is.
//!
//! Nothing of a file becomes markup: pictures, sounds and videos are shown by elements
//! that run nothing, a PDF by the browser's own viewer, and all else is made of data by
//! hand. `docs/viewer.md` says how each kind is kept from running.

mod archive;
mod code;
mod content;
mod details;
mod editor;
mod font;
mod kind;
mod loaded;
mod markdown;
mod media;
mod pdf;
mod picture;
mod sheets;
mod table;

pub use content::Content;
pub use details::DetailsDialog;
pub use kind::FileKind;

use super::around::Around;
use super::dom;
use super::icon::{Glyph, Icon};
use super::openings::{OpenBy, tell_open};
use super::route::{Route, Router, use_router};
use crate::commands::{MAX_EDITED_BYTES, use_commands};
use crate::state::Drive;
use crate::words::{say, t};
use details::Details;
use editor::{TextEditor, Unsaved};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::sync::Arc;
use web_sys::KeyboardEvent;

/// Where the open file is among those around it.
#[derive(Clone, PartialEq, Eq)]
struct Position {
    /// Counted from 1.
    nth: usize,
    of: usize,
    before: Option<ItemId>,
    after: Option<ItemId>,
}

#[component]
pub fn Viewer() -> impl IntoView {
    let (drive, router): (Drive, _) = (expect_context(), use_router());
    let around: Around = expect_context();
    let opened = Memo::new(move |_| match router.at() {
        Route::File(_, id) => Some(id),
        _ => None,
    });
    let file = Memo::new(move |_| {
        let id = opened.get()?;
        let known = |tree: &sync::tree::Tree| tree.get(id).filter(|_| tree.is_live(id)).cloned();
        drive.tree.with(known).filter(|item| item.file.is_some())
    });
    keep_folder(drive, router, around, file);
    let position = Memo::new(move |_| {
        let id = opened.get()?;
        around.rows.with(|rows| position(rows, id))
    });
    // Which file is typed over.
    let edited = RwSignal::new(None::<ItemId>);
    let may_edit = Memo::new(move |_| {
        drive.may_change() && file.with(|file| file.as_ref().is_some_and(is_edited))
    });
    let edit = move || {
        if may_edit.get_untracked() {
            edited.set(opened.get_untracked());
        }
    };
    Effect::new(move |_| {
        if let Some(id) = opened.get()
            && may_edit.get()
            && router.takes_edit(id)
        {
            edited.set(Some(id));
        }
    });
    let node = NodeRef::<html::Dialog>::new();
    dom::when_drawn(node, |dialog| {
        let _ = dialog.show_modal();
        let _ = dialog.focus();
    });
    Effect::new(move |was: Option<bool>| {
        let is_edited = edited.get().is_some();
        if was == Some(true)
            && !is_edited
            && let Some(dialog) = node.get_untracked()
        {
            // The text had the keyboard.
            let _ = dialog.focus();
        }
        is_edited
    });
    let go = move |to: Option<ItemId>| {
        let Some((Route::File(folder, _), id)) = to.map(|id| (untrack(|| router.at()), id)) else {
            return;
        };
        router.replace(Route::File(folder, id));
        // What had the keyboard may be gone.
        if let Some(dialog) = node.get_untracked() {
            let _ = dialog.focus();
        }
    };
    let step = move |ahead: bool| {
        let to = position.with_untracked(|position| {
            let position = position.as_ref()?;
            if ahead {
                position.after
            } else {
                position.before
            }
        });
        go(to);
    };
    let pressed = move |event: KeyboardEvent| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let has_own_keys = dom::closest_to(&event, "video, audio, input, textarea").is_some();
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        match event.key().as_str() {
            "Escape" => router.close_file(),
            "ArrowLeft" if is_plain && !has_own_keys => step(false),
            "ArrowRight" if is_plain && !has_own_keys => step(true),
            "e" if is_plain && !has_own_keys && edited.get_untracked().is_none() => edit(),
            _ => return,
        }
        event.prevent_default();
    };
    let heading = dom::fresh_id("viewer");
    let labelled_by = heading.clone();
    let details = RwSignal::new(false);
    view! {
        <dialog
            node_ref=node
            class="viewer"
            tabindex="-1"
            aria-labelledby=labelled_by
            on:keydown=pressed
            on:cancel=move |event: ev::Event| {
                event.prevent_default();
                router.close_file();
            }
            on:close=move |_| router.close_file()
        >
            <Head file position heading details may_edit edited edit=Callback::new(move |()| edit()) />
            <div class="viewer-body">
                <div class="viewer-middle">
                    {move || {
                        opened
                            .get()
                            .map(|id| view! { <One id file edited /> })
                    }}
                    <Step ahead=false position step />
                    <Step ahead=true position step />
                </div>
                <Show when=move || details.get() && opened.get().is_some()>
                    <aside class="viewer-details" aria-label=t("Details")>
                        {move || opened.get().map(|item| view! { <Details item /> })}
                    </aside>
                </Show>
            </div>
        </dialog>
    }
}

/// A file may have gone elsewhere, and an address may name no folder: the list below is
/// that of the folder that the file is in.
fn keep_folder(drive: Drive, router: Router, around: Around, file: Memo<Option<Item>>) {
    Effect::new(move |_| {
        let Some((id, parent)) = file.with(|file| file.as_ref().map(|file| (file.id, file.parent)))
        else {
            return;
        };
        if Some(id) == drive.root || parent == around.folder.get_untracked() {
            return;
        }
        let folder = parent.filter(|parent| Some(*parent) != drive.root);
        if matches!(untrack(|| router.at()), Route::File(_, at) if at == id) {
            router.replace(Route::File(folder, id));
        }
    });
}

fn position(rows: &[Arc<Item>], id: ItemId) -> Option<Position> {
    let files: Vec<ItemId> = rows
        .iter()
        .filter(|item| item.file.is_some())
        .map(|item| item.id)
        .collect();
    let place = files.iter().position(|one| *one == id)?;
    Some(Position {
        nth: place + 1,
        of: files.len(),
        before: place
            .checked_sub(1)
            .and_then(|before| files.get(before).copied()),
        after: files.get(place + 1).copied(),
    })
}

#[component]
fn Head(
    file: Memo<Option<Item>>,
    position: Memo<Option<Position>>,
    heading: String,
    details: RwSignal<bool>,
    may_edit: Memo<bool>,
    edited: RwSignal<Option<ItemId>>,
    edit: Callback<()>,
) -> impl IntoView {
    let (router, commands) = (use_router(), use_commands());
    let name = Memo::new(move |_| {
        file.with(|file| file.as_ref().map(|file| file.name.to_string()))
            .unwrap_or_else(|| t("File").to_owned())
    });
    let is_stored =
        Memo::new(move |_| file.with(|file| file.as_ref().is_some_and(|file| file.version() > 0)));
    let download = move |_| {
        if let Some(id) = file.with_untracked(|file| file.as_ref().map(|file| file.id)) {
            commands.download(id);
        }
    };
    view! {
        <header class="viewer-head">
            <span class="row-icon">{move || view! { <Glyph icon=Icon::for_name(&name.get()) /> }}</span>
            <div class="viewer-title">
                <h2 id=heading title=name>
                    <bdi>{name}</bdi>
                </h2>
                <p class="viewer-position" data-testid="viewer-position">
                    {move || {
                        position
                            .with(|position| {
                                position
                                    .as_ref()
                                    .map(|position| say!("{nth} of {all}", nth = position.nth, all = position.of))
                            })
                    }}
                </p>
            </div>
            <Show when=move || may_edit.get() && edited.get().is_none()>
                <button
                    type="button"
                    class="button button-fold"
                    aria-label=t("Edit")
                    title=t("Edit (E)")
                    on:click=move |_| edit.run(())
                >
                    <Glyph icon=Icon::Pencil />
                    <span>{t("Edit")}</span>
                </button>
            </Show>
            <Show when=move || is_stored.get()>
                <button type="button" class="button button-fold" aria-label=t("Download") title=t("Download") on:click=download>
                    <Glyph icon=Icon::Download />
                    <span>{t("Download")}</span>
                </button>
            </Show>
            <button
                type="button"
                class="button button-fold"
                aria-label=t("Details")
                title=t("Details")
                aria-pressed=move || details.get().to_string()
                on:click=move |_| details.update(|shown| *shown = !*shown)
            >
                <Glyph icon=Icon::Info />
                <span>{t("Details")}</span>
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label=t("Close")
                title=t("Close")
                on:click=move |_| router.close_file()
            >
                <Glyph icon=Icon::Close />
            </button>
        </header>
    }
}

#[component]
fn Step(
    ahead: bool,
    position: Memo<Option<Position>>,
    step: impl Fn(bool) + Send + 'static,
) -> impl IntoView {
    let (label, class) = match ahead {
        true => (t("Next file"), "viewer-step viewer-step-ahead"),
        false => (t("Previous file"), "viewer-step"),
    };
    let is_last = move || {
        position.with(|position| {
            position.as_ref().is_none_or(|position| match ahead {
                true => position.after.is_none(),
                false => position.before.is_none(),
            })
        })
    };
    view! {
        <button
            type="button"
            class=class
            aria-label=label
            title=label
            hidden=is_last
            on:click=move |_| step(ahead)
        >
            <Glyph icon=Icon::ChevronRight />
        </button>
    }
}

/// Whether a file can be typed over, as far as its name and size tell.
fn is_edited(file: &Item) -> bool {
    let size = file.file.as_ref().map_or(0, |file| file.size);
    file.version() > 0 && size <= MAX_EDITED_BYTES && FileKind::of(file).is_edited()
}

/// The same, where the person may do so.
fn is_edited_here(drive: Drive, file: &Item) -> bool {
    untrack(|| drive.may_change()) && is_edited(file)
}

/// One file after another: what is of the one before goes with it.
#[component]
fn One(id: ItemId, file: Memo<Option<Item>>, edited: RwSignal<Option<ItemId>>) -> impl IntoView {
    on_cleanup(move || {
        edited.try_set(None);
    });
    // A newer version, or that the file is gone, takes no text away that is typed.
    let is_edited = Memo::new(move |_| edited.get() == Some(id));
    tell_open(id);
    view! {
        <OpenBy item=id />
        {move || match (is_edited.get(), file.get_untracked()) {
            (true, Some(item)) => {
                let done = Callback::new(move |()| edited.set(None));
                view! { <TextEditor item done /> }.into_any()
            }
            _ => view! { <Shown id file edited /> }.into_any(),
        }}
    }
}

#[component]
fn Shown(id: ItemId, file: Memo<Option<Item>>, edited: RwSignal<Option<ItemId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let go_on = Callback::new(move |()| edited.set(Some(id)));
    // A new version is shown in place of the one before; another name changes nothing.
    let version = Memo::new(move |_| {
        let this = |file: &&Item| file.id == id;
        file.with(|file| file.as_ref().filter(this).map(Item::version))
    });
    let is_complete = Memo::new(move |_| drive.tree.with(|tree| tree.complete));
    view! {
        {move || match (version.get(), file.get_untracked()) {
            (Some(1..), Some(item)) => {
                let unsaved = is_edited_here(drive, &item)
                    .then(|| view! { <Unsaved item=item.clone() go_on /> });
                view! {
                    {unsaved}
                    <Content item />
                }
                    .into_any()
            }
            (Some(_), _) => {
                view! {
                    <p class="viewer-words" role="status">
                        {t("It is still on its way to the server, and can be shown once it is there.")}
                    </p>
                }
                    .into_any()
            }
            _ if !is_complete.get() => {
                view! { <p class="viewer-words" role="status">{t("Loading…")}</p> }.into_any()
            }
            _ => {
                view! {
                    <p class="viewer-words" role="status" data-testid="viewer-gone">
                        {t("This file is not here any more.")}
                    </p>
                }
                    .into_any()
            }
        }}
    }
}
