//! Trashing, of one item or of many.

use crate::commands::{Commands, use_commands};
use crate::format::count;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;

/// One thing goes into the trash at once, for it is easily brought back; many
/// are asked about. What somebody else shares is never put there: a mount alone is removed,
/// and among others it stays.
pub fn trash_or_ask(
    (drive, commands): (Drive, Commands),
    dialogs: Dialogs,
    mut items: Vec<ItemId>,
) {
    let all = items.len();
    let mounts: Vec<Item> = drive.tree.with_untracked(|tree| {
        let known = items.iter().filter_map(|id| tree.get(*id));
        known.filter(|item| item.mount.is_some()).cloned().collect()
    });
    items.retain(|id| mounts.iter().all(|mount| mount.id != *id));
    match mounts.as_slice() {
        [] => {}
        [only] if all == 1 => return commands.unmount(only),
        mounts => drive.notices.bad(say_many!(
            mounts.len(),
            "1 of them leads to what others share with you, and can only be removed with the menu of each",
            "{n} of them lead to what others share with you, and can only be removed with the menu of each"
        )),
    }
    if items.is_empty() {
        return;
    }
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
    let title = say!(
        "Move {items} to the trash?",
        items = count(items.len(), "item", "items")
    );
    let agree = Callback::new(move |()| {
        commands.trash(items.clone());
        dialogs.close();
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p>{t("They can be restored from the trash, on any device.")}</p>
            <DialogFoot
                verb=t("Move to trash")
                act=agree
                bad=true
                cancel=dialogs.on_close()
                first=First::Act
            />
        </Dialog>
    }
}
