//! A running server over HTTP: the Workers with D1 and R2.

use super::{Answered, Drive, Site};
use crate::client::{Client, Failure, Reply};
use crate::live::person;
use crate::tree::Feed;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::accounts::Space;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, DeviceId, ItemId, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::paths;
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::Range;

/// The server that `DRIFTLESS_URL` names.
pub struct Live;

/// A signed-in device there. What is no refusal in the promised form fails the
/// test.
pub struct LiveDrive(Client);

impl Site for Live {
    type Drive = LiveDrive;

    fn person(&self) -> LiveDrive {
        LiveDrive(person().client)
    }

    fn second_device(&self, of: &LiveDrive, name: &str) -> LiveDrive {
        let token = of.0.new_access_token(name).expect("a token");
        LiveDrive(of.0.with_token(Some(&token.token)))
    }
}

fn answered<T>(answer: Result<T, Failure>) -> Answered<T> {
    answer.map_err(Failure::problem)
}

impl LiveDrive {
    fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Answered<T> {
        let reply = self.0.send_json(method, path, body).expect("an answer");
        answered(reply.json())
    }

    /// The bytes that a POST is answered with.
    fn bytes(&self, path: &str, body: &impl Serialize) -> Answered<Vec<u8>> {
        let reply = self.0.send_json("POST", path, body);
        answered(reply.and_then(Reply::success)).map(|reply| reply.body)
    }
}

impl Feed for LiveDrive {
    type Refusal = Problem;

    fn changes(&self, since: Option<&str>, limit: Option<u64>) -> Answered<ChangePage> {
        answered(self.0.changes(since, limit))
    }
}

impl Drive for LiveDrive {
    fn user_name(&self) -> String {
        self.0.me().expect("signed in").user.name
    }

    fn device(&self) -> DeviceId {
        self.0.me().expect("signed in").device.id
    }

    fn create_folder(&self, folder: &NewFolder) -> Answered<ItemChanged> {
        self.send("POST", paths::FOLDERS, folder)
    }

    fn send_new_file(&self, file: &NewFile<Content>) -> Answered<ItemChanged> {
        answered(self.0.new_file(file))
    }

    fn carry_new_file(&self, file: &NewFile<Content>, frames: &[u8]) -> Answered<ItemChanged> {
        let reply = self.0.send_carrying(paths::FILES, file, frames);
        answered(reply.expect("an answer").json())
    }

    fn send_new_files(&self, files: &[NewFile<Content>]) -> Answered<Vec<Answered<ItemChanged>>> {
        let files = files.to_vec();
        let made: FilesMade = self.send("POST", paths::FILES_BATCH, &NewFiles { files })?;
        Ok(made.results.into_iter().map(Answered::from).collect())
    }

    fn propose(&self, file: ItemId, proposal: &Proposal) -> Answered<ProposalAnswer> {
        self.send("POST", &paths::sync(file), proposal)
    }

    fn store_frames(&self, body: &[u8]) -> Answered<BlocksStored> {
        answered(self.0.store_frames(body).expect("an answer").json())
    }

    fn fetch(&self, fetch: &Fetch) -> Answered<Vec<u8>> {
        self.bytes(paths::FETCH_BLOCKS, fetch)
    }

    fn signatures(&self, fetch: &FetchSignatures) -> Answered<Vec<u8>> {
        self.bytes(paths::FETCH_SIGNATURES, fetch)
    }

    fn block(&self, hash: BlockHash) -> Answered<Vec<u8>> {
        answered(self.0.block(hash))
    }

    fn send_commit(&self, file: ItemId, commit: &Commit<Content>) -> Answered<ItemChanged> {
        answered(self.0.commit(file, commit))
    }

    fn carry_commit(
        &self,
        file: ItemId,
        commit: &Commit<Content>,
        frames: &[u8],
    ) -> Answered<ItemChanged> {
        let reply = self.0.send_carrying(&paths::commit(file), commit, frames);
        answered(reply.expect("an answer").json())
    }

    fn content(&self, file: ItemId, version: Option<Version>) -> Answered<Vec<u8>> {
        answered(self.0.content(file, version))
    }

    fn range(&self, file: ItemId, range: Range<u64>) -> Answered<Vec<u8>> {
        let last = range.end - 1;
        let header = format!("bytes={}-{last}", range.start);
        let path = paths::content(file, None);
        let reply = self.0.send("GET", &path, &[("range", &header)], None);
        let reply = answered(reply.and_then(Reply::success))?;
        assert_eq!(reply.status, 206);
        let length = (range.end - range.start).to_string();
        assert_eq!(reply.header("content-length"), length);
        Ok(reply.body)
    }

    fn manifest(&self, file: ItemId, version: Version) -> Answered<FileManifest> {
        answered(self.0.manifest(file, version))
    }

    fn manifest_since(
        &self,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Answered<ManifestSince> {
        let reply = self.0.get(&paths::manifest_since(file, version, since));
        answered(reply.and_then(Reply::json))
    }

    fn item(&self, item: ItemId) -> Answered<Item> {
        answered(self.0.item(item))
    }

    fn change_place(&self, item: ItemId, to: &ChangePlace) -> Answered<ItemChanged> {
        self.send("PATCH", &paths::item(item), to)
    }

    fn trash(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        self.send("POST", &paths::trash(item), change)
    }

    fn restore(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        self.send("POST", &paths::restore(item), change)
    }

    fn change_items(&self, changes: &[ItemChange]) -> Answered<Vec<Answered<ItemChanged>>> {
        let changes = changes.to_vec();
        let changed: ItemsChanged =
            self.send("POST", paths::ITEMS_BATCH, &ChangeItems { changes })?;
        Ok(changed.results.into_iter().map(Answered::from).collect())
    }

    fn delete(&self, item: ItemId, request: &DeleteForGood) -> Answered<DeletedForGood> {
        self.send("DELETE", &paths::item(item), request)
    }

    fn empty_trash(&self, request: &EmptyTrash) -> Answered<DeletedForGood> {
        self.send("POST", paths::EMPTY_TRASH, request)
    }

    fn send_conflict(&self, file: ItemId, new: &NewConflict<Content>) -> Answered<Conflict> {
        answered(self.0.new_conflict(file, new))
    }

    fn conflicts(&self) -> Answered<Vec<Conflict>> {
        answered(self.0.conflicts())
    }

    fn conflict(&self, id: ConflictId) -> Answered<Conflict> {
        answered(self.0.conflict(id))
    }

    fn conflict_content(&self, id: ConflictId) -> Answered<Vec<u8>> {
        answered(self.0.conflict_content(id))
    }

    fn resolve(&self, id: ConflictId, resolve: &Resolve) -> Answered<Conflict> {
        self.send("POST", &paths::resolve(id), resolve)
    }

    fn resolved_conflicts(&self, after: Option<&str>, limit: Option<u64>) -> Answered<Conflicts> {
        answered(self.0.resolved_conflicts(after, limit))
    }

    fn conflict_manifest(&self, id: ConflictId) -> Answered<Manifest> {
        answered(self.0.conflict_manifest(id))
    }

    fn reopen(&self, id: ConflictId, reopen: &Reopen) -> Answered<Conflict> {
        answered(self.0.reopen(id, reopen))
    }

    fn space(&self) -> Answered<Space> {
        answered(self.0.me()).map(|session| session.space)
    }
}
