//! Makes an access token for a program and shows it, once.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::{Dialog, use_leave};
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::files::FolderChooser;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::segmented::Segmented;
use crate::ui::sentence::Sentence;
use crate::ui::shown_once::ShownOnce;
use crate::ui::work::{Work, WorkError};
use crate::words::{english, say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::devices::{NewAccessToken, Scope};
use protocol::ids::ItemId;
use protocol::limits::{DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS};

/// After how many days a token may end, with words for each.
const LIVES: [(u64, &str); 4] = [
    (7, english!("A week")),
    (30, english!("30 days")),
    (DEFAULT_TOKEN_DAYS, english!("90 days")),
    (MAX_TOKEN_DAYS, english!("A year")),
];

#[component]
pub fn TokenDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    let token = RwSignal::new(None::<String>);
    view! {
        <Dialog title=t("Create access token") on_close=dialogs.on_close()>
            {move || match token.get() {
                None => view! { <Form token /> }.into_any(),
                Some(secret) => {
                    view! {
                        <ShownOnce
                            words=t("Copy the token now. It is shown this once; the server keeps only its hash.")
                            secret
                            label=t("Access token")
                            testid="access-token"
                        />
                    }
                        .into_any()
                }
            }}
        </Dialog>
    }
}

/// What says why there is no token, and the fields that it may be about.
const REFUSAL: &str = "token-error";
const NAME: &str = "[name=token-name]";
const FOLDER: &str = ".chooser-path button";
const PASSWORD: &str = "[name=password]";

#[component]
fn Form(token: RwSignal<Option<String>>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let leave = use_leave();
    let name = RwSignal::new(String::new());
    let scope = RwSignal::new(Scope::ReadOnly);
    let days = RwSignal::new(DEFAULT_TOKEN_DAYS);
    let reach = RwSignal::new(Reach::Drive);
    let folder = RwSignal::new(None::<ItemId>);
    let without = StoredValue::new(Vec::new());
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, NAME);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return refusal.refuse(NAME, t("Say what the token is for"));
        }
        let folder = match (reach.get_untracked(), folder.get_untracked()) {
            (Reach::Drive, _) => None,
            (Reach::Folder, None) => {
                return refusal.refuse(FOLDER, t("Open the folder that the token is for"));
            }
            (Reach::Folder, folder) => folder,
        };
        let new = NewAccessToken {
            name,
            scope: scope.get_untracked(),
            days: Some(days.get_untracked()),
            folder,
        };
        let make = async move { commands.create_access_token(&new).await };
        let made = async move {
            let made = confirm.guard(commands, make).await;
            refusal.about(match confirm.is_asked() {
                true => PASSWORD,
                false => NAME,
            });
            made
        };
        work.run(made, move |made| {
            dialogs.changes.update(|changes| *changes += 1);
            token.try_set(Some(made.token));
        });
    };
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <p>{t("With a token, a program can use this drive until the token ends or you revoke it. It can't make tokens, revoke devices or change your password.")}</p>
            <label class="field">
                <span>{t("Name")}</span>
                <input
                    type="text"
                    name="token-name"
                    autocomplete="off"
                    maxlength="64"
                    placeholder=t("Backup script")
                    autofocus
                    aria-invalid=invalid(refusal.of(NAME))
                    aria-describedby=refusal.of(NAME)
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <div class="field">
                <span>{t("It may")}</span>
                <Segmented
                    label=t("What the token may do")
                    options=vec![(Scope::ReadOnly, t("Only read")), (Scope::Full, t("Read and change"))]
                    chosen=scope
                />
            </div>
            <div class="field">
                <span>{t("In")}</span>
                <Segmented
                    label=t("What the token reaches")
                    options=vec![(Reach::Drive, t("The whole drive")), (Reach::Folder, t("One folder"))]
                    chosen=reach
                />
            </div>
            <Show when=move || reach.get() == Reach::Folder>
                <div>
                    <FolderChooser at=folder without label=t("Folder of the token") />
                </div>
                <p>{move || words_of(drive, folder.get())}</p>
            </Show>
            <label class="field">
                <span>{t("It ends after")}</span>
                <select
                    name="token-days"
                    on:change=move |event| {
                        days.set(event_target_value(&event).parse().unwrap_or(DEFAULT_TOKEN_DAYS));
                    }
                >
                    {LIVES
                        .into_iter()
                        .map(|(days, words)| {
                            view! {
                                <option value=days selected=days == DEFAULT_TOKEN_DAYS>
                                    {t(words)}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
            <WorkError work id=REFUSAL />
            <DialogFoot verb=t("Create token") disabled=work.busy cancel=leave />
        </form>
    }
}

/// What a token is for.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Drive,
    Folder,
}

fn words_of(drive: Drive, folder: Option<ItemId>) -> AnyView {
    let name = drive
        .tree
        .with(|tree| Some(tree.get(folder?)?.name.to_string()));
    let text = match name {
        Some(name) => say!("“{name}”, with all that is in it, and nothing else", name),
        None => t("Open the folder that the token is for").to_owned(),
    };
    view! { <Sentence text /> }.into_any()
}
