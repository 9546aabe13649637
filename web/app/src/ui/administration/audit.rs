//! Who did what to whom.

use super::more::More;
use super::question::Question;
use crate::commands::use_commands;
use crate::format::{bytes, minute, moment};
use crate::ui::sentence::Sentence;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::administration::{Audit, AuditAct, AuditEntry};

#[component]
pub fn AuditPart() -> impl IntoView {
    let commands = use_commands();
    let newest = Question::new(move || commands.audit(None));
    view! {
        <section class="stack" data-testid="audit">
            <h2 class="page-part">{t("What was done")}</h2>
            <p class="hint">{t("It is kept for 400 days, and at most 10,000 entries.")}</p>
            {newest.view(t("Loading what was done"), |page| view! { <List page /> }.into_any())}
        </section>
    }
}

#[component]
fn List(page: Audit) -> impl IntoView {
    let commands = use_commands();
    let entries = RwSignal::new(page.entries);
    let load = move |before| async move {
        let page = commands.audit(Some(before)).await?;
        entries.try_update(|entries| entries.extend(page.entries));
        Ok(page.next_before)
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
        <More next=page.next_before words=t("Show older") load />
    }
}

/// An entry in words.
fn words_of(entry: &AuditEntry) -> String {
    let by = say!("“{name}”", name = entry.by);
    let detail = entry.detail.as_deref();
    let of = match &entry.of {
        Some(of) => say!("“{name}”", name = of),
        None => t("themselves").to_owned(),
    };
    match entry.act {
        AuditAct::SignedUp => say!("{by} made an account", by),
        AuditAct::Appointed => say!("{by} made {of} an administrator", by, of),
        AuditAct::Dismissed => say!("{by} made {of} no administrator any more", by, of),
        AuditAct::Disabled => say!("{by} disabled {of}", by, of),
        AuditAct::Enabled => say!("{by} enabled {of}", by, of),
        AuditAct::QuotaChanged => match detail.and_then(|text| text.parse().ok()).map(bytes) {
            Some(quota) => say!("{by} gave {of} {quota} to store", by, of, quota),
            None => say!("{by} gave {of} another quota to store", by, of),
        },
        AuditAct::SignUpChanged => match detail {
            Some("open") => say!("{by} let anybody make an account", by),
            Some("invited") => say!("{by} let whoever is invited make an account", by),
            _ => say!("{by} let nobody make an account", by),
        },
        AuditAct::InviteMade => match detail {
            Some(note) => say!("{by} made an invitation for “{note}”", by, note),
            None => say!("{by} made an invitation", by),
        },
        AuditAct::InviteRemoved => match detail {
            Some(note) => say!("{by} took an invitation for “{note}” back", by, note),
            None => say!("{by} took an invitation back", by),
        },
        AuditAct::InviteUsed => match detail {
            Some(note) => say!(
                "{by} came by an invitation for “{note}” from {of}",
                by,
                note,
                of
            ),
            None => say!("{by} came by an invitation from {of}", by, of),
        },
        AuditAct::Recovered => say!("{by} set a password with a recovery code", by),
        AuditAct::AccountEnded => say!("{by} ended their account", by),
        AuditAct::AccountKept => say!("{by} keeps their account", by),
        AuditAct::Unknown => say!("{by} did something that this page is too old to tell", by),
    }
}
