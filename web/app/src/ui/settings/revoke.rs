//! Asks before a device is shut out.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::use_dialogs;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::devices::Device;

#[component]
pub fn RevokeDialog(device: Device) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let (work, confirm) = (Work::new(), Confirm::new());
    let id = device.id;
    let name = device.name.clone();
    let words = match device.is_token {
        true => t("Programs that use it are shut out at once. No file is deleted."),
        false => t(
            "It is signed out at once and can't open this drive until it signs in again. No file is deleted.",
        ),
    };
    let agree = move |event: SubmitEvent| {
        event.prevent_default();
        let revoke = confirm.guard(commands, commands.revoke_device(id));
        // The dialog may be gone by then.
        let name = name.clone();
        work.run(revoke, move |()| {
            drive
                .notices
                .good(say!("“{name}” has no access any more", name));
            dialogs.changes.update(|changes| *changes += 1);
            dialogs.close();
        });
    };
    view! {
        <Dialog title=say!("Revoke “{name}”?", name = device.name) on_close=dialogs.on_close()>
            <form class="stack" novalidate on:submit=agree>
                <p>{words}</p>
                <ConfirmField confirm />
                <WorkError work />
                <DialogFoot
                    verb=t("Revoke")
                    disabled=work.busy
                    bad=true
                    cancel=dialogs.on_close()
                    first=First::WayOut
                />
            </form>
        </Dialog>
    }
}
