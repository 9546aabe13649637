//! The bell: how much others did that the person has not seen.

use crate::commands::Commands;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::parts::ViewParts;
use crate::words::{say, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::{agent, alerts};

/// More is not told in figures.
const MOST_TOLD: u64 = 99;

#[component]
pub fn Bell() -> impl IntoView {
    let drive: Drive = expect_context();
    let dialogs = use_dialogs();
    let number = move || match drive.unseen.get() {
        0 => None,
        many if many > MOST_TOLD => Some(format!("{MOST_TOLD}+")),
        few => Some(few.to_string()),
    };
    let label = move || match number() {
        None => t("News").to_owned(),
        Some(number) => say!("News, {number} not seen", number),
    };
    view! {
        <button
            type="button"
            class="bell"
            aria-label=label
            aria-haspopup="dialog"
            title=t("What others did")
            data-testid="bell"
            on:click=move |_| dialogs.open(Ask::News)
        >
            <Glyph icon=Icon::Bell />
            {move || number().map(|number| view! { <span class="bell-count" aria-hidden="true">{number}</span> })}
        </button>
    }
}

/// Has the browser tell that there is more, if the person wants that and looks elsewhere.
pub fn alert_of_news(home: Drive, commands: Commands) {
    let parts: ViewParts = expect_context();
    let dialogs = use_dialogs();
    let press = Callback::new(move |()| dialogs.open(Ask::News));
    Effect::new(move |before: Option<u64>| {
        let count = home.unseen.get();
        let is_more = before.is_some_and(|before| before < count);
        let user = home.session.with_untracked(SessionState::user);
        if is_more && !agent::is_looked_at() && alerts::are_on(user) {
            spawn_local(async move {
                if commands.is_to_alert().await {
                    // Without a connection there is none.
                    let _ = (parts.alert)(home, commands, press).await;
                }
            });
        }
        count
    });
}
