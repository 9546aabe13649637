//! Trashing, of one item or of many.

use crate::commands::{Commands, use_commands};
use crate::format::count;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use leptos::prelude::*;
use protocol::ids::ItemId;

/// One thing goes into the trash at once, for it is easily brought back; many
/// are asked about.
pub fn trash_or_ask(commands: Commands, dialogs: Dialogs, items: Vec<ItemId>) {
    if items.len() > 1 {
        dialogs.open(Ask::Trash(items));
    } else {
        commands.trash(items);
    }
}

#[component]
pub fn TrashDialog(items: Vec<ItemId>) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let title = format!("Move {} to the trash?", count(items.len(), "item", "items"));
    let agree = move |_| {
        commands.trash(items.clone());
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
