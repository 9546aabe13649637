//! Moving and trashing, of one item or of many.

use crate::commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::format::count;
use crate::ui::toasts::{tell, tell_failure};
use leptos::prelude::*;
use shared::ids::ItemId;

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
    let mut moved = 0;
    let first = name_of(drive, items[0]);
    for item in items {
        match commands::move_to(drive, item, folder) {
            Ok(()) => moved += 1,
            Err(failure) => {
                tell_failure(
                    drive,
                    &format!("“{}” was not moved", name_of(drive, item)),
                    &failure,
                );
            }
        }
    }
    let place = folder.map_or("Files".into(), |id| name_of(drive, id));
    if moved > 0 {
        tell(drive, format!("{} moved to “{place}”", what(moved, &first)));
    }
}

/// One thing goes into the trash at once, for it is easily brought back; many
/// are asked about.
pub fn trash_or_ask(drive: Drive, dialogs: Dialogs, items: Vec<ItemId>) {
    if items.len() > 1 {
        dialogs.open(Ask::Trash(items));
    } else {
        trash_items(drive, items);
    }
}

fn trash_items(drive: Drive, items: Vec<ItemId>) {
    let Some(&first) = items.first() else {
        return;
    };
    let mut trashed = 0;
    let first = name_of(drive, first);
    for item in items {
        let name = name_of(drive, item);
        match commands::trash(drive, item) {
            Ok(()) => trashed += 1,
            Err(failure) => {
                tell_failure(drive, &format!("“{name}” is still here"), &failure);
            }
        }
    }
    if trashed > 0 {
        tell(
            drive,
            format!("{} moved to the trash", what(trashed, &first)),
        );
    }
}

/// The name of one, or the number of several.
fn what(number: usize, first: &str) -> String {
    if number == 1 {
        format!("“{first}”")
    } else {
        count(number, "item", "items")
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
        trash_items(drive, items.clone());
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
