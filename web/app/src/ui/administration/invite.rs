//! Makes an invitation and shows its address, once.

use crate::commands::use_commands;
use crate::format::minute;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::shown_once::ShownOnce;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::administration::InviteMade;

/// What says why there is none, and the fields that it may be about.
const REFUSAL: &str = "invite-error";
const NOTE: &str = "[name=invite-note]";
const PASSWORD: &str = "[name=password]";

#[component]
pub fn InviteDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    let made = RwSignal::new(None::<InviteMade>);
    view! {
        <Dialog title=t("Invite somebody") on_close=dialogs.on_close()>
            {move || match made.get() {
                None => view! { <Form made /> }.into_any(),
                Some(made) => view! { <Shown made /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(made: RwSignal<Option<InviteMade>>) -> impl IntoView {
    let (commands, dialogs) = (use_commands(), use_dialogs());
    let note = RwSignal::new(String::new());
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, NOTE);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let note = note.get_untracked();
        let make = async move {
            let make = commands.make_invite(note);
            let done = confirm.guard(commands, make).await;
            refusal.about(match confirm.is_asked() {
                true => PASSWORD,
                false => NOTE,
            });
            done
        };
        work.run(make, move |invite| {
            dialogs.changes.update(|changes| *changes += 1);
            made.try_set(Some(invite));
        });
    };
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <p>{t("Whoever has its address can make one account here, within a week.")}</p>
            <label class="field">
                <span>{t("For whom, so that you know it again")}</span>
                <input
                    type="text"
                    name="invite-note"
                    autocomplete="off"
                    maxlength="64"
                    autofocus
                    aria-invalid=invalid(refusal.of(NOTE))
                    aria-describedby=refusal.of(NOTE)
                    on:input=move |event| note.set(event_target_value(&event))
                />
            </label>
            <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
            <WorkError work id=REFUSAL />
            <DialogFoot verb=t("Make invitation") disabled=work.busy cancel=dialogs.on_close() />
        </form>
    }
}

#[component]
fn Shown(made: InviteMade) -> impl IntoView {
    let origin = window().location().origin().unwrap_or_default();
    let words = say!(
        "Copy the address now and send it to them. It is shown this once, and holds until {time}.",
        time = minute(made.invite.ends_at_ms),
    );
    view! {
        <ShownOnce
            words
            secret=format!("{origin}/join#{}", made.secret)
            label=t("Address of the invitation")
            testid="invite-address"
        />
    }
}
