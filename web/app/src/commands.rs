//! Everything that a person can ask the page to do. The views call these and
//! nothing else; each says what went wrong, as far as that is known here. State
//! changes show up in [`Drive`]'s signals.

use crate::archive::plan::Plan;
pub use crate::driver::acts::{KeepWhich, MatterChoice};
use crate::driver::purge::{self, Outcome, What};
use crate::driver::{acts, door, downloads, events, session, zips};
use crate::state::Drive;
use crate::state::door::{Answer, IntakeId, LeftOut};
use crate::state::downloads::DownloadId;
use crate::state::uploads::UploadId;
use leptos::prelude::{RwSignal, Set, WithUntracked};
use merge::ranges::{self, Map};
use platform::api::content::ObjectUrl;
use platform::browser::save;
use platform::failure::Failure;
use platform::intake::{self, Intake};
use protocol::conflicts::{Conflict, Conflicts};
use protocol::devices::{AccessToken, Device, NewAccessToken};
use protocol::ids::{ConflictId, DeviceId, ItemId, UserId, Version};
use protocol::items::Item;
use protocol::name::Name;
use protocol::paths;
use protocol::problem::Problem;
use std::collections::HashSet;
use sync::ids::Nonce;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DataTransfer, File};

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

/// Queues picked files for upload into a folder. Where a file has a name
/// already, it asks first: see [`Drive::door`]. Folders are made as needed and
/// merged with those that exist. What can't be taken in is listed there.
pub fn add(drive: Drive, folder: Option<ItemId>, intake: Intake) {
    door::add(drive, folder, intake);
}

/// The same for what was dropped or pasted. `onto` is the file that it was
/// dropped onto: a file of its name is the next version of that, unasked. Must
/// be called within the event.
pub fn add_from(
    drive: Drive,
    folder: Option<ItemId>,
    onto: Option<ItemId>,
    transfer: &DataTransfer,
) {
    door::walk(drive, folder, onto, |watch| {
        Box::pin(intake::from_drop(transfer, watch))
    });
}

/// Queues a file as the next version of an item, whatever its name is.
pub fn new_version(drive: Drive, item: ItemId, file: File) {
    door::add_version(drive, item, file);
}

/// Answers what [`Drive::door`] asks about an intake. It is carried out against
/// what the tree shows at this moment.
pub fn answer_taken_names(drive: Drive, intake: IntakeId, answer: &Answer) {
    door::answer(drive, intake, answer);
}

/// Nothing of an intake that asks is taken in.
pub fn refuse_intake(drive: Drive, intake: IntakeId) {
    door::refuse(drive, intake);
}

/// Files whose names are taken in this folder are asked about again.
pub fn forget_taken_names(drive: Drive, folder: Option<ItemId>) {
    door::remembered::set(drive, folder, None);
}

/// The person has seen what was not taken in.
pub fn clear_left_out(drive: Drive) {
    drive.door.left_out.set(LeftOut::default());
}

pub fn cancel_upload(drive: Drive, id: UploadId) {
    drive.driver().panel.cancel(drive, id);
}

/// Ends whatever is on its way: nothing more is taken in,
/// sent or made. What the server has stays.
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

/// Makes a copy of a file beside it. Its bytes are on the server: none travel.
pub fn copy(drive: Drive, item: ItemId) -> Result<(), Failure> {
    acts::copy(drive, item)
}

/// Moves many items together. It is said to be done once the server agrees; what
/// can't be is told with why.
pub fn move_all(
    drive: Drive,
    items: Vec<ItemId>,
    parent: Option<ItemId>,
) -> Vec<(ItemId, Failure)> {
    acts::move_all(drive, items, parent)
}

/// Moves items to the trash together. It is said to be done once the server agrees.
pub fn trash(drive: Drive, items: Vec<ItemId>) {
    acts::trash_all(drive, items);
}

/// Takes an item out of the trash, under its own name or another one: to the folder
/// where it was, or to the top of the space if that is not there. It is said where it
/// is once the server agrees.
pub fn restore(drive: Drive, item: ItemId, name: Option<Name>) -> Result<(), Failure> {
    acts::restore(drive, item, name)
}

/// A name for what comes out of the trash when its own is taken, and what the folder
/// is called that it comes back to.
pub fn name_to_restore(drive: Drive, item: ItemId) -> Option<(Name, String)> {
    acts::name_to_restore(drive, item)
}

/// Says `words` once the server has these decisions. `opens`: the conflicts are open
/// then.
pub fn tell_when_decided(drive: Drive, conflicts: Vec<ConflictId>, opens: bool, words: String) {
    acts::tell_when_decided(drive, conflicts, opens, words);
}

/// Deletes what is in the trash for good: see [`purge`].
pub async fn delete_for_good(
    drive: Drive,
    what: What,
    with_open_conflicts: bool,
    deleted: RwSignal<u64>,
) -> Outcome {
    purge::purge(drive, what, with_open_conflicts, deleted).await
}

/// Saves a file's head where the browser saves downloads. Nothing if the server
/// does not have it.
pub fn download(drive: Drive, item: ItemId) {
    let item = drive.tree.with_untracked(|tree| tree.get(item).cloned());
    let Some(item) = item.filter(|item| item.version() > 0) else {
        return;
    };
    if !downloads::start(drive, &item) {
        let address = paths::content_named(item.id, item.version(), &item.name);
        save::link(&address, item.name.as_str());
    }
}

/// What a zip of several items, or of a folder, would have.
pub fn plan_zip(drive: Drive, items: &[ItemId]) -> Plan {
    zips::plan(drive, items)
}

/// The files of it that can't be had now, because there is no connection and
/// this browser does not keep them.
pub async fn not_here(drive: Drive, plan: &Plan) -> HashSet<ItemId> {
    zips::not_here(drive, plan).await
}

/// Makes the zip and saves it where the browser saves downloads. A notice says
/// what became of it.
pub fn download_zip(drive: Drive, plan: Plan) {
    zips::start(drive, plan);
}

pub fn cancel_download(drive: Drive, id: DownloadId) {
    drive.driver().downloads.cancel(id);
}

/// Who is signed in.
pub fn user(drive: Drive) -> Option<UserId> {
    session::user(drive)
}

/// How many changes of this browser's tabs the server does not have.
pub async fn unsent(drive: Drive) -> usize {
    let driver = drive.driver();
    let here = driver.client().map_or(0, |client| client.unsent());
    here + driver.store.unsent_of_others().await
}

/// Loads a PDF; `None` for what is none.
pub async fn pdf(drive: Drive, address: &str) -> Result<Option<ObjectUrl>, Failure> {
    drive.driver().api().pdf(address).await
}

pub async fn devices(drive: Drive) -> Result<Vec<Device>, Failure> {
    drive.driver().api().devices().await
}

pub async fn revoke_device(drive: Drive, id: DeviceId) -> Result<(), Failure> {
    drive.driver().api().revoke_device(id).await
}

/// The token is shown once; the server keeps only its hash.
pub async fn create_access_token(
    drive: Drive,
    new: &NewAccessToken,
) -> Result<AccessToken, Failure> {
    drive.driver().api().create_access_token(new).await
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
    drive.driver().api().resolved_conflicts(after).await
}

/// Takes a resolution back: see [`protocol::conflicts::Reopen`].
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
    let client = drive.driver().api();
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

/// Does it, and takes the matter off [`Drive::matters`]. What can't be done
/// stays there.
pub fn settle(drive: Drive, matter: Nonce, choice: MatterChoice) -> Result<(), Failure> {
    acts::settle(drive, matter, choice)
}

/// Asks the server for the space's use of storage and refreshes the session.
pub async fn refresh_account(drive: Drive) -> Result<(), Failure> {
    session::refresh(drive).await
}
