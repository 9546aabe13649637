//! The whole server as plain calls: each leg at once, refused with a
//! [`Problem`] as over HTTP. Nothing of it depends on the machine, its clock or
//! its randomness, so the same calls have the same answers.

use super::legs::{Answered, Device, Legs};
use super::packs::MemoryPacks;
use super::ready::ready;
use super::sqlite::Sqlite;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use driftless_core::collect::{Bounds, Collected};
use driftless_core::error::Failure;
use driftless_core::range::Span;
use driftless_core::scrub::{self, Scrubbed};
use driftless_core::writes::deletion;
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, ItemId, PackId, Seq, SpaceId, UnixMillis, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::notifications::Event;
use protocol::problem::Problem;
use std::cell::{Cell, RefCell};

/// A server with a database and packs of its own.
#[derive(Default)]
pub struct Server {
    pub db: Sqlite,
    pub packs: MemoryPacks,
    ids: Cell<u64>,
    last_fault: RefCell<Option<String>>,
}

impl Server {
    /// A server without a space.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything, which costs less than a new server. Afterwards it
    /// answers as a new one would.
    pub fn clear(&self) {
        self.db.clear();
        self.packs.clear();
        self.ids.set(0);
        self.last_fault.take();
    }

    /// The legs as futures, for whoever wants several under way. They are ready
    /// at once; for some that are not, see [`Turns`](super::turns::Turns).
    pub fn legs(&self) -> Legs<'_, Sqlite, MemoryPacks> {
        Legs {
            db: &self.db,
            packs: &self.packs,
        }
    }

    /// An id that this server has not used: a space's, a pack's.
    pub fn fresh_id(&self) -> [u8; 16] {
        self.ids.set(self.ids.get() + 1);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(self.ids.get() << 16).to_be_bytes());
        id
    }

    /// What the last answer of [`Problem::Internal`] or [`Problem::Unavailable`]
    /// did not tell the client.
    pub fn last_fault(&self) -> Option<String> {
        self.last_fault.borrow().clone()
    }

    /// What a client is told.
    pub fn problem(&self, failure: Failure) -> Problem {
        match &failure {
            Failure::Problem(_) => {}
            fault => *self.last_fault.borrow_mut() = Some(fault.to_string()),
        }
        failure.into_problem()
    }

    fn end<T>(&self, leg: impl Future<Output = Answered<T>>) -> Result<T, Problem> {
        ready(leg).map_err(|failure| self.problem(failure))
    }

    /// A new and empty space.
    ///
    /// # Panics
    /// If the database fails, by a lapse for instance.
    pub fn new_space(&self, quota_bytes: u64) -> SpaceId {
        let space = SpaceId::from_random(self.fresh_id());
        ready(self.legs().new_space(space, quota_bytes)).expect("a space");
        space
    }

    /// See [`Legs::propose`].
    pub fn propose(
        &self,
        who: &Device,
        file: ItemId,
        proposal: Proposal,
    ) -> Result<ProposalAnswer, Problem> {
        self.end(self.legs().propose(who, file, proposal))
    }

    /// See [`Legs::store_blocks`]. `frames` is the body as it travels.
    pub fn store_blocks(
        &self,
        who: &Device,
        now: UnixMillis,
        frames: Vec<u8>,
    ) -> Result<BlocksStored, Problem> {
        let pack = PackId::from_random(self.fresh_id());
        self.packs.clock.set(now);
        self.end(self.legs().store_blocks(who, now, pack, frames))
    }

    /// See [`Legs::create_file`].
    pub fn create_file(
        &self,
        who: &Device,
        now: UnixMillis,
        file: impl Into<NewFile<Content>>,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().create_file(who, now, file))
    }

    /// See [`Legs::create_file_carrying`].
    pub fn create_file_carrying(
        &self,
        who: &Device,
        now: UnixMillis,
        file: NewFile<Content>,
        frames: Vec<u8>,
    ) -> Result<ItemChanged, Problem> {
        let pack = PackId::from_random(self.fresh_id());
        self.packs.clock.set(now);
        let carried = (pack, frames);
        self.end(self.legs().create_file_carrying(who, now, file, carried))
    }

    /// See [`Legs::create_files`].
    pub fn create_files(
        &self,
        who: &Device,
        now: UnixMillis,
        files: Vec<NewFile<Content>>,
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Problem> {
        let ends = self.end(self.legs().create_files(who, now, files))?;
        let told = |end: Answered<ItemChanged>| end.map_err(|failure| self.problem(failure));
        Ok(ends.into_iter().map(told).collect())
    }

    /// See [`Legs::create_folder`].
    pub fn create_folder(
        &self,
        who: &Device,
        now: UnixMillis,
        folder: NewFolder,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().create_folder(who, now, folder))
    }

    /// See [`Legs::commit`].
    pub fn commit(
        &self,
        who: &Device,
        now: UnixMillis,
        file: ItemId,
        commit: impl Into<Commit<Content>>,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().commit(who, now, file, commit))
    }

    /// See [`Legs::commit_carrying`].
    pub fn commit_carrying(
        &self,
        who: &Device,
        now: UnixMillis,
        file: ItemId,
        commit: Commit<Content>,
        frames: Vec<u8>,
    ) -> Result<ItemChanged, Problem> {
        let pack = PackId::from_random(self.fresh_id());
        self.packs.clock.set(now);
        let carried = (pack, frames);
        self.end(self.legs().commit_carrying(who, now, file, commit, carried))
    }

    /// See [`Legs::change_place`].
    pub fn change_place(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        to: ChangePlace,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().change_place(who, now, item, to))
    }

    /// See [`Legs::trash`].
    pub fn trash(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        change: ChangeTrashed,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().trash(who, now, item, change))
    }

    /// See [`Legs::restore`].
    pub fn restore(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        change: ChangeTrashed,
    ) -> Result<ItemChanged, Problem> {
        self.end(self.legs().restore(who, now, item, change))
    }

    /// See [`Legs::change_items`].
    pub fn change_items(
        &self,
        who: &Device,
        now: UnixMillis,
        changes: Vec<ItemChange>,
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Problem> {
        let ends = self.end(self.legs().change_items(who, now, changes))?;
        let told = |end: Answered<ItemChanged>| end.map_err(|failure| self.problem(failure));
        Ok(ends.into_iter().map(told).collect())
    }

    /// See [`Legs::delete`].
    pub fn delete(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        request: DeleteForGood,
        bounds: &deletion::Bounds,
    ) -> Result<DeletedForGood, Problem> {
        self.end(self.legs().delete(who, now, item, request, bounds))
    }

    /// See [`Legs::empty_trash`].
    pub fn empty_trash(
        &self,
        who: &Device,
        now: UnixMillis,
        request: EmptyTrash,
        bounds: &deletion::Bounds,
    ) -> Result<DeletedForGood, Problem> {
        self.end(self.legs().empty_trash(who, now, request, bounds))
    }

    /// See [`Legs::keep_conflict`].
    pub fn keep_conflict(
        &self,
        who: &Device,
        now: UnixMillis,
        file: ItemId,
        new: impl Into<NewConflict<Content>>,
    ) -> Result<Conflict, Problem> {
        self.end(self.legs().keep_conflict(who, now, file, new))
    }

    /// See [`Legs::resolve`].
    pub fn resolve(
        &self,
        who: &Device,
        now: UnixMillis,
        conflict: ConflictId,
        resolve: Resolve,
    ) -> Result<Conflict, Problem> {
        self.end(self.legs().resolve(who, now, conflict, resolve))
    }

    /// See [`Legs::reopen`].
    pub fn reopen(
        &self,
        who: &Device,
        now: UnixMillis,
        conflict: ConflictId,
        request: Reopen,
    ) -> Result<Conflict, Problem> {
        self.end(self.legs().reopen(who, now, conflict, request))
    }

    /// See [`Legs::resolved_conflicts`].
    pub fn resolved_conflicts(
        &self,
        who: &Device,
        after: Option<&str>,
        limit: Option<u64>,
    ) -> Result<Conflicts, Problem> {
        self.end(self.legs().resolved_conflicts(who, after, limit))
    }

    /// See [`Legs::conflict_manifest`].
    pub fn conflict_manifest(&self, who: &Device, id: ConflictId) -> Result<Manifest, Problem> {
        self.end(self.legs().conflict_manifest(who, id))
    }

    /// See [`Legs::changes`].
    pub fn changes(
        &self,
        who: &Device,
        since: Option<&str>,
        limit: Option<u64>,
    ) -> Result<ChangePage, Problem> {
        self.end(self.legs().changes(who, since, limit))
    }

    /// See [`Legs::newest`].
    pub fn newest(&self, who: &Device) -> Result<(Seq, Option<Event>), Problem> {
        self.end(self.legs().newest(who))
    }

    /// See [`Legs::space`].
    pub fn space(&self, who: &Device) -> Result<Space, Problem> {
        self.end(self.legs().space(who))
    }

    /// See [`Legs::item`].
    pub fn item(&self, who: &Device, item: ItemId) -> Result<Item, Problem> {
        self.end(self.legs().item(who, item))
    }

    /// See [`Legs::manifest`].
    pub fn manifest(
        &self,
        who: &Device,
        file: ItemId,
        version: Option<Version>,
    ) -> Result<FileManifest, Problem> {
        self.end(self.legs().manifest(who, file, version))
    }

    /// See [`Legs::manifest_since`].
    pub fn manifest_since(
        &self,
        who: &Device,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Problem> {
        self.end(self.legs().manifest_since(who, file, version, since))
    }

    /// See [`Legs::content`].
    pub fn content(
        &self,
        who: &Device,
        file: ItemId,
        version: Option<Version>,
    ) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().content(who, file, version))
    }

    /// See [`Legs::block`].
    pub fn block(&self, who: &Device, hash: BlockHash) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().block(who, hash))
    }

    /// See [`Legs::range`].
    pub fn range(&self, who: &Device, file: ItemId, span: Span) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().range(who, file, span))
    }

    /// See [`Legs::fetch`].
    pub fn fetch(&self, who: &Device, fetch: &Fetch) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().fetch(who, fetch))
    }

    /// See [`Legs::signatures`].
    pub fn signatures(&self, who: &Device, fetch: &FetchSignatures) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().signatures(who, fetch))
    }

    /// See [`Legs::conflict_content`].
    pub fn conflict_content(&self, who: &Device, id: ConflictId) -> Result<Vec<u8>, Problem> {
        self.end(self.legs().conflict_content(who, id))
    }

    /// See [`Legs::conflicts`].
    pub fn conflicts(&self, who: &Device) -> Result<Vec<Conflict>, Problem> {
        self.end(self.legs().conflicts(who))
    }

    /// See [`Legs::conflict`].
    pub fn conflict(&self, who: &Device, id: ConflictId) -> Result<Conflict, Problem> {
        self.end(self.legs().conflict(who, id))
    }

    /// See [`Legs::scrub`].
    pub fn scrub(&self, now: UnixMillis, bounds: &scrub::Bounds) -> Result<Scrubbed, Problem> {
        self.end(self.legs().scrub(now, bounds))
    }

    /// See [`Legs::regroup`].
    pub fn regroup(&self, who: &Device, file: ItemId) -> Result<u64, Problem> {
        let pack = PackId::from_random(self.fresh_id());
        self.end(self.legs().regroup(who, file, pack))
    }

    /// See [`Legs::collect`].
    pub fn collect(&self, now: UnixMillis, bounds: &Bounds) -> Result<Collected, Problem> {
        self.end(self.legs().collect(now, bounds))
    }
}
