//! The field for the name that somebody signs in with.

use crate::ui::refusal::invalid;
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn UserNameField(
    name: RwSignal<String>,
    /// What says why it was refused, while it is.
    refused_by: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{t("Name")}</span>
            <input
                type="text"
                name="username"
                autocomplete="username"
                autocapitalize="none"
                spellcheck="false"
                maxlength="64"
                required
                aria-invalid=invalid(refused_by)
                aria-describedby=refused_by
                prop:value=name
                on:input=move |event| name.set(event_target_value(&event))
            />
        </label>
    }
}
