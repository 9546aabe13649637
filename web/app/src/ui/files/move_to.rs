//! The dialog that asks for a folder.

use super::chooser::FolderChooser;
use crate::commands::use_commands;
use crate::format::count;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::dom;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::name::Name;

#[component]
pub fn MoveDialog(items: Vec<ItemId>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let first = drive
        .tree
        .with_untracked(|tree| items.first().and_then(|&id| tree.get(id)).cloned());
    let title = match (&first, items.len()) {
        (Some(item), 1) => say!("Move “{name}”", name = item.name),
        (_, many) => say!("Move {items}", items = count(many, "item", "items")),
    };
    let from = first.and_then(|item| item.parent);
    let at = RwSignal::new(from);
    let items = StoredValue::new(items);
    let agree = Callback::new(move |()| {
        commands.move_all(items.get_value(), at.get_untracked());
        dialogs.close();
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <FolderChooser at without=items label=t("Folder to move to") />
            <NewFolder at />
            <DialogFoot
                verb=t("Move here")
                act=agree
                disabled=Signal::derive(move || at.get() == from)
                cancel=dialogs.on_close()
            />
        </Dialog>
    }
}

/// Makes a folder in the one that is shown, and goes into it.
#[component]
fn NewFolder(at: RwSignal<Option<ItemId>>) -> impl IntoView {
    let naming = RwSignal::new(false);
    view! {
        <Show
            when=move || naming.get()
            fallback=move || {
                view! {
                    <button
                        type="button"
                        class="button button-small chooser-new"
                        on:click=move |_| naming.set(true)
                    >
                        <Glyph icon=Icon::FolderPlus />
                        {t("New folder")}
                    </button>
                }
            }
        >
            <NewFolderForm at naming />
        </Show>
    }
}

#[component]
fn NewFolderForm(at: RwSignal<Option<ItemId>>, naming: RwSignal<bool>) -> impl IntoView {
    let commands = use_commands();
    let work = Work::new();
    let input = NodeRef::<html::Input>::new();
    dom::when_drawn(input, |input| {
        let _ = input.focus();
    });
    let error = dom::fresh_id("new-folder-error");
    let described = error.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = input.get_untracked().map(|input| input.value());
        match Name::parse(typed.unwrap_or_default().trim()) {
            Ok(name) => {
                let made = std::future::ready(commands.create_folder(at.get_untracked(), name));
                work.run(made, move |folder| {
                    at.set(Some(folder));
                    naming.set(false);
                });
            }
            Err(problem) => work.refuse(&problem.in_words()),
        }
    };
    view! {
        <form class="chooser-new-form" novalidate on:submit=submit>
            <input
                node_ref=input
                type="text"
                autocomplete="off"
                spellcheck="false"
                aria-label=t("Name of the new folder")
                aria-invalid=move || work.error.with(Option::is_some).to_string()
                aria-describedby=described
            />
            <button type="submit" class="button">
                {t("Create")}
            </button>
            <div id=error>
                <WorkError work />
            </div>
        </form>
    }
}
