//! The time is chosen: before something that was done, or any.

use super::turn::Turn;
use super::when;
use crate::commands::use_commands;
use crate::format::{moment, sentence, time};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::activity::{grouped, me, name_of, what, who, without_the_last_go};
use crate::ui::clock::use_clock;
use crate::ui::sentence::Sentence;
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::api::changes::ActivityFilter;
use protocol::activity::Done;
use protocol::ids::{Seq, UnixMillis};
use protocol::notifications::EventType;

/// What changes something that can be brought back.
const KINDS: [EventType; 5] = [
    EventType::FileCreate,
    EventType::FileUpdate,
    EventType::FileMove,
    EventType::FileDelete,
    EventType::FileRestore,
];

/// Entries of one page: what befell ten thousand files is one line, and that begins where it
/// has begun.
const PAGE: u32 = 1_000;

/// For so many pages on end without a whole line, older ones are asked for unasked.
const MOST_PAGES: usize = 20;

#[component]
pub fn Choose(
    turn: Turn,
    /// What was wrong with the last time.
    why: Option<String>,
) -> impl IntoView {
    let (commands, clock) = (use_commands(), use_clock());
    let now = untrack(|| clock.now_ms());
    let field = RwSignal::new(when::write(now));
    let wrong = RwSignal::new(why);
    let since = RwSignal::new(0);
    let of = turn.of;
    spawn_local(async move {
        if let Ok(known) = commands.past_known_since(of).await {
            since.try_set(known);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match when::read(&field.get_untracked()) {
            Some(at) => turn.ask(at),
            None => wrong.set(Some(
                t("Say the date and the time as the field shows them.").into(),
            )),
        }
    };
    view! {
        <p class="hint">
            {t("Choose a time. You will see what would change, before anything does. Nothing is lost by it: what files hold now stays among their versions.")}
        </p>
        <form class="past-when" on:submit=submit>
            <label class="field">
                <span>{t("As it was at")}</span>
                <input
                    type="datetime-local"
                    name="at"
                    step="1"
                    autofocus
                    prop:value=field
                    max=when::write(now)
                    aria-describedby="past-wrong"
                    on:input=move |event| field.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="button button-main">
                {t("Show what would change")}
            </button>
        </form>
        <p id="past-wrong" class="form-error" role="alert">
            {wrong}
        </p>
        {move || {
            (since.get() > 0)
                .then(|| {
                    view! {
                        <p class="hint">
                            {say!(
                                "Where everything stood is known since {moment}: an earlier time counts as that one.",
                                moment = moment(since.get()),
                            )}
                        </p>
                    }
                })
        }}
        <Moments turn />
    }
}

/// What was done lately, each with a way to what was before it.
#[component]
fn Moments(turn: Turn) -> impl IntoView {
    let commands = use_commands();
    let entries = RwSignal::new(Vec::<Done>::new());
    let next = RwSignal::new(None::<Seq>);
    let wrong = RwSignal::new(None::<String>);
    let busy = RwSignal::new(true);
    let load = move |before: Option<Seq>| {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let wanted = ActivityFilter {
                kinds: KINDS.to_vec(),
                most: Some(PAGE),
                ..ActivityFilter::default()
            };
            let mut before = before;
            let lines = entries.with_untracked(|all| whole(all, before).len());
            for _ in 0..MOST_PAGES {
                match commands.activity(before, turn.of, &wanted).await {
                    Ok(page) => {
                        before = page.next_before;
                        let come = entries.try_update(|all| {
                            all.extend(page.entries);
                            whole(all, before).len()
                        });
                        let Some(come) = come else { return };
                        next.set(before);
                        if come > lines || before.is_none() {
                            break;
                        }
                    }
                    Err(failure) => {
                        wrong.try_set(Some(sentence(&failure.in_words())));
                        break;
                    }
                }
            }
            busy.try_set(false);
        });
    };
    load(None);
    view! {
        <h3 class="past-head">{t("Or go back to before something that was done")}</h3>
        <ul class="history">
            {move || {
                let groups = entries.with(|all| whole(all, next.get())).into_iter();
                groups.map(|group| view! { <Moment turn group /> }).collect_view()
            }}
        </ul>
        <p class="form-error" role="alert">
            {wrong}
        </p>
        <p class="history-foot" role="status">
            {move || match (busy.get(), entries.with(Vec::is_empty)) {
                (true, _) => t("Loading…"),
                (false, true) => t("Nothing was done here that is known."),
                (false, false) => "",
            }}
        </p>
        <Show when=move || next.get().is_some() && !busy.get()>
            <p>
                <button type="button" class="button" on:click=move |_| load(next.get_untracked())>
                    {t("Show older")}
                </button>
            </p>
        </Show>
    }
}

/// What is told together, of what is here so far: only what begins here, too.
fn whole(entries: &[Done], next: Option<Seq>) -> Vec<Vec<Done>> {
    let entries = entries.to_vec();
    grouped(match next {
        Some(_) => without_the_last_go(entries),
        None => entries,
    })
}

#[component]
fn Moment(turn: Turn, group: Vec<Done>) -> impl IntoView {
    let drive: Drive = expect_context();
    let (first, last) = (group.first().cloned(), group.last().cloned());
    first.zip(last).map(|(newest, oldest)| {
        let text = say!(
            "{who} {what}",
            who = who(&newest, me(drive)),
            what = what(&group, |folder| name_of(drive, folder))
        );
        let begun = oldest.event.timestamp;
        let label = say!(
            "Go back to before this, {time}: {text}",
            time = time(begun),
            text
        );
        let press = move |_| turn.ask(before(begun));
        view! {
            <li class="history-version" data-testid="past-moment">
                <div class="history-words">
                    <p>
                        <Sentence text />
                    </p>
                    <p class="history-who">{moment(begun)}</p>
                </div>
                <button type="button" class="button" aria-label=label on:click=press>
                    {t("Before this")}
                </button>
            </li>
        }
    })
}

/// The last moment before something was done.
fn before(at: UnixMillis) -> UnixMillis {
    at.saturating_sub(1)
}
