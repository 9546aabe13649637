//! The dialog that is open.

use super::dialogs::{Ask, Asked, use_dialogs};
use super::find::FindDialog;
use super::parts::{InPart, OfConflicts, OfLists, OfPages, PagePart};
use leptos::prelude::*;

#[component]
pub fn OpenDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    move || {
        let Asked { ask, number } = dialogs.asked.get()?;
        provide_context(dialogs.within(number));
        Some(match ask {
            Ask::NewFolder { parent } => part(OfLists::NewFolderDialog(parent)),
            Ask::NewText { parent } => part(OfLists::NewTextDialog(parent)),
            Ask::Rename(item) => part(OfPages::RenameDialog(item)),
            Ask::Move(items) => part(OfPages::MoveDialog(items)),
            Ask::Trash(items) => part(OfLists::TrashDialog(items)),
            Ask::RestoreAs(item) => part(OfPages::RestoreDialog(item)),
            Ask::PartOfZip(plan) => part(OfPages::PartOfZipDialog(plan)),
            Ask::DeleteForGood(deletion) => part(OfPages::DeleteDialog(deletion)),
            Ask::Conflict(conflict) => part(OfConflicts::Dialog(conflict)),
            Ask::Taken(intake) => part(OfPages::TakenDialog(intake)),
            Ask::LeftOut => part(OfPages::LeftOutDialog),
            Ask::Administration => part(OfPages::AdministrationDialog),
            Ask::Password => part(OfPages::PasswordDialog),
            Ask::Token => part(OfPages::TokenDialog),
            Ask::Revoke(device) => part(OfPages::RevokeDialog(device)),
            Ask::RenameDevice(device) => part(OfPages::RenameDeviceDialog(device)),
            Ask::RecoveryCodes(codes) => part(OfPages::RecoveryCodesDialog(codes)),
            Ask::Details(item) => part(OfPages::DetailsDialog(item)),
            Ask::Versions(item) => part(OfPages::VersionsDialog(item)),
            Ask::Share(item) => part(OfPages::ShareDialog(item)),
            Ask::Mount(grant) => part(OfPages::MountDialog(grant)),
            Ask::Leave(grant) => part(OfPages::LeaveDialog(grant)),
            Ask::Find => view! { <FindDialog /> }.into_any(),
            Ask::Keys => part(OfPages::KeysDialog),
            Ask::News => part(OfPages::NewsDialog),
            Ask::EndAccount => part(OfPages::EndAccountDialog),
            Ask::SignOut(unsent) => part(OfPages::SignOutDialog(unsent)),
        })
    }
}

fn part(what: impl Into<PagePart>) -> AnyView {
    let part = what.into();
    view! { <InPart part /> }.into_any()
}
