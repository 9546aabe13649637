//! A file of the person's, or one that is shared with them, as far as the browser can show it.

use super::super::dialog::Dialog;
use super::super::dialogs::use_dialogs;
use super::super::openings::{OpenBy, tell_open};
use super::{Preview, PreviewKind};
use crate::commands::use_commands;
use crate::state::Drive;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::paths;

#[component]
pub fn PreviewDialog(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    tell_open(item);
    let file = Memo::new(move |_| drive.tree.with(|tree| tree.get(item).cloned()));
    let title = Signal::derive(move || {
        let named = |item: &Item| item.name.to_string();
        file.with(|file| file.as_ref().map(named))
            .unwrap_or_default()
    });
    // A new version is shown in place of the one before; another name changes nothing.
    let version = Memo::new(move |_| file.with(|file| file.as_ref().map_or(0, Item::version)));
    let shown = move || {
        version.track();
        let item = file.get_untracked()?;
        let kind = PreviewKind::of(&item)?;
        let name = item.name.to_string();
        let path = paths::content_named(item.id, item.version(), &item.name);
        let address = commands.address(&path);
        Some(view! { <Preview kind address name /> })
    };
    view! {
        <Dialog title on_close=dialogs.on_close() wide=true>
            <OpenBy item />
            {shown}
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| commands.download(item)>
                    "Download"
                </button>
                <button
                    type="button"
                    class="button button-main"
                    autofocus
                    on:click=move |_| dialogs.close()
                >
                    "Close"
                </button>
            </footer>
        </Dialog>
    }
}
