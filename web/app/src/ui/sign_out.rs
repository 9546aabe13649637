//! The way out. Whatever was not sent goes with the sign-out, so it asks first.

use crate::commands::{Commands, use_commands};
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::words::{say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;

pub fn leave_or_ask((drive, commands): (Drive, Commands), dialogs: Dialogs) {
    spawn_local(async move {
        match commands.unsent().await {
            0 => leave(drive, commands),
            unsent => dialogs.open(Ask::SignOut(unsent)),
        }
    });
}

fn leave(drive: Drive, commands: Commands) {
    spawn_local(async move {
        if let Err(failure) = commands.sign_out().await {
            drive.notices.failure(t("Not signed out"), &failure);
        }
    });
}

#[component]
pub fn SignOutDialog(unsent: usize) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let words = say_many!(
        unsent,
        "The server does not have 1 change that you made in this browser. Signing out forgets what was not sent.",
        "The server does not have {n} changes that you made in this browser. Signing out forgets what was not sent."
    );
    let agree = Callback::new(move |()| {
        dialogs.close();
        leave(drive, commands);
    });
    view! {
        <Dialog title=t("Sign out now?") on_close=dialogs.on_close()>
            <p>{words}</p>
            <DialogFoot
                verb=t("Sign out and forget")
                act=agree
                bad=true
                cancel=dialogs.on_close()
                way_out=t("Stay")
                first=First::WayOut
            />
        </Dialog>
    }
}
