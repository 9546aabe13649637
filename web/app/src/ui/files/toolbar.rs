//! Adding files and folders.

use super::browse::use_browse;
use crate::commands::use_commands;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use leptos::html;
use leptos::prelude::*;
use platform::intake;

#[component]
pub fn Toolbar() -> impl IntoView {
    let dialogs = use_dialogs();
    let browse = use_browse();
    let (files, folder) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let new_folder = move |_| {
        let parent = browse.folder.get_untracked();
        dialogs.open(Ask::NewFolder { parent });
    };
    view! {
        <div class="toolbar" role="toolbar" aria-label="Add">
            <button type="button" class="button button-main" on:click=move |_| press(files)>
                <Glyph icon=Icon::Upload />
                "Upload files"
            </button>
            <button
                type="button"
                class="button button-fold"
                aria-label="Upload folder"
                title="Upload folder"
                on:click=move |_| press(folder)
            >
                <Glyph icon=Icon::FolderUp />
                <span>"Upload folder"</span>
            </button>
            <button
                type="button"
                class="button button-fold"
                aria-label="New folder"
                title="New folder"
                on:click=new_folder
            >
                <Glyph icon=Icon::FolderPlus />
                <span>"New folder"</span>
            </button>
            <Picker node=files testid="pick-files" folders=false />
            <Picker node=folder testid="pick-folder" folders=true />
        </div>
    }
}

fn press(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

/// The browser's own picker, opened by a button in our style.
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
