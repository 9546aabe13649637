//! Whether changes of other devices arrive, as a dot and a word. While something
//! waits for a decision it never looks as if all were well.

use crate::state::connection::Connection;
use crate::state::{Drive, UnsentCount};
use crate::ui::conflicts::undecided;
use crate::words::{figure, say_many, t};
use leptos::prelude::*;

#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let drive: Drive = expect_context();
    let waiting = undecided(drive);
    let undecided = Memo::new(move |_| waiting.get() > 0);
    let paused = drive.uploads.paused;
    let words = move || {
        let unsent = drive.unsent.get();
        words(
            drive.connection.get(),
            undecided.get(),
            unsent,
            paused.get(),
        )
    };
    view! {
        <div
            class="connection"
            class:connection-undecided=undecided
            role="status"
            data-testid="connection"
            data-state=move || words().state
            title=move || words().long
        >
            <span class="connection-dot" aria-hidden="true"></span>
            <span class="connection-word">
                {move || words().short}
                // Whoever hears it hears it change once, and not for each number.
                <span aria-hidden="true">{move || words().number}</span>
            </span>
        </div>
    }
}

struct Words {
    state: &'static str,
    short: &'static str,
    /// What follows it.
    number: Option<String>,
    long: String,
}

/// It is never all well while a change waits or travels.
fn words(connection: Connection, undecided: bool, unsent: UnsentCount, paused: bool) -> Words {
    let UnsentCount { going, stuck } = unsent;
    let (state, short, long) = match connection {
        Connection::Live if going > 0 && paused => {
            return Words {
                state: "live",
                short: t("Paused:"),
                number: Some(format!(" {}", figure(going as u64))),
                long: say_many!(
                    going,
                    "1 change waits until the uploads go on",
                    "{n} changes wait until the uploads go on"
                ),
            };
        }
        Connection::Live if going > 0 => {
            return Words {
                state: "live",
                short: t("Sending"),
                number: Some(format!(" {}", figure(going as u64))),
                long: say_many!(
                    going,
                    "1 change is on the way to the server",
                    "{n} changes are on the way to the server"
                ),
            };
        }
        Connection::Live if stuck > 0 && !undecided => {
            return Words {
                state: "live",
                short: t("Not sent:"),
                number: Some(format!(" {}", figure(stuck as u64))),
                long: say_many!(
                    stuck,
                    "1 change is not on the server and can't go on by themselves",
                    "{n} changes are not on the server and can't go on by themselves"
                ),
            };
        }
        Connection::Live if undecided => (
            "live",
            t("To decide"),
            t("Changes of other devices show up here at once, and some wait for your decision"),
        ),
        Connection::Connecting => (
            "connecting",
            t("Connecting"),
            t("Asking the server what has changed"),
        ),
        Connection::Live => (
            "live",
            t("Up to date"),
            t("Changes of other devices show up here at once"),
        ),
        Connection::Reconnecting => (
            "reconnecting",
            t("Reconnecting"),
            t("The server could not be reached; trying again by itself"),
        ),
        Connection::Offline => (
            "offline",
            t("Offline"),
            t("There is no network; uploads wait and go on by themselves"),
        ),
    };
    let waiting = match connection {
        Connection::Offline | Connection::Reconnecting if going > 0 => {
            let sent = say_many!(going, "1 change will be sent", "{n} changes will be sent");
            format!(". {sent}")
        }
        _ => String::new(),
    };
    Words {
        state,
        short,
        number: None,
        long: format!("{long}{waiting}"),
    }
}
