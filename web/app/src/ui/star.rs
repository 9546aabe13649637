//! What says that something is starred.

use super::icon::Icon;
use super::quiet_mark::QuietMark;
use crate::state::Drive;
use crate::state::marks::is_starred;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;

/// Beside the name of an item.
#[component]
pub fn StarMark(item: ItemId) -> impl IntoView {
    let marks = expect_context::<Drive>().marks;
    let is_shown = Memo::new(move |_| marks.with(|marks| is_starred(marks, item)));
    view! { <QuietMark is_shown kind="star-mark" icon=Icon::Star words=t("Starred") /> }
}
