//! What would change, before anything does.

use super::turn::{Stage, Told, Turn};
use super::words::{Kind, at_time, count_only, nearest, why};
use crate::commands::{Came, PastPlan, Why, plan_past};
use crate::format::count;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::ui::dialog_foot::{DialogFoot, First};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Of each kind, the names that are told.
const MOST_NAMES: usize = 100;

#[component]
pub fn Look(turn: Turn, told: Told) -> impl IntoView {
    let drive: Drive = expect_context();
    let came = RwSignal::new(Came::Stays);
    let entries = told.entries.clone();
    let plan = Memo::new(move |_| plan_past(&entries, came.get()));
    let has_come = plan.with_untracked(|plan| plan.stays.iter().any(|stay| stay.why == Why::Came));
    let past = told.past;
    let at = past.at_ms;
    let offline = Memo::new(move |_| {
        matches!(
            drive.connection.get(),
            Connection::Offline | Connection::Reconnecting
        )
    });
    let may_change = drive.may_change();
    let go = Callback::new(move |()| {
        let plan = plan.get_untracked();
        turn.go(past.clone(), plan, false);
    });
    let again = Callback::new(move |()| turn.stage.set(Stage::Choose(None)));
    let changes = move || plan.with(|plan| plan.steps().count());
    view! {
        <p>
            {move || match changes() {
                0 => format!("Nothing would change: all that can be brought back is as it was {}.", at_time(at)),
                all => {
                    format!(
                        "To be as it was {}, {} would be made:",
                        at_time(at),
                        count(all, "change", "changes"),
                    )
                }
            }}
        </p>
        {move || plan.with(groups)}
        {has_come
            .then(|| {
                let change = move |event| {
                    came.set(match event_target_checked(&event) {
                        true => Came::Goes,
                        false => Came::Stays,
                    });
                };
                view! {
                    <label class="check">
                        <input type="checkbox" name="came" on:change=change />
                        <span>
                            "Also take out what has come since: new things go to the trash, what was moved here goes back"
                        </span>
                    </label>
                }
            })}
        <p class="form-error" role="status">
            {move || offline.get().then_some("Going back needs a connection, and there is none now.")}
        </p>
        <DialogFoot
            verb="Go back"
            act=go
            disabled=Signal::derive(move || changes() == 0 || offline.get() || !may_change)
            cancel=again
            way_out="Another time"
            first=First::WayOut
        />
    }
}

/// What is done and what stays, by kinds, each with its names.
fn groups(plan: &PastPlan) -> impl IntoView + use<> {
    let mut done: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for step in plan.steps() {
        done.entry(Kind::of(step))
            .or_default()
            .push(step.name.clone());
    }
    let mut stays: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stay in &plan.stays {
        stays
            .entry(why(&stay.why))
            .or_default()
            .push(stay.name.clone());
    }
    let nearest = nearest(plan);
    let done = done.into_iter().map(|(kind, names)| {
        let text = kind.words(names.len());
        view! { <Group text names data=kind.name() /> }
    });
    let stays = stays.into_iter().map(|(why, names)| {
        let text = format!("{} as now: {why}", stay_words(names.len()));
        view! { <Group text names data="stays" /> }
    });
    view! {
        <ul class="past-groups">{done.collect_view()} {stays.collect_view()}</ul>
        {nearest.map(|text| view! { <p class="hint">{text}</p> })}
    }
}

fn stay_words(number: usize) -> String {
    match number {
        1 => "1 item stays".to_owned(),
        many => format!("{} items stay", count_only(many)),
    }
}

/// A sentence, and the names that it is about.
#[component]
pub fn Group(text: String, names: Vec<String>, data: &'static str) -> impl IntoView {
    let all = names.len();
    let more = all.saturating_sub(MOST_NAMES);
    let told = names.into_iter().take(MOST_NAMES);
    view! {
        <li data-testid="past-group" data-kind=data data-count=all.to_string()>
            <details>
                <summary>{text}</summary>
                <ul class="names">
                    {told.map(|name| view! { <li><bdi>{name}</bdi></li> }).collect_view()}
                    {(more > 0).then(|| view! { <li>{format!("and {} more", count(more, "item", "items"))}</li> })}
                </ul>
            </details>
        </li>
    }
}
