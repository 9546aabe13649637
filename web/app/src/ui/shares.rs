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
                        "Try again"
                    </button>
                </p>
            }
        })
    };
    view! {
        <section class="page">
            <header class="page-head">
                <h1>"Shared"</h1>
                <p>"Files and folders that several people have. Share yours with the menu of each."</p>
            </header>
            {failed}
            <LeavingNotes with_me />
            <LeftBehind />
            <Show
                when=move || is_known.get()
                fallback=|| {
                    view! {
                        <div class="skeleton" role="status" aria-label="Loading what is shared"></div>
                    }
                }
            >
                <List
                    title="Shared with me"
                    none="What others share with you appears here by itself."
                    of=|grants| &grants.with_me
                    row=|grant| view! { <WithMe grant /> }.into_any()
                />
                <List
                    title="Shared by me"
                    none="You share nothing."
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
                        (grant.id, grant.name.clone(), grant.ends_at_ms, may(grant.role), offered)
                    }
                    children=row
                />
            </ul>
        </Show>
    }
}

/// What somebody may do.
fn may(role: Role) -> &'static str {
    match role {
        Role::Editor => "can change it",
        Role::Viewer | Role::Unknown => "can view it",
    }
}

fn until(grant: &Grant) -> String {
    grant
        .ends_at_ms
        .map(|end| format!(" · until {}", date(end)))
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
        "From {} · you {}{}",
        grant.owner.user_name,
        may(grant.role),
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
            <Link to class="button button-main" label=format!("Open {name}")>
                "Open"
            </Link>
            <AddToFiles grant=grant.clone() />
            <button
                type="button"
                class="button"
                aria-label=format!("Leave {name}")
                on:click=move |_| dialogs.open(Ask::Leave(asked.clone()))
            >
                "Leave"
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
        Some(_) => " · asked to be the owner",
        None => "",
    };
    let words = format!("{person} {}{}{offered}", may(grant.role), until(&grant));
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
                aria-label=format!("Change who has access to {name}")
                on:click=move |_| dialogs.open(Ask::Share(item))
            >
                "Share…"
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
    let title = format!("Leave “{name}”?");
    let words = format!(
        "You can open it again only if {} shares it with you again. Nothing in it is deleted.",
        grant.owner.user_name
    );
    let agree = Callback::new(move |()| {
        let (grant, name) = (grant.clone(), name.clone());
        let leave = async move { commands.end_access(&grant).await };
        work.run(leave, move |()| {
            drive.notices.good(format!("You have left “{name}”"));
            dialogs.close();
        });
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p><Sentence text=words /></p>
            <WorkError work />
            <DialogFoot
                verb="Leave"
                act=agree
                disabled=work.busy
                bad=true
                cancel=dialogs.on_close()
                way_out="Stay"
                first=First::WayOut
            />
        </Dialog>
    }
}
