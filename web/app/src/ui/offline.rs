//! What says how much of something is kept on this device, and what can be done about that.

use super::icon::Icon;
use super::quiet_mark::QuietMark;
use crate::state::Drive;
use crate::state::offline::Offline;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;

/// Beside the name of an item.
#[component]
pub fn OfflineMark(item: ItemId) -> impl IntoView {
    let kept = expect_context::<Drive>().offline;
    let mark = move |how: Offline, icon: Icon, words: &'static str| {
        let is_shown = Memo::new(move |_| kept.with(|kept| kept.of.get(&item) == Some(&how)));
        view! { <QuietMark is_shown kind="offline-mark" icon words /> }
    };
    (
        mark(Offline::Kept, Icon::Laptop, t("Kept offline")),
        mark(Offline::Partly, Icon::Download, t("Not all here yet")),
        mark(
            Offline::Waiting,
            Icon::Clock,
            t("Waiting to be kept offline"),
        ),
    )
}

/// What can be done about keeping these offline, and whether it is to begin: nothing outside of
/// the person's own drive, nor about what is kept with a folder above it.
pub fn offline_way(drive: Drive, items: &[ItemId]) -> Option<(&'static str, bool)> {
    if drive.root.is_some() || untrack(|| drive.is_visited()) {
        return None;
    }
    drive.offline.with_untracked(|kept| {
        if items.iter().all(|item| kept.chosen.contains(item)) {
            return Some((t("Stop keeping offline"), false));
        }
        let are_kept = items.iter().all(|item| kept.of.contains_key(item));
        (!are_kept).then_some((t("Keep offline"), true))
    })
}
