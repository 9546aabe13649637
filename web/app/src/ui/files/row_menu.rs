//! What can be done with one file or folder.

use super::browse::use_browse;
use super::choosing::open;
use super::clip::take_up;
use super::download::download;
use super::place::trash_or_ask;
use crate::commands::use_commands;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::marks::is_starred;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::{MenuItem, MenuPopover};
use crate::ui::offline::offline_way;
use crate::ui::route::{Route, use_router};
use crate::words::{say, t};
use leptos::html;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::paths;
use web_sys::MouseEvent;

#[component]
pub fn RowMenu() -> impl IntoView {
    let browse = use_browse();
    let picker = NodeRef::<html::Input>::new();
    // Kept apart from the menu, which is gone when the picker returns.
    let picked_for = StoredValue::new(None::<ItemId>);
    let pick = Callback::new(move |item: ItemId| {
        picked_for.set_value(Some(item));
        if let Some(picker) = picker.get_untracked() {
            picker.click();
        }
    });
    let label = Signal::derive(move || {
        let name = browse
            .menu_item
            .with(|item| item.as_ref().map(|item| item.name.to_string()));
        say!("Actions for {name}", name = name.unwrap_or_default())
    });
    view! {
        <VersionPicker picker picked_for />
        <MenuPopover menu=browse.menu label>
            {move || browse.menu_item.get().map(|item| view! { <Items item pick /> })}
        </MenuPopover>
    }
}

#[component]
fn VersionPicker(
    picker: NodeRef<html::Input>,
    picked_for: StoredValue<Option<ItemId>>,
) -> impl IntoView {
    let commands = use_commands();
    let picked = move |_| {
        let Some(input) = picker.get_untracked() else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        if let (Some(file), Some(item)) = (file, picked_for.get_value()) {
            commands.new_version(item, file);
        }
        // The same file can be picked again.
        input.set_value("");
    };
    view! { <input node_ref=picker type="file" hidden data-testid="pick-version" on:change=picked /> }
}

#[component]
fn Items(item: Item, pick: Callback<ItemId>) -> impl IntoView {
    let commands = use_commands();
    let (browse, dialogs, router) = (use_browse(), use_dialogs(), use_router());
    let drive: Drive = expect_context();
    let id = item.id;
    let is_mount = item.mount.is_some();
    let is_visited = untrack(|| drive.is_visited());
    let is_folder = item.is_folder();
    let first = (item.file.is_none() || (!is_visited && item.version() > 0)).then(|| {
        let icon = if item.file.is_some() {
            Icon::Eye
        } else {
            Icon::Folder
        };
        let item = item.clone();
        view! { <MenuItem icon label=t("Open") act=move || open(commands, router, &item) /> }
    });
    let is_several = browse.meant(id).len() > 1;
    let get = match item.is_folder() || is_several {
        _ if is_mount && !is_several => ().into_any(),
        true => {
            let act = move || download((drive, commands), dialogs, browse.meant(id));
            view! { <MenuItem icon=Icon::Download label=t("Download") act /> }.into_any()
        }
        // There is nothing to download of what the server does not have.
        false if item.version() == 0 => ().into_any(),
        false => view! { <Download item=item.clone() /> }.into_any(),
    };
    let details = (!is_mount && !is_visited).then(|| {
        view! { <MenuItem icon=Icon::Info label=t("Details") act=move || dialogs.open(Ask::Details(id)) /> }
    });
    let versions = (!is_visited && (is_folder || item.version() > 0)).then(|| {
        let label = if is_folder {
            t("Go back to…")
        } else {
            t("Versions")
        };
        view! { <MenuItem icon=Icon::Clock label act=move || dialogs.open(Ask::Versions(Some(id))) /> }
    });
    let star = (!is_visited).then(|| {
        let on = !drive.marks.with_untracked(|marks| is_starred(marks, id));
        let label = match on {
            true => t("Star"),
            false => t("Remove the star"),
        };
        let act = move || commands.star(browse.meant(id), on);
        view! { <MenuItem icon=Icon::Star label act /> }
    });
    let offline = offline_way(drive, &browse.meant(id))
        .filter(|_| !is_mount)
        .map(|(label, on)| {
            let act = move || commands.keep_offline(browse.meant(id), on);
            view! { <MenuItem icon=Icon::Laptop label act /> }
        });
    let may_change = untrack(|| drive.may_change());
    // What is shared stands where its owner wants it.
    let may_place = may_change && drive.root != Some(id);
    let is_home = drive.root.is_none();
    let version = (may_change && item.file.is_some()).then(
        || view! { <MenuItem icon=Icon::Upload label=t("New version…") act=move || pick.run(id) /> },
    );
    // What the server does not have can't be copied there.
    let copy = (may_place && item.version() > 0).then(|| {
        let act = move || {
            if let Err(failure) = commands.copy(id) {
                drive.notices.bad(failure.in_words());
            }
        };
        view! { <MenuItem icon=Icon::Copy label=t("Make a copy") act /> }
    });
    view! {
        {first}
        {get}
        {may_place
            .then(|| {
                view! {
                    <MenuItem icon=Icon::Pencil label=t("Rename") act=move || browse.start_renaming(id) />
                    <MenuItem
                        icon=Icon::Move
                        label=t("Move…")
                        act=move || dialogs.open(Ask::Move(browse.meant(id)))
                    />
                    {(!is_mount)
                        .then(|| {
                            let act = move |cut| take_up(commands, browse.meant(id), cut);
                            view! {
                                <MenuItem icon=Icon::Cut label=t("Cut") act=move || act(true) />
                                <MenuItem icon=Icon::Copy label=t("Copy") act=move || act(false) />
                            }
                        })}
                    {(is_folder && untrack(|| drive.clip.with(Option::is_some)))
                        .then(|| {
                            let act = move || commands.paste(Some(id));
                            view! { <MenuItem icon=Icon::Paste label=t("Paste into it") act /> }
                        })}
                }
            })}
        {version}
        {copy}
        {(is_home && !is_mount)
            .then(|| {
                view! {
                    <MenuItem icon=Icon::People label=t("Share…") act=move || dialogs.open(Ask::Share(id)) />
                }
            })}
        {star}
        {offline}
        {details}
        {versions}
        <MenuItem
            icon=Icon::Clock
            label=t("Activity")
            act=move || router.go(Route::Activity(Some(id)))
        />
        {may_place
            .then(|| {
                view! {
                    <hr />
                    {match is_mount && !is_several {
                        true => {
                            let act = move || commands.unmount(&item);
                            view! { <MenuItem icon=Icon::Close label=t("Remove from my files") act /> }
                                .into_any()
                        }
                        false => {
                            let act = move || {
                                trash_or_ask((drive, commands), dialogs, browse.meant(id));
                            };
                            view! { <MenuItem icon=Icon::Trash label=t("Move to trash") act /> }.into_any()
                        }
                    }}
                }
            })}
    }
}

#[component]
fn Download(item: Item) -> impl IntoView {
    let commands = use_commands();
    let id = item.id;
    // A press that asks for something else than a download is the browser's.
    let press = move |event: MouseEvent| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.shift_key();
        if is_plain {
            event.prevent_default();
            commands.download(id);
        }
    };
    view! {
        <a
            role="menuitem"
            href=commands.address(&paths::content_named(id, item.version(), &item.name))
            download=item.name.to_string()
            on:click=press
        >
            <Glyph icon=Icon::Download />
            {t("Download")}
        </a>
    }
}
