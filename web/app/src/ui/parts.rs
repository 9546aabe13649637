//! Views that are in [parts](crate::parts) of the page, and what is shown until the
//! part is here. A view is in a part only as long as nothing else in the page mentions
//! it: any other use brings it back into the main module.

use super::conflicts::{ConflictDialog, ConflictView, ConflictsView};
use super::devices::{DevicesView, PasswordDialog, RevokeDialog, TokenDialog};
use super::dialog::{Dialog, Opener};
use super::dialogs::use_dialogs;
use super::trash::{DeleteDialog, Deletion, TrashView};
use crate::parts::{self, Fetched, NotLoaded};
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::devices::Device;
use protocol::ids::ConflictId;

/// What is in the module of conflicts.
#[derive(Clone, Copy)]
pub enum OfConflicts {
    All,
    One(ConflictId),
    Dialog(ConflictId),
}

impl OfConflicts {
    pub fn view(self) -> AnyView {
        match self {
            OfConflicts::All => view! { <ConflictsView /> }.into_any(),
            OfConflicts::One(conflict) => view! { <ConflictView conflict /> }.into_any(),
            OfConflicts::Dialog(conflict) => view! { <ConflictDialog conflict /> }.into_any(),
        }
    }
}

/// What is in the module of the other pages.
#[derive(Clone)]
pub enum OfPages {
    Trash,
    DeleteDialog(Deletion),
    Devices,
    PasswordDialog,
    TokenDialog,
    RevokeDialog(Device),
}

impl OfPages {
    pub fn view(self) -> AnyView {
        match self {
            OfPages::Trash => view! { <TrashView /> }.into_any(),
            OfPages::DeleteDialog(deletion) => view! { <DeleteDialog deletion /> }.into_any(),
            OfPages::Devices => view! { <DevicesView /> }.into_any(),
            OfPages::PasswordDialog => view! { <PasswordDialog /> }.into_any(),
            OfPages::TokenDialog => view! { <TokenDialog /> }.into_any(),
            OfPages::RevokeDialog(device) => view! { <RevokeDialog device /> }.into_any(),
        }
    }
}

/// A view of a part.
pub struct Part {
    load: fn() -> Fetched<()>,
    /// Only once it is loaded: so the view is made at once, with the contexts around it.
    make: Box<dyn Fn() -> Option<Result<AnyView, NotLoaded>> + Send + Sync>,
    is_dialog: bool,
}

impl From<OfConflicts> for Part {
    fn from(what: OfConflicts) -> Self {
        Self {
            load: || parts::ask(|parts| (parts.load_conflicts)()),
            make: Box::new(move || parts::ask(|parts| (parts.conflicts)(what)).now_or_never()),
            is_dialog: matches!(what, OfConflicts::Dialog(_)),
        }
    }
}

impl From<OfPages> for Part {
    fn from(what: OfPages) -> Self {
        let is_dialog = !matches!(what, OfPages::Trash | OfPages::Devices);
        Self {
            load: || parts::ask(|parts| (parts.load_pages)()),
            make: Box::new(move || {
                let what = what.clone();
                parts::ask(|parts| (parts.pages)(what)).now_or_never()
            }),
            is_dialog,
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
    let Part {
        load,
        make,
        is_dialog,
    } = part;
    let arrival = RwSignal::new(Arrival::Awaited);
    let fetch = move || {
        let mut loading = load();
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
            && let Some(Ok(view)) = make()
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
fn Wait(failed: bool, again: impl Fn() + 'static) -> impl IntoView {
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
