//! What was settled, newest first, and taking it back.

use super::put_off::use_put_off;
use super::sides::{file_name, is_this_device, name};
use crate::commands::{Commands, use_commands};
use crate::format::{ago, moment, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::conflicts::{Chosen, Conflict, Conflicts};

#[component]
pub fn SettledConflicts() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let settled = RwSignal::new(Vec::<Conflict>::new());
    let next = RwSignal::new(None::<String>);
    let failed = RwSignal::new(None::<String>);
    // Counts the questions: an answer to an earlier one may come late.
    let asked = StoredValue::new(0_u32);
    let load = move |after: Option<String>| {
        let number = asked.get_value().wrapping_add(1);
        asked.set_value(number);
        spawn_local(async move {
            let answer = commands.resolved_conflicts(after.as_deref()).await;
            if asked.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(Conflicts {
                    conflicts,
                    next: more,
                }) => {
                    for conflict in &conflicts {
                        forget_draft(drive, commands, conflict);
                    }
                    failed.try_set(None);
                    next.try_set(more);
                    settled.try_update(|settled| match after {
                        Some(_) => settled.extend(conflicts),
                        None => *settled = conflicts,
                    });
                }
                Err(failure) => {
                    failed.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    };
    // Whatever is settled or opened anywhere changes the open ones, too. What is decided here
    // is not open any more from then on, and settled once the server has it.
    let is_sent = Memo::new(move |_| drive.unsent.with(|unsent| unsent.going == 0));
    Effect::new(move |_| {
        drive.conflicts.track();
        // Whoever only tracks a memo that nobody reads is told of nothing: it is not made.
        is_sent.get();
        load(None);
    });
    let work = Work::new();
    view! {
        <Show when=move || settled.with(|settled| !settled.is_empty())>
            <h2 class="list-title">{t("Settled")}</h2>
            <ul class="lines lines-boxed" data-testid="settled">
                <Each
                    each=move || settled.get()
                    key=|conflict| (conflict.id, conflict.resolved.as_ref().map(|r| r.at_ms))
                    children=move |conflict| view! { <Line conflict work /> }
                />
            </ul>
        </Show>
        <WorkError work />
        <Show when=move || failed.with(Option::is_some)>
            <p class="hint" role="status">
                {move || {
                    let reason = failed.get()?;
                    Some(say!("What was settled can't be listed now: {reason}", reason))
                }}
            </p>
        </Show>
        <Show when=move || next.with(Option::is_some)>
            <button type="button" class="link" on:click=move |_| load(next.get_untracked())>
                {t("Show older ones")}
            </button>
        </Show>
    }
}

/// What was typed into a merge that somebody else decided is not thrown away
/// with it.
fn forget_draft(drive: Drive, commands: Commands, conflict: &Conflict) {
    let resolved = conflict.resolved.as_ref();
    let is_merged = resolved.is_some_and(|resolved| matches!(resolved.choice, Chosen::Merged));
    let by = resolved.and_then(|resolved| resolved.by.as_ref());
    let is_merged_here = is_merged && by.is_some_and(|by| is_this_device(drive, by));
    commands.settle_merge_draft(conflict.id, is_merged_here);
}

#[component]
fn Line(conflict: Conflict, work: Work) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let commands = use_commands();
    let resolved = conflict.resolved.clone()?;
    let of = conflict.item;
    let file = Memo::new(move |_| file_name(drive, of));
    let second = name(drive, &conflict.committed);
    let words = match &resolved.choice {
        Chosen::KeepMine => say!("The version of {version} was kept", version = second),
        Chosen::KeepTheirs => say!(
            "The file stayed as it was; the version of {version} was let go",
            version = second
        ),
        Chosen::KeepBoth { copy_name, .. } => {
            say!("Both were kept, the second as “{copy}”", copy = copy_name)
        }
        Chosen::Merged => t("Both were merged").to_owned(),
        Chosen::Unknown => t("It was settled").to_owned(),
    };
    let (by, at) = (resolved.by, resolved.at_ms);
    let told_words = move || {
        let when = ago(at, clock.now_ms());
        match &by {
            Some(by) => say!(
                "{decision}, by {person}, {device}, {when}",
                decision = words,
                person = by.user_name,
                device = by.device_name,
                when
            ),
            None => say!("{decision}, {when}", decision = words, when),
        }
    };
    let told = conflict.clone();
    let put_off = use_put_off();
    let take_back = move |_| {
        // Whoever takes it back is here already: no dialog has to ask.
        put_off.put_off(told.id);
        let conflict = told.clone();
        let taken = std::future::ready(commands.reopen(&conflict));
        let id = conflict.id;
        work.run(taken, move |()| {
            commands.tell_when_decided(vec![id], true, t("It is open again"))
        });
    };
    Some(view! {
        <li class="line line-grows" data-testid="settled-conflict">
            <span class="row-icon">
                <Glyph icon=Icon::Check />
            </span>
            <span class="line-words">
                <strong><bdi>{file}</bdi></strong>
                <span title=moment(at)>
                    {told_words}
                </span>
            </span>
            <button
                type="button"
                class="button"
                aria-label=move || say!("Take back what was decided on {name}", name = file.get())
                disabled=work.busy
                on:click=take_back
            >
                <Glyph icon=Icon::Undo />
                <span>{t("Take back")}</span>
            </button>
        </li>
    })
}
