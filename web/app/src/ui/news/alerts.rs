//! Whether the browser tells of news while the page is in the background.

use super::super::shell::Home;
use crate::state::session::SessionState;
use crate::words::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::alerts::{self, About, Alerts};

#[component]
pub fn AlertsChoice() -> impl IntoView {
    let Home(home) = expect_context();
    let user = home.session.with_untracked(SessionState::user);
    let state = RwSignal::new(alerts::state(user));
    let turn_on = move |_| {
        if let Some(user) = user {
            spawn_local(async move {
                state.try_set(alerts::turn_on(user).await);
            });
        }
    };
    let turn_off = move |_| {
        alerts::turn_off();
        state.set(alerts::state(user));
    };
    let words = move || match state.get() {
        Alerts::Unknown => t("This browser shows no notifications of this page."),
        Alerts::Denied => t(
            "This browser was told to show no notifications of this page. Allow them in its settings for this address, then turn them on here.",
        ),
        Alerts::Off => t("This browser can tell you of news while the page is in the background."),
        Alerts::On => t("This browser tells you of news while the page is in the background."),
    };
    view! {
        <div class="news-alerts">
            <p class="hint" role="status">
                {words}
            </p>
            {move || match state.get() {
                Alerts::Off => {
                    view! {
                        <button type="button" class="button" on:click=turn_on>
                            {t("Turn on notifications")}
                        </button>
                    }
                        .into_any()
                }
                Alerts::On => {
                    view! {
                        <button type="button" class="button" on:click=turn_off>
                            {t("Turn off notifications")}
                        </button>
                    }
                        .into_any()
                }
                Alerts::Unknown | Alerts::Denied => ().into_any(),
            }}
            <Show when=move || state.get() == Alerts::On>
                <fieldset class="news-about">
                    <legend>{t("It tells of")}</legend>
                    {About::ALL.map(|about| view! { <Tells about /> }).collect_view()}
                </fieldset>
            </Show>
        </div>
    }
}

/// Whether it tells of this.
#[component]
fn Tells(about: About) -> impl IntoView {
    let words = match about {
        About::Files => t("Files and folders that others change"),
        About::Conflicts => t("Conflicts"),
        About::Access => t("Who shares what"),
    };
    let told = RwSignal::new(alerts::tell_of(about));
    let change = move |event| {
        told.set(event_target_checked(&event));
        alerts::set_tell_of(about, told.get_untracked());
    };
    view! {
        <label class="tick">
            <input type="checkbox" prop:checked=told on:change=change />
            <span>{words}</span>
        </label>
    }
}
