//! Views that are in [parts](crate::parts) of the page, and what is shown until the
//! part is here. The views themselves are in [`part_views`](super::part_views), which
//! only the program mentions: a view is in a part only as long as nothing else in the
//! page uses it.

use super::dialog::{Dialog, Opener};
use super::dialogs::{Deletion, use_dialogs};
use crate::archive::plan::Plan;
use crate::commands::Commands;
use crate::parts::{Fetched, NotLoaded};
use crate::state::Drive;
use crate::state::door::IntakeId;
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::devices::Device;
use protocol::grants::Grant;
use protocol::ids::{ConflictId, ItemId};
use protocol::links::LinkKey;

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
    DeleteDialog(Deletion),
    Devices,
    PasswordDialog,
    TokenDialog,
    RestoreDialog(ItemId),
    LeftOutDialog,
    TakenDialog(IntakeId),
    MoveDialog(Vec<ItemId>),
    PartOfZipDialog(Plan),
    SignOutDialog(usize),
    RevokeDialog(Device),
    Shares,
    /// In place of what is not shared with the person any more.
    Withdrawn,
    ShareDialog(ItemId),
    LeaveDialog(Grant),
    MountDialog(Grant),
    NewsDialog,
}

/// The functions that begin the parts.
#[derive(Clone, Copy)]
pub struct ViewParts {
    /// Only fetches it.
    pub load_conflicts: fn() -> Fetched<()>,
    pub conflicts: fn(OfConflicts) -> Fetched<AnyView>,
    /// Only fetches it.
    pub load_pages: fn() -> Fetched<()>,
    pub pages: fn(OfPages) -> Fetched<AnyView>,
    /// Only fetches it.
    pub load_visit: fn() -> Fetched<()>,
    pub visit: fn(Option<LinkKey>) -> Fetched<AnyView>,
    /// Tells what others did by the browser.
    pub alert: fn(Drive, Commands, Callback<()>) -> Fetched<()>,
}

/// A view that is in a part.
#[derive(Clone)]
pub enum Part {
    Conflicts(OfConflicts),
    Pages(OfPages),
    /// The page of whoever has a link.
    Visit(Option<LinkKey>),
}

impl From<OfConflicts> for Part {
    fn from(what: OfConflicts) -> Self {
        Self::Conflicts(what)
    }
}

impl From<OfPages> for Part {
    fn from(what: OfPages) -> Self {
        Self::Pages(what)
    }
}

impl Part {
    /// Fetches what it is in.
    fn load(&self, parts: ViewParts) -> Fetched<()> {
        match self {
            Part::Conflicts(_) => (parts.load_conflicts)(),
            Part::Pages(_) => (parts.load_pages)(),
            Part::Visit(_) => (parts.load_visit)(),
        }
    }

    /// Only once that is here: so the view is made at once, with the contexts around it.
    fn make(&self, parts: ViewParts) -> Option<Result<AnyView, NotLoaded>> {
        match self {
            Part::Conflicts(what) => (parts.conflicts)(*what).now_or_never(),
            Part::Pages(what) => (parts.pages)(what.clone()).now_or_never(),
            Part::Visit(key) => (parts.visit)(*key).now_or_never(),
        }
    }

    fn is_dialog(&self) -> bool {
        match self {
            Part::Conflicts(what) => matches!(what, OfConflicts::Dialog(_)),
            Part::Visit(_) => false,
            Part::Pages(
                OfPages::Activity(_)
                | OfPages::Trash
                | OfPages::Devices
                | OfPages::Shares
                | OfPages::Withdrawn,
            ) => false,
            Part::Pages(
                OfPages::DeleteDialog(_)
                | OfPages::PasswordDialog
                | OfPages::TokenDialog
                | OfPages::RestoreDialog(_)
                | OfPages::LeftOutDialog
                | OfPages::TakenDialog(_)
                | OfPages::MoveDialog(_)
                | OfPages::PartOfZipDialog(_)
                | OfPages::SignOutDialog(_)
                | OfPages::RevokeDialog(_)
                | OfPages::ShareDialog(_)
                | OfPages::LeaveDialog(_)
                | OfPages::MountDialog(_)
                | OfPages::NewsDialog,
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
pub fn InPart(#[prop(into)] part: Part) -> impl IntoView {
    let parts: ViewParts = expect_context();
    let is_dialog = part.is_dialog();
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
        if is_dialog {
            let dialogs = use_dialogs();
            view! {
                <Dialog title="One moment…".to_owned() on_close=dialogs.on_close()>
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
        return view! { <div class="skeleton" role="status" aria-label="Loading"></div> }
            .into_any();
    }
    view! {
        <p class="form-error" role="alert">
            "This part of the page could not be loaded. "
            <button type="button" class="link" on:click=move |_| again()>
                "Try again"
            </button>
            " If it goes on like this, reload the page: there may be a new release."
        </p>
    }
    .into_any()
}
