//! Which dialog is open: one at a time, from a closed list.

use super::door::{LeftOutDialog, TakenDialog};
use super::files::{
    MoveDialog, NewFolderDialog, PartOfZipDialog, RenameDialog, RestoreDialog, TrashDialog,
};
use super::parts::{InPart, OfConflicts, OfPages, Part};
use super::shell::SignOutDialog;
use super::trash::Deletion;
use crate::archive::plan::Plan;
use crate::state::door::IntakeId;
use leptos::prelude::*;
use protocol::devices::Device;
use protocol::ids::{ConflictId, ItemId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    NewFolder {
        parent: Option<ItemId>,
    },
    Rename(ItemId),
    Move(Vec<ItemId>),
    Trash(Vec<ItemId>),
    /// Under which name it comes back: its own is taken.
    RestoreAs(ItemId),
    /// The part of a zip that can be made without a connection.
    PartOfZip(Plan),
    DeleteForGood(Deletion),
    Conflict(ConflictId),
    /// What becomes of an intake's names that are taken.
    Taken(IntakeId),
    /// What was not taken in.
    LeftOut,
    Password,
    Token,
    Revoke(Device),
    /// With this many changes that the server does not have.
    SignOut(usize),
}

#[derive(Clone, Copy)]
pub struct Dialogs {
    open: RwSignal<Option<Ask>>,
    /// Counts what dialogs have changed that no signal of the drive shows: the
    /// list of devices is fetched anew.
    pub changes: RwSignal<u32>,
}

impl Dialogs {
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(None),
            changes: RwSignal::new(0),
        }
    }

    pub fn open(self, ask: Ask) {
        self.open.set(Some(ask));
    }

    pub fn close(self) {
        self.open.try_set(None);
    }

    /// Closes the dialog about a conflict, if one is open.
    pub fn close_conflict(self) {
        let is_about = |ask: &Option<Ask>| matches!(ask, Some(Ask::Conflict(_)));
        if self.open.with_untracked(is_about) {
            self.close();
        }
    }

    pub fn is_open(self) -> bool {
        self.open.with_untracked(Option::is_some)
    }

    /// Whether none is open, for what waits until then.
    pub fn none_open(self) -> bool {
        self.open.with(Option::is_none)
    }

    pub fn on_close(self) -> Callback<()> {
        Callback::new(move |()| self.close())
    }
}

pub fn use_dialogs() -> Dialogs {
    expect_context()
}

#[component]
pub fn OpenDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    move || {
        dialogs.open.get().map(|ask| match ask {
            Ask::NewFolder { parent } => view! { <NewFolderDialog parent /> }.into_any(),
            Ask::Rename(item) => view! { <RenameDialog item /> }.into_any(),
            Ask::Move(items) => view! { <MoveDialog items /> }.into_any(),
            Ask::Trash(items) => view! { <TrashDialog items /> }.into_any(),
            Ask::RestoreAs(item) => view! { <RestoreDialog item /> }.into_any(),
            Ask::PartOfZip(plan) => view! { <PartOfZipDialog plan /> }.into_any(),
            Ask::DeleteForGood(deletion) => part(OfPages::DeleteDialog(deletion)),
            Ask::Conflict(conflict) => part(OfConflicts::Dialog(conflict)),
            Ask::Taken(intake) => view! { <TakenDialog intake /> }.into_any(),
            Ask::LeftOut => view! { <LeftOutDialog /> }.into_any(),
            Ask::Password => part(OfPages::PasswordDialog),
            Ask::Token => part(OfPages::TokenDialog),
            Ask::Revoke(device) => part(OfPages::RevokeDialog(device)),
            Ask::SignOut(unsent) => view! { <SignOutDialog unsent /> }.into_any(),
        })
    }
}

fn part(what: impl Into<Part>) -> AnyView {
    let part = what.into();
    view! { <InPart part /> }.into_any()
}
