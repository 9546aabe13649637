//! What can be done with several chosen rows, in a bar over the list.

use super::browse::use_browse;
use super::download::download;
use super::place::trash_or_ask;
use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::offline::offline_way;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;

use std::collections::BTreeSet;

#[component]
pub fn BulkBar() -> impl IntoView {
    let commands = use_commands();
    let browse = use_browse();
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let number = Memo::new(move |_| browse.chosen.with(BTreeSet::len));
    let chosen = move || -> Vec<ItemId> { browse.chosen.get_untracked().into_iter().collect() };
    view! {
        <Show when=move || { number.get() > 1 }>
            <div class="bulk" role="toolbar" aria-label=t("Chosen items")>
                <span class="bulk-count">{move || count(number.get(), "item", "items")}</span>
                <button
                    type="button"
                    class="button button-quiet"
                    aria-label=t("Download")
                    on:click=move |_| download((drive, commands), dialogs, chosen())
                >
                    <Glyph icon=Icon::Download />
                    <span>{t("Download")}</span>
                </button>
                {move || {
                    drive.offline.track();
                    let items: Vec<ItemId> = browse.chosen.get().into_iter().collect();
                    offline_way(drive, &items).map(|(label, on)| {
                        view! {
                            <button
                                type="button"
                                class="button button-quiet"
                                aria-label=label
                                on:click=move |_| commands.keep_offline(chosen(), on)
                            >
                                <Glyph icon=Icon::Laptop />
                                <span>{label}</span>
                            </button>
                        }
                    })
                }}
                <Show when=move || drive.may_change()>
                    <button
                        type="button"
                        class="button button-quiet"
                        aria-label=t("Move…")
                        on:click=move |_| dialogs.open(Ask::Move(chosen()))
                    >
                        <Glyph icon=Icon::Move />
                        <span>{t("Move…")}</span>
                    </button>
                    <button
                        type="button"
                        class="button button-quiet"
                        aria-label=t("Move to trash")
                        on:click=move |_| trash_or_ask((drive, commands), dialogs, chosen())
                    >
                        <Glyph icon=Icon::Trash />
                        <span>{t("Move to trash")}</span>
                    </button>
                </Show>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t("Choose nothing")
                    on:click=move |_| browse.chosen.set(BTreeSet::new())
                >
                    <Glyph icon=Icon::Close />
                </button>
            </div>
        </Show>
    }
}
