//! The buttons that settle a conflict by keeping whole versions.

use super::sides::{Side, Sides};
use crate::commands::{KeepWhich, use_commands};
use crate::ui::sentence::Sentence;
use crate::ui::work::Work;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::ids::ConflictId;

/// `on_settled` is called once a choice is made. These buttons may be gone by
/// then, and whatever is theirs with them: it is a plain function for that.
#[component]
pub fn Choices<F>(sides: Sides, work: Work, on_settled: F) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let id = sides.conflict.id;
    let name = &sides.item.name;
    let [(first, first_label), (second, second_label)] = sides.choices();
    let (from_first, from_second) = (sides.name(Side::First), sides.name(Side::Second));
    let first_words = say!(
        "“{name}” stays as it is, from {from}. The second version is let go.",
        name,
        from = from_first
    );
    let second_words = say!(
        "The second version, from {from}, becomes version {version} of “{name}”, for every device.",
        from = from_second,
        version = sides.head.version + 1,
        name
    );
    let both_words = say!(
        "“{name}” stays as it is, and the second version is put beside it as “{copy}”.",
        name,
        copy = sides.copy_name
    );
    view! {
        <div class="choices">
            <Keep id work on_settled keep=first label=first_label words=first_words />
            <Keep id work on_settled keep=second label=second_label words=second_words />
            <Keep id work on_settled keep=KeepWhich::Both label=t("Keep both") words=both_words />
        </div>
    }
}

#[component]
fn Keep<F>(
    id: ConflictId,
    work: Work,
    on_settled: F,
    keep: KeepWhich,
    label: &'static str,
    words: String,
) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let commands = use_commands();
    let described = crate::ui::dom::fresh_id("consequence");
    let choose = move |_| {
        let chosen = std::future::ready(commands.resolve(id, keep));
        work.run(chosen, move |()| {
            commands.tell_when_decided(vec![id], false, t("Settled"));
            on_settled();
        });
    };
    let side = match keep {
        KeepWhich::Theirs => Some(Side::First.key()),
        KeepWhich::Mine => Some(Side::Second.key()),
        KeepWhich::Both => None,
    };
    view! {
        <div class="choice">
            <button
                type="button"
                class="button"
                class:button-side=side.is_some()
                class:button-main=side.is_none()
                data-side=side
                aria-describedby=described.clone()
                disabled=work.busy
                on:click=choose
            >
                {label}
            </button>
            <p id=described><Sentence text=words /></p>
        </div>
    }
}
