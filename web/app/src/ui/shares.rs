//! What others share with the person, and what they share.

mod days;
mod dialog;
mod handover;
mod left;
mod links;
mod mount;

pub use dialog::ShareDialog;
pub use left::WithdrawnView;
pub use mount::MountDialog;

use super::dialog::Dialog;
use super::dialog_foot::{DialogFoot, First};
use super::dialogs::{Ask, use_dialogs};
use super::each::Each;
use super::ending::LeavingNotes;
use super::icon::{Glyph, Icon};
use super::openings::TellsChoice;
use super::route::{InShared, Link, Route};
use super::sentence::Sentence;
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::format::{date, sentence};
use crate::state::Drive;
use crate::words::{say, t};
use handover::Offered;
use left::LeftBehind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use links::AllLinks;
use mount::AddToFiles;
use protocol::grants::{Grant, Grants, Role};

#[component]
pub fn SharesView() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let load = move || {
        spawn_local(async move { commands.refresh_shares().await });
    };
    load();
    let shares = drive.shares;
    let is_known = Memo::new(move |_| shares.known.with(Option::is_some));
    let with_me = Memo::new(move |_| {
        let known = shares.known;
        known
            .with(|known| known.as_ref().map(|all| all.with_me.clone()))
            .unwrap_or_default()
    });
    let failed = move || {
        shares.failed.get().map(|reason| {
            let reason = sentence(&reason);
            view! {
                <p class="form-error" role="alert">
                    {reason} " "
                    <button type="button" class="link" on:click=move |_| load()>
                        {t("Try again")}
                    </button>
                </p>
            }
        })
    };
    view! {
        <section class="page">
            <header class="page-head">
                <h1>{t("Shared")}</h1>
                <p>{t("Files and folders that several people have. Share yours with the menu of each.")}</p>
            </header>
            {failed}
            <LeavingNotes with_me />
            <LeftBehind />
            <Show
                when=move || is_known.get()
                fallback=|| {
                    view! {
                        <div class="skeleton" role="status" aria-label=t("Loading what is shared")></div>
                    }
                }
            >
                <List
                    title=t("Shared with me")
                    none=t("What others share with you appears here by itself.")
                    of=|grants| &grants.with_me
                    row=|grant| view! { <WithMe grant /> }.into_any()
                />
                <List
                    title=t("Shared by me")
                    none=t("You share nothing.")
                    of=|grants| &grants.by_me
                    row=|grant| view! { <ByMe grant /> }.into_any()
                />
                <AllLinks />
                <TellsChoice />
            </Show>
        </section>
    }
}

#[component]
fn List(
    title: &'static str,
    none: &'static str,
    of: fn(&Grants) -> &Vec<Grant>,
    row: fn(Grant) -> AnyView,
) -> impl IntoView {
    let drive: Drive = expect_context();
    let grants = Memo::new(move |_| {
        let known = drive.shares.known;
        known.with(|known| {
            known
                .as_ref()
                .map(|known| of(known).clone())
                .unwrap_or_default()
        })
    });
    view! {
        <h2 class="page-part">{title}</h2>
        <Show when=move || grants.with(Vec::is_empty)>
            <p class="hint">{none}</p>
        </Show>
        <Show when=move || !grants.with(Vec::is_empty)>
            <ul class="lines lines-boxed" aria-label=title>
                <Each
                    each=move || grants.get()
                    key=|grant| {
                        let offered = grant.offered_at_ms;
                        let is_editor = grant.role == Role::Editor;
                        (grant.id, grant.name.clone(), grant.ends_at_ms, is_editor, offered)
                    }
                    children=row
                />
            </ul>
        </Show>
    }
}

/// What the reader may do.
fn you_may(role: Role) -> &'static str {
    match role {
        Role::Editor => t("you can change it"),
        Role::Viewer | Role::Unknown => t("you can view it"),
    }
}

/// What somebody else may do.
fn person_may(person: &str, role: Role) -> String {
    match role {
        Role::Editor => say!("{person} can change it", person),
        Role::Viewer | Role::Unknown => say!("{person} can view it", person),
    }
}

fn until(grant: &Grant) -> String {
    grant
        .ends_at_ms
        .map(|end| format!(" · {}", say!("until {date}", date = date(end))))
        .unwrap_or_default()
}

#[component]
fn Picture(is_folder: bool, name: String) -> impl IntoView {
    let icon = match is_folder {
        true => Icon::Folder,
        false => Icon::for_name(&name),
    };
    view! {
        <span class="row-icon" class:row-icon-folder=is_folder>
            <Glyph icon />
        </span>
    }
}

#[component]
fn WithMe(grant: Grant) -> impl IntoView {
    let dialogs = use_dialogs();
    let name = grant.name.clone();
    let words = format!(
        "{} · {}{}",
        say!("From {owner}", owner = grant.owner.user_name),
        you_may(grant.role),
        until(&grant)
    );
    let to = Route::Shared(grant.item, InShared::Folder(None));
    let asked = grant.clone();
    let offered = grant.clone();
    let is_offered = grant.offered_at_ms.is_some();
    view! {
        <li
            class="line line-grows"
            class:line-offered=is_offered
            data-testid="shared-with-me"
            data-name=name.clone()
        >
            <Picture is_folder=grant.is_folder name=name.clone() />
            <span class="line-words">
                <strong title=name.clone()>{name.clone()}</strong>
                <span>
                    <bdi>{words}</bdi>
                </span>
            </span>
            <Link to class="button button-main" label=say!("Open {name}", name)>
                {t("Open")}
            </Link>
            <AddToFiles grant=grant.clone() />
            <button
                type="button"
                class="button"
                aria-label=say!("Leave {name}", name)
                on:click=move |_| dialogs.open(Ask::Leave(asked.clone()))
            >
                {t("Leave")}
            </button>
            {is_offered.then(|| view! { <Offered grant=offered /> })}
        </li>
    }
}

#[component]
fn ByMe(grant: Grant) -> impl IntoView {
    let dialogs = use_dialogs();
    let (name, item) = (grant.name.clone(), grant.item);
    let person = grant.person.user_name.clone();
    let offered = match grant.offered_at_ms {
        Some(_) => format!(" · {}", t("asked to be the owner")),
        None => String::new(),
    };
    let words = format!(
        "{}{}{offered}",
        person_may(&person, grant.role),
        until(&grant)
    );
    view! {
        <li class="line line-grows" data-testid="shared-by-me" data-name=name.clone() data-person=person.clone()>
            <Picture is_folder=grant.is_folder name=name.clone() />
            <span class="line-words">
                <strong title=name.clone()>{name.clone()}</strong>
                <span>
                    <bdi>{words}</bdi>
                </span>
            </span>
            <button
                type="button"
                class="button"
                aria-label=say!("Change who has access to {name}", name)
                on:click=move |_| dialogs.open(Ask::Share(item))
            >
                {t("Share…")}
            </button>
        </li>
    }
}

#[component]
pub fn LeaveDialog(grant: Grant) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let name = grant.name.clone();
    let title = say!("Leave “{name}”?", name);
    let words = say!(
        "You can open it again only if {owner} shares it with you again. Nothing in it is deleted.",
        owner = grant.owner.user_name
    );
    let agree = Callback::new(move |()| {
        let (grant, name) = (grant.clone(), name.clone());
        let leave = async move { commands.end_access(&grant).await };
        work.run(leave, move |()| {
            drive.notices.good(say!("You have left “{name}”", name));
            dialogs.close();
        });
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p><Sentence text=words /></p>
            <WorkError work />
            <DialogFoot
                verb=t("Leave")
                act=agree
                disabled=work.busy
                bad=true
                cancel=dialogs.on_close()
                way_out=t("Stay")
                first=First::WayOut
            />
        </Dialog>
    }
}
