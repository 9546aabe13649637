//! Everything that a person can ask the page to do. The views call these and
//! nothing else; each says what went wrong, as far as that is known here. State
//! changes show up in [`Drive`]'s signals.

use crate::browser::save;
use crate::driver::{acts, downloads, events, panel, session};
use crate::failure::Failure;
use crate::intake::Intake;
use crate::state::downloads::DownloadId;
use crate::state::uploads::UploadId;
use crate::state::{Drive, Tone};
use leptos::prelude::WithUntracked;
use shared::ids::{ConflictId, DeviceId, ItemId, Version};
use shared::merge::ranges::{self, Map};
use shared::name::Name;
use shared::protocol::conflicts::{Conflict, Conflicts};
use shared::protocol::devices::{AccessToken, Device, NewAccessToken};
use shared::protocol::items::Item;
use shared::protocol::paths;
use shared::protocol::problem::Problem;
use shared::sync::edit::Nonce;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Opens the local database, shows what is in it, finds out who is signed in
/// and keeps the page up to date from then on. Called once.
pub fn start(drive: Drive) {
    events::listen(drive);
    spawn_local(session::open(drive));
}

pub async fn sign_up(drive: Drive, name: String, password: String) -> Result<(), Failure> {
    session::sign_up(drive, name, password).await
}

/// `replaces` ends, if there are as many devices as there may be.
pub async fn sign_in(
    drive: Drive,
    name: String,
    password: String,
    replaces: Option<DeviceId>,
) -> Result<(), Failure> {
    session::sign_in(drive, name, password, replaces).await
}

/// The password again: for some minutes, the server lets this device do what a
/// stolen session must not.
pub async fn confirm(drive: Drive, password: String) -> Result<(), Failure> {
    session::confirm(drive, password).await
}

/// Another password. Every other device and token ends, but for those that are
/// kept; how many did.
pub async fn change_password(
    drive: Drive,
    old_and_new: (String, String),
    keep: Vec<DeviceId>,
) -> Result<u64, Failure> {
    session::change_password(drive, old_and_new, keep).await
}

/// Ends the session on the server and forgets everything in this browser.
pub async fn sign_out(drive: Drive) -> Result<(), Failure> {
    session::sign_out(drive).await
}

/// Queues files for upload into a folder. A file whose name is taken there
/// becomes that file's next version, based on the version known right now.
/// Folders are made as needed and merged with those that exist.
pub fn add(drive: Drive, folder: Option<ItemId>, intake: Intake) {
    for path in &intake.unreadable {
        drive.notify(Tone::Bad, format!("“{path}” can't be read"));
    }
    panel::drop::add(drive, folder, intake);
}

/// Queues a file as the next version of an item, whatever its name is.
pub fn new_version(drive: Drive, item: ItemId, file: File) {
    panel::drop::add_version(drive, item, file);
}

pub fn cancel_upload(drive: Drive, id: UploadId) {
    drive.driver().panel.cancel(drive, id);
}

pub fn cancel_all_uploads(drive: Drive) {
    drive.driver().panel.cancel_all(drive);
}

pub fn retry_upload(drive: Drive, id: UploadId) {
    drive.driver().panel.retry(drive, id);
}

/// Gives an upload its file once more: one that the browser lost with the page.
pub fn pick_again(drive: Drive, id: UploadId, file: &File) {
    drive.driver().panel.pick_again(drive, id, file);
}

/// Takes what is finished off the panel.
pub fn clear_finished_uploads(drive: Drive) {
    drive.driver().panel.clear_finished(drive);
}

/// Like all that follows about items: it is shown at once, kept, and sent when
/// there is a connection.
pub fn create_folder(drive: Drive, parent: Option<ItemId>, name: Name) -> Result<ItemId, Failure> {
    acts::create_folder(drive, parent, name)
}

pub fn rename(drive: Drive, item: ItemId, name: Name) -> Result<(), Failure> {
    acts::rename(drive, item, name)
}

pub fn move_to(drive: Drive, item: ItemId, parent: Option<ItemId>) -> Result<(), Failure> {
    acts::move_to(drive, item, parent)
}

/// Makes a copy of a file beside it. Its bytes are on the server: none travel.
pub fn copy(drive: Drive, item: ItemId) -> Result<(), Failure> {
    acts::copy(drive, item)
}

pub fn trash(drive: Drive, item: ItemId) -> Result<(), Failure> {
    acts::set_trashed(drive, item, true)
}

pub fn restore(drive: Drive, item: ItemId) -> Result<(), Failure> {
    acts::set_trashed(drive, item, false)
}

/// Saves a file's head where the browser saves downloads. Nothing if the server
/// does not have it.
pub fn download(drive: Drive, item: ItemId) {
    let item = drive.tree.with_untracked(|tree| tree.get(item).cloned());
    let Some(item) = item.filter(|item| item.version() > 0) else {
        return;
    };
    if !downloads::start(drive, &item) {
        save::link(&paths::content(item.id, None), item.name.as_str());
    }
}

pub fn cancel_download(drive: Drive, id: DownloadId) {
    drive.driver().downloads.cancel(id);
}

/// How many changes the server does not have.
pub fn unsent(drive: Drive) -> usize {
    drive.driver().runner().map_or(0, |runner| runner.unsent())
}

pub async fn devices(drive: Drive) -> Result<Vec<Device>, Failure> {
    drive.driver().client.devices().await
}

pub async fn revoke_device(drive: Drive, id: DeviceId) -> Result<(), Failure> {
    drive.driver().client.revoke_device(id).await
}

/// The token is shown once; the server keeps only its hash.
pub async fn create_access_token(
    drive: Drive,
    new: &NewAccessToken,
) -> Result<AccessToken, Failure> {
    drive.driver().client.create_access_token(new).await
}

/// What a person chose in the conflict dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepWhich {
    Mine,
    Theirs,
    Both,
}

/// What [`KeepWhich::Both`] would call the copy.
pub fn copy_name(drive: Drive, item: &Item, conflict: &Conflict) -> Name {
    acts::copy_name(drive, item, conflict)
}

/// Carries out the choice against the head that the tree shows at this moment.
/// If the server has a newer one, a notice says so and the conflict is open
/// again.
pub fn resolve(drive: Drive, conflict: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
    acts::resolve(drive, conflict, keep)
}

/// Makes a merged file the next version of the conflict's file, which the
/// person merged at `seen_version`. It is kept until the server has it. If the
/// head has moved on, it is not sent: a notice says so, and the merge is in
/// [`Drive::merges`] until the person merges again or lets go of it.
pub fn resolve_merged(
    drive: Drive,
    conflict: ConflictId,
    file: &File,
    seen_version: Version,
) -> Result<(), Failure> {
    acts::resolve_merged(drive, conflict, file, seen_version)
}

/// The bytes of a merge that was not carried out, for another try.
pub async fn merged_file(drive: Drive, conflict: ConflictId) -> Option<File> {
    acts::merged_file(drive, conflict).await
}

/// Lets go of a merge that was not carried out, or of a choice not sent yet.
pub fn unresolve(drive: Drive, conflict: ConflictId) {
    acts::unresolve(drive, conflict);
}

/// A page of the resolved conflicts, the newest resolution first; `after` is
/// the `next` of the page before.
pub async fn resolved_conflicts(drive: Drive, after: Option<&str>) -> Result<Conflicts, Failure> {
    drive.driver().client.resolved_conflicts(after).await
}

/// Takes a resolution back: see [`shared::protocol::conflicts::Reopen`].
pub fn reopen(drive: Drive, conflict: &Conflict) -> Result<(), Failure> {
    acts::reopen(drive, conflict)
}

/// What each side of a conflict changed of the file that both started from, told
/// from their block lists. `first` is the version that is compared.
pub async fn changed_ranges(
    drive: Drive,
    conflict: &Conflict,
    first: Version,
) -> Result<Map, Failure> {
    let client = &drive.driver().client;
    let base = match conflict.base_version {
        0 => Vec::new(),
        // Old versions may be gone: then both sides are all new.
        base => match client.manifest(conflict.item, base).await {
            Err(Failure::Refused(Problem::NoSuchVersion)) => Vec::new(),
            manifest => manifest?.blocks,
        },
    };
    let first = client.manifest(conflict.item, first).await?.blocks;
    let second = client.conflict_manifest(conflict.id).await?.blocks;
    Ok(ranges::map(&base, &first, &second))
}

/// What a person does about a [`shared::sync::edit::Matter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatterChoice {
    /// It may stay as it is.
    Fine,
    /// What they had wanted, all the same: the name, the place (with its folder
    /// out of the trash), the deleted file back with their edit, the move to or
    /// from the trash.
    MineAfterAll,
    /// The edit of a deleted file goes into the trash.
    LetGo,
}

/// Does it, and takes the matter off [`Drive::matters`]. What can't be done
/// stays there.
pub fn settle(drive: Drive, matter: Nonce, choice: MatterChoice) -> Result<(), Failure> {
    acts::settle(drive, matter, choice)
}

/// Asks the server for the space's use of storage and refreshes the session.
pub async fn refresh_account(drive: Drive) -> Result<(), Failure> {
    session::refresh(drive).await
}
