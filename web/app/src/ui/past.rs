//! Goes back to what was in a folder at a time, or in everything: the person chooses the time,
//! sees what would change, and presses once. What was done can be taken back the same way.

mod choose;
mod ended;
mod look;
mod turn;
mod when;
mod words;

use super::activity::name_of;
use super::dialog::Dialog;
use super::dialogs::use_dialogs;
use super::dom;
use super::progress_bar::ProgressBar;
use crate::state::Drive;
use crate::words::{say, say_many, t};
use choose::Choose;
use ended::Ended;
use leptos::html;
use leptos::prelude::*;
use look::Look;
use protocol::ids::ItemId;
use turn::{Stage, Turn};
use words::count_only;

#[component]
pub fn PastDialog(
    /// A folder, or everything.
    of: Option<ItemId>,
) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let title = match of {
        None => t("Go back to an earlier time").to_owned(),
        of => say!("Go back with {name}", name = name_of(drive, of)),
    };
    let turn = Turn::new(of);
    let node = NodeRef::<html::Div>::new();
    // What had the keyboard has gone with what was shown.
    Effect::new(move |before: Option<()>| {
        turn.stage.track();
        if before.is_some() {
            request_animation_frame(move || {
                if let Some(Some(shown)) = node.try_get_untracked() {
                    dom::focus_within(&shown, "[autofocus]");
                }
            });
        }
    });
    let shown = move || match turn.stage.get() {
        Stage::Choose(why) => view! { <Choose turn why /> }.into_any(),
        Stage::Asking => view! { <Asking turn /> }.into_any(),
        Stage::Look(told) => view! { <Look turn told /> }.into_any(),
        Stage::Going { total } => view! { <Going turn total /> }.into_any(),
        Stage::Ended(went) => view! { <Ended turn went /> }.into_any(),
    };
    view! {
        <Dialog title on_close=dialogs.on_close() wide=true keeps_typed=true>
            <div node_ref=node class="past" data-testid="past">
                {shown}
            </div>
        </Dialog>
    }
}

#[component]
fn Asking(turn: Turn) -> impl IntoView {
    view! {
        <p role="status">
            {t("Looking what was otherwise then…")}
            {move || match turn.told.get() {
                0 => String::new(),
                told => format!(" {}", say_many!(told, "1 item so far", "{n} items so far")),
            }}
        </p>
    }
}

#[component]
fn Going(turn: Turn, total: usize) -> impl IntoView {
    let done = turn.progress.done;
    let percent = Memo::new(move |_| match total {
        0 => 100.0,
        total => done.get() as f64 * 100.0 / total as f64,
    });
    let stopping = turn.progress.stop;
    view! {
        <p role="status" aria-live="off">
            {move || say_many!(total, "{done} of 1 change", "{done} of {n} changes", done = count_only(done.get()))}
        </p>
        <ProgressBar label=t("Going back") percent />
        <p class="hint">{t("What is done so far stays done if you stop, and you can go on later.")}</p>
        <div class="dialog-foot">
            <button
                type="button"
                class="button"
                autofocus
                disabled=stopping
                on:click=move |_| stopping.set(true)
            >
                {move || if stopping.get() { t("Stopping…") } else { t("Stop") }}
            </button>
        </div>
    }
}
