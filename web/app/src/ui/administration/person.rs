//! The dialog in which an administrator changes what a person may do here.

use crate::commands::use_commands;
use crate::format::{bytes, decimal};
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::administration::{ManagedPerson, PersonChange};

/// What says why the person stays as they are, and the fields that it may be about.
const REFUSAL: &str = "person-error";
const QUOTA: &str = "[name=quota]";
const PASSWORD: &str = "[name=password]";

/// The unit of the field.
const GB: f64 = 1_000_000_000.0;
/// The most of them: as many bytes as can be counted.
const MOST_GB: f64 = 9_000_000.0;

#[component]
pub fn PersonDialog(person: ManagedPerson) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, QUOTA);
    let was_quota = decimal(person.quota_bytes as f64 / GB, 3);
    let quota = RwSignal::new(was_quota.clone());
    let (was_admin, was_disabled) = (person.is_administrator, person.disabled_at_ms.is_some());
    let admin = RwSignal::new(was_admin);
    let disabled = RwSignal::new(was_disabled);
    let (id, used) = (person.id, person.used_bytes);
    let is_oneself = drive.session.with_untracked(SessionState::user) == Some(id);
    let title = say!("Change “{name}”", name = person.name);
    let first_quota = was_quota.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = quota.get_untracked();
        let quota_bytes = match typed == was_quota {
            true => None,
            false => match gigabytes(&typed) {
                Some(bytes) => Some(bytes),
                None => return refusal.refuse(QUOTA, t("Enter how many GB they may store")),
            },
        };
        let (admin, disabled) = (admin.get_untracked(), disabled.get_untracked());
        let change = PersonChange {
            is_administrator: (admin != was_admin).then_some(admin),
            is_disabled: (disabled != was_disabled).then_some(disabled),
            quota_bytes,
        };
        if change == PersonChange::default() {
            return dialogs.close();
        }
        let changed = async move {
            let change = commands.change_person(id, change);
            let changed = confirm.guard(commands, change).await;
            refusal.about(match confirm.is_asked() {
                true => PASSWORD,
                false => QUOTA,
            });
            changed
        };
        work.run(changed, move |person| {
            drive
                .notices
                .good(say!("“{name}” is changed", name = person.name));
            dialogs.changes.update(|changes| *changes += 1);
            dialogs.close();
        });
    };
    let is_below = move || {
        let typed = gigabytes(&quota.get());
        typed.is_some_and(|bytes| bytes < used) && quota.get() != first_quota
    };
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
                <label class="field">
                    <span>{t("They may store, in GB")}</span>
                    <input
                        type="text"
                        inputmode="decimal"
                        name="quota"
                        autocomplete="off"
                        autofocus
                        prop:value=quota
                        aria-invalid=invalid(refusal.of(QUOTA))
                        aria-describedby=refusal.of(QUOTA)
                        on:input=move |event| quota.set(event_target_value(&event))
                    />
                </label>
                <p class="hint">
                    {say!("{used} are used.", used = bytes(used))}
                    {move || is_below().then(|| format!(" {}", t("That is more: nothing is deleted, and nothing can be added until there is room.")))}
                </p>
                <label class="tick">
                    <input
                        type="checkbox"
                        name="is-administrator"
                        prop:checked=admin
                        on:change=move |event| admin.set(event_target_checked(&event))
                    />
                    <span>{t("Administers this server")}</span>
                </label>
                <label class="tick">
                    <input
                        type="checkbox"
                        name="is-disabled"
                        prop:checked=disabled
                        on:change=move |event| disabled.set(event_target_checked(&event))
                    />
                    <span>{t("Disabled: can't sign in, and is signed out everywhere")}</span>
                </label>
                <Show when=move || disabled.get() && !was_disabled>
                    <p class="hint">
                        {t("Their files stay, and what they share and their links go on. All of it is theirs again once you enable them.")}
                    </p>
                </Show>
                <Show when=move || is_oneself && ((was_admin && !admin.get()) || disabled.get())>
                    <p class="note">{t("This is you: you can't take it back by yourself.")}</p>
                </Show>
                <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
                <WorkError work id=REFUSAL />
                <DialogFoot verb=t("Save") disabled=work.busy cancel=dialogs.on_close() />
            </form>
        </Dialog>
    }
}

/// What was typed, in bytes.
fn gigabytes(typed: &str) -> Option<u64> {
    let typed = typed.trim().replace(',', ".");
    let is_number = typed.chars().all(|c| c.is_ascii_digit() || c == '.');
    if typed.is_empty() || !is_number || typed.matches('.').count() > 1 {
        return None;
    }
    let number = js_sys::Number::parse_float(&typed);
    let is_countable = (0.0..=MOST_GB).contains(&number);
    is_countable.then(|| (number * GB).round() as u64)
}
