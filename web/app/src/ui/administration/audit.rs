//! Who did what to whom.

use super::question::Question;
use crate::commands::use_commands;
use crate::format::{bytes, minute, moment, sentence};
use crate::ui::sentence::Sentence;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::administration::{Audit, AuditAct, AuditEntry};

#[component]
pub fn AuditPart() -> impl IntoView {
    let commands = use_commands();
    let newest = Question::new(move || commands.audit(None));
    view! {
        <section class="stack" data-testid="audit">
            <h2 class="page-part">"What was done"</h2>
            <p class="hint">"It is kept for 400 days, and at most 10,000 entries."</p>
            {newest.view("Loading what was done", |page| view! { <List page /> }.into_any())}
        </section>
    }
}

#[component]
fn List(page: Audit) -> impl IntoView {
    let commands = use_commands();
    let entries = RwSignal::new(page.entries);
    let next = RwSignal::new(page.next_before);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let more = move |_| {
        let before = next.get_untracked();
        if busy.get_untracked() || before.is_none() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let answer = commands.audit(before).await;
            busy.try_set(false);
            match answer {
                Ok(page) => {
                    entries.try_update(|entries| entries.extend(page.entries));
                    next.try_set(page.next_before);
                }
                Err(failure) => {
                    failed.try_set(Some(sentence(&failure.to_string())));
                }
            }
        });
    };
    view! {
        <ul class="lines lines-boxed">
            <For each=move || entries.get() key=|entry| entry.n let:entry>
                <li class="line line-device line-grows" data-testid="audit-entry">
                    <span class="line-words">
                        <span><Sentence text=words_of(&entry) /></span>
                        <span class="hint" title=moment(entry.at_ms)>{minute(entry.at_ms)}</span>
                    </span>
                </li>
            </For>
        </ul>
        {move || failed.get().map(|why| view! { <p class="form-error" role="alert">{why}</p> })}
        <Show when=move || next.with(Option::is_some)>
            <p class="page-foot">
                <button type="button" class="button" disabled=busy on:click=more>
                    "Show older"
                </button>
            </p>
        </Show>
    }
}

/// An entry in words.
fn words_of(entry: &AuditEntry) -> String {
    let by = format!("“{}”", entry.by);
    let detail = entry.detail.as_deref();
    let of = match &entry.of {
        Some(of) => format!("“{of}”"),
        None => "themselves".to_owned(),
    };
    let noted = match detail {
        Some(note) => format!("an invitation for “{note}”"),
        None => "an invitation".to_owned(),
    };
    match entry.act {
        AuditAct::SignedUp => format!("{by} made an account"),
        AuditAct::Appointed => format!("{by} made {of} an administrator"),
        AuditAct::Dismissed => format!("{by} made {of} no administrator any more"),
        AuditAct::Disabled => format!("{by} disabled {of}"),
        AuditAct::Enabled => format!("{by} enabled {of}"),
        AuditAct::QuotaChanged => {
            let quota = detail.and_then(|text| text.parse().ok()).map(bytes);
            let quota = quota.unwrap_or_else(|| "another quota".to_owned());
            format!("{by} gave {of} {quota} to store")
        }
        AuditAct::SignUpChanged => {
            let who = match detail {
                Some("open") => "anybody",
                Some("invited") => "whoever is invited",
                _ => "nobody",
            };
            format!("{by} let {who} make an account")
        }
        AuditAct::InviteMade => format!("{by} made {noted}"),
        AuditAct::InviteRemoved => format!("{by} took {noted} back"),
        AuditAct::InviteUsed => format!("{by} came by {noted} from {of}"),
        AuditAct::Recovered => format!("{by} set a password with a recovery code"),
        AuditAct::AccountEnded => format!("{by} ended their account"),
        AuditAct::AccountKept => format!("{by} keeps their account"),
        AuditAct::Unknown => format!("{by} did something that this page is too old to tell"),
    }
}
