//! Moving and trashing, of one item or of many.

use crate::commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::format::count;
use crate::ui::toasts::tell_failure;
use leptos::prelude::*;
use protocol::ids::ItemId;

/// Moves items into a folder, but for those that are there already, and for
/// the folder itself.
pub fn move_items(drive: Drive, items: Vec<ItemId>, folder: Option<ItemId>) {
    let items: Vec<ItemId> = drive.tree.with_untracked(|tree| {
        let elsewhere = |id: &ItemId| tree.get(*id).is_some_and(|item| item.parent != folder);
        let mut items = items;
        items.retain(|id| elsewhere(id) && Some(*id) != folder);
        items
    });
    if items.is_empty() {
        return;
    }
    for (item, failure) in commands::move_all(drive, items, folder) {
        let what = format!("“{}” was not moved", name_of(drive, item));
        tell_failure(drive, &what, &failure);
    }
}

/// One thing goes into the trash at once, for it is easily brought back; many
/// are asked about.
pub fn trash_or_ask(drive: Drive, dialogs: Dialogs, items: Vec<ItemId>) {
    if items.len() > 1 {
        dialogs.open(Ask::Trash(items));
    } else {
        commands::trash(drive, items);
    }
}

fn name_of(drive: Drive, id: ItemId) -> String {
    drive.tree.with_untracked(|tree| {
        tree.get(id)
            .map_or_else(String::new, |item| item.name.to_string())
    })
}

#[component]
pub fn TrashDialog(items: Vec<ItemId>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let title = format!("Move {} to the trash?", count(items.len(), "item", "items"));
    let agree = move |_| {
        commands::trash(drive, items.clone());
        dialogs.close();
    };
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p>"They can be restored from the trash, on any device."</p>
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| dialogs.close()>
                    "Cancel"
                </button>
                <button type="button" class="button button-bad" autofocus on:click=agree>
                    "Move to trash"
                </button>
            </footer>
        </Dialog>
    }
}
