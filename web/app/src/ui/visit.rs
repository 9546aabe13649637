//! The page of whoever has a link. It needs no account, and takes no notice of one.

mod drop_box;
mod file;
mod locked;

use super::dialogs::use_dialogs;
use super::drop_zone::Drops;
use super::files::{FilesView, download};
use super::icon::{Glyph, Icon};
use super::parts::Wait;
use super::route::use_router;
use crate::commands::{VisitHandle, use_commands};
use crate::format::{date, sentence};
use crate::state::Drive;
use crate::state::visit::LinkStanding;
use crate::words::{NAME, around_name, say, t};
use drop_box::DropBox;
use file::FileCard;
use leptos::context::Provider;
use leptos::ev;
use leptos::prelude::*;
use locked::Locked;
use protocol::items::Item;
use protocol::links::{LinkItem, LinkKey, LinkShown};

#[component]
pub fn VisitView(
    /// None where the address has no whole one.
    key: Option<LinkKey>,
) -> impl IntoView {
    provide_context(Drops::none());
    let visit = key.map(|key| use_commands().visit(key));
    let standing = move || match visit {
        Some(visit) => visit.state().standing.get(),
        None => LinkStanding::Gone,
    };
    if let Some(visit) = visit {
        look_when_looked_at(visit);
    }
    view! {
        <div class="shell visit">
            <a class="skip" href="#main">
                {t("Skip to the content")}
            </a>
            <header class="header">
                // Another page: whoever is signed in is asked for there.
                <a href="/" class="brand">
                    <img src="/favicon.svg" alt="" width="28" height="28" />
                    <span>"Driftless"</span>
                </a>
            </header>
            <main id="main" class="content" tabindex="-1">
                {move || match (standing(), visit) {
                    (LinkStanding::Locked, Some(visit)) => view! { <Locked visit /> }.into_any(),
                    (LinkStanding::Open(shown, item), Some(visit)) => {
                        view! { <Open visit shown item /> }.into_any()
                    }
                    (LinkStanding::Looking, _) => view! { <Wait failed=false again=|| {} /> }.into_any(),
                    (LinkStanding::Unreached(why), Some(visit)) => {
                        view! { <Unreached visit why /> }.into_any()
                    }
                    _ => view! { <Gone /> }.into_any(),
                }}
            </main>
        </div>
    }
}

/// Nothing wakes this page: it asks when somebody turns to it, and when they go to another
/// folder.
fn look_when_looked_at(visit: VisitHandle) {
    let listeners = [
        window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                visit.look();
            }
        }),
        window_event_listener(ev::focus, move |_| visit.look()),
        window_event_listener(ev::online, move |_| visit.look()),
        window_event_listener(ev::pageshow, move |_| visit.look()),
        window_event_listener(ev::beforeunload, move |event| {
            if visit.state().is_sending() {
                event.prevent_default();
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let router = use_router();
    Effect::new(move |before: Option<()>| {
        router.at();
        if before.is_some() {
            visit.look();
        }
    });
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <div class="empty" data-testid="no-such-link">
            <Glyph icon=Icon::Link />
            <h1>{t("This link leads nowhere")}</h1>
            <p>
                {t("It was taken back, it has ended, or a part of its address is missing. Ask whoever sent it to you.")}
            </p>
        </div>
    }
}

#[component]
fn Unreached(visit: VisitHandle, why: String) -> impl IntoView {
    view! {
        <section class="page">
            <p class="form-error" role="alert">
                {sentence(&why)} " "
                <button type="button" class="link" on:click=move |_| visit.look()>
                    {t("Try again")}
                </button>
            </p>
        </section>
    }
}

#[component]
fn Open(visit: VisitHandle, shown: LinkShown, item: LinkItem) -> impl IntoView {
    let home: Drive = expect_context();
    let router = use_router();
    document().set_title(&item.name);
    let id = item.id;
    let drive = Drive {
        root: Some(id),
        ..home
    };
    if !shown.may.views() {
        let folder = Signal::stored(id);
        return view! { <DropBox visit owner=shown.owner_name name=item.name folder alone=true /> }
            .into_any();
    }
    let is_listed = Memo::new(move |_| home.tree.with(|tree| tree.complete));
    let (shown, item) = (StoredValue::new(shown), StoredValue::new(item));
    let inside = move || match item.with_value(|item| item.is_folder) {
        true => view! { <Folder visit shown item /> }.into_any(),
        false => view! { <FileCard item=id shown /> }.into_any(),
    };
    view! {
        <Provider value=drive>
            <Provider value=router.within(Some(id))>
                <Show when=move || is_listed.get() fallback=|| view! { <Wait failed=false again=|| {} /> }>
                    {inside()}
                </Show>
            </Provider>
        </Provider>
    }
    .into_any()
}

/// "From ann, until 3 Dec 2026"
fn whose(shown: &LinkShown) -> impl IntoView + use<> {
    let (before, behind) = around_name(&match shown.ends_at_ms {
        Some(end) => say!("From {owner}, until {date}", owner = NAME, date = date(end)),
        None => say!("From {owner}", owner = NAME),
    });
    view! {
        <p class="visit-from">
            {before} <bdi>{shown.owner_name.clone()}</bdi> {behind}
        </p>
    }
}

#[component]
fn Folder(
    visit: VisitHandle,
    shown: StoredValue<LinkShown>,
    item: StoredValue<LinkItem>,
) -> impl IntoView {
    let (commands, router) = (use_commands(), use_router());
    let LinkItem { id, name, .. } = item.get_value();
    let LinkShown {
        owner_name: owner,
        may,
        counts_downloads,
        ..
    } = shown.get_value();
    let folder = Signal::derive(move || router.folder().unwrap_or(id));
    // A file of it has a page of its own.
    let drive: Drive = expect_context();
    let file = Memo::new(move |_| {
        let here = folder.get();
        let is_file = |item: &Item| !item.is_folder();
        drive
            .tree
            .with(|tree| tree.get(here).is_some_and(is_file))
            .then_some(here)
    });
    // What is handed in at a file's page goes beside it.
    let into = Signal::derive(move || match file.get() {
        Some(file) => drive
            .tree
            .with(|tree| tree.get(file).and_then(|file| file.parent))
            .unwrap_or(id),
        None => folder.get(),
    });
    let (whole, dialogs) = ((drive, commands), use_dialogs());
    let all = move |_| download(whole, dialogs, vec![id]);
    view! {
        <div class="visit-folder">
            <div class="visit-bar">
                {shown.with_value(whose)}
                {(!counts_downloads)
                    .then(|| {
                        view! {
                            <button type="button" class="button" on:click=all>
                                <Glyph icon=Icon::Download />
                                {t("Download all")}
                            </button>
                        }
                    })}
            </div>
            {may
                .uploads()
                .then(|| view! { <DropBox visit owner name folder=into alone=false /> })}
            {move || match file.get() {
                Some(item) => view! { <FileCard item shown /> }.into_any(),
                None => view! { <FilesView /> }.into_any(),
            }}
        </div>
    }
}
