//! Who else has a file open, or had it some minutes ago: on its row and in dialogs about it;
//! and whether the person tells others.

mod words;

use super::clock::use_clock;
use super::each::Each;
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::format::ago;
use crate::state::Drive;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::openings::Presence;
use web_sys::Event;
use words::{initials, told};

/// Tells others that the person has the file open, for as long as the view is there.
pub fn tell_open(item: ItemId) {
    let commands = use_commands();
    commands.opens(item);
    on_cleanup(move || commands.closes(item));
}

/// What is said of each person, and whether they have the file open at this moment.
fn use_told(item: ItemId) -> Memo<Vec<(String, bool, String)>> {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    Memo::new(move |_| {
        let now = clock.now_ms();
        let all = drive.openings.of(item, now).into_iter();
        let told = all.map(|(presence, seen)| {
            let name = seen.person.user_name;
            let words = told(&name, presence, &ago(seen.at_ms, now));
            (name, presence == Presence::Has, words)
        });
        told.collect()
    })
}

/// On a row: the letters of whoever has it open or had it last, and how many more there are.
#[component]
pub fn OpenMark(item: ItemId) -> impl IntoView {
    let all = use_told(item);
    let is_open = move || all.with(|all| all.iter().any(|(_, is_open, _)| *is_open));
    let letters = move || {
        all.with(|all| {
            let first = all.first().map(|(name, ..)| initials(name));
            match all.len() {
                0 | 1 => first.unwrap_or_default(),
                many => format!("{} +{}", first.unwrap_or_default(), many - 1),
            }
        })
    };
    let words = move || {
        all.with(|all| {
            let words: Vec<&str> = all.iter().map(|(.., words)| words.as_str()).collect();
            words.join(". ")
        })
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <span
                class="badge-open"
                class:badge-open-now=is_open
                data-testid="open-mark"
                data-open=move || is_open().to_string()
                title=words
            >
                <span aria-hidden="true">{letters}</span>
                <b class="unseen">{words}</b>
            </span>
        </Show>
    }
}

/// In a dialog about the file: everybody by name.
#[component]
pub fn OpenBy(item: ItemId) -> impl IntoView {
    let all = use_told(item);
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <ul class="open-by" data-testid="open-by" aria-label=t("Who else has it open") aria-live="polite">
                <Each
                    each=move || all.get()
                    key=|one| one.clone()
                    children=|(name, is_open, words)| {
                        view! {
                            <li>
                                <span class="badge-open" class:badge-open-now=is_open aria-hidden="true">
                                    {initials(&name)}
                                </span>
                                <bdi>{words}</bdi>
                            </li>
                        }
                    }
                />
            </ul>
        </Show>
    }
}

/// Whether the person tells others what they have open.
#[component]
pub fn TellsChoice() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let work = Work::new();
    commands.refresh_openings();
    let tells = drive.openings.tells;
    // What was asked before must not take it back meanwhile.
    let wanted = RwSignal::new(None);
    let set = move |event: Event| {
        let wants = event_target_checked(&event);
        wanted.set(Some(wants));
        let tell = async move {
            let told = commands.tell_openings(wants).await;
            wanted.try_set(None);
            told
        };
        work.run(tell, |()| {});
    };
    view! {
        <Show when=move || tells.with(Option::is_some)>
            <h2 class="page-part">{t("What you have open")}</h2>
            <label class="choice-line">
                <input
                    type="checkbox"
                    data-testid="tells-openings"
                    prop:checked=move || wanted.get().or(tells.get()) == Some(true)
                    disabled=work.busy
                    on:change=set
                />
                <span>
                    <strong>{t("Tell others what I have open")}</strong>
                    <span class="hint">
                        {t("Others who have the same file see that you look at it, send a version of it or merge it, and up to 10 minutes later that you did; where you may only view it, its owner alone does. If you turn this off, you do not see what others have open either. It holds for all your devices.")}
                    </span>
                </span>
            </label>
            <WorkError work />
        </Show>
    }
}
