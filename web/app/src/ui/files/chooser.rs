//! Where somebody picks a folder: the way up from it, and the folders in it.

use super::names::by_name;
use crate::state::Drive;
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;

#[component]
pub fn FolderChooser(
    at: RwSignal<Option<ItemId>>,
    /// Folders that can't be picked.
    without: StoredValue<Vec<ItemId>>,
    label: &'static str,
) -> impl IntoView {
    view! {
        <Path at label />
        <Folders at without />
    }
}

/// Where the chooser is, and the way up.
#[component]
fn Path(at: RwSignal<Option<ItemId>>, label: &'static str) -> impl IntoView {
    let drive: Drive = expect_context();
    let steps = move || {
        let mut steps = match drive.root {
            None => vec![(None, t("Files").to_owned())],
            Some(_) => Vec::new(),
        };
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
        <nav class="chooser-path" aria-label=label>
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

/// The folders in it, but for some.
#[component]
fn Folders(at: RwSignal<Option<ItemId>>, without: StoredValue<Vec<ItemId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let folders = Memo::new(move |_| {
        let mut folders = drive.tree.with(|tree| {
            let list = tree.list(at.get());
            let folders = list.into_iter().filter(|item| item.is_folder());
            let left_out = |id: ItemId| without.with_value(|without| without.contains(&id));
            folders
                .filter(|item| !left_out(item.id))
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
                <li class="chooser-none">{t("No folders in here")}</li>
            </Show>
        </ul>
    }
}
