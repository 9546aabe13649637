//! Notices in the corner. A good one goes by itself, a bad one stays.

use super::downloads::DownloadToast;
use super::each::Each;
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use crate::format::count;
use crate::state::Drive;
use crate::state::notices::{Notice, Tone};
use leptos::prelude::*;
use std::time::Duration;

/// The newest are shown, the others on demand.
const MOST_SHOWN: usize = 4;
const GOOD_FOR: Duration = Duration::from_secs(5);

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
        <div class="toasts" role="region" aria-label="Notices" aria-live="polite">
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
                        true => "Show fewer".to_owned(),
                        false => format!("{} earlier", count(earlier.get(), "notice", "notices")),
                    }}
                </button>
                <button type="button" class="link" on:click=move |_| drive.notices.dismiss_all()>
                    "Dismiss all"
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Toast(notice: Notice) -> impl IntoView {
    let drive: Drive = expect_context();
    let Notice { id, tone, text } = notice;
    let (class, icon) = match tone {
        Tone::Good => ("toast", Icon::Check),
        Tone::Bad => ("toast toast-bad", Icon::Warning),
    };
    if tone == Tone::Good {
        set_timeout(move || drive.notices.dismiss(id), GOOD_FOR);
    }
    view! {
        <div class=class data-testid="notice">
            <Glyph icon />
            <p><Sentence text /></p>
            <button
                type="button"
                class="icon-button"
                aria-label="Dismiss notice"
                on:click=move |_| drive.notices.dismiss(id)
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}
