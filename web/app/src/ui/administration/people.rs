//! Everybody who has an account, by their names.

use super::dialog::{Act, open};
use super::more::More;
use super::question::Question;
use crate::commands::use_commands;
use crate::format::{ago, bytes, count, date};
use crate::ui::clock::use_clock;
use crate::ui::dialogs::use_dialogs;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::administration::{ManagedPerson, People};

#[component]
pub fn PeoplePart() -> impl IntoView {
    let commands = use_commands();
    let first = Question::new(move || commands.people(None));
    view! {
        <h2 class="page-part">{t("People")}</h2>
        {first.view(t("Loading the people"), |page| view! { <List page /> }.into_any())}
    }
}

/// The first page, and those that were asked for after it.
#[component]
fn List(page: People) -> impl IntoView {
    let commands = use_commands();
    let people = RwSignal::new(page.people);
    let load = move |after| async move {
        let page = commands.people(Some(after)).await?;
        people.try_update(|people| people.extend(page.people));
        Ok(page.next_after)
    };
    view! {
        <ul class="lines lines-boxed">
            <For each=move || people.get() key=|person| person.id let:person>
                <Line person />
            </For>
        </ul>
        <More next=page.next_after words=t("Show more people") load />
    }
}

#[component]
fn Line(person: ManagedPerson) -> impl IntoView {
    let (dialogs, clock) = (use_dialogs(), use_clock());
    let asked = person.clone();
    let (used, quota) = (bytes(person.used_bytes), bytes(person.quota_bytes));
    let devices = usize::try_from(person.devices).unwrap_or(usize::MAX);
    let devices = count(devices, "device", "devices");
    let seen_at = person.seen_at_ms;
    // "Last seen" is kept to the hour.
    let seen = move || match seen_at {
        Some(at) if clock.now_ms().saturating_sub(at) < 60 * 60 * 1_000 => {
            t("seen within the last hour").to_owned()
        }
        Some(at) => say!("last seen {time}", time = ago(at, clock.now_ms())),
        None => t("never seen").to_owned(),
    };
    let since = date(person.created_at_ms);
    let about = move || {
        say!(
            "{devices}, {seen}, here since {date}",
            devices,
            seen = seen(),
            date = since
        )
    };
    let standing = standing(&person);
    view! {
        <li
            class="line line-device line-grows"
            data-testid="person"
            data-name=person.name.clone()
        >
            <span class="row-icon">
                <Glyph icon=Icon::People />
            </span>
            <span class="line-words line-words-whole">
                <strong><bdi>{person.name.clone()}</bdi></strong>
                {standing.map(|words| view! { <span>{words}</span> })}
                <span>{say!("{used} of {quota} used", used, quota)}</span>
                <span>{about}</span>
            </span>
            <button
                type="button"
                class="button"
                aria-label=say!("Change {name}", name = person.name)
                on:click=move |_| open(dialogs, Act::Change(asked.clone()))
            >
                {t("Change")}
            </button>
        </li>
    }
}

/// What is special about somebody.
fn standing(person: &ManagedPerson) -> Option<String> {
    let disabled = person.disabled_at_ms;
    let all = [
        person
            .is_administrator
            .then(|| t("Administrator").to_owned()),
        disabled.map(|at| say!("Disabled since {date}", date = date(at))),
        person
            .ends_at_ms
            .map(|at| say!("Account ends on {date}", date = date(at))),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(" · "))
}
