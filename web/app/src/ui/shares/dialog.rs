//! Who has access to a file or folder, and giving it.

use super::super::dialog::Dialog;
use super::super::dialogs::use_dialogs;
use super::super::each::Each;
use super::super::openings::OpenBy;
use super::super::refusal::{Refusal, invalid};
use super::super::segmented::Segmented;
use super::super::sentence::Sentence;
use super::super::work::{Work, WorkError};
use super::days::{EndField, day_of, end_of};
use super::handover::MakeOwner;
use super::links::LinksOf;
use super::until;
use crate::commands::use_commands;
use crate::format::sentence;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::grants::{Grant, GrantChange, NewGrant, Role};
use protocol::ids::ItemId;
use protocol::items::Item;

#[component]
pub fn ShareDialog(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let named = |item: &Item| (item.name.to_string(), item.is_folder());
    let known = drive.tree.with_untracked(|tree| tree.get(item).map(named));
    let (name, is_folder) = known.unwrap_or_default();
    let title = say!("Share “{name}”", name);
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <OpenBy item />
            <Give item />
            <Who item />
            <LinksOf item is_folder />
        </Dialog>
    }
}

/// What says why somebody was not given access, and the fields that it may be about.
const REFUSAL: &str = "share-error";
const PERSON: &str = "[name=share-with]";
const UNTIL: &str = "[name=share-until]";

#[component]
fn Give(item: ItemId) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, PERSON);
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Viewer);
    let ends = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let person = name.get_untracked().trim().to_owned();
        if person.is_empty() {
            let reason = t("Say with whom: the name that they sign in with");
            return refusal.refuse(PERSON, reason);
        }
        let ends_at_ms = match end_of(&ends.get_untracked()) {
            Ok(ends_at_ms) => ends_at_ms,
            Err(reason) => return refusal.refuse(UNTIL, reason),
        };
        refusal.about(PERSON);
        let new = NewGrant {
            person,
            role: role.get_untracked(),
            ends_at_ms,
        };
        let give = async move { commands.give_access(item, &new).await };
        work.run(give, move |grant| {
            let person = &grant.person.user_name;
            let words = match grant.role {
                Role::Editor => say!("{person} can change it now", person),
                Role::Viewer | Role::Unknown => say!("{person} can view it now", person),
            };
            drive.notices.good(words);
            name.try_set(String::new());
            ends.try_set(String::new());
        });
    };
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <label class="field">
                <span>{t("Share with")}</span>
                <input
                    type="text"
                    name="share-with"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder=t("The name that they sign in with")
                    autofocus
                    prop:value=name
                    aria-invalid=invalid(refusal.of(PERSON))
                    aria-describedby=refusal.of(PERSON)
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <div class="field">
                <span>{t("They")}</span>
                <Segmented
                    label=t("What they may do")
                    options=vec![(Role::Viewer, t("Can view")), (Role::Editor, t("Can change"))]
                    chosen=role
                />
            </div>
            <EndField name="share-until" day=ends refused_by=refusal.of(UNTIL) />
            <WorkError work id=REFUSAL />
            <div class="dialog-foot">
                <button type="submit" class="button button-main" disabled=work.busy>
                    {t("Share")}
                </button>
            </div>
        </form>
    }
}

/// Everybody who has access, read anew whenever that may be another list.
#[component]
fn Who(item: ItemId) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let grants = RwSignal::new(Vec::<Grant>::new());
    let failed = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        drive.shares.known.track();
        spawn_local(async move {
            match commands.access_to(item).await {
                Ok(all) => {
                    failed.try_set(None);
                    grants.try_set(all);
                }
                Err(failure) => {
                    failed.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    });
    view! {
        <h3 class="page-part">{t("Who has access")}</h3>
        {move || failed.get().map(|reason| view! { <p class="form-error" role="alert">{reason}</p> })}
        <Show when=move || grants.with(Vec::is_empty) && failed.with(Option::is_none)>
            <p class="hint">{t("Only you.")}</p>
        </Show>
        <ul class="lines lines-boxed" aria-label=t("Who has access")>
            <Each
                each=move || grants.get()
                key=|grant| {
                    let is_editor = grant.role == Role::Editor;
                    (grant.id, is_editor, grant.ends_at_ms, grant.offered_at_ms)
                }
                children=move |grant| {
                    match grant.item == item {
                        true => view! { <Own grant /> }.into_any(),
                        false => view! { <ByFolder grant /> }.into_any(),
                    }
                }
            />
        </ul>
    }
}

/// Access by a folder that the item is in.
#[component]
fn ByFolder(grant: Grant) -> impl IntoView {
    let (until, folder) = (until(&grant), &grant.name);
    let words = match grant.role {
        Role::Editor => say!(
            "can change it{until}, with the folder “{folder}”",
            until,
            folder
        ),
        Role::Viewer | Role::Unknown => say!(
            "can view it{until}, with the folder “{folder}”",
            until,
            folder
        ),
    };
    view! {
        <li class="line line-grows" data-testid="access" data-person=grant.person.user_name.clone()>
            <span class="line-words">
                <strong>{grant.person.user_name.clone()}</strong>
                <Sentence text=words />
            </span>
        </li>
    }
}

#[component]
fn Own(grant: Grant) -> impl IntoView {
    let commands = use_commands();
    let work = Work::new();
    let (id, name) = (grant.id, grant.person.user_name.clone());
    let change = Callback::new(move |change: GrantChange| {
        work.run(
            async move { commands.change_access(id, &change).await },
            |_| {},
        );
    });
    let set_role = move |event| {
        let role = match event_target_value(&event).as_str() {
            "editor" => Role::Editor,
            _ => Role::Viewer,
        };
        change.run(GrantChange {
            role: Some(role),
            ends_at_ms: None,
        });
    };
    let set_end = move |event| match end_of(&event_target_value(&event)) {
        Ok(end) => change.run(GrantChange {
            role: None,
            ends_at_ms: Some(end),
        }),
        Err(reason) => work.refuse(reason),
    };
    let end = {
        let grant = grant.clone();
        move |_| {
            let grant = grant.clone();
            work.run(async move { commands.end_access(&grant).await }, |()| {});
        }
    };
    let is_editor = grant.role == Role::Editor;
    let to_own = grant.clone();
    view! {
        <li class="line line-grows line-access" data-testid="access" data-person=name.clone()>
            <span class="line-words">
                <strong>{name.clone()}</strong>
                <WorkError work />
            </span>
            <select aria-label=say!("What {name} may do", name) on:change=set_role>
                <option value="viewer" selected=!is_editor>
                    {t("Can view")}
                </option>
                <option value="editor" selected=is_editor>
                    {t("Can change")}
                </option>
            </select>
            <input
                type="date"
                aria-label=say!("Until when {name} has access", name)
                prop:value=grant.ends_at_ms.map(day_of).unwrap_or_default()
                on:change=set_end
            />
            <button
                type="button"
                class="button"
                aria-label=say!("Take back the access of {name}", name)
                on:click=end
            >
                {t("Take back")}
            </button>
            <MakeOwner grant=to_own />
        </li>
    }
}
