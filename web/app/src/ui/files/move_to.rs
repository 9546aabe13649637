//! The dialog that asks for a folder.

use super::chooser::FolderChooser;
use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use leptos::prelude::*;
use protocol::ids::ItemId;

#[component]
pub fn MoveDialog(items: Vec<ItemId>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let first = drive
        .tree
        .with_untracked(|tree| items.first().and_then(|&id| tree.get(id)).cloned());
    let title = match (&first, items.len()) {
        (Some(item), 1) => format!("Move “{}”", item.name),
        (_, many) => format!("Move {}", count(many, "item", "items")),
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
            <FolderChooser at without=items label="Folder to move to" />
            <DialogFoot
                verb="Move here"
                act=agree
                disabled=Signal::derive(move || at.get() == from)
                cancel=dialogs.on_close()
            />
        </Dialog>
    }
}
