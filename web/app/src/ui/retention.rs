//! For how long the past of a drive is kept: in words, and as its owner sets it.

use super::segmented::Segmented;
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::format::{count, sentence};
use crate::refusals::said;
use crate::state::Drive;
use crate::words::{english, say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::retention::{KeptVersions, MAX_DAYS, Retention, SpaceRetention};

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
    let pinned = t("A version that is pinned or has a name stays.");
    match kept.map(|kept| kept.versions) {
        None => pinned.to_owned(),
        Some(None) => t("All versions stay.").to_owned(),
        Some(Some(kept)) => {
            let stay = say!(
                "All versions stay for {all}, then the newest of each hour for {hourly}, of each day for {daily} and of each week for {weekly}.",
                all = days(kept.all_days),
                hourly = days(kept.hourly_days),
                daily = days(kept.daily_days),
                weekly = days(kept.weekly_days),
            );
            format!("{stay} {pinned}")
        }
    }
}

/// What becomes of the trash.
pub fn of_trash(kept: Option<&Retention>) -> String {
    match kept.map(|kept| kept.trash_days) {
        None => t("What is in the trash can be brought back, on any device.").to_owned(),
        Some(None) => {
            t("What is in the trash stays until you delete it for good, and can be brought back, on any device.")
                .to_owned()
        }
        Some(Some(after)) => say!(
            "What is in the trash can be brought back, on any device. What has been there for {days} is deleted for good.",
            days = days(after)
        ),
    }
}

fn days(days: u64) -> String {
    count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days")
}

/// What the owner of a drive may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Server,
    Everything,
    Own,
}

impl Choice {
    fn of(told: &SpaceRetention) -> Self {
        match told.retention {
            _ if !told.is_own => Self::Server,
            Retention::EVERYTHING => Self::Everything,
            _ => Self::Own,
        }
    }

    /// What is to hold, or what is wrong with the times that were typed.
    fn wanted(self, typed: &Typed) -> Result<Option<Retention>, String> {
        Ok(match self {
            Self::Server => None,
            Self::Everything => Some(Retention::EVERYTHING),
            Self::Own => Some(typed.read()?),
        })
    }
}

/// Days, as they stand in the fields; none in a field means that all of that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed([String; 5]);

/// What the fields are about, in their order.
const FIELDS: [&str; 5] = [
    english!("All versions"),
    english!("The newest of each hour"),
    english!("The newest of each day"),
    english!("The newest of each week"),
    english!("What is in the trash"),
];

impl Typed {
    fn of(retention: &Retention) -> Self {
        let kept = retention.versions;
        let days = |of: fn(KeptVersions) -> u64| kept.map(of);
        let all = [
            days(|kept| kept.all_days),
            days(|kept| kept.hourly_days),
            days(|kept| kept.daily_days),
            days(|kept| kept.weekly_days),
            retention.trash_days,
        ];
        Self(all.map(|days| days.map_or_else(String::new, |days| days.to_string())))
    }

    fn read(&self) -> Result<Retention, String> {
        let mut days = [None; 5];
        for ((days, text), about) in days.iter_mut().zip(&self.0).zip(FIELDS) {
            let text = text.trim();
            if !text.is_empty() {
                let read = text.parse::<u64>();
                let why = |_| say!("{field}: say how many whole days", field = t(about));
                *days = Some(read.map_err(why)?);
            }
        }
        let [all, hourly, daily, weekly, trash_days] = days;
        let versions = match (all, hourly, daily, weekly) {
            (None, None, None, None) => None,
            (Some(all_days), Some(hourly_days), Some(daily_days), Some(weekly_days)) => {
                Some(KeptVersions {
                    all_days,
                    hourly_days,
                    daily_days,
                    weekly_days,
                })
            }
            _ => return Err(t("fill in all four times of versions, or none of them").to_owned()),
        };
        let retention = Retention {
            versions,
            trash_days,
        };
        retention.check().map_err(|why| said(&why))?;
        Ok(retention)
    }
}

/// Where the owner of the drive says it.
#[component]
pub fn RetentionPart() -> impl IntoView {
    let told = use_retention();
    view! {
        <h2 class="page-part">{t("What is past")}</h2>
        {move || told.get().map(|now| view! { <Choose now told /> })}
    }
}

#[component]
fn Choose(now: SpaceRetention, told: RwSignal<Option<SpaceRetention>>) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let set = Choice::of(&now);
    let chosen = RwSignal::new(set);
    let typed = RwSignal::new(Typed::of(&match set {
        Choice::Everything => now.otherwise,
        _ => now.retention,
    }));
    let work = Work::new();
    let options = vec![
        (Choice::Server, t("As this server keeps it")),
        (Choice::Everything, t("Everything")),
        (Choice::Own, t("Other times")),
    ];
    let wanted = Memo::new(move |_| typed.with(|typed| chosen.get().wanted(typed)));
    let is_set = move || {
        let held = now.is_own.then_some(now.retention);
        wanted.with(|wanted| wanted.as_ref() == Ok(&held))
    };
    let words = move || match wanted.get() {
        Ok(wanted) => {
            let kept = wanted.unwrap_or(now.otherwise);
            format!("{} {}", of_versions(Some(&kept)), of_trash(Some(&kept)))
        }
        Err(why) => sentence(&why),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Ok(wanted) = wanted.get_untracked() else {
            return;
        };
        work.run(commands.change_retention(wanted), move |changed| {
            drive.notices.good(t("That is kept from now on"));
            told.try_set(Some(changed));
        });
    };
    view! {
        <form class="stack" on:submit=submit data-testid="retention">
            <Segmented label=t("What is kept of the past") options chosen />
            <Show when=move || chosen.get() == Choice::Own>
                <Times typed />
            </Show>
            <p class="hint" role="status">
                {words}
            </p>
            <Show when=move || !is_set()>
                <p>
                    <button
                        type="submit"
                        class="button button-main"
                        disabled=move || work.busy.get() || wanted.with(Result::is_err)
                    >
                        {t("Save")}
                    </button>
                </p>
            </Show>
            <WorkError work />
        </form>
    }
}

/// A field for each time, in days.
#[component]
fn Times(typed: RwSignal<Typed>) -> impl IntoView {
    let field = |(n, about): (usize, &'static str)| {
        let value = move || typed.with(|typed| typed.0.get(n).cloned());
        let write = move |event| {
            typed.update(|typed| {
                if let Some(field) = typed.0.get_mut(n) {
                    *field = event_target_value(&event);
                }
            });
        };
        view! {
            <label class="field">
                <span>{say!("{field}, for days", field = t(about))}</span>
                <input
                    type="number"
                    inputmode="numeric"
                    min="1"
                    max=MAX_DAYS.to_string()
                    step="1"
                    placeholder=t("for ever")
                    prop:value=value
                    on:input=write
                />
            </label>
        }
    };
    let fields = FIELDS.into_iter().enumerate().map(field);
    view! { <div class="retention-times">{fields.collect_view()}</div> }
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
            let typed = Typed::of(&told.retention);
            assert_eq!(Choice::of(&told).wanted(&typed), Ok(wanted), "{told:?}");
        }
    }

    #[test]
    fn what_is_typed_is_what_holds_or_says_what_is_wrong() {
        let typed = |fields: [&str; 5]| Typed(fields.map(str::to_owned)).read();
        for retention in [
            Retention::default(),
            Retention::EVERYTHING,
            Retention {
                versions: None,
                ..Retention::default()
            },
            Retention {
                trash_days: None,
                ..Retention::default()
            },
        ] {
            assert_eq!(Typed::of(&retention).read(), Ok(retention));
        }
        for (fields, why) in [
            (["1", "", "30", "365", "30"], "all four"),
            (["2", "1", "30", "365", ""], "shorter"),
            (["0", "7", "30", "365", ""], "1 day at least"),
            (["1", "7", "30", "99999", ""], "no time is longer"),
            (["", "", "", "", "0"], "in the trash"),
            (["1.5", "7", "30", "365", ""], "All versions: say how many"),
            (["1", "7", "30", "365", "-3"], "What is in the trash: say"),
        ] {
            let refused = typed(fields).unwrap_err();
            assert!(refused.contains(why), "{fields:?}: {refused}");
        }
    }
}
