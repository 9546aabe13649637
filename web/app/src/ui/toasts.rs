//! Notices in the corner. A good one goes by itself, a bad one stays.

use super::downloads::DownloadToast;
use super::each::Each;
use super::format::count;
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use crate::commands;
use crate::state::connection::Connection;
use crate::state::{Drive, Notice, Tone};
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::ids::ConflictId;
use std::time::Duration;

/// The newest are shown, the others on demand.
const MOST_SHOWN: usize = 4;
const GOOD_FOR: Duration = Duration::from_secs(5);

pub fn tell(drive: Drive, text: impl Into<String>) {
    drive.notify(Tone::Good, text.into());
}

/// Says what a person decided about conflicts, once the server knows; `opens`: they
/// are open then. Without a connection it says that it is still to be sent.
pub fn tell_decided(
    drive: Drive,
    conflicts: Vec<ConflictId>,
    opens: bool,
    text: impl Into<String>,
) {
    let mut text = text.into();
    if matches!(
        drive.connection.get_untracked(),
        Connection::Offline | Connection::Reconnecting
    ) {
        text.push_str(". It is sent once there is a connection");
        return tell(drive, text);
    }
    commands::tell_when_decided(drive, conflicts, opens, text);
}

/// Says what went wrong where no form is open that could say it.
pub fn tell_failure(drive: Drive, what: &str, failure: &Failure) {
    if *failure != Failure::Cancelled {
        drive.notify(Tone::Bad, format!("{what}: {failure}"));
    }
}

fn dismiss(drive: Drive, id: u64) {
    drive
        .notices
        .update(|notices| notices.retain(|notice| notice.id != id));
}

#[component]
pub fn Toasts() -> impl IntoView {
    let drive: Drive = expect_context();
    let all = RwSignal::new(false);
    let shown = move || {
        let notices = drive.notices.get();
        let hidden = match all.get() {
            true => 0,
            false => notices.len().saturating_sub(MOST_SHOWN),
        };
        notices.into_iter().skip(hidden).collect()
    };
    view! {
        <div class="toasts" role="region" aria-label="Notices" aria-live="polite">
            <Each
                each=move || drive.downloads.entries.get()
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
    let earlier = Memo::new(move |_| drive.notices.with(Vec::len).saturating_sub(MOST_SHOWN));
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
                <button type="button" class="link" on:click=move |_| drive.notices.set(Vec::new())>
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
        set_timeout(move || dismiss(drive, id), GOOD_FOR);
    }
    view! {
        <div class=class data-testid="notice">
            <Glyph icon />
            <p><Sentence text /></p>
            <button
                type="button"
                class="icon-button"
                aria-label="Dismiss notice"
                on:click=move |_| dismiss(drive, id)
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}
