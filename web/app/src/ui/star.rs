//! What says that something is starred.

use super::icon::Icon;
use super::quiet_mark::{Quiet, QuietMark};
use crate::state::Drive;
use crate::state::marks::is_starred;
use leptos::prelude::*;
use protocol::ids::ItemId;

const STARRED: Quiet = Quiet {
    kind: "star-mark",
    icon: Icon::Star,
    words: "Starred",
};

/// Beside the name of an item.
#[component]
pub fn StarMark(item: ItemId) -> impl IntoView {
    let marks = expect_context::<Drive>().marks;
    let is_shown = move || marks.with(|marks| is_starred(marks, item));
    let mark = Memo::new(move |_| is_shown().then_some(STARRED));
    view! { <QuietMark mark /> }
}
