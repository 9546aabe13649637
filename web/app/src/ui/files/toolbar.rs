//! Adding files and folders, and how the list is shown.

use super::browse::use_browse;
use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::dom;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::{Menu, MenuItem, MenuPopover};
use crate::words::t;
use leptos::html;
use leptos::prelude::*;
use platform::intake;

#[component]
pub fn Toolbar() -> impl IntoView {
    let drive: Drive = expect_context();
    let arrange = use_browse().arrange_menu;
    view! {
        <div class="toolbar">
            <button
                type="button"
                class="button button-quiet"
                aria-label=t("View")
                title=t("How the list is shown")
                aria-haspopup="menu"
                aria-expanded=move || arrange.is_open().to_string()
                on:click=move |event| toggle(arrange, &event)
            >
                <Glyph icon=Icon::Tiles />
                <span>{t("View")}</span>
            </button>
            <Show when=move || drive.may_change()>
                <NewMenu />
            </Show>
        </div>
    }
}

/// Opens a menu beside the button that was pressed, or closes it.
fn toggle(menu: Menu, event: &web_sys::MouseEvent) {
    match dom::closest_to(event, "button") {
        Some(button) if !untrack(|| menu.is_open()) => menu.open_beside(&button),
        _ => menu.close(),
    }
}

/// All that can come into the folder that is open.
#[component]
fn NewMenu() -> impl IntoView {
    let (browse, dialogs, menu) = (use_browse(), use_dialogs(), Menu::new());
    let (files, folder) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let new_folder = move || {
        let parent = browse.folder.get_untracked();
        dialogs.open(Ask::NewFolder { parent });
    };
    let new_text = move || {
        let parent = browse.folder.get_untracked();
        dialogs.open(Ask::NewText { parent });
    };
    view! {
        <button
            type="button"
            class="button button-main"
            aria-haspopup="menu"
            aria-expanded=move || menu.is_open().to_string()
            on:click=move |event| toggle(menu, &event)
        >
            <Glyph icon=Icon::Plus />
            {t("New")}
        </button>
        <MenuPopover menu label=t("New")>
            <MenuItem icon=Icon::FolderPlus label=t("New folder") act=new_folder />
            <MenuItem icon=Icon::Text label=t("New text file") act=new_text />
            <MenuItem icon=Icon::Upload label=t("Upload files") act=move || press(files) />
            <MenuItem icon=Icon::FolderUp label=t("Upload folder") act=move || press(folder) />
        </MenuPopover>
        <Picker node=files testid="pick-files" folders=false />
        <Picker node=folder testid="pick-folder" folders=true />
    }
}

fn press(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

/// The browser's own picker, opened by an entry of the menu.
#[component]
fn Picker(node: NodeRef<html::Input>, testid: &'static str, folders: bool) -> impl IntoView {
    let commands = use_commands();
    let browse = use_browse();
    let picked = move |_| {
        let Some(input) = node.get_untracked() else {
            return;
        };
        if let Some(files) = input.files() {
            let intake = intake::from_picker(&files);
            commands.add(browse.folder.get_untracked(), intake);
        }
        // The same file can be picked again.
        input.set_value("");
    };
    view! {
        <input
            node_ref=node
            type="file"
            hidden
            multiple
            data-testid=testid
            prop:webkitdirectory=folders
            on:change=picked
        />
    }
}
