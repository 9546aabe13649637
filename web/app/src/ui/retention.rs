//! For how long the past of a drive is kept: in words, and as its owner sets it.

use super::segmented::Segmented;
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::retention::{Retention, SpaceRetention};

/// What holds for the drive, once the server has said it. Of what somebody shares its owner
/// says it, and nobody else is told.
pub fn use_retention() -> RwSignal<Option<SpaceRetention>> {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let told = RwSignal::new(None);
    if drive.root.is_none() {
        spawn_local(async move {
            if let Ok(retention) = commands.retention().await {
                told.try_set(Some(retention));
            }
        });
    }
    told
}

/// What becomes of versions.
pub fn of_versions(kept: Option<&Retention>) -> String {
    const PINNED: &str = "A version that is pinned or has a name stays.";
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

/// What becomes of the trash.
pub fn of_trash(kept: Option<&Retention>) -> String {
    match kept.map(|kept| kept.trash_days) {
        None => "What is in the trash can be brought back, on any device.".to_owned(),
        Some(None) => {
            "What is in the trash stays until you delete it for good, and can be brought back, on any device."
                .to_owned()
        }
        Some(Some(after)) => format!(
            "What is in the trash can be brought back, on any device. What has been there for {} is deleted for good.",
            days(after)
        ),
    }
}

fn days(days: u64) -> String {
    count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days")
}

/// What the owner of a drive may choose here; a program may set other times.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Server,
    Everything,
    Own(Retention),
}

impl Choice {
    fn of(told: &SpaceRetention) -> Self {
        match told.retention {
            _ if !told.is_own => Self::Server,
            Retention::EVERYTHING => Self::Everything,
            own => Self::Own(own),
        }
    }

    fn wanted(self) -> Option<Retention> {
        match self {
            Self::Server => None,
            Self::Everything => Some(Retention::EVERYTHING),
            Self::Own(own) => Some(own),
        }
    }
}

/// Where the owner of the drive says it.
#[component]
pub fn RetentionPart() -> impl IntoView {
    let told = use_retention();
    view! {
        <h2 class="page-part">"What is past"</h2>
        {move || told.get().map(|now| view! { <Choose now told /> })}
    }
}

#[component]
fn Choose(now: SpaceRetention, told: RwSignal<Option<SpaceRetention>>) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let set = Choice::of(&now);
    let chosen = RwSignal::new(set);
    let work = Work::new();
    let mut options = vec![
        (Choice::Server, "As this server keeps it"),
        (Choice::Everything, "Everything"),
    ];
    if matches!(set, Choice::Own(_)) {
        options.push((set, "As it was set"));
    }
    let words = move || {
        let kept = chosen.get().wanted().unwrap_or(now.otherwise);
        format!("{} {}", of_versions(Some(&kept)), of_trash(Some(&kept)))
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let change = commands.change_retention(chosen.get_untracked().wanted());
        work.run(change, move |changed| {
            drive.notices.good("That is kept from now on");
            told.try_set(Some(changed));
        });
    };
    view! {
        <form class="stack" on:submit=submit data-testid="retention">
            <Segmented label="What is kept of the past" options chosen />
            <p class="hint">{words}</p>
            <Show when=move || chosen.get() != set>
                <p>
                    <button type="submit" class="button button-main" disabled=work.busy>
                        "Save"
                    </button>
                </p>
            </Show>
            <WorkError work />
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_said_as_it_is_set() {
        let default = Retention::default();
        assert_eq!(
            of_versions(Some(&default)),
            "All versions stay for 1 day, then the newest of each hour for 7 days, of each day for 30 days and of each week for 365 days. A version that is pinned or has a name stays."
        );
        let everything = Some(&Retention::EVERYTHING);
        assert_eq!(of_versions(everything), "All versions stay.");
        assert_eq!(
            of_versions(None),
            "A version that is pinned or has a name stays."
        );
        assert!(of_trash(Some(&default)).contains("for 30 days is deleted"));
        assert!(of_trash(everything).contains("until you delete it"));
    }

    #[test]
    fn what_the_owner_has_set_is_what_they_have_chosen() {
        let told = |retention: Retention, is_own| SpaceRetention {
            retention,
            is_own,
            otherwise: Retention::default(),
        };
        let one_week = Retention {
            trash_days: Some(7),
            ..Retention::default()
        };
        for (told, wanted) in [
            (told(Retention::default(), false), None),
            (told(Retention::EVERYTHING, false), None),
            (
                told(Retention::EVERYTHING, true),
                Some(Retention::EVERYTHING),
            ),
            (told(one_week, true), Some(one_week)),
        ] {
            assert!(Choice::of(&told).wanted() == wanted, "{told:?}");
        }
    }
}
