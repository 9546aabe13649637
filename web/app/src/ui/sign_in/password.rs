//! The password field: it can be shown, and on sign-up it says how good it is.

use crate::ui::dom;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say_many, t};
use leptos::prelude::*;
use protocol::limits::MIN_PASSWORD_CHARS;

#[component]
pub fn PasswordField(
    password: RwSignal<String>,
    /// Whether one is chosen.
    #[prop(into)]
    new: Signal<bool>,
    #[prop(optional)] label: Option<&'static str>,
    /// Where a dialog begins.
    #[prop(optional)]
    first: bool,
    /// The id of what says why somebody was refused, while something does.
    #[prop(optional, into)]
    refused_by: Signal<Option<&'static str>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let id = dom::fresh_id("password");
    let hint = format!("{id}-hint");
    let described = hint.clone();
    view! {
        <div class="field">
            <label for=id.clone()>{label.unwrap_or(t("Password"))}</label>
            <div class="field-with-button">
                <input
                    id=id
                    type=move || if shown.get() { "text" } else { "password" }
                    name="password"
                    autocomplete=move || if new.get() { "new-password" } else { "current-password" }
                    required
                    autofocus=first
                    aria-describedby=move || match (refused_by.get(), new.get()) {
                        (Some(why), true) => Some(format!("{why} {described}")),
                        (Some(why), false) => Some(why.to_owned()),
                        (None, true) => Some(described.clone()),
                        (None, false) => None,
                    }
                    prop:value=password
                    on:input=move |event| password.set(event_target_value(&event))
                />
                <button
                    type="button"
                    class="icon-button"
                    aria-pressed=move || shown.get().to_string()
                    aria-label=t("Show what is typed")
                    title=move || if shown.get() { t("Hide") } else { t("Show") }
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || {
                        let icon = if shown.get() { Icon::EyeOff } else { Icon::Eye };
                        view! { <Glyph icon /> }
                    }}
                </button>
            </div>
            <Show when=move || new.get()>
                <p class="hint" id=hint.clone()>
                    <span class="strength" data-level=move || password.with(|text| level(text))></span>
                    {move || password.with(|text| words(text))}
                </p>
            </Show>
        </div>
    }
}

/// 0: too short; 1 to 3: weak, fair, good. Length counts for most, because it
/// is what slows guessing down.
fn level(password: &str) -> u8 {
    let length = password.chars().count();
    if length < MIN_PASSWORD_CHARS {
        return 0;
    }
    let kinds = [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    let kinds = kinds.into_iter().filter(|&kind| kind).count();
    match length + 2 * kinds {
        0..=13 => 1,
        14..=18 => 2,
        _ => 3,
    }
}

fn words(password: &str) -> String {
    let length = password.chars().count();
    match level(password) {
        0 if length == 0 => t("At least 8 characters. A few words in a row are best.").into(),
        0 => {
            let missing = MIN_PASSWORD_CHARS - length;
            say_many!(missing, "1 character to go", "{n} characters to go")
        }
        1 => t("Easy to guess: make it longer").into(),
        2 => t("Fair").into(),
        _ => t("Strong").into(),
    }
}
