//! How this browser shows the drive, and tells of it.

use crate::language::{LANGUAGES, spoken};
use crate::ui::news::AlertsChoice;
use crate::ui::segmented::Segmented;
use crate::ui::speak::speak;
use crate::ui::theme::{Shade, Theme};
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn BrowserPart() -> impl IntoView {
    let theme: Theme = expect_context();
    let shades = vec![
        (Shade::System, t("As the system")),
        (Shade::Light, t("Light")),
        (Shade::Dark, t("Dark")),
    ];
    view! {
        <section data-testid="this-browser">
            <h2 class="page-part">{t("This browser")}</h2>
            <p class="hint">{t("What is set here holds for this browser.")}</p>
            <div class="settings">
                <span>{t("Theme")}</span>
                <Segmented label=t("Theme") options=shades chosen=theme.chosen() />
                <label for="language">{t("Language")}</label>
                <LanguageChoice />
                <span>{t("Notifications")}</span>
                <AlertsChoice />
            </div>
        </section>
    }
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let choose = move |event| {
        let code = event_target_value(&event);
        let chosen = LANGUAGES.into_iter().find(|language| language.code == code);
        if let Some(language) = chosen {
            speak(language);
        }
    };
    view! {
        <select id="language" on:change=choose>
            {LANGUAGES
                .map(|language| {
                    view! {
                        <option
                            value=language.code
                            lang=language.code
                            selected=spoken() == language
                        >
                            {language.name}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    }
}
