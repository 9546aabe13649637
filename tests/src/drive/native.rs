//! The server as a model, on SQLite and in memory.

use super::{Answered, Drive, Site};
use crate::client::Form;
use crate::model::legs::Device;
use crate::model::server::Server;
use crate::random;
use crate::tree::Feed;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use driftless_core::range::Span;
use driftless_core::room::Limits;
use driftless_core::writes::deletion::BOUNDS;
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, DeviceId, ItemId, UnixMillis, UserId, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::limits::DEFAULT_QUOTA_BYTES;
use protocol::problem::Problem;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

/// A model and its clock, which moves with each request.
#[derive(Default)]
pub struct Native {
    pub server: Rc<Server>,
    now: Rc<Cell<UnixMillis>>,
    /// The only one that its devices send, where a check leaves it open.
    form: Option<Form>,
}

/// A device at a model.
pub struct NativeDrive {
    server: Rc<Server>,
    now: Rc<Cell<UnixMillis>>,
    form: Option<Form>,
    who: Device,
}

impl Native {
    pub fn with_form(form: Form) -> Self {
        Self {
            form: Some(form),
            ..Self::default()
        }
    }

    fn drive(&self, who: Device) -> NativeDrive {
        NativeDrive {
            server: self.server.clone(),
            now: self.now.clone(),
            form: self.form,
            who,
        }
    }
}

impl Site for Native {
    type Drive = NativeDrive;

    fn person(&self) -> NativeDrive {
        self.drive(Device {
            space: self.server.new_space(DEFAULT_QUOTA_BYTES),
            user: UserId::from_random([1; 16]),
            user_name: "ann".into(),
            id: DeviceId::from_random(random::id_bytes()),
            name: "First device".into(),
            limits: Limits::default(),
            folder: None,
            root: None,
        })
    }

    fn second_device(&self, of: &NativeDrive, name: &str) -> NativeDrive {
        self.drive(Device {
            id: DeviceId::from_random(random::id_bytes()),
            name: name.into(),
            ..of.who.clone()
        })
    }
}

impl NativeDrive {
    fn now(&self) -> UnixMillis {
        self.now.set(self.now.get() + 1);
        self.now.get()
    }

    /// The journal's length.
    pub fn head(&self) -> u64 {
        self.server.newest(&self.who).expect("a space").0
    }

    pub fn server(&self) -> &Server {
        &self.server
    }
}

impl Feed for NativeDrive {
    type Refusal = Problem;

    fn changes(&self, since: Option<&str>, limit: Option<u64>) -> Answered<ChangePage> {
        self.server.changes(&self.who, since, limit)
    }
}

impl Drive for NativeDrive {
    fn user_name(&self) -> String {
        self.who.user_name.clone()
    }

    fn device(&self) -> DeviceId {
        self.who.id
    }

    fn form_after(&self, version: Version) -> Form {
        self.form.unwrap_or(Form::after(version))
    }

    fn create_folder(&self, folder: &NewFolder) -> Answered<ItemChanged> {
        let folder = folder.clone();
        self.server.create_folder(&self.who, self.now(), folder)
    }

    fn send_new_file(&self, file: &NewFile<Content>) -> Answered<ItemChanged> {
        self.server.create_file(&self.who, self.now(), file.clone())
    }

    fn carry_new_file(&self, file: &NewFile<Content>, frames: &[u8]) -> Answered<ItemChanged> {
        let (file, frames) = (file.clone(), frames.to_vec());
        self.server
            .create_file_carrying(&self.who, self.now(), file, frames)
    }

    fn send_new_files(&self, files: &[NewFile<Content>]) -> Answered<Vec<Answered<ItemChanged>>> {
        let files = files.to_vec();
        self.server.create_files(&self.who, self.now(), files)
    }

    fn propose(&self, file: ItemId, proposal: &Proposal) -> Answered<ProposalAnswer> {
        self.server.propose(&self.who, file, proposal.clone())
    }

    fn store_frames(&self, body: &[u8]) -> Answered<BlocksStored> {
        self.server
            .store_blocks(&self.who, self.now(), body.to_vec())
    }

    fn fetch(&self, fetch: &Fetch) -> Answered<Vec<u8>> {
        self.server.fetch(&self.who, fetch)
    }

    fn signatures(&self, fetch: &FetchSignatures) -> Answered<Vec<u8>> {
        self.server.signatures(&self.who, fetch)
    }

    fn block(&self, hash: BlockHash) -> Answered<Vec<u8>> {
        self.server.block(&self.who, hash)
    }

    fn send_commit(&self, file: ItemId, commit: &Commit<Content>) -> Answered<ItemChanged> {
        let commit = commit.clone();
        self.server.commit(&self.who, self.now(), file, commit)
    }

    fn carry_commit(
        &self,
        file: ItemId,
        commit: &Commit<Content>,
        frames: &[u8],
    ) -> Answered<ItemChanged> {
        let (commit, frames) = (commit.clone(), frames.to_vec());
        self.server
            .commit_carrying(&self.who, self.now(), file, commit, frames)
    }

    fn content(&self, file: ItemId, version: Option<Version>) -> Answered<Vec<u8>> {
        self.server.content(&self.who, file, version)
    }

    fn range(&self, file: ItemId, range: Range<u64>) -> Answered<Vec<u8>> {
        let span = Span {
            start: range.start,
            end: range.end,
        };
        self.server.range(&self.who, file, span)
    }

    fn manifest(&self, file: ItemId, version: Version) -> Answered<FileManifest> {
        self.server.manifest(&self.who, file, Some(version))
    }

    fn manifest_since(
        &self,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Answered<ManifestSince> {
        self.server.manifest_since(&self.who, file, version, since)
    }

    fn item(&self, item: ItemId) -> Answered<Item> {
        self.server.item(&self.who, item)
    }

    fn change_place(&self, item: ItemId, to: &ChangePlace) -> Answered<ItemChanged> {
        let to = to.clone();
        self.server.change_place(&self.who, self.now(), item, to)
    }

    fn trash(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        let change = change.clone();
        self.server.trash(&self.who, self.now(), item, change)
    }

    fn restore(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        let change = change.clone();
        self.server.restore(&self.who, self.now(), item, change)
    }

    fn change_items(&self, changes: &[ItemChange]) -> Answered<Vec<Answered<ItemChanged>>> {
        let changes = changes.to_vec();
        self.server.change_items(&self.who, self.now(), changes)
    }

    fn delete(&self, item: ItemId, request: &DeleteForGood) -> Answered<DeletedForGood> {
        let now = self.now();
        self.server.delete(&self.who, now, item, *request, &BOUNDS)
    }

    fn empty_trash(&self, request: &EmptyTrash) -> Answered<DeletedForGood> {
        let now = self.now();
        self.server.empty_trash(&self.who, now, *request, &BOUNDS)
    }

    fn send_conflict(&self, file: ItemId, new: &NewConflict<Content>) -> Answered<Conflict> {
        let new = new.clone();
        self.server.keep_conflict(&self.who, self.now(), file, new)
    }

    fn conflicts(&self) -> Answered<Vec<Conflict>> {
        self.server.conflicts(&self.who)
    }

    fn conflict(&self, id: ConflictId) -> Answered<Conflict> {
        self.server.conflict(&self.who, id)
    }

    fn conflict_content(&self, id: ConflictId) -> Answered<Vec<u8>> {
        self.server.conflict_content(&self.who, id)
    }

    fn resolve(&self, id: ConflictId, resolve: &Resolve) -> Answered<Conflict> {
        let resolve = resolve.clone();
        self.server.resolve(&self.who, self.now(), id, resolve)
    }

    fn resolved_conflicts(&self, after: Option<&str>, limit: Option<u64>) -> Answered<Conflicts> {
        self.server.resolved_conflicts(&self.who, after, limit)
    }

    fn conflict_manifest(&self, id: ConflictId) -> Answered<Manifest> {
        self.server.conflict_manifest(&self.who, id)
    }

    fn reopen(&self, id: ConflictId, reopen: &Reopen) -> Answered<Conflict> {
        self.server
            .reopen(&self.who, self.now(), id, reopen.clone())
    }

    fn space(&self) -> Answered<Space> {
        self.server.space(&self.who)
    }
}
