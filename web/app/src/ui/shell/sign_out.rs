//! The way out. Whatever was not sent goes with the sign-out, so it asks first.

use crate::commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::format::count;
use crate::ui::toasts::tell_failure;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub fn leave_or_ask(drive: Drive, dialogs: Dialogs) {
    spawn_local(async move {
        match commands::unsent(drive).await {
            0 => leave(drive),
            unsent => dialogs.open(Ask::SignOut(unsent)),
        }
    });
}

fn leave(drive: Drive) {
    spawn_local(async move {
        if let Err(failure) = commands::sign_out(drive).await {
            tell_failure(drive, "Not signed out", &failure);
        }
    });
}

#[component]
pub fn SignOutDialog(unsent: usize) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let words = format!(
        "The server does not have {} that you made in this browser. Signing out forgets what was not sent.",
        count(unsent, "change", "changes"),
    );
    let agree = move |_| {
        dialogs.close();
        leave(drive);
    };
    view! {
        <Dialog title="Sign out now?" on_close=dialogs.on_close()>
            <p>{words}</p>
            <footer class="dialog-foot">
                <button type="button" class="button" autofocus on:click=move |_| dialogs.close()>
                    "Stay"
                </button>
                <button type="button" class="button button-bad" on:click=agree>
                    "Sign out and forget"
                </button>
            </footer>
        </Dialog>
    }
}
