//! How far the merge is, going from one conflict to the next, and what to pick
//! for the one that is looked at.

use super::session::MergeSession;
use crate::format::count;
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;
use merge::Pick;
use workers::merging::PickKind;

#[component]
pub fn Bar(session: MergeSession) -> impl IntoView {
    let progress = session.progress;
    let counts = Memo::new(move |_| progress.with(|progress| progress.counts));
    let words = move || {
        let counts = counts.get();
        match counts.conflicts {
            0 => format!(
                "Nothing conflicts: {} merged",
                count(counts.merged, "change", "changes")
            ),
            all => format!("{} of {all} resolved", counts.resolved),
        }
    };
    view! {
        <div class="merge-bar" role="toolbar" aria-label="Conflicts of this file">
            <span
                class="merge-count"
                class:merge-done=move || progress.with(|progress| progress.is_complete)
                role="status"
                data-testid="merge-count"
            >
                {words}
            </span>
            <KeyButton words="Previous conflict" key="p" icon=Icon::ArrowUp press=move || session.travel(true) />
            <KeyButton words="Next conflict" key="n" icon=Icon::ArrowDown press=move || session.travel(false) />
            <KeyButton
                words="Undo"
                key="u"
                icon=Icon::Undo
                disabled=Signal::derive(move || !counts.get().can_undo)
                press=move || session.undo()
            />
            <KeyButton
                words="Redo"
                key="r"
                icon=Icon::Redo
                disabled=Signal::derive(move || !counts.get().can_redo)
                press=move || session.redo()
            />
        </div>
        <Picks session />
    }
}

/// What a key does as well.
#[component]
fn KeyButton(
    words: &'static str,
    key: &'static str,
    icon: Icon,
    #[prop(optional, into)] disabled: Signal<bool>,
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=words
            aria-keyshortcuts=key
            disabled=disabled
            on:click=move |_| press()
        >
            <Glyph icon />
        </button>
    }
}

/// The pick for the region that is looked at.
#[component]
fn Picks(session: MergeSession) -> impl IntoView {
    let current = session.comparison.current;
    let name = move || {
        let all = session.progress.with(|progress| progress.counts.conflicts);
        match current.get() {
            Some(found) if found.is_conflict => format!("Conflict {} of {all}", found.nth),
            Some(_) => "Merged already".to_owned(),
            None => "Nothing differs".to_owned(),
        }
    };
    view! {
        <div class="merge-bar region-bar" role="toolbar" aria-label="What stands here">
            <span class="region-name" role="status" data-testid="region-name">
                {name}
            </span>
            <PickButton session pick=Pick::First words="First" key="1" side="first" />
            <PickButton session pick=Pick::Second words="Second" key="2" side="second" />
            <PickButton session pick=Pick::FirstThenSecond words="First, then second" key="3" />
            <PickButton session pick=Pick::SecondThenFirst words="Second, then first" key="4" />
            <button
                type="button"
                class="region-choice"
                aria-pressed=move || is_picked(session, PickKind::Edited).to_string()
                aria-keyshortcuts="e"
                disabled=move || current.with(Option::is_none)
                on:click=move |_| session.edit()
            >
                "Edit…"
            </button>
            <Rest session />
        </div>
    }
}

#[component]
fn PickButton(
    session: MergeSession,
    pick: Pick,
    words: &'static str,
    key: &'static str,
    #[prop(optional)] side: Option<&'static str>,
) -> impl IntoView {
    let picked = PickKind::of(&pick);
    view! {
        <button
            type="button"
            class="region-choice"
            data-side=side
            aria-pressed=move || is_picked(session, picked).to_string()
            aria-keyshortcuts=key
            disabled=move || session.comparison.current.with(Option::is_none)
            on:click=move |_| session.pick(pick.clone())
        >
            {words}
        </button>
    }
}

fn is_picked(session: MergeSession, pick: PickKind) -> bool {
    let current = session.comparison.current.get();
    current.is_some_and(|found| found.pick == Some(pick))
}

/// One pick for all that are open, where there are several.
#[component]
fn Rest(session: MergeSession) -> impl IntoView {
    let several = Memo::new(move |_| {
        let counts = session.progress.with(|progress| progress.counts);
        counts.conflicts.saturating_sub(counts.resolved) > 1
    });
    view! {
        <Show when=move || several.get()>
            <span class="region-rest">
                "All open: "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| session.pick_open(Pick::First)
                >
                    "first"
                </button>
                " · "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| session.pick_open(Pick::Second)
                >
                    "second"
                </button>
            </span>
        </Show>
    }
}
