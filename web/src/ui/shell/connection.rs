//! Whether changes of other devices arrive, as a dot and a word. While something
//! waits for a decision it never looks as if all were well.

use crate::state::Drive;
use crate::state::connection::Connection;
use crate::ui::conflicts::undecided;
use leptos::prelude::*;

#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let drive: Drive = expect_context();
    let waiting = undecided(drive);
    let undecided = Memo::new(move |_| waiting.get() > 0);
    let words = move || words(drive.connection.get(), undecided.get());
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
            <span class="connection-word">{move || words().short}</span>
        </div>
    }
}

struct Words {
    state: &'static str,
    short: &'static str,
    long: &'static str,
}

fn words(connection: Connection, undecided: bool) -> Words {
    match connection {
        Connection::Live if undecided => Words {
            state: "live",
            short: "To decide",
            long: "Changes of other devices show up here at once, and some wait for your decision",
        },
        Connection::Connecting => Words {
            state: "connecting",
            short: "Connecting",
            long: "Asking the server what has changed",
        },
        Connection::Live => Words {
            state: "live",
            short: "Up to date",
            long: "Changes of other devices show up here at once",
        },
        Connection::Reconnecting => Words {
            state: "reconnecting",
            short: "Reconnecting",
            long: "The server could not be reached; trying again by itself",
        },
        Connection::Offline => Words {
            state: "offline",
            short: "Offline",
            long: "There is no network; uploads wait and go on by themselves",
        },
    }
}
