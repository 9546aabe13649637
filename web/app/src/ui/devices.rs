//! Signed-in browsers and access tokens.

mod end_account;
mod password;
mod recovery;
mod rename;
mod revoke;
mod token;

pub use end_account::EndAccountDialog;
pub use password::PasswordDialog;
pub use recovery::RecoveryCodesDialog;
pub use rename::RenameDeviceDialog;
pub use revoke::RevokeDialog;
pub use token::TokenDialog;

use super::clock::use_clock;
use super::dialogs::{Ask, use_dialogs};
use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use crate::commands::use_commands;
use crate::format::{ago, bytes, count, date, sentence};
use crate::state::Drive;
use crate::state::session::SessionState;
use end_account::EndAccount;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::devices::{Device, DeviceKind, Scope};
use protocol::ids::{DeviceId, ItemId};
use recovery::RecoveryCodesPart;

/// "Last seen" is kept to the hour: within it, "just now" is as true.
const SEEN_STEP_MS: u64 = 60 * 60 * 1_000;

#[derive(Clone, PartialEq)]
enum Listed {
    Loading,
    Failed(String),
    Devices(Vec<Device>),
}

#[component]
pub fn DevicesView() -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let listed = RwSignal::new(Listed::Loading);
    let load = move || {
        spawn_local(async move {
            let answer = match commands.devices().await {
                Ok(devices) => Listed::Devices(devices),
                Err(failure) => Listed::Failed(sentence(&failure.to_string())),
            };
            listed.try_set(answer);
        });
    };
    Effect::new(move |_| {
        dialogs.changes.track();
        load();
    });
    view! {
        <section class="page">
            <header class="page-head">
                <h1>"Devices"</h1>
                <p>"Everything that can open this drive. Revoke what you no longer use."</p>
                <div class="page-acts">
                    <button type="button" class="button" on:click=move |_| dialogs.open(Ask::Password)>
                        "Change password"
                    </button>
                    <button type="button" class="button" on:click=move |_| dialogs.open(Ask::Token)>
                        <Glyph icon=Icon::Key />
                        "Create access token"
                    </button>
                </div>
            </header>
            {move || match listed.get() {
                Listed::Loading => {
                    view! { <div class="skeleton" role="status" aria-label="Loading your devices"></div> }
                        .into_any()
                }
                Listed::Failed(reason) => {
                    view! {
                        <p class="form-error" role="alert">
                            {reason} " "
                            <button type="button" class="link" on:click=move |_| load()>
                                "Try again"
                            </button>
                        </p>
                    }
                        .into_any()
                }
                Listed::Devices(devices) => view! { <List devices /> }.into_any(),
            }}
            <RecoveryCodesPart />
            <EndAccount />
        </section>
    }
}

#[component]
fn List(devices: Vec<Device>) -> impl IntoView {
    let drive: Drive = expect_context();
    let here = drive.session.with_untracked(SessionState::device);
    view! {
        <ul class="lines lines-boxed">
            {devices.into_iter().map(|device| view! { <Line device here /> }).collect_view()}
        </ul>
    }
}

/// How much is kept on this device for when there is no connection.
#[component]
fn OfflineHere() -> impl IntoView {
    let kept = expect_context::<Drive>().offline;
    let words = Memo::new(move |_| {
        kept.with(|kept| {
            let what = count(kept.files, "file", "files");
            let is_some = !kept.chosen.is_empty() || kept.files > 0;
            is_some.then(|| format!("Kept offline: {what}, {}", bytes(kept.bytes)))
        })
    });
    move || {
        words
            .get()
            .map(|words| view! { <span data-testid="offline-here">{words}</span> })
    }
}

#[component]
fn Line(device: Device, here: Option<DeviceId>) -> impl IntoView {
    let (drive, dialogs, clock): (Drive, _, _) = (expect_context(), use_dialogs(), use_clock());
    let this = here == Some(device.id);
    let icon = match device.kind {
        DeviceKind::Program => Icon::Program,
        _ => Icon::Browser,
    };
    let folder = device.folder;
    let ends = match device.scope {
        Scope::ReadOnly => "Only reads · ends ",
        _ => "Ends ",
    };
    let seen_ms = device.last_seen_at_ms;
    let seen = move || match clock.now_ms().saturating_sub(seen_ms) {
        _ if this => "This device, in use now".to_owned(),
        0..=SEEN_STEP_MS => "Seen within the last hour".to_owned(),
        _ => format!("Last seen {}", ago(seen_ms, clock.now_ms())),
    };
    let name = device.name.clone();
    let (asked, renamed) = (device.clone(), device.clone());
    view! {
        <li
            class="line line-device line-grows"
            data-testid="device"
            data-device=device.id.to_string()
            data-name=name.clone()
        >
            <span class="row-icon">
                <Glyph icon />
            </span>
            <span class="line-words">
                <strong>
                    {name.clone()}
                    {this.then(|| view! { <span class="tag">"This device"</span> })}
                </strong>
                <span>{seen} " · since " {date(device.created_at_ms)}</span>
                {this.then(|| view! { <OfflineHere /> })}
                {folder.map(|id| view! { <span>{move || words_of_folder(drive, id)}</span> })}
                {device.ends_at_ms.map(|end| view! { <span>{ends} {date(end)}</span> })}
            </span>
            <button
                type="button"
                class="button"
                aria-label=format!("Rename {name}")
                on:click=move |_| dialogs.open(Ask::RenameDevice(renamed.clone()))
            >
                "Rename"
            </button>
            <button
                type="button"
                class="button"
                aria-label=format!("Revoke {name}")
                on:click=move |_| dialogs.open(Ask::Revoke(asked.clone()))
            >
                "Revoke"
            </button>
        </li>
    }
}

/// Where a token of one folder reaches to.
fn words_of_folder(drive: Drive, id: ItemId) -> AnyView {
    let text = drive.tree.with(|tree| match tree.is_live(id) {
        true => {
            let names = tree.path(id).into_iter().map(|item| item.name.to_string());
            format!("Only in “{}”", names.collect::<Vec<_>>().join(" / "))
        }
        false if tree.complete => {
            "Reaches nothing: its folder is in the trash or deleted".to_owned()
        }
        false => "Only in one folder".to_owned(),
    });
    view! { <Sentence text /> }.into_any()
}
