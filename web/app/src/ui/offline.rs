//! What says how much of something is kept on this device, and what can be done about that.

use super::icon::Icon;
use super::quiet_mark::{Quiet, QuietMark};
use crate::state::Drive;
use crate::state::offline::Offline;
use leptos::prelude::*;
use protocol::ids::ItemId;

/// Beside the name of an item.
#[component]
pub fn OfflineMark(item: ItemId) -> impl IntoView {
    let kept = expect_context::<Drive>().offline;
    let mark = Memo::new(move |_| {
        let (icon, words) = match kept.with(|kept| kept.of.get(&item).copied())? {
            Offline::Kept => (Icon::Laptop, "Kept offline"),
            Offline::Partly => (Icon::Download, "Not all here yet"),
            Offline::Waiting => (Icon::Clock, "Waiting to be kept offline"),
        };
        Some(Quiet {
            kind: "offline-mark",
            icon,
            words,
        })
    });
    view! { <QuietMark mark /> }
}

/// What can be done about keeping these offline, and whether it is to begin: nothing outside of
/// the person's own drive, nor about what is kept with a folder above it.
pub fn offline_way(drive: Drive, items: &[ItemId]) -> Option<(&'static str, bool)> {
    if drive.root.is_some() || untrack(|| drive.is_visited()) {
        return None;
    }
    drive.offline.with_untracked(|kept| {
        if items.iter().all(|item| kept.chosen.contains(item)) {
            return Some(("Stop keeping offline", false));
        }
        let are_kept = items.iter().all(|item| kept.of.contains_key(item));
        (!are_kept).then_some(("Keep offline", true))
    })
}
