//! Another password, and which devices stay signed in with it.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::refusal::Refusal;
use crate::ui::sign_in::PasswordField;
use crate::ui::work::{Work, WorkError};
use crate::words::{say_many, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::devices::Device;
use protocol::ids::DeviceId;

/// What says why the password stays, and the fields that it may be about.
const REFUSAL: &str = "password-error";
const PRESENT: &str = "[autocomplete=current-password]";
const NEW: &str = "[autocomplete=new-password]";

#[component]
pub fn PasswordPart() -> impl IntoView {
    let dialogs = use_dialogs();
    view! {
        <section>
            <h2 class="page-part">{t("Password")}</h2>
            <p class="page-foot">
                <button type="button" class="button" on:click=move |_| dialogs.open(Ask::Password)>
                    {t("Change password")}
                </button>
            </p>
        </section>
    }
}

#[component]
pub fn PasswordDialog() -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, PRESENT);
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let keep = RwSignal::new(Vec::<DeviceId>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let both = (old.get_untracked(), new.get_untracked());
        if both.0.is_empty() {
            return refusal.refuse(PRESENT, t("Enter your present password"));
        }
        let keep = keep.get_untracked();
        let change = async move {
            refusal.about(NEW);
            commands.check_new_password(both.1.clone()).await?;
            refusal.about(PRESENT);
            commands.change_password(both, keep).await
        };
        work.run(change, move |ended| {
            drive.notices.good(match ended {
                0 => t("Your password is changed").to_owned(),
                _ => say_many!(
                    ended,
                    "Your password is changed, and 1 device or token was signed out",
                    "Your password is changed, and {n} devices and tokens were signed out"
                ),
            });
            dialogs.changes.update(|changes| *changes += 1);
            dialogs.close();
        });
    };
    view! {
        <Dialog title=t("Change password") on_close=dialogs.on_close()>
            <form
                node_ref=refusal.form
                class="stack"
                novalidate on:submit=submit aria-busy=move || work.busy.get().to_string()>
                <PasswordField
                    password=old
                    new=false
                    label=t("Present password")
                    first=true
                    refused_by=refusal.of(PRESENT)
                />
                <PasswordField
                    password=new
                    new=true
                    label=t("New password")
                    refused_by=refusal.of(NEW)
                />
                <Others keep />
                <WorkError work id=REFUSAL />
                <DialogFoot
                    verb=Signal::derive(move || match work.busy.get() {
                        true => t("Changing…").to_owned(),
                        false => t("Change password").to_owned(),
                    })
                    disabled=work.busy
                    cancel=dialogs.on_close()
                />
            </form>
        </Dialog>
    }
}

/// The other devices, each of which ends unless it is ticked.
#[component]
fn Others(keep: RwSignal<Vec<DeviceId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let others = RwSignal::new(Vec::<Device>::new());
    let here = drive.session.with_untracked(SessionState::device);
    spawn_local(async move {
        // Without a list, none is kept, and that is safe.
        if let Ok(mut devices) = commands.devices().await {
            devices.retain(|device| Some(device.id) != here);
            others.try_set(devices);
        }
    });
    let toggle = move |id: DeviceId, kept: bool| {
        keep.update(|keep| {
            keep.retain(|other| *other != id);
            if kept {
                keep.push(id);
            }
        });
    };
    view! {
        <Show when=move || others.with(|others| !others.is_empty())>
            <fieldset class="ticks">
                <legend>{t("All other devices and tokens are signed out. Keep signed in:")}</legend>
                {move || {
                    others
                        .get()
                        .into_iter()
                        .map(|device| {
                            let id = device.id;
                            view! {
                                <label class="tick">
                                    <input
                                        type="checkbox"
                                        on:change=move |event| toggle(id, event_target_checked(&event))
                                    />
                                    <span>{device.name}</span>
                                </label>
                            }
                        })
                        .collect_view()
                }}
            </fieldset>
        </Show>
    }
}
