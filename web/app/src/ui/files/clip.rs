//! What was cut or copied, until it is pasted.

use super::browse::use_browse;
use crate::commands::{Commands, use_commands};
use crate::format::count;
use crate::state::Drive;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::js;
use protocol::ids::ItemId;
use std::collections::BTreeSet;
use wasm_bindgen_futures::JsFuture;

/// Cuts or copies items. Their names go to the system's clipboard, so that files which are
/// copied elsewhere afterwards are told from these.
pub fn take_up(commands: Commands, items: Vec<ItemId>, cut: bool) {
    let names = commands.drive().tree.with_untracked(|tree| {
        let known = items.iter().filter_map(|id| tree.get(*id));
        let names: Vec<&str> = known.map(|item| item.name.as_str()).collect();
        names.join("\n")
    });
    commands.take_up(items, cut);
    // Where the browser does not let us, pasting works all the same.
    if js::get(&window().navigator(), "clipboard").is_object() {
        let written = window().navigator().clipboard().write_text(&names);
        spawn_local(async move {
            let _ = JsFuture::from(written).await;
        });
    }
}

/// Offers to paste, in a bar over the list.
#[component]
pub fn ClipBar() -> impl IntoView {
    let (drive, commands, browse): (Drive, _, _) = (expect_context(), use_commands(), use_browse());
    // Another bar is there while several rows are chosen.
    let is_shown = Memo::new(move |_| {
        let several = browse.chosen.with(BTreeSet::len) > 1;
        !several && drive.may_change() && drive.clip.with(Option::is_some)
    });
    let words = move || {
        drive.clip.with(|clip| {
            clip.as_ref().map(|clip| {
                let items = count(clip.items.len(), "item", "items");
                match clip.cut {
                    true => say!("{items} cut", items),
                    false => say!("{items} copied", items),
                }
            })
        })
    };
    view! {
        <Show when=move || is_shown.get()>
            <div class="bulk" role="toolbar" aria-label=t("Cut or copied items")>
                <span class="bulk-count">{words}</span>
                <button
                    type="button"
                    class="button button-quiet"
                    aria-label=t("Paste here")
                    on:click=move |_| commands.paste(browse.folder.get_untracked())
                >
                    <Glyph icon=Icon::Paste />
                    <span>{t("Paste here")}</span>
                </button>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t("Paste nothing")
                    on:click=move |_| commands.put_down()
                >
                    <Glyph icon=Icon::Close />
                </button>
            </div>
        </Show>
    }
}
