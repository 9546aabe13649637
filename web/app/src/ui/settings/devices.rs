//! Signed-in browsers and access tokens.

use crate::commands::use_commands;
use crate::format::{ago, bytes, date, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::clock::use_clock;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::sentence::Sentence;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::devices::{Device, DeviceKind, Scope};
use protocol::ids::{DeviceId, ItemId};

/// "Last seen" is kept to the hour: within it, "just now" is as true.
const SEEN_STEP_MS: u64 = 60 * 60 * 1_000;

#[derive(Clone, PartialEq)]
enum Listed {
    Loading,
    Failed(String),
    Devices(Vec<Device>),
}

#[component]
pub fn DevicesPart() -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let listed = RwSignal::new(Listed::Loading);
    let load = move || {
        spawn_local(async move {
            let answer = match commands.devices().await {
                Ok(devices) => Listed::Devices(devices),
                Err(failure) => Listed::Failed(sentence(&failure.in_words())),
            };
            listed.try_set(answer);
        });
    };
    Effect::new(move |_| {
        dialogs.changes.track();
        load();
    });
    view! {
        <section class="devices">
            <h2 class="page-part">{t("Devices")}</h2>
            <p class="hint">
                {t("Everything that can open this drive. Revoke what you no longer use.")}
            </p>
            {move || match listed.get() {
                Listed::Loading => {
                    view! { <div class="skeleton" role="status" aria-label=t("Loading your devices")></div> }
                        .into_any()
                }
                Listed::Failed(reason) => {
                    view! {
                        <p class="form-error" role="alert">
                            {reason} " "
                            <button type="button" class="link" on:click=move |_| load()>
                                {t("Try again")}
                            </button>
                        </p>
                    }
                        .into_any()
                }
                Listed::Devices(devices) => view! { <List devices /> }.into_any(),
            }}
            <p class="page-foot">
                <button type="button" class="button" on:click=move |_| dialogs.open(Ask::Token)>
                    <Glyph icon=Icon::Key />
                    {t("Create access token")}
                </button>
            </p>
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
            let is_some = !kept.chosen.is_empty() || kept.files > 0;
            is_some.then(|| {
                say_many!(
                    kept.files,
                    "Kept offline: 1 file, {size}",
                    "Kept offline: {n} files, {size}",
                    size = bytes(kept.bytes)
                )
            })
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
    let ends = device.ends_at_ms.map(|end| match device.scope {
        Scope::ReadOnly => format!(
            "{} · {}",
            t("Only reads"),
            say!("ends {date}", date = date(end))
        ),
        _ => say!("Ends {date}", date = date(end)),
    });
    let seen_ms = device.last_seen_at_ms;
    let seen = move || match clock.now_ms().saturating_sub(seen_ms) {
        _ if this => t("This device, in use now").to_owned(),
        0..=SEEN_STEP_MS => t("Seen within the last hour").to_owned(),
        _ => say!("Last seen {ago}", ago = ago(seen_ms, clock.now_ms())),
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
                    {this.then(|| view! { <span class="tag">{t("This device")}</span> })}
                </strong>
                <span>{seen} " · " {say!("since {date}", date = date(device.created_at_ms))}</span>
                {this.then(|| view! { <OfflineHere /> })}
                {folder.map(|id| view! { <span>{move || words_of_folder(drive, id)}</span> })}
                {ends.map(|ends| view! { <span>{ends}</span> })}
            </span>
            <button
                type="button"
                class="button"
                aria-label=say!("Rename {name}", name)
                on:click=move |_| dialogs.open(Ask::RenameDevice(renamed.clone()))
            >
                {t("Rename")}
            </button>
            <button
                type="button"
                class="button"
                aria-label=say!("Revoke {name}", name)
                on:click=move |_| dialogs.open(Ask::Revoke(asked.clone()))
            >
                {t("Revoke")}
            </button>
        </li>
    }
}

/// Where a token of one folder reaches to.
fn words_of_folder(drive: Drive, id: ItemId) -> AnyView {
    let text = drive.tree.with(|tree| match tree.is_live(id) {
        true => {
            let names = tree.path(id).into_iter().map(|item| item.name.to_string());
            let path = names.collect::<Vec<_>>().join(" / ");
            say!("Only in “{path}”", path)
        }
        false if tree.complete => {
            t("Reaches nothing: its folder is in the trash or deleted").to_owned()
        }
        false => t("Only in one folder").to_owned(),
    });
    view! { <Sentence text /> }.into_any()
}
