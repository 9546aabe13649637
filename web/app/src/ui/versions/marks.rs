//! What a version is called, and that it stays, however old it is; and for how long the
//! others do.

use super::list::List;
use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::files::{FileVersion, MarkVersion};
use protocol::limits::MAX_VERSION_NAME_CHARS;
use protocol::retention::Retention;

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
                    let what = format!("Version {number} was not changed");
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
        let words = match is_pinned {
            true => "Unpin",
            false => "Pin",
        };
        view! {
            <button
                type="button"
                class="button"
                aria-label=format!("{words} version {number}")
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
                        aria-label=format!("Name of version {number}")
                        maxlength=MAX_VERSION_NAME_CHARS.to_string()
                        autocomplete="off"
                        autofocus
                        bind:value=name
                    />
                    <button type="submit" class="button" disabled=busy>
                        "Save name"
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
            aria-label=format!("Name version {number}")
            aria-expanded=move || naming.get().to_string()
            on:click=move |_| naming.update(|naming| *naming = !*naming)
        >
            {if is_named { "Rename" } else { "Name" }}
        </button>
        {field}
    }
}

/// What of the versions stays, and for how long.
#[component]
pub fn KeptLine() -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let kept = RwSignal::new(None::<Retention>);
    // What is shared with them keeps what its owner says, which they are not told.
    if drive.root.is_none() {
        spawn_local(async move {
            if let Ok(told) = commands.retention().await {
                kept.try_set(Some(told.retention));
            }
        });
    }
    view! {
        <p class="hint" data-testid="kept">
            {move || words(kept.get().as_ref())}
        </p>
    }
}

fn words(kept: Option<&Retention>) -> String {
    const PINNED: &str = "A version that is pinned or has a name stays.";
    let days = |days: u64| count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days");
    match kept.map(|kept| kept.versions) {
        None => PINNED.to_owned(),
        Some(None) => "All versions stay.".to_owned(),
        Some(Some(kept)) => format!(
            "All versions stay for {}, then the newest of each hour for {}, of each day for {} and of each week for {}. {PINNED}",
            days(kept.all_days),
            days(kept.hourly_days),
            days(kept.daily_days),
            days(kept.weekly_days),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_said_as_it_is_set() {
        let default = Retention::default();
        assert_eq!(
            words(Some(&default)),
            "All versions stay for 1 day, then the newest of each hour for 7 days, of each day for 30 days and of each week for 365 days. A version that is pinned or has a name stays."
        );
        assert_eq!(words(Some(&Retention::EVERYTHING)), "All versions stay.");
        assert_eq!(words(None), "A version that is pinned or has a name stays.");
    }
}
