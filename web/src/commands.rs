//! Everything that a person can ask the page to do. The views call these and
//! nothing else; each returns when it is done, or what went wrong. State
//! changes show up in [`Drive`]'s signals.

use crate::failure::Failure;
use crate::intake::Intake;
use crate::state::Drive;
use crate::state::uploads::UploadId;
use shared::ids::{ConflictId, DeviceId, ItemId};
use shared::name::Name;
use shared::protocol::devices::{AccessToken, Device};
use web_sys::File;

/// Opens the local database, shows what is in it, finds out who is signed in
/// and keeps the page up to date from then on. Called once.
pub fn start(_drive: Drive) {}

pub async fn sign_up(_drive: Drive, _name: String, _password: String) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

pub async fn sign_in(_drive: Drive, _name: String, _password: String) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

/// Ends the session on the server and forgets everything in this browser.
pub async fn sign_out(_drive: Drive) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

/// Queues files for upload into a folder. A file whose name is taken there
/// becomes that file's next version, based on the version known right now.
/// Folders are made as needed and merged with those that exist.
pub fn add(_drive: Drive, _folder: Option<ItemId>, _intake: Intake) {}

/// Queues a file as the next version of an item, whatever its name is.
pub fn new_version(_drive: Drive, _item: ItemId, _file: File) {}

pub fn cancel_upload(_drive: Drive, _id: UploadId) {}

pub fn cancel_all_uploads(_drive: Drive) {}

pub fn retry_upload(_drive: Drive, _id: UploadId) {}

/// Takes what is finished off the panel.
pub fn clear_finished_uploads(_drive: Drive) {}

pub async fn create_folder(
    _drive: Drive,
    _parent: Option<ItemId>,
    _name: Name,
) -> Result<ItemId, Failure> {
    Err(Failure::Unreachable)
}

pub async fn rename(_drive: Drive, _item: ItemId, _name: Name) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

pub async fn move_to(_drive: Drive, _item: ItemId, _parent: Option<ItemId>) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

pub async fn trash(_drive: Drive, _item: ItemId) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

pub async fn restore(_drive: Drive, _item: ItemId) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

pub async fn devices(_drive: Drive) -> Result<Vec<Device>, Failure> {
    Err(Failure::Unreachable)
}

pub async fn revoke_device(_drive: Drive, _id: DeviceId) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

/// The token is shown once; the server keeps only its hash.
pub async fn create_access_token(_drive: Drive, _name: String) -> Result<AccessToken, Failure> {
    Err(Failure::Unreachable)
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
pub async fn resolve(
    _drive: Drive,
    _conflict: ConflictId,
    _keep: KeepWhich,
) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}

/// Asks the server for the space's use of storage and refreshes the session.
pub async fn refresh_account(_drive: Drive) -> Result<(), Failure> {
    Err(Failure::Unreachable)
}
