//! Putting what is shared with the person among their own files.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::files::FolderChooser;
use crate::ui::sentence::Sentence;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::grants::Grant;
use protocol::ids::ItemId;

/// Asks for a folder, unless it is among the person's files already.
#[component]
pub fn AddToFiles(grant: Grant) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let id = grant.id;
    let is_there = Memo::new(move |_| {
        drive
            .tree
            .with(|tree| tree.mount_of(id).is_some_and(|mount| tree.is_live(mount)))
    });
    let name = grant.name.clone();
    let asked = StoredValue::new(grant);
    view! {
        <Show when=move || !is_there.get()>
            <button
                type="button"
                class="button"
                aria-label=say!("Add {name} to my files", name)
                on:click=move |_| dialogs.open(Ask::Mount(asked.get_value()))
            >
                {t("Add to my files…")}
            </button>
        </Show>
    }
}

#[component]
pub fn MountDialog(grant: Grant) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let at = RwSignal::new(None::<ItemId>);
    let title = say!("Add “{name}” to your files", name = grant.name);
    let words = say!(
        "It stays in the drive of {owner} and takes no room in yours. Its name and place there are yours alone.",
        owner = grant.owner.user_name
    );
    let agree = Callback::new(move |()| {
        let (grant, folder) = (grant.clone(), at.get_untracked());
        let add = async move { commands.mount(&grant, folder).await };
        work.run(add, move |name| {
            drive
                .notices
                .good(say!("“{name}” is among your files", name));
            dialogs.close();
        });
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p><Sentence text=words /></p>
            <FolderChooser at without=StoredValue::new(Vec::new()) label=t("Folder to add it to") />
            <WorkError work />
            <DialogFoot
                verb=t("Add here")
                act=agree
                disabled=work.busy
                cancel=dialogs.on_close()
                first=First::Act
            />
        </Dialog>
    }
}
