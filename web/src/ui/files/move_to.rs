//! The dialog that asks for a folder.

use super::names::by_name;
use super::place::move_items;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::use_dialogs;
use crate::ui::each::Each;
use crate::ui::format::count;
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;
use shared::ids::ItemId;

#[component]
pub fn MoveDialog(items: Vec<ItemId>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
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
    let agree = move |_| {
        move_items(drive, items.get_value(), at.get_untracked());
        dialogs.close();
    };
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <Path at />
            <Folders at items />
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| dialogs.close()>
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="button button-main"
                    disabled=move || at.get() == from
                    on:click=agree
                >
                    "Move here"
                </button>
            </footer>
        </Dialog>
    }
}

/// Where the chooser is, and the way up.
#[component]
fn Path(at: RwSignal<Option<ItemId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let steps = move || {
        let mut steps = vec![(None, "Files".to_owned())];
        drive.tree.with(|tree| {
            let path = at.get().map(|id| tree.path(id)).unwrap_or_default();
            steps.extend(
                path.into_iter()
                    .map(|item| (Some(item.id), item.name.to_string())),
            );
        });
        steps
    };
    view! {
        <nav class="chooser-path" aria-label="Folder to move to">
            <Each
                each=steps
                key=|step| step.clone()
                children=move |(id, name)| {
                    view! {
                        <button
                            type="button"
                            class="link"
                            aria-current=move || (at.get() == id).then_some("location")
                            on:click=move |_| at.set(id)
                        >
                            <bdi>{name}</bdi>
                        </button>
                    }
                }
            />
        </nav>
    }
}

/// The folders in it, but for those that are being moved.
#[component]
fn Folders(at: RwSignal<Option<ItemId>>, items: StoredValue<Vec<ItemId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let folders = Memo::new(move |_| {
        let mut folders = drive.tree.with(|tree| {
            let list = tree.list(at.get());
            let folders = list.into_iter().take_while(|item| item.is_folder());
            let moved = |id: ItemId| items.with_value(|items| items.contains(&id));
            folders
                .filter(|item| !moved(item.id))
                .map(|item| (item.id, item.name.to_string()))
                .collect::<Vec<_>>()
        });
        by_name(&mut folders, |(_, name)| name);
        folders
    });
    view! {
        <ul class="chooser">
            <Each
                each=move || folders.get()
                key=|folder| folder.clone()
                children=move |(id, name)| {
                    view! {
                        <li>
                            <button type="button" on:click=move |_| at.set(Some(id))>
                                <Glyph icon=Icon::Folder />
                                <span>{name}</span>
                                <Glyph icon=Icon::ChevronRight />
                            </button>
                        </li>
                    }
                }
            />
            <Show when=move || folders.with(Vec::is_empty)>
                <li class="chooser-none">"No folders in here"</li>
            </Show>
        </ul>
    }
}
