//! The whole server as plain calls: each leg at once, refused with a
//! [`Problem`] as over HTTP. Nothing of it depends on the machine, its clock or
//! its randomness, so the same calls have the same answers.

use super::legs::{Answered, Device, Legs};
use super::packs::MemoryPacks;
use super::ready::ready;
use super::sqlite::Sqlite;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use driftless_core::collect::{CollectBounds, Collected};
use driftless_core::error::Failure;
use driftless_core::range::Span;
use driftless_core::reads::past::WantedPast;
use driftless_core::reads::space::PollStart;
use driftless_core::retention::thin::{ThinBounds, Thinned};
use driftless_core::rewrite::{RewriteBounds, Rewritten};
use driftless_core::scrub::{self, Scrubbed};
use driftless_core::writes::deletion;
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, FileVersion, ManifestSince, MarkVersion, NewFile, Proposal,
    ProposalAnswer,
};
use protocol::ids::{ConflictId, ItemId, PackId, Seq, SpaceId, UnixMillis, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::notifications::Event;
use protocol::past::{Past, Revert};
use protocol::problem::Problem;
use protocol::retention::Retention;
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

    /// See [`Legs::revert`].
    pub fn revert(
        &self,
        who: &Device,
        now: UnixMillis,
        files: Vec<Revert>,
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Problem> {
        let ends = self.end(self.legs().revert(who, now, files))?;
        let told = |end: Answered<ItemChanged>| end.map_err(|failure| self.problem(failure));
        Ok(ends.into_iter().map(told).collect())
    }

    /// See [`Legs::regroup`].
    pub fn regroup(&self, who: &Device, now: UnixMillis, file: ItemId) -> Result<u64, Problem> {
        let pack = PackId::from_random(self.fresh_id());
        self.packs.clock.set(now);
        self.end(self.legs().regroup(who, now, file, pack))
    }

    /// See [`Legs::rewrite`].
    pub fn rewrite(&self, now: UnixMillis, bounds: &RewriteBounds) -> Result<Rewritten, Problem> {
        let fresh_id = || PackId::from_random(self.fresh_id());
        self.packs.clock.set(now);
        self.end(self.legs().rewrite(now, fresh_id, bounds))
    }
}

/// Makes each leg of [`Legs`] that is named one that is answered at once.
macro_rules! at_once {
    ($($leg:ident($($argument:ident: $of:ty),*) -> $told:ty;)*) => {$(
        #[doc = concat!("See [`Legs::", stringify!($leg), "`].")]
        pub fn $leg(&self, $($argument: $of),*) -> Result<$told, Problem> {
            self.end(self.legs().$leg($($argument),*))
        }
    )*};
}

impl Server {
    at_once! {
        propose(who: &Device, file: ItemId, proposal: Proposal) -> ProposalAnswer;
        create_file(who: &Device, now: UnixMillis, file: impl Into<NewFile<Content>>) -> ItemChanged;
        create_folder(who: &Device, now: UnixMillis, folder: NewFolder) -> ItemChanged;
        commit(who: &Device, now: UnixMillis, file: ItemId, commit: impl Into<Commit<Content>>) -> ItemChanged;
        change_place(who: &Device, now: UnixMillis, item: ItemId, to: ChangePlace) -> ItemChanged;
        trash(who: &Device, now: UnixMillis, item: ItemId, change: ChangeTrashed) -> ItemChanged;
        restore(who: &Device, now: UnixMillis, item: ItemId, change: ChangeTrashed) -> ItemChanged;
        delete(who: &Device, now: UnixMillis, item: ItemId, request: DeleteForGood, bounds: &deletion::DeletionBounds) -> DeletedForGood;
        empty_trash(who: &Device, now: UnixMillis, request: EmptyTrash, bounds: &deletion::DeletionBounds) -> DeletedForGood;
        keep_conflict(who: &Device, now: UnixMillis, file: ItemId, new: impl Into<NewConflict<Content>>) -> Conflict;
        resolve(who: &Device, now: UnixMillis, conflict: ConflictId, resolve: Resolve) -> Conflict;
        reopen(who: &Device, now: UnixMillis, conflict: ConflictId, request: Reopen) -> Conflict;
        resolved_conflicts(who: &Device, after: Option<&str>, limit: Option<u64>) -> Conflicts;
        conflict_manifest(who: &Device, id: ConflictId) -> Manifest;
        changes(who: &Device, since: Option<&str>, limit: Option<u64>) -> ChangePage;
        poll(who: &Device, since: Option<&str>) -> PollStart;
        newest(who: &Device) -> (Seq, Option<Event>);
        space(who: &Device) -> Space;
        item(who: &Device, item: ItemId) -> Item;
        manifest(who: &Device, file: ItemId, version: Option<Version>) -> FileManifest;
        manifest_since(who: &Device, file: ItemId, version: Version, since: Base) -> ManifestSince;
        content(who: &Device, file: ItemId, version: Option<Version>) -> Vec<u8>;
        block(who: &Device, hash: BlockHash) -> Vec<u8>;
        range(who: &Device, file: ItemId, span: Span) -> Vec<u8>;
        fetch(who: &Device, fetch: &Fetch) -> Vec<u8>;
        signatures(who: &Device, fetch: &FetchSignatures) -> Vec<u8>;
        conflict_content(who: &Device, id: ConflictId) -> Vec<u8>;
        conflicts(who: &Device) -> Vec<Conflict>;
        conflict(who: &Device, id: ConflictId) -> Conflict;
        mark_version(who: &Device, now: UnixMillis, item: ItemId, wanted: &MarkVersion) -> FileVersion;
        past(who: &Device, now: UnixMillis, wanted: &WantedPast) -> Past;
        thin(now: UnixMillis, otherwise: &Retention, bounds: &ThinBounds) -> Thinned;
        scrub(now: UnixMillis, bounds: &scrub::ScrubBounds) -> Scrubbed;
        collect(now: UnixMillis, bounds: &CollectBounds) -> Collected;
    }
}
