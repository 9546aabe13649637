//! A link with a password, before that is given.

use crate::commands::VisitHandle;
use crate::ui::refusal::Refusal;
use crate::ui::sign_in::PasswordField;
use crate::ui::work::{Work, WorkError};
use crate::words::t;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// What says why somebody is not let in, and the field that it is about.
const REFUSAL: &str = "link-refusal";
const PASSWORD: &str = "[name=password]";

#[component]
pub fn Locked(visit: VisitHandle) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, PASSWORD);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = password.get_untracked();
        if given.is_empty() {
            return refusal.refuse(PASSWORD, t("Enter the password"));
        }
        work.run(async move { visit.enter(given).await }, |()| {});
    };
    view! {
        <form
            node_ref=refusal.form
            class="stack visit-locked"
            novalidate
            aria-busy=move || work.busy.get().to_string()
            on:submit=submit
        >
            <h1>{t("This link has a password")}</h1>
            <p class="hint">{t("Whoever sent it to you knows the password, too.")}</p>
            <PasswordField password new=false refused_by=refusal.of(PASSWORD) />
            <WorkError work id=REFUSAL />
            <button type="submit" class="button button-main" disabled=work.busy>
                {move || if work.busy.get() { t("Opening…") } else { t("Open") }}
            </button>
        </form>
    }
}
