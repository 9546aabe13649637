//! What would change, before anything does.

use super::turn::{Stage, Told, Turn};
use super::words::{Kind, nearest, why};
use crate::commands::{Came, PastPlan, Why, plan_past};
use crate::format::moment;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::words::{say, say_many, t};
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
                0 => {
                    say!(
                        "Nothing would change: all that can be brought back is as it was on {moment}.",
                        moment = moment(at),
                    )
                }
                all => {
                    say_many!(
                        all,
                        "To be as it was on {moment}, 1 change would be made:",
                        "To be as it was on {moment}, {n} changes would be made:",
                        moment = moment(at),
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
                            {t("Also take out what has come since: new things go to the trash, what was moved here goes back")}
                        </span>
                    </label>
                }
            })}
        <p class="form-error" role="status">
            {move || offline.get().then_some(t("Going back needs a connection, and there is none now."))}
        </p>
        <DialogFoot
            verb=t("Go back")
            act=go
            disabled=Signal::derive(move || changes() == 0 || offline.get() || !may_change)
            cancel=again
            way_out=t("Another time")
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
        let text = say_many!(
            names.len(),
            "1 item stays as now: {why}",
            "{n} items stay as now: {why}",
            why
        );
        view! { <Group text names data="stays" /> }
    });
    view! {
        <ul class="past-groups">{done.collect_view()} {stays.collect_view()}</ul>
        {nearest.map(|text| view! { <p class="hint">{text}</p> })}
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
                    {(more > 0).then(|| view! { <li>{say_many!(more, "and 1 item more", "and {n} items more")}</li> })}
                </ul>
            </details>
        </li>
    }
}
