//! At the way in, for whoever has lost the password: a recovery code and another password.

use super::dom;
use super::refusal::{Refusal, invalid};
use super::sign_in::{PasswordField, UserNameField};
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::problem::Problem;
use protocol::recovery::{CODE_CHARS, RecoveryCode};

/// What says why somebody was refused, and the fields that it may be about.
const REFUSAL: &str = "recovery-error";
const NAME: &str = "[name=username]";
const CODE: &str = "[name=recovery-code]";
const NEW: &str = "[name=password]";

#[component]
pub fn RecoveryForm(
    /// The name that was typed at the way in; none leads back there.
    forgot: RwSignal<Option<String>>,
) -> impl IntoView {
    let commands = use_commands();
    let name = RwSignal::new(forgot.get_untracked().unwrap_or_default());
    let (code, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, CODE);
    // A request may have been carried out whose answer never came.
    let is_again = StoredValue::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let (code, password) = (code.get_untracked(), password.get_untracked());
        if name.is_empty() {
            return refusal.refuse(NAME, t("Enter a name"));
        }
        if code.parse::<RecoveryCode>().is_err() {
            let reason = say!(
                "That is not a recovery code: {number} letters and digits are expected",
                number = CODE_CHARS
            );
            return refusal.refuse(CODE, &reason);
        }
        let recover = async move {
            let was_tried = is_again.try_get_value() == Some(true);
            let recovered = commands.recover(name, code, password, was_tried).await;
            if let Err(failure) = &recovered {
                refusal.about(match failure {
                    // What the browser itself says is about the password.
                    Failure::Device(_) => NEW,
                    Failure::Refused(Problem::BadName { .. }) => NAME,
                    _ => CODE,
                });
                is_again.try_set_value(was_tried || failure.is_passing());
            }
            recovered
        };
        work.run(recover, |()| {});
    };
    dom::when_drawn(refusal.form, move |form| {
        let field = if name.with_untracked(String::is_empty) {
            NAME
        } else {
            CODE
        };
        dom::focus_within(&form, field);
    });
    view! {
        <form
            node_ref=refusal.form
            class="stack"
            novalidate on:submit=submit aria-busy=move || work.busy.get().to_string()>
            <h1>{t("Set a new password")}</h1>
            <p class="hint">
                {t("It takes one of the recovery codes that you have made under Settings: there is no other way back in here. All other devices and access tokens are signed out.")}
            </p>
            <UserNameField name refused_by=refusal.of(NAME) />
            <label class="field">
                <span>{t("Recovery code")}</span>
                <input
                    type="text"
                    class="token"
                    name="recovery-code"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    maxlength="100"
                    placeholder="XXXXX-XXXXX-XXXXX-XXXXX"
                    required
                    aria-invalid=invalid(refusal.of(CODE))
                    aria-describedby=refusal.of(CODE)
                    prop:value=code
                    on:input=move |event| code.set(event_target_value(&event))
                />
            </label>
            <PasswordField
                password
                new=true
                label=t("New password")
                refused_by=refusal.of(NEW)
            />
            <WorkError work id=REFUSAL />
            <button type="submit" class="button button-main" disabled=work.busy>
                {move || match work.busy.get() {
                    true => t("One moment…"),
                    false => t("Set it and sign in"),
                }}
            </button>
            <p class="door-switch">
                <button type="button" class="link" on:click=move |_| forgot.set(None)>
                    {t("Back to sign in")}
                </button>
            </p>
        </form>
    }
}
