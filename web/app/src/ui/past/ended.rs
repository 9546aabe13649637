//! What came of it, what stays and why, and the way back.

use super::look::Group;
use super::turn::{Turn, Went};
use super::words::why;
use crate::commands::Why;
use crate::format::{count, moment, sentence};
use crate::refusals::InWords;
use crate::ui::dialogs::use_dialogs;
use crate::words::{say_many, t};
use leptos::prelude::*;
use std::collections::BTreeMap;

#[component]
pub fn Ended(turn: Turn, went: Went) -> impl IntoView {
    let dialogs = use_dialogs();
    let outcome = went.outcome.clone();
    let done = outcome.done.len();
    let words = words(&went);
    let mut stays: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let told = outcome.stays.iter().filter(|stay| stay.why != Why::Came);
    for stay in told {
        stays
            .entry(why(&stay.why))
            .or_default()
            .push(stay.name.clone());
    }
    let has_stays = !stays.is_empty();
    let stays = stays.into_iter().map(|(why, names)| {
        let text = format!("{}: {why}", count(names.len(), "item", "items"));
        view! { <Group text names data="stays" /> }
    });
    let failed = outcome.failed.as_ref();
    let failed = failed.map(|failure| sentence(&failure.in_words()));
    let is_cut = outcome.is_stopped || failed.is_some();
    let (at, undone) = (went.at, went.clone());
    let may_undo = done > 0 && !went.is_undo;
    view! {
        <p role="status" data-testid="past-ended" data-done=done.to_string()>
            {words}
        </p>
        {failed.map(|why| view! { <p class="form-error" role="alert">{why}</p> })}
        {has_stays
            .then(|| {
                view! {
                    <p>{t("Not brought back:")}</p>
                    <ul class="past-groups">{stays.collect_view()}</ul>
                }
            })}
        <div class="dialog-foot">
            {may_undo
                .then(|| {
                    view! {
                        <button type="button" class="button" on:click=move |_| turn.undo(&undone)>
                            {t("Undo")}
                        </button>
                    }
                })}
            {(is_cut && !went.is_undo)
                .then(|| {
                    view! {
                        <button type="button" class="button" on:click=move |_| turn.ask(at)>
                            {t("Go on")}
                        </button>
                    }
                })}
            <button
                type="button"
                class="button button-main"
                autofocus
                on:click=move |_| dialogs.close()
            >
                {t("Close")}
            </button>
        </div>
    }
}

fn words(went: &Went) -> String {
    let done = went.outcome.done.len();
    match (went.is_undo, went.outcome.is_stopped) {
        (true, false) => say_many!(done, "1 item as before.", "{n} items as before."),
        (true, true) => say_many!(
            done,
            "Stopped. 1 item as before.",
            "Stopped. {n} items as before."
        ),
        (false, false) => say_many!(
            done,
            "1 item as they were on {moment}.",
            "{n} items as they were on {moment}.",
            moment = moment(went.at)
        ),
        (false, true) => say_many!(
            done,
            "Stopped. 1 item as they were on {moment} so far.",
            "Stopped. {n} items as they were on {moment} so far.",
            moment = moment(went.at)
        ),
    }
}
