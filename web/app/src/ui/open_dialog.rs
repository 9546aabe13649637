//! The dialog that is open.

use super::dialogs::{Ask, use_dialogs};
use super::door::TakenDialog;
use super::files::{MoveDialog, NewFolderDialog, PartOfZipDialog, RenameDialog, TrashDialog};
use super::parts::{InPart, OfConflicts, OfPages, Part};
use super::sign_out::SignOutDialog;
use leptos::prelude::*;

#[component]
pub fn OpenDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    move || {
        dialogs.asked.get().map(|ask| match ask {
            Ask::NewFolder { parent } => view! { <NewFolderDialog parent /> }.into_any(),
            Ask::Rename(item) => view! { <RenameDialog item /> }.into_any(),
            Ask::Move(items) => view! { <MoveDialog items /> }.into_any(),
            Ask::Trash(items) => view! { <TrashDialog items /> }.into_any(),
            Ask::RestoreAs(item) => part(OfPages::RestoreDialog(item)),
            Ask::PartOfZip(plan) => view! { <PartOfZipDialog plan /> }.into_any(),
            Ask::DeleteForGood(deletion) => part(OfPages::DeleteDialog(deletion)),
            Ask::Conflict(conflict) => part(OfConflicts::Dialog(conflict)),
            Ask::Taken(intake) => view! { <TakenDialog intake /> }.into_any(),
            Ask::LeftOut => part(OfPages::LeftOutDialog),
            Ask::Password => part(OfPages::PasswordDialog),
            Ask::Token => part(OfPages::TokenDialog),
            Ask::Revoke(device) => part(OfPages::RevokeDialog(device)),
            Ask::Share(item) => part(OfPages::ShareDialog(item)),
            Ask::Leave(grant) => part(OfPages::LeaveDialog(grant)),
            Ask::SignOut(unsent) => view! { <SignOutDialog unsent /> }.into_any(),
        })
    }
}

fn part(what: impl Into<Part>) -> AnyView {
    let part = what.into();
    view! { <InPart part /> }.into_any()
}
