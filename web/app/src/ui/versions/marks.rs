//! What a version is called, and that it stays, however old it is; and for how long the
//! others do.

use super::list::List;
use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::retention::{of_versions, use_retention};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::files::{FileVersion, MarkVersion};
use protocol::limits::MAX_VERSION_NAME_CHARS;

/// Pins a version, and gives it a name.
#[component]
pub fn Marks(version: FileVersion, list: List) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let number = version.version;
    let naming = RwSignal::new(false);
    let name = RwSignal::new(version.name.clone());
    let busy = RwSignal::new(false);
    let marks = version.marks;
    let mark = move |name: String, pinned: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let wanted = MarkVersion {
                version: number,
                base_marks: marks,
                name,
                pinned,
            };
            let outcome = commands.mark_version(list.item, &wanted).await;
            busy.try_set(false);
            match outcome {
                Ok(marked) => list.put(marked),
                Err(failure) => {
                    let what = say!("Version {number} was not changed", number);
                    drive.notices.failure(&what, &failure);
                    // Somebody else may have named it, or it may be gone.
                    list.ask(None);
                }
            }
        });
    };
    let is_pinned = version.pinned;
    let is_named = !version.name.is_empty();
    let pin = (!is_named).then(|| {
        let (words, label) = match is_pinned {
            true => (t("Unpin"), say!("Unpin version {number}", number)),
            false => (t("Pin"), say!("Pin version {number}", number)),
        };
        view! {
            <button
                type="button"
                class="button"
                aria-label=label
                disabled=busy
                on:click=move |_| mark(String::new(), !is_pinned)
            >
                {words}
            </button>
        }
    });
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        mark(
            name.get_untracked().trim().to_owned(),
            is_pinned && !is_named,
        );
    };
    let field = move || {
        naming.get().then(|| {
            view! {
                <form class="history-name" on:submit=save>
                    <input
                        type="text"
                        aria-label=say!("Name of version {number}", number)
                        maxlength=MAX_VERSION_NAME_CHARS.to_string()
                        autocomplete="off"
                        autofocus
                        bind:value=name
                    />
                    <button type="submit" class="button" disabled=busy>
                        {t("Save name")}
                    </button>
                </form>
            }
        })
    };
    view! {
        {pin}
        <button
            type="button"
            class="button"
            aria-label=say!("Name version {number}", number)
            aria-expanded=move || naming.get().to_string()
            on:click=move |_| naming.update(|naming| *naming = !*naming)
        >
            {if is_named { t("Rename") } else { t("Name") }}
        </button>
        {field}
    }
}

/// What of the versions stays, and for how long.
#[component]
pub fn KeptLine() -> impl IntoView {
    let told = use_retention();
    view! {
        <p class="hint" data-testid="kept">
            {move || told.with(|told| of_versions(told.as_ref().map(|told| &told.retention)))}
        </p>
    }
}
