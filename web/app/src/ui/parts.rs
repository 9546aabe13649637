//! Views that are in [parts](crate::parts) of the page, and what is shown until the
//! part is here. The views themselves are in [`part_views`](super::part_views), which
//! only the program mentions: a view is in a part only as long as nothing else in the
//! page uses it.

use super::dialog::{Dialog, Opener};
use super::dialogs::{AskedDeletion, use_dialogs};
use super::route::use_router;
use super::typing::Typing;
use crate::archive::plan::Plan;
use crate::commands::Commands;
use crate::parts::{AGAIN_MILLIS, NotLoaded, PartFuture};
use crate::state::Drive;
use crate::state::door::IntakeId;
use crate::words::t;
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock::sleep;
use protocol::devices::Device;
use protocol::grants::Grant;
use protocol::ids::{ConflictId, ItemId};
use protocol::items::Item;
use protocol::links::LinkKey;
use protocol::recovery::RecoveryCodes;

/// What is in the module of conflicts.
#[derive(Clone, Copy)]
pub enum OfConflicts {
    All,
    One(ConflictId),
    Dialog(ConflictId),
}

/// What is in the module of the other pages.
#[derive(Clone)]
pub enum OfPages {
    /// Of one item, or of the whole drive.
    Activity(Option<ItemId>),
    Trash,
    DeleteDialog(AskedDeletion),
    Settings,
    Storage,
    Administration,
    AdministrationDialog,
    PasswordDialog,
    TokenDialog,
    RenameDialog(ItemId),
    RestoreDialog(ItemId),
    LeftOutDialog,
    TakenDialog(IntakeId),
    MoveDialog(Vec<ItemId>),
    PartOfZipDialog(Plan),
    SignOutDialog(usize),
    EndAccountDialog,
    RevokeDialog(Device),
    RenameDeviceDialog(Device),
    RecoveryCodesDialog(RecoveryCodes),
    /// At the way in, with the name that was typed there; it goes back by taking that away.
    RecoveryForm(RwSignal<Option<String>>),
    Shares,
    /// In place of what is not shared with the person any more.
    Withdrawn,
    DetailsDialog(ItemId),
    VersionsDialog(Option<ItemId>),
    ShareDialog(ItemId),
    LeaveDialog(Grant),
    MountDialog(Grant),
    NewsDialog,
    KeysDialog,
}

/// What is in the module of the search.
#[derive(Clone, Copy)]
pub enum OfSearch {
    /// What is below the field of the dialog.
    Palette(Typing),
    Results,
    Starred,
}

/// What is in the module of lists.
#[derive(Clone)]
pub enum OfLists {
    /// What is there beside the rows, once somebody is at them.
    BesideRows,
    /// While all names of a large drive are read.
    FirstRows,
    /// In the row of what gets a new name.
    NameField(Item),
    /// The folder that it is made in.
    NewFolderDialog(Option<ItemId>),
    /// The same.
    NewTextDialog(Option<ItemId>),
    TrashDialog(Vec<ItemId>),
}

impl OfLists {
    /// Whether it is no dialog.
    fn is_in_the_list(&self) -> bool {
        matches!(
            self,
            Self::BesideRows | Self::FirstRows | Self::NameField(_)
        )
    }
}

/// The functions that begin the parts.
#[derive(Clone, Copy)]
pub struct ViewParts {
    /// Only fetches it.
    pub load_conflicts: fn() -> PartFuture<()>,
    pub conflicts: fn(OfConflicts) -> PartFuture<AnyView>,
    /// Only fetches it.
    pub load_pages: fn() -> PartFuture<()>,
    pub pages: fn(OfPages) -> PartFuture<AnyView>,
    /// Only fetches it.
    pub load_visit: fn() -> PartFuture<()>,
    pub visit: fn(Option<LinkKey>) -> PartFuture<AnyView>,
    /// Only fetches it.
    pub load_search: fn() -> PartFuture<()>,
    pub search: fn(OfSearch) -> PartFuture<AnyView>,
    pub load_viewer: fn() -> PartFuture<()>,
    pub viewer: fn() -> PartFuture<AnyView>,
    pub load_lists: fn() -> PartFuture<()>,
    pub lists: fn(OfLists) -> PartFuture<AnyView>,
    /// Tells what others did by the browser.
    pub alert: fn(Drive, Commands, Callback<()>) -> PartFuture<()>,
}

/// A view that is in a part.
#[derive(Clone)]
pub enum PagePart {
    Conflicts(OfConflicts),
    Pages(OfPages),
    /// The page of whoever has a link.
    Visit(Option<LinkKey>),
    Search(OfSearch),
    /// The file that is open, over the list.
    Viewer,
    Lists(OfLists),
}

impl From<OfSearch> for PagePart {
    fn from(what: OfSearch) -> Self {
        Self::Search(what)
    }
}

impl From<OfLists> for PagePart {
    fn from(what: OfLists) -> Self {
        Self::Lists(what)
    }
}

impl From<OfConflicts> for PagePart {
    fn from(what: OfConflicts) -> Self {
        Self::Conflicts(what)
    }
}

impl From<OfPages> for PagePart {
    fn from(what: OfPages) -> Self {
        Self::Pages(what)
    }
}

impl PagePart {
    /// Fetches what it is in.
    fn load(&self, parts: ViewParts) -> PartFuture<()> {
        match self {
            PagePart::Conflicts(_) => (parts.load_conflicts)(),
            PagePart::Pages(_) => (parts.load_pages)(),
            PagePart::Visit(_) => (parts.load_visit)(),
            PagePart::Search(_) => (parts.load_search)(),
            PagePart::Viewer => (parts.load_viewer)(),
            PagePart::Lists(_) => (parts.load_lists)(),
        }
    }

    /// Only once that is here: so the view is made at once, with the contexts around it.
    fn make(&self, parts: ViewParts) -> Option<Result<AnyView, NotLoaded>> {
        match self {
            PagePart::Conflicts(what) => (parts.conflicts)(*what).now_or_never(),
            PagePart::Pages(what) => (parts.pages)(what.clone()).now_or_never(),
            PagePart::Visit(key) => (parts.visit)(*key).now_or_never(),
            PagePart::Search(what) => (parts.search)(*what).now_or_never(),
            PagePart::Viewer => (parts.viewer)().now_or_never(),
            PagePart::Lists(what) => (parts.lists)(what.clone()).now_or_never(),
        }
    }

    fn is_dialog(&self) -> bool {
        match self {
            PagePart::Conflicts(what) => matches!(what, OfConflicts::Dialog(_)),
            // Its dialog is there before it.
            PagePart::Visit(_) | PagePart::Search(_) => false,
            PagePart::Lists(what) => !what.is_in_the_list(),
            PagePart::Viewer => true,
            PagePart::Pages(
                OfPages::Activity(_)
                | OfPages::Trash
                | OfPages::Settings
                | OfPages::Storage
                | OfPages::Administration
                | OfPages::RecoveryForm(_)
                | OfPages::Shares
                | OfPages::Withdrawn,
            ) => false,
            PagePart::Pages(
                OfPages::DeleteDialog(_)
                | OfPages::AdministrationDialog
                | OfPages::PasswordDialog
                | OfPages::TokenDialog
                | OfPages::RenameDialog(_)
                | OfPages::RestoreDialog(_)
                | OfPages::LeftOutDialog
                | OfPages::TakenDialog(_)
                | OfPages::MoveDialog(_)
                | OfPages::PartOfZipDialog(_)
                | OfPages::SignOutDialog(_)
                | OfPages::EndAccountDialog
                | OfPages::RevokeDialog(_)
                | OfPages::RenameDeviceDialog(_)
                | OfPages::RecoveryCodesDialog(_)
                | OfPages::DetailsDialog(_)
                | OfPages::VersionsDialog(_)
                | OfPages::ShareDialog(_)
                | OfPages::LeaveDialog(_)
                | OfPages::MountDialog(_)
                | OfPages::NewsDialog
                | OfPages::KeysDialog,
            ) => true,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Awaited,
    Failed,
    Here,
}

/// Shows a view of a part, and until that is here, what the person waits for.
#[component]
pub fn InPart(#[prop(into)] part: PagePart) -> impl IntoView {
    let parts: ViewParts = expect_context();
    let is_dialog = part.is_dialog();
    let is_viewer = matches!(part, PagePart::Viewer);
    // Nobody waits for it for long, so nothing says that it comes.
    let is_in_a_list = matches!(&part, PagePart::Lists(what) if what.is_in_the_list());
    let part = StoredValue::new(part);
    let arrival = RwSignal::new(Arrival::Awaited);
    let fetch = move || {
        let mut loading = part.with_value(|part| part.load(parts));
        match (&mut loading).now_or_never() {
            Some(outcome) => arrival.set(Arrival::of(outcome)),
            None => {
                arrival.set(Arrival::Awaited);
                spawn_local(async move {
                    arrival.try_set(Arrival::of(loading.await));
                });
            }
        }
    };
    fetch();
    // What is missing may be a connection, and files that somebody dropped may wait for an
    // answer in it.
    let tries_again = StoredValue::new(false);
    Effect::new(move |_| {
        if arrival.get() != Arrival::Failed || tries_again.get_value() {
            return;
        }
        tries_again.set_value(true);
        spawn_local(async move {
            loop {
                sleep(AGAIN_MILLIS).await;
                let is_missing = arrival.try_get_untracked() == Some(Arrival::Failed);
                let load = |part: &PagePart| part.load(parts);
                let Some(loading) = part.try_with_value(load).filter(|_| is_missing) else {
                    break;
                };
                if loading.await.is_ok() {
                    arrival.try_set(Arrival::Here);
                }
            }
            tries_again.try_set_value(false);
        });
    });
    if is_dialog {
        // The dialog in which the person waits is not what gets the keyboard back.
        provide_context(Opener::now());
    }
    move || {
        let state = arrival.get();
        if state == Arrival::Here
            && let Some(Ok(view)) = part.with_value(|part| part.make(parts))
        {
            return view;
        }
        let failed = state != Arrival::Awaited;
        if is_in_a_list {
            failed
                .then(|| view! { <Wait failed again=fetch /> })
                .into_any()
        } else if is_dialog {
            let (dialogs, router) = (use_dialogs(), use_router());
            let on_close = match is_viewer {
                true => Callback::new(move |()| router.close_file()),
                false => dialogs.on_close(),
            };
            view! {
                <Dialog title=t("One moment…").to_owned() on_close>
                    <Wait failed again=fetch />
                </Dialog>
            }
            .into_any()
        } else {
            view! {
                <section class="page">
                    <Wait failed again=fetch />
                </section>
            }
            .into_any()
        }
    }
}

impl Arrival {
    fn of(outcome: Result<(), NotLoaded>) -> Self {
        match outcome {
            Ok(()) => Self::Here,
            Err(_) => Self::Failed,
        }
    }
}

#[component]
pub fn Wait(failed: bool, again: impl Fn() + 'static) -> impl IntoView {
    if !failed {
        return view! { <div class="skeleton" role="status" aria-label=t("Loading")></div> }
            .into_any();
    }
    view! {
        <p class="form-error" role="alert">
            {t("This part of the page could not be loaded yet. It comes by itself once it can.")}
            " "
            <button type="button" class="link" on:click=move |_| again()>
                {t("Try now")}
            </button>
            " "
            {t("If it goes on like this, reload the page: there may be a new release.")}
        </p>
    }
    .into_any()
}
