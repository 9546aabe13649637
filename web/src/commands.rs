//! Everything that a person can ask the page to do. The views call these and
//! nothing else; each returns when it is done, or what went wrong. State
//! changes show up in [`Drive`]'s signals.

use crate::browser::{clock, random};
use crate::driver::{events, learn, place, resolve as choose, session};
use crate::failure::Failure;
use crate::intake::Intake;
use crate::state::uploads::UploadId;
use crate::state::{Drive, Tone};
use shared::backoff;
use shared::ids::{ConflictId, DeviceId, ItemId, OperationId};
use shared::name::Name;
use shared::protocol::devices::{AccessToken, Device};
use shared::protocol::items::NewFolder;
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

pub async fn sign_in(drive: Drive, name: String, password: String) -> Result<(), Failure> {
    session::sign_in(drive, name, password).await
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
    drive.engine().uploads.add(drive, folder, intake);
}

/// Queues a file as the next version of an item, whatever its name is.
pub fn new_version(drive: Drive, item: ItemId, file: File) {
    drive.engine().uploads.add_version(drive, item, file);
}

pub fn cancel_upload(drive: Drive, id: UploadId) {
    drive.engine().uploads.cancel(drive, id);
}

pub fn cancel_all_uploads(drive: Drive) {
    drive.engine().uploads.cancel_all(drive);
}

pub fn retry_upload(drive: Drive, id: UploadId) {
    drive.engine().uploads.retry(drive, id);
}

/// Takes what is finished off the panel.
pub fn clear_finished_uploads(drive: Drive) {
    drive.engine().uploads.clear_finished(drive);
}

pub async fn create_folder(
    drive: Drive,
    parent: Option<ItemId>,
    name: Name,
) -> Result<ItemId, Failure> {
    let body = NewFolder {
        operation_id: OperationId::from_random(random::id_bytes()),
        id: ItemId::from_random(random::id_bytes()),
        parent,
        name,
    };
    let client = drive.engine().client.clone();
    let changed = patiently(async || client.create_folder(&body).await).await?;
    let id = changed.item.id;
    learn::item(drive, changed.item);
    Ok(id)
}

pub async fn rename(drive: Drive, item: ItemId, name: Name) -> Result<(), Failure> {
    place::change(drive, item, |place| place.name = name).await
}

pub async fn move_to(drive: Drive, item: ItemId, parent: Option<ItemId>) -> Result<(), Failure> {
    place::change(drive, item, |place| place.parent = parent).await
}

pub async fn trash(drive: Drive, item: ItemId) -> Result<(), Failure> {
    place::trash(drive, item).await
}

pub async fn restore(drive: Drive, item: ItemId) -> Result<(), Failure> {
    place::restore(drive, item).await
}

pub async fn devices(drive: Drive) -> Result<Vec<Device>, Failure> {
    drive.engine().client.devices().await
}

pub async fn revoke_device(drive: Drive, id: DeviceId) -> Result<(), Failure> {
    drive.engine().client.revoke_device(id).await
}

/// The token is shown once; the server keeps only its hash.
pub async fn create_access_token(drive: Drive, name: String) -> Result<AccessToken, Failure> {
    drive.engine().client.create_access_token(name).await
}

/// What a person chose in the conflict dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepWhich {
    Mine,
    Theirs,
    Both,
}

/// Carries out the choice against the head that the tree shows at this moment.
/// If a newer version has arrived in between, nothing happens but
/// `Failure::Refused(Problem::VersionConflict)`, and the person looks again.
pub async fn resolve(drive: Drive, conflict: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
    choose::resolve(drive, conflict, keep).await
}

/// Asks the server for the space's use of storage and refreshes the session.
pub async fn refresh_account(drive: Drive) -> Result<(), Failure> {
    session::refresh(drive).await
}

/// How often a command is sent that a person waits for.
const TRIES: u32 = 3;

/// Sends the same request again after a hiccup. For requests with an operation
/// id only, or others that may be repeated.
pub(crate) async fn patiently<T>(send: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut tries = 1;
    loop {
        match send().await {
            Err(failure)
                if failure.is_passing() && failure.asked_wait_millis() == 0 && tries < TRIES =>
            {
                clock::sleep(backoff::delay_millis(tries - 1, random::jitter())).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}
