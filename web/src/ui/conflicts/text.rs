//! Merging two versions of a text: what does not conflict is merged already,
//! the rest is picked region by region or typed, and nothing is decided before
//! the result is saved.

mod bar;
mod editor;
mod keys;
mod pane;
mod row;
mod session;

use super::card::SideTitle;
use super::sides::{Side, Sides};
use crate::ui::each::Each;
use crate::ui::format::count;
use crate::ui::segmented::Segmented;
use crate::ui::work::{Work, WorkError};
use bar::Bar;
use editor::Editor;
use leptos::prelude::*;
use pane::Pane;
use session::{Phase, Session};
use shared::merge::{Encoding, LostEdit, View};

const VIEWS: [(View, &str); 3] = [
    (View::Sides, "Side by side"),
    (View::Column, "One column"),
    (View::Result, "Result"),
];

#[component]
pub fn TextMerge(sides: Memo<Option<Sides>>, on_unshowable: Callback<()>) -> impl IntoView {
    let session = Session::start(sides, on_unshowable);
    let phase = session.phase;
    view! {
        {move || match phase.get() {
            Phase::Loading => {
                view! {
                    <p class="hint" role="status">
                        "Comparing the two versions with what both started from…"
                    </p>
                }
                    .into_any()
            }
            Phase::Failed(reason) => {
                view! {
                    <p class="form-error" role="alert">
                        {reason} " "
                        <button type="button" class="link" on:click=move |_| session.open()>
                            "Try again"
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

#[component]
fn Ready(session: Session) -> impl IntoView {
    let view = session.view;
    let main = Signal::derive(move || view.get());
    view! {
        <Told session />
        <div
            class="merge"
            role="group"
            aria-label="Merge"
            data-testid="merge"
            on:keydown=move |event| keys::pressed(session, &event)
        >
            <Bar session />
            <div class="merge-bar">
                <Segmented label="View" options=VIEWS.to_vec() chosen=view />
                <Encodings session />
            </div>
            <Heads session />
            <div class="merge-panes">
                <Pane session view=main label="The two versions" />
                <Show when=move || view.get() != View::Result>
                    <p class="merge-result-title">"Result"</p>
                    <Pane session view=View::Result label="Result" />
                </Show>
            </div>
            <Foot session />
        </div>
    }
}

/// Whose columns these are.
#[component]
fn Heads(session: Session) -> impl IntoView {
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

/// The result is written as the first version is; said where that matters.
#[component]
fn Encodings(session: Session) -> impl IntoView {
    move || {
        let [_, first, second] = session.encodings.get()?;
        let words = match (first == second, first) {
            (true, Encoding::Utf8) => return None,
            (true, _) => first.name().to_owned(),
            (false, _) => format!(
                "The first version is {}, the second {}: the result will be {0}",
                first.name(),
                second.name()
            ),
        };
        Some(view! { <span class="hint">{words}</span> })
    }
}

/// What a newer version did to the choices made so far, and texts that found no
/// place in it.
#[component]
fn Told(session: Session) -> impl IntoView {
    view! {
        <Show when=move || session.told.with(Option::is_some)>
            <p class="note" role="status" data-testid="rebased">
                {move || session.told.get()}
            </p>
        </Show>
        <Each
            each=move || session.lost.get()
            key=|lost| (lost.near, lost.text.clone())
            children=move |lost| view! { <Lost session lost /> }
        />
    }
}

#[component]
fn Lost(session: Session, lost: LostEdit) -> impl IntoView {
    let text = lost.text.clone();
    let again = lost.clone();
    view! {
        <div class="note lost-edit" data-testid="lost-edit">
            <p>"You typed this for lines that are not as they were. It is not lost:"</p>
            <textarea class="editor" readonly aria-label="What you typed" prop:value=text></textarea>
            <span class="bulk-buttons">
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| session.place_lost(again.clone())
                >
                    "Put it there again"
                </button>
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| session.drop_lost(&lost)
                >
                    "Let it go"
                </button>
            </span>
        </div>
    }
}

#[component]
fn Foot(session: Session) -> impl IntoView {
    let work = Work::new();
    let ready = Memo::new(move |_| session.progress.with(|progress| progress.is_complete));
    let left = move || {
        let counts = session.progress.with(|progress| progress.counts);
        counts.conflicts.saturating_sub(counts.resolved)
    };
    view! {
        <div class="merge-foot">
            <p class="merge-keys">
                <kbd>"n"</kbd> " " <kbd>"p"</kbd> " next, previous · " <kbd>"1"</kbd> " "
                <kbd>"2"</kbd> " first, second · " <kbd>"3"</kbd> " " <kbd>"4"</kbd> " both · "
                <kbd>"e"</kbd> " edit · " <kbd>"u"</kbd> " " <kbd>"r"</kbd> " undo, redo"
            </p>
            <WorkError work />
            <span class="hint" role="status">
                {move || match left() {
                    0 => "Nothing is changed until you save.".to_owned(),
                    left => format!("{} to decide before it can be saved.", count(left, "place is", "places are")),
                }}
            </span>
            <button
                type="button"
                class="button button-main"
                disabled=move || !ready.get() || work.busy.get()
                on:click=move |_| session.save(work)
            >
                "Save the result"
            </button>
        </div>
    }
}
