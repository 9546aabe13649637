//! Merging two versions of a text: what does not conflict is merged already,
//! the rest is picked region by region or typed, and nothing is decided before
//! the result is saved.

mod bar;
mod editor;
mod encodings;
mod keys;
mod session;
mod typed;

use super::card::SideTitle;
use super::sides::{Side, Sides};
use crate::ui::compared::pane::Pane;
use crate::ui::each::Each;
use crate::ui::segmented::Segmented;
use crate::ui::work::{Work, WorkError};
use crate::words::{english, say_many, t};
use bar::Bar;
use editor::Editor;
use encodings::{Encodings, Lacking};
use leptos::prelude::*;
use merge::View;
use session::{MergeSession, Phase};
pub use typed::KeptTexts;
use typed::Lost;

const VIEWS: [(View, &str); 3] = [
    (View::Sides, english!("Side by side")),
    (View::Column, english!("One column")),
    (View::Result, english!("Result")),
];

#[component]
pub fn TextMerge(sides: Memo<Option<Sides>>, on_unshowable: Callback<()>) -> impl IntoView {
    let session = MergeSession::start(sides, on_unshowable);
    let phase = session.phase;
    view! {
        {move || match phase.get() {
            Phase::Loading => {
                view! { <Comparing session /> }.into_any()
            }
            Phase::Failed(reason) => {
                view! {
                    <p class="form-error" role="alert">
                        {reason} " "
                        <button type="button" class="link" on:click=move |_| session.open()>
                            {t("Try again")}
                        </button>
                    </p>
                }
                    .into_any()
            }
            Phase::Ready => view! { <Ready session /> }.into_any(),
        }}
        <Editor session />
    }
}

/// The wait, and a way out of one that is too long.
#[component]
fn Comparing(session: MergeSession) -> impl IntoView {
    let slow = session.is_slow;
    view! {
        <p class="hint" role="status" data-testid="comparing">
            {move || match slow.get() {
                true => t("This takes longer than usual. The comparison goes on."),
                false => t("Comparing the two versions with what both started from…"),
            }}
            <Show when=move || slow.get()>
                " "
                <button type="button" class="link" on:click=move |_| session.try_again()>
                    {t("Try again")}
                </button>
            </Show>
        </p>
    }
}

#[component]
fn Ready(session: MergeSession) -> impl IntoView {
    let view = session.view;
    let main = Signal::derive(move || view.get());
    view! {
        <Told session />
        <div
            class="merge"
            role="group"
            aria-label=t("Merge")
            data-testid="merge"
            on:keydown=move |event| keys::pressed(session, &event)
        >
            <Bar session />
            <div class="merge-bar">
                <Segmented label=t("View") options=VIEWS.map(|(view, words)| (view, t(words))).to_vec() chosen=view />
                <Encodings session />
            </div>
            <Heads session />
            <div class="merge-panes">
                <Pane comparison=session.comparison view=main label=t("The two versions") />
                <Show when=move || view.get() != View::Result>
                    <p class="merge-result-title">{t("Result")}</p>
                    <Pane comparison=session.comparison view=View::Result label=t("Result") />
                </Show>
            </div>
            <Foot session />
        </div>
    }
}

/// Whose columns these are.
#[component]
fn Heads(session: MergeSession) -> impl IntoView {
    move || {
        let sides = session.sides.get()?;
        Some(view! {
            <div class="merge-heads">
                <SideTitle sides=sides.clone() side=Side::First />
                <SideTitle sides side=Side::Second />
            </div>
        })
    }
}

/// What a newer version did to the choices made so far, and texts that found no
/// place in it.
#[component]
fn Told(session: MergeSession) -> impl IntoView {
    view! {
        <Show when=move || session.told.with(Option::is_some)>
            <p class="note" role="status" data-testid="rebased">
                {move || session.told.get()}
            </p>
        </Show>
        <Each
            each=move || session.lost.get()
            key=|lost| lost.clone()
            children=move |lost| view! { <Lost session lost /> }
        />
        <Lacking session />
    }
}

#[component]
fn Foot(session: MergeSession) -> impl IntoView {
    let work = Work::new();
    let ready = Memo::new(move |_| {
        session
            .progress
            .with(|progress| progress.is_complete && progress.lacking.is_none())
    });
    let left = move || {
        let counts = session.progress.with(|progress| progress.counts);
        counts.conflicts.saturating_sub(counts.resolved)
    };
    view! {
        <div class="merge-foot">
            <p class="merge-keys">
                <kbd>"n"</kbd> " " <kbd>"p"</kbd> " " {t("next, previous")} " · " <kbd>"1"</kbd> " "
                <kbd>"2"</kbd> " " {t("first, second")} " · " <kbd>"3"</kbd> " " <kbd>"4"</kbd> " " {t("both")} " · "
                <kbd>"e"</kbd> " " {t("edit")} " · " <kbd>"u"</kbd> " " <kbd>"r"</kbd> " " {t("undo, redo")}
            </p>
            <WorkError work />
            <span class="hint" role="status">
                {move || match left() {
                    0 if session.lost.with(|lost| !lost.is_empty()) => {
                        t("What you typed and did not use is not in the result.").to_owned()
                    }
                    0 => t("Nothing is changed until you save.").to_owned(),
                    left => {
                        say_many!(
                            left,
                            "1 place is to decide before it can be saved.",
                            "{n} places are to decide before it can be saved."
                        )
                    }
                }}
            </span>
            <button
                type="button"
                class="button button-main"
                disabled=move || !ready.get() || work.busy.get()
                on:click=move |_| session.save(work)
            >
                {t("Save the result")}
            </button>
        </div>
    }
}
