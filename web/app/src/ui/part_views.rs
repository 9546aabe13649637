//! The views of each [part](super::parts), for the program to begin the part with.

use super::activity::ActivityView;
use super::administration::{AdministrationDialog, AdministrationView};
use super::conflicts::{ConflictDialog, ConflictView, ConflictsView};
use super::door::{LeftOutDialog, TakenDialog};
use super::files::{
    BesideRows, FirstRows, MoveDialog, NameField, NewFolderDialog, NewTextDialog, PartOfZipDialog,
    RenameDialog, RestoreDialog, TrashDialog,
};
use super::keys_help::KeysDialog;
use super::news::NewsDialog;
pub use super::news::alert;
use super::parts::{OfConflicts, OfLists, OfPages, OfSearch};
use super::recovery_form::RecoveryForm;
use super::search::{Palette, ResultsView, StarredView};
use super::settings::{
    EndAccountDialog, PasswordDialog, RecoveryCodesDialog, RenameDeviceDialog, RevokeDialog,
    SettingsView, TokenDialog,
};
use super::shares::{LeaveDialog, MountDialog, ShareDialog, SharesView, WithdrawnView};
use super::sign_out::SignOutDialog;
use super::storage::StorageView;
use super::trash::{DeleteDialog, TrashView};
use super::versions::VersionsDialog;
use super::viewer::{DetailsDialog, Viewer};
use super::visit::VisitView;
use leptos::prelude::*;
use protocol::links::LinkKey;

pub fn conflicts(what: OfConflicts) -> AnyView {
    match what {
        OfConflicts::All => view! { <ConflictsView /> }.into_any(),
        OfConflicts::One(conflict) => view! { <ConflictView conflict /> }.into_any(),
        OfConflicts::Dialog(conflict) => view! { <ConflictDialog conflict /> }.into_any(),
    }
}

pub fn visit(key: Option<LinkKey>) -> AnyView {
    view! { <VisitView key /> }.into_any()
}

pub fn search(what: OfSearch) -> AnyView {
    match what {
        OfSearch::Palette(typing) => view! { <Palette typing /> }.into_any(),
        OfSearch::Results => view! { <ResultsView /> }.into_any(),
        OfSearch::Starred => view! { <StarredView /> }.into_any(),
    }
}

pub fn viewer() -> AnyView {
    view! { <Viewer /> }.into_any()
}

pub fn lists(what: OfLists) -> AnyView {
    match what {
        OfLists::BesideRows => view! { <BesideRows /> }.into_any(),
        OfLists::FirstRows => view! { <FirstRows /> }.into_any(),
        OfLists::NameField(item) => view! { <NameField item /> }.into_any(),
        OfLists::NewFolderDialog(parent) => view! { <NewFolderDialog parent /> }.into_any(),
        OfLists::NewTextDialog(parent) => view! { <NewTextDialog parent /> }.into_any(),
        OfLists::TrashDialog(items) => view! { <TrashDialog items /> }.into_any(),
    }
}

pub fn pages(what: OfPages) -> AnyView {
    match what {
        OfPages::Activity(of) => view! { <ActivityView of /> }.into_any(),
        OfPages::Trash => view! { <TrashView /> }.into_any(),
        OfPages::DeleteDialog(deletion) => view! { <DeleteDialog deletion /> }.into_any(),
        OfPages::Settings => view! { <SettingsView /> }.into_any(),
        OfPages::Storage => view! { <StorageView /> }.into_any(),
        OfPages::Administration => view! { <AdministrationView /> }.into_any(),
        OfPages::AdministrationDialog => view! { <AdministrationDialog /> }.into_any(),
        OfPages::PasswordDialog => view! { <PasswordDialog /> }.into_any(),
        OfPages::TokenDialog => view! { <TokenDialog /> }.into_any(),
        OfPages::RenameDialog(item) => view! { <RenameDialog item /> }.into_any(),
        OfPages::RestoreDialog(item) => view! { <RestoreDialog item /> }.into_any(),
        OfPages::LeftOutDialog => view! { <LeftOutDialog /> }.into_any(),
        OfPages::TakenDialog(intake) => view! { <TakenDialog intake /> }.into_any(),
        OfPages::MoveDialog(items) => view! { <MoveDialog items /> }.into_any(),
        OfPages::PartOfZipDialog(plan) => view! { <PartOfZipDialog plan /> }.into_any(),
        OfPages::SignOutDialog(unsent) => view! { <SignOutDialog unsent /> }.into_any(),
        OfPages::EndAccountDialog => view! { <EndAccountDialog /> }.into_any(),
        OfPages::Shares => view! { <SharesView /> }.into_any(),
        OfPages::Withdrawn => view! { <WithdrawnView /> }.into_any(),
        OfPages::DetailsDialog(item) => view! { <DetailsDialog item /> }.into_any(),
        OfPages::VersionsDialog(of) => view! { <VersionsDialog of /> }.into_any(),
        OfPages::ShareDialog(item) => view! { <ShareDialog item /> }.into_any(),
        OfPages::KeysDialog => view! { <KeysDialog /> }.into_any(),
        OfPages::NewsDialog => view! { <NewsDialog /> }.into_any(),
        OfPages::MountDialog(grant) => view! { <MountDialog grant /> }.into_any(),
        OfPages::LeaveDialog(grant) => view! { <LeaveDialog grant /> }.into_any(),
        OfPages::RenameDeviceDialog(device) => view! { <RenameDeviceDialog device /> }.into_any(),
        OfPages::RecoveryCodesDialog(before) => view! { <RecoveryCodesDialog before /> }.into_any(),
        OfPages::RecoveryForm(forgot) => view! { <RecoveryForm forgot /> }.into_any(),
        OfPages::RevokeDialog(device) => view! { <RevokeDialog device /> }.into_any(),
    }
}
