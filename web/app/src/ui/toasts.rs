//! Notices in the corner. A good one goes by itself, a bad one stays.

use super::downloads::DownloadToast;
use super::each::Each;
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use crate::commands::use_commands;
use crate::state::Drive;
use crate::state::notices::{More, Notice, Tone};
use crate::words::{figure, say_many, t};
use leptos::prelude::*;
use std::time::Duration;

/// The newest are shown, the others on demand.
const MOST_SHOWN: usize = 4;
const GOOD_FOR: Duration = Duration::from_secs(5);
/// For one that offers to take something back.
const UNDO_FOR: Duration = Duration::from_secs(10);

#[component]
pub fn Toasts() -> impl IntoView {
    let drive: Drive = expect_context();
    let all = RwSignal::new(false);
    let shown = move || {
        let notices = drive.notices.all();
        let hidden = match all.get() {
            true => 0,
            false => notices.len().saturating_sub(MOST_SHOWN),
        };
        notices.into_iter().skip(hidden).collect()
    };
    view! {
        <div class="toasts" role="region" aria-label=t("Notices") aria-live="polite">
            <Each
                each=move || drive.downloads.get()
                key=|download| download.id
                children=move |download| view! { <DownloadToast download /> }
            />
            <Earlier all />
            <Each
                each=shown
                key=|notice| notice.id
                children=move |notice| view! { <Toast notice /> }
            />
        </div>
    }
}

/// What does not fit: how many, and two ways on.
#[component]
fn Earlier(all: RwSignal<bool>) -> impl IntoView {
    let drive: Drive = expect_context();
    let earlier = Memo::new(move |_| drive.notices.count().saturating_sub(MOST_SHOWN));
    view! {
        <Show when=move || { earlier.get() > 0 }>
            <div class="toast toast-more" data-testid="more-notices">
                <button
                    type="button"
                    class="link"
                    on:click=move |_| all.update(|all| *all = !*all)
                >
                    {move || match all.get() {
                        true => t("Show fewer").to_owned(),
                        false => say_many!(earlier.get(), "1 notice earlier", "{n} notices earlier"),
                    }}
                </button>
                <button type="button" class="link" on:click=move |_| drive.notices.dismiss_all()>
                    {t("Dismiss all")}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Toast(notice: Notice) -> impl IntoView {
    let drive: Drive = expect_context();
    let Notice {
        id,
        tone,
        text,
        more,
    } = notice;
    let (class, icon) = match tone {
        Tone::Good => ("toast", Icon::Check),
        Tone::Bad => ("toast toast-bad", Icon::Warning),
    };
    let lasts = match (tone, more) {
        (Tone::Bad, _) | (_, More::Progress { .. }) => None,
        (Tone::Good, More::Undo { .. } | More::Unstarred(_)) => Some(UNDO_FOR),
        (Tone::Good, More::Nothing) => Some(GOOD_FOR),
    };
    if let Some(lasts) = lasts {
        set_timeout(move || drive.notices.dismiss(id), lasts);
    }
    view! {
        <div class=class data-testid="notice">
            <Glyph icon />
            <p><Sentence text /> <MoreOfIt notice=id more /></p>
            <button
                type="button"
                class="icon-button"
                aria-label=t("Dismiss notice")
                on:click=move |_| drive.notices.dismiss(id)
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}

/// What a notice has beside its words.
#[component]
fn MoreOfIt(notice: u64, more: More) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    match more {
        More::Nothing => ().into_any(),
        More::Undo { .. } | More::Unstarred(_) => {
            let press = move |_| {
                drive.notices.dismiss(notice);
                match more {
                    More::Undo { root, step } => commands.undo_step(root, step),
                    More::Unstarred(stars) => commands.star_again(stars),
                    More::Nothing | More::Progress { .. } => {}
                }
            };
            let can_undo = move || match more {
                More::Undo { root, step } => commands.can_undo(root, step),
                _ => true,
            };
            view! {
                <Show when=can_undo>
                    " · "
                    <button type="button" class="link" on:click=press>
                        {t("Undo")}
                    </button>
                </Show>
            }
            .into_any()
        }
        More::Progress { all, left } => {
            let words = move || {
                let done = figure(all.saturating_sub(left.get()) as u64);
                say_many!(all, "{done} of 1 item", "{done} of {n} items", done)
            };
            // What changes all the time is not read out.
            view! {
                <span aria-live="off" data-testid="progress">
                    {move || format!(": {}", words())}
                </span>
            }
            .into_any()
        }
    }
}
