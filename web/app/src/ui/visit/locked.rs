//! A link with a password, before that is given.

use crate::commands::VisitHandle;
use crate::ui::sign_in::PasswordField;
use crate::ui::work::{Work, WorkError};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

#[component]
pub fn Locked(visit: VisitHandle) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let work = Work::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = password.get_untracked();
        if given.is_empty() {
            return work.refuse("Enter the password");
        }
        work.run(async move { visit.enter(given).await }, |()| {});
    };
    view! {
        <form
            class="stack visit-locked"
            novalidate
            aria-busy=move || work.busy.get().to_string()
            on:submit=submit
        >
            <h1>"This link has a password"</h1>
            <p class="hint">"Whoever sent it to you knows the password, too."</p>
            <PasswordField password new=false />
            <WorkError work />
            <button type="submit" class="button button-main" disabled=work.busy>
                {move || if work.busy.get() { "Opening…" } else { "Open" }}
            </button>
        </form>
    }
}
