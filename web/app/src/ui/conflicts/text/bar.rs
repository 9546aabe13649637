//! How far the merge is, going from one conflict to the next, and what to pick
//! for the one that is looked at.

use super::session::MergeSession;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say, say_many, t};
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
            0 => say_many!(
                counts.merged,
                "Nothing conflicts: 1 change merged",
                "Nothing conflicts: {n} changes merged"
            ),
            all => say!("{done} of {all} resolved", done = counts.resolved, all),
        }
    };
    view! {
        <div class="merge-bar" role="toolbar" aria-label=t("Conflicts of this file")>
            <span
                class="merge-count"
                class:merge-done=move || progress.with(|progress| progress.is_complete)
                role="status"
                data-testid="merge-count"
            >
                {words}
            </span>
            <KeyButton words=t("Previous conflict") key="p" icon=Icon::ArrowUp press=move || session.travel(true) />
            <KeyButton words=t("Next conflict") key="n" icon=Icon::ArrowDown press=move || session.travel(false) />
            <KeyButton
                words=t("Undo")
                key="u"
                icon=Icon::Undo
                disabled=Signal::derive(move || !counts.get().can_undo)
                press=move || session.undo()
            />
            <KeyButton
                words=t("Redo")
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
            Some(found) if found.is_conflict => {
                say!("Conflict {number} of {all}", number = found.nth, all)
            }
            Some(_) => t("Merged already").to_owned(),
            None => t("Nothing differs").to_owned(),
        }
    };
    view! {
        <div class="merge-bar region-bar" role="toolbar" aria-label=t("What stands here")>
            <span class="region-name" role="status" data-testid="region-name">
                {name}
            </span>
            <PickButton session pick=Pick::First words=t("First") key="1" side="first" />
            <PickButton session pick=Pick::Second words=t("Second") key="2" side="second" />
            <PickButton session pick=Pick::FirstThenSecond words=t("First, then second") key="3" />
            <PickButton session pick=Pick::SecondThenFirst words=t("Second, then first") key="4" />
            <button
                type="button"
                class="region-choice"
                aria-pressed=move || is_picked(session, PickKind::Edited).to_string()
                aria-keyshortcuts="e"
                disabled=move || current.with(Option::is_none)
                on:click=move |_| session.edit()
            >
                {t("Edit…")}
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
                {t("All open:")}
                " "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| session.pick_open(Pick::First)
                >
                    {t("first")}
                </button>
                " · "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| session.pick_open(Pick::Second)
                >
                    {t("second")}
                </button>
            </span>
        </Show>
    }
}
