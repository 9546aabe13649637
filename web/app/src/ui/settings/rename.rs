//! What a device is called.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::devices::Device;

/// What says why the name stays, and the field that it is about.
const REFUSAL: &str = "rename-error";
const NAME: &str = "[name=device-name]";

#[component]
pub fn RenameDeviceDialog(device: Device) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, NAME);
    let name = RwSignal::new(device.name.clone());
    let id = device.id;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return refusal.refuse(NAME, t("Enter a name"));
        }
        let rename = async move { commands.rename_device(id, name).await };
        work.run(rename, move |device| {
            drive
                .notices
                .good(say!("It is called “{name}” now", name = device.name));
            dialogs.changes.update(|changes| *changes += 1);
            dialogs.close();
        });
    };
    view! {
        <Dialog title=say!("Rename “{name}”", name = device.name) on_close=dialogs.on_close()>
            <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
                <label class="field">
                    <span>{t("Name")}</span>
                    <input
                        type="text"
                        name="device-name"
                        autocomplete="off"
                        maxlength="64"
                        autofocus
                        prop:value=name
                        aria-invalid=invalid(refusal.of(NAME))
                        aria-describedby=refusal.of(NAME)
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </label>
                <p class="hint">
                    {t("It is shown with all that the device does from now on, also to people with whom you share. What it did before keeps the name that it had then.")}
                </p>
                <WorkError work id=REFUSAL />
                <DialogFoot verb=t("Rename") disabled=work.busy cancel=dialogs.on_close() />
            </form>
        </Dialog>
    }
}
