//! How the server is.

use super::question::Question;
use crate::commands::use_commands;
use crate::format::{ago, count, minute};
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;
use protocol::administration::{Health, Job, JobHealth};

#[component]
pub fn HealthPart() -> impl IntoView {
    let commands = use_commands();
    let health = Question::new(move || commands.health());
    view! {
        <section class="stack" data-testid="health">
            <h2 class="page-part">"Health"</h2>
            {health.view("Loading how the server is", |health| view! { <Shown health /> }.into_any())}
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
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let damage = match damaged_blocks {
        0 => "Of what the scrub has read, nothing is damaged.".to_owned(),
        blocks => format!(
            "{} in {} {} damaged or missing. Whoever has such a file mends it by sending it again.",
            count(number(blocks), "block", "blocks"),
            count(number(damaged_drives), "drive", "drives"),
            if blocks == 1 { "is" } else { "are" },
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
            "How many changes wait to be told is known to nobody here: the queue does not say it. What was delivered last says how long it took."
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
        None => "Has not run yet".to_owned(),
        Some(last) => {
            let when = format!("{} ({})", minute(last.at_ms), ago(last.at_ms, now_ms));
            let how = match (last.is_done, is_overdue) {
                (true, false) => format!("Went well on {when}"),
                (true, true) => format!("Overdue: ran last on {when}"),
                (false, _) => format!("Stopped on {when}"),
            };
            let before = last.done_at_ms.filter(|_| !last.is_done);
            match before {
                Some(at) => format!("{how}, and went well before on {}", minute(at)),
                None => how,
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
                <strong>{name}</strong>
                <span>{does}</span>
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
            "Collector",
            "Removes what nothing needs any more, every day",
        ),
        Job::Sweep => (
            "Sweep",
            "Removes old sign-ins, devices and invitations, every day",
        ),
        Job::Scrub => ("Scrub", "Reads what is stored again, every hour"),
        Job::Rewriting => (
            "Rewriting",
            "Copies what is needed out of objects of which little is, every 15 minutes",
        ),
        Job::Ending => ("Ended accounts", "Removes what is left of them, every hour"),
        Job::Retention => (
            "Retention",
            "Removes older versions and what is in the trash after their time",
        ),
        Job::Delivery => ("Delivery", "Tells devices of changes, when there are some"),
        Job::Unknown => ("Another job", "This page is too old to say what it does"),
    }
}
