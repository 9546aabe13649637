//! How the server is.

use super::question::Question;
use crate::commands::use_commands;
use crate::format::{ago, count, minute};
use crate::ui::icon::{Glyph, Icon};
use crate::words::{english, say, say_many, t};
use leptos::prelude::*;
use protocol::administration::{Health, Job, JobHealth};

#[component]
pub fn HealthPart() -> impl IntoView {
    let commands = use_commands();
    let health = Question::new(move || commands.health());
    view! {
        <section class="stack" data-testid="health">
            <h2 class="page-part">{t("Health")}</h2>
            {health.view(t("Loading how the server is"), |health| view! { <Shown health /> }.into_any())}
        </section>
    }
}

#[component]
fn Shown(health: Health) -> impl IntoView {
    let Health {
        now_ms,
        jobs,
        damaged_blocks,
        damaged_drives,
    } = health;
    let drives = usize::try_from(damaged_drives).unwrap_or(usize::MAX);
    let damage = match damaged_blocks {
        0 => t("Of what the scrub has read, nothing is damaged.").to_owned(),
        blocks => say_many!(
            blocks,
            "1 block in {drives} is damaged or missing. Whoever has such a file mends it by sending it again.",
            "{n} blocks in {drives} are damaged or missing. Whoever has such a file mends it by sending it again.",
            drives = count(drives, "drive", "drives")
        ),
    };
    let lines = jobs
        .into_iter()
        .filter(|job| job.job != Job::Unknown)
        .map(|job| view! { <Line job now_ms /> });
    view! {
        <p class="hint" data-testid="damage">{damage}</p>
        <ul class="lines lines-boxed">{lines.collect_view()}</ul>
        <p class="hint">
            {t("How many changes wait to be told is known to nobody here: the queue does not say it. What was delivered last says how long it took.")}
        </p>
    }
}

#[component]
fn Line(job: JobHealth, now_ms: u64) -> impl IntoView {
    let JobHealth {
        job,
        due_every_ms,
        last,
    } = job;
    let (name, does) = words_of(job);
    let is_overdue = match (&last, due_every_ms) {
        (Some(last), Some(every)) => now_ms.saturating_sub(last.at_ms) > every,
        _ => false,
    };
    let is_bad = is_overdue || last.as_ref().is_some_and(|last| !last.is_done);
    let icon = match (is_bad, last.is_some()) {
        (true, _) => Icon::Warning,
        (false, true) => Icon::Check,
        (false, false) => Icon::Clock,
    };
    let words = match &last {
        None => t("Has not run yet").to_owned(),
        Some(last) => {
            let when = format!("{} ({})", minute(last.at_ms), ago(last.at_ms, now_ms));
            match (last.is_done, is_overdue, last.done_at_ms.map(minute)) {
                (true, false, _) => say!("Went well on {when}", when),
                (true, true, _) => say!("Overdue: ran last on {when}", when),
                (false, _, None) => say!("Stopped on {when}", when),
                (false, _, Some(before)) => say!(
                    "Stopped on {when}, and went well before on {before}",
                    when,
                    before
                ),
            }
        }
    };
    let detail = last.map(|last| last.detail).filter(|text| !text.is_empty());
    view! {
        <li class="line line-device line-grows" data-testid="job" data-name=name>
            <span class="row-icon">
                <Glyph icon />
            </span>
            <span class="line-words line-words-whole">
                <strong>{t(name)}</strong>
                <span>{t(does)}</span>
                <span>{words}</span>
                {detail.map(|text| view! { <span class="hint">{text}</span> })}
            </span>
        </li>
    }
}

/// What a job is called, and what it does.
fn words_of(job: Job) -> (&'static str, &'static str) {
    match job {
        Job::Collector => (
            english!("Collector"),
            english!("Removes what nothing needs any more, every day"),
        ),
        Job::Sweep => (
            english!("Sweep"),
            english!("Removes old sign-ins, devices and invitations, every day"),
        ),
        Job::Scrub => (
            english!("Scrub"),
            english!("Reads what is stored again, every hour"),
        ),
        Job::Rewriting => (
            english!("Rewriting"),
            english!("Copies what is needed out of objects of which little is, every 15 minutes"),
        ),
        Job::Ending => (
            english!("Ended accounts"),
            english!("Removes what is left of them, every hour"),
        ),
        Job::Retention => (
            english!("Retention"),
            english!("Removes older versions and what is in the trash after their time"),
        ),
        Job::Delivery => (
            english!("Delivery"),
            english!("Tells devices of changes, when there are some"),
        ),
        Job::Unknown => (
            english!("Another job"),
            english!("This page is too old to say what it does"),
        ),
    }
}
