//! Choosing what is deleted for good, and emptying the trash.

use crate::commands::PurgeScope;
use crate::ui::dialogs::{Ask, AskedDeletion, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say_many, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::{BTreeSet, HashSet};

/// The chosen rows.
pub type Chosen = RwSignal<BTreeSet<ItemId>>;

/// Asks whether these are to be deleted for good.
pub fn ask_about(roots: Vec<ItemId>) -> Ask {
    let what = PurgeScope::Items(roots.clone());
    Ask::DeleteForGood(AskedDeletion { what, roots })
}

/// The same for all that the server knows to be in the trash.
fn ask_about_all(items: &[Item], is_pending: impl Fn(ItemId) -> bool) -> Option<Ask> {
    let known = items.iter().filter(|item| !is_pending(item.id));
    let known: Vec<&Item> = known.collect();
    let up_to = known.iter().filter_map(|item| item.trashed_at_ms).max()?;
    let roots = known.iter().map(|item| item.id).collect();
    let what = PurgeScope::TrashedUpTo(up_to);
    Some(Ask::DeleteForGood(AskedDeletion { what, roots }))
}

#[component]
pub fn Chooser(items: Memo<Vec<Item>>, chosen: Chosen) -> impl IntoView {
    let drive: crate::state::Drive = expect_context();
    let dialogs = use_dialogs();
    // What came back is chosen no more.
    Effect::new(move |_| {
        let here: HashSet<ItemId> = items.with(|items| items.iter().map(|item| item.id).collect());
        if chosen.with_untracked(|chosen| !chosen.iter().all(|id| here.contains(id))) {
            chosen.update(|chosen| chosen.retain(|id| here.contains(id)));
        }
    });
    let number = Memo::new(move |_| chosen.with(BTreeSet::len));
    let all = Memo::new(move |_| number.get() > 0 && number.get() == items.with(Vec::len));
    let toggle = move |_| {
        let to = match all.get_untracked() {
            true => BTreeSet::new(),
            false => items.with_untracked(|items| items.iter().map(|item| item.id).collect()),
        };
        chosen.set(to);
    };
    let is_pending = move |id| drive.tree.with_untracked(|tree| tree.is_pending(id));
    let empty = move |_| {
        let ask = items.with_untracked(|items| ask_about_all(items, is_pending));
        if let Some(ask) = ask {
            dialogs.open(ask);
        }
    };
    let delete = move |_| {
        let roots: Vec<ItemId> = chosen.with_untracked(|chosen| {
            let sent = chosen.iter().copied().filter(|&id| !is_pending(id));
            sent.collect()
        });
        if !roots.is_empty() {
            dialogs.open(ask_about(roots));
        }
    };
    view! {
        <div class="bulk-line" role="toolbar" aria-label=t("All in the trash")>
            <label class="check">
                <input type="checkbox" prop:checked=all on:change=toggle />
                <span>
                    {move || match number.get() {
                        0 => t("Choose all").to_owned(),
                        number => say_many!(number, "1 item chosen", "{n} items chosen"),
                    }}
                </span>
            </label>
            <span class="bulk-buttons">
                <Show when=move || { number.get() > 0 }>
                    <button type="button" class="button button-small" on:click=delete>
                        <Glyph icon=Icon::Trash />
                        {t("Delete for good…")}
                    </button>
                </Show>
                <button type="button" class="button button-small" on:click=empty>
                    {t("Empty the trash…")}
                </button>
            </span>
        </div>
    }
}
