//! The legs of the API as futures, on any database and pack store: what the
//! handlers do between HTTP and HTTP. [`Server`](super::server::Server) has the
//! same at once.

use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::access::held::{self, SharedPart};
use driftless_core::access::reach::Reach;
use driftless_core::collect::{self, CollectBounds, Collected};
use driftless_core::error::Failure;
use driftless_core::ports::{Database, DbError, Packs};
use driftless_core::range::Span;
use driftless_core::reads;
use driftless_core::reads::below::Below;
use driftless_core::reads::content::{Opened, Stored, open_run, runs};
use driftless_core::reads::past::WantedPast;
use driftless_core::reads::space::PollStart;
use driftless_core::regroup;
use driftless_core::retention::thin::{self, ThinBounds, Thinned};
use driftless_core::rewrite::{self, RewriteBounds, Rewritten};
use driftless_core::room::Limits;
use driftless_core::scrub::{self, Scrubbed};
use driftless_core::store::places::requests_of;
use driftless_core::writes::blocks::BlockUpload;
use driftless_core::writes::carry::apply_carrying;
use driftless_core::writes::commit::CommitTo;
use driftless_core::writes::conflict::{Decide, Keep};
use driftless_core::writes::create::Create;
use driftless_core::writes::creates::create_files;
use driftless_core::writes::deletion::{self, Deletion, delete_for_good};
use driftless_core::writes::places;
use driftless_core::writes::reopen::ReopenConflict;
use driftless_core::writes::reverts::revert_files;
use driftless_core::writes::{self, Answer, Applied, Author, Change, Contributor};
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, FileVersion, ManifestSince, MarkVersion, NewFile, Proposal,
    ProposalAnswer,
};
use protocol::ids::{
    ConflictId, DeviceId, ItemId, PackId, Seq, SpaceId, UnixMillis, UserId, Version,
};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder, PlaceChange,
};
use protocol::limits::MAX_PACK_BODY_BYTES;
use protocol::notifications::{Actor, Event};
use protocol::past::{Past, Revert};
use protocol::problem::Problem;
use protocol::retention::Retention;

/// Who asks: a device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub space: SpaceId,
    pub user: UserId,
    pub user_name: String,
    pub id: DeviceId,
    pub name: String,
    /// How many rows the server lets a space have.
    pub limits: Limits,
    /// Set for a token of one folder.
    pub folder: Option<ItemId>,
    /// Set for somebody with whom this was shared of another person's space.
    pub root: Option<ItemId>,
}

impl Device {
    /// The device as the author of a change.
    pub fn at(&self, now: UnixMillis) -> Author {
        Author {
            space: self.space,
            by: Contributor::Person(Actor {
                user_id: self.user,
                user_name: self.user_name.clone(),
                device_id: self.id,
                device_name: self.name.clone(),
            }),
            home: self.root.is_none().then_some(self.space),
            now,
            limits: self.limits,
            reach: self.reach_at(now),
        }
    }

    /// What of the space it has.
    pub fn reach(&self) -> Reach {
        self.reach_at(0)
    }

    fn reach_at(&self, now: UnixMillis) -> Reach {
        let held = self.root.map(|root| SharedPart {
            root,
            by: held::SharedBy::Grant(self.user),
            now,
            changes: true,
        });
        held.map_or_else(|| Reach::of(self.folder), Reach::of_held)
    }
}

fn upload<'a>(who: &Device, reach: &'a Reach, now: UnixMillis, id: PackId) -> BlockUpload<'a> {
    BlockUpload {
        space: who.space,
        now,
        id,
        reach,
        of: &[],
    }
}

/// What every leg ends with.
pub type Answered<T> = Result<T, Failure>;

/// The API between HTTP and HTTP.
#[derive(Debug)]
pub struct Legs<'a, D, P> {
    pub db: &'a D,
    pub packs: &'a P,
}

impl<D: Database, P: Packs<Body = Vec<u8>>> Legs<'_, D, P> {
    /// An empty space; its id must be fresh.
    pub async fn new_space(&self, space: SpaceId, quota_bytes: u64) -> Answered<()> {
        writes::space::make(self.db, space, quota_bytes).await
    }

    /// `POST /files/{id}/sync`
    pub async fn propose(
        &self,
        who: &Device,
        file: ItemId,
        proposal: Proposal,
    ) -> Answered<ProposalAnswer> {
        reads::proposal::propose(self.db, who.space, &who.reach(), file, proposal).await
    }

    /// `POST /blocks`. The pack's id must be fresh.
    pub async fn store_blocks(
        &self,
        who: &Device,
        now: UnixMillis,
        pack: PackId,
        frames: Vec<u8>,
    ) -> Answered<BlocksStored> {
        if frames.len() > MAX_PACK_BODY_BYTES {
            let limit_bytes = MAX_PACK_BODY_BYTES as u64;
            return Err(Problem::BodyTooLarge { limit_bytes }.into());
        }
        let reach = who.reach();
        let upload = upload(who, &reach, now, pack);
        writes::blocks::store(self.db, self.packs, &upload, frames).await
    }

    /// The blocks that another request carries, which are answered.
    pub async fn store_carried(
        &self,
        who: &Device,
        now: UnixMillis,
        pack: PackId,
        frames: Vec<u8>,
    ) -> Answered<Vec<BlockRef>> {
        let reach = who.reach();
        let upload = upload(who, &reach, now, pack);
        writes::blocks::store_carried(self.db, self.packs, &upload, frames).await
    }

    /// `POST /files`
    pub async fn create_file(
        &self,
        who: &Device,
        now: UnixMillis,
        file: impl Into<NewFile<Content>>,
    ) -> Answered<ItemChanged> {
        let create = Create::from(file.into());
        self.change_item(who, now, create).await
    }

    /// `POST /files` with blocks. The pack's id must be fresh.
    pub async fn create_file_carrying(
        &self,
        who: &Device,
        now: UnixMillis,
        mut file: NewFile<Content>,
        carried: (PackId, Vec<u8>),
    ) -> Answered<ItemChanged> {
        let create = |carried: &[BlockRef]| {
            if let Some(content) = &mut file.content {
                content.put_in(carried);
            }
            Create::from(file)
        };
        let author = who.at(now);
        let applied = apply_carrying(self.db, self.packs, &author, carried, &[], create).await?;
        applied.item_changed()
    }

    /// `POST /files/batch`
    pub async fn create_files(
        &self,
        who: &Device,
        now: UnixMillis,
        files: Vec<impl Into<NewFile<Content>>>,
    ) -> Answered<Vec<Answered<ItemChanged>>> {
        let files = files.into_iter().map(|file| Ok(file.into())).collect();
        let ends = create_files(self.db, &who.at(now), files).await?;
        let ends = ends.into_iter().map(|end| end?.item_changed());
        Ok(ends.collect())
    }

    /// `POST /folders`
    pub async fn create_folder(
        &self,
        who: &Device,
        now: UnixMillis,
        folder: NewFolder,
    ) -> Answered<ItemChanged> {
        self.change_item(who, now, Create::from(folder)).await
    }

    /// `POST /files/{id}/commit`
    pub async fn commit(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        commit: impl Into<Commit<Content>>,
    ) -> Answered<ItemChanged> {
        let commit = commit.into();
        self.change_item(who, now, CommitTo { item, commit }).await
    }

    /// `POST /files/{id}/commit` with blocks. The pack's id must be fresh.
    pub async fn commit_carrying(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        mut commit: Commit<Content>,
        carried: (PackId, Vec<u8>),
    ) -> Answered<ItemChanged> {
        let change = |carried: &[BlockRef]| {
            commit.content.put_in(carried);
            CommitTo { item, commit }
        };
        let author = who.at(now);
        let applied =
            apply_carrying(self.db, self.packs, &author, carried, &[item], change).await?;
        applied.item_changed()
    }

    /// `PATCH /items/{id}`
    pub async fn change_place(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        to: ChangePlace,
    ) -> Answered<ItemChanged> {
        self.put(who, now, item, PlaceChange::Move(to)).await
    }

    /// `POST /items/{id}/trash`
    pub async fn trash(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        change: ChangeTrashed,
    ) -> Answered<ItemChanged> {
        self.put(who, now, item, PlaceChange::Trash(change)).await
    }

    /// `POST /items/{id}/restore`
    pub async fn restore(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        change: ChangeTrashed,
    ) -> Answered<ItemChanged> {
        self.put(who, now, item, PlaceChange::Restore(change)).await
    }

    async fn put(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        to: PlaceChange,
    ) -> Answered<ItemChanged> {
        let applied = places::change_item(self.db, &who.at(now), item, to).await?;
        applied.item_changed()
    }

    /// `POST /items/batch`
    pub async fn change_items(
        &self,
        who: &Device,
        now: UnixMillis,
        changes: Vec<ItemChange>,
    ) -> Answered<Vec<Answered<ItemChanged>>> {
        let changes = changes.into_iter().map(Ok).collect();
        let ends = places::change_items(self.db, &who.at(now), changes).await?;
        let ends = ends.into_iter().map(|end| end?.item_changed());
        Ok(ends.collect())
    }

    /// `GET /past`
    pub async fn past(&self, who: &Device, now: UnixMillis, wanted: &WantedPast) -> Answered<Past> {
        let reach = who.reach_at(now);
        reads::past::past(self.db, who.space, reach.part(), wanted, now).await
    }

    /// `POST /files/revert`
    pub async fn revert(
        &self,
        who: &Device,
        now: UnixMillis,
        files: Vec<Revert>,
    ) -> Answered<Vec<Answered<ItemChanged>>> {
        let files = files.into_iter().map(Ok).collect();
        let ends = revert_files(self.db, &who.at(now), files).await?;
        let ends = ends.into_iter().map(|end| end?.item_changed());
        Ok(ends.collect())
    }

    /// `DELETE /items/{id}`
    pub async fn delete(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        request: DeleteForGood,
        bounds: &deletion::DeletionBounds,
    ) -> Answered<DeletedForGood> {
        let wanted = Deletion::DeleteForGood { item, request };
        let deleted = delete_for_good(self.db, &who.at(now), &wanted, bounds).await?;
        Ok(deleted.answer)
    }

    /// `POST /trash/empty`
    pub async fn empty_trash(
        &self,
        who: &Device,
        now: UnixMillis,
        request: EmptyTrash,
        bounds: &deletion::DeletionBounds,
    ) -> Answered<DeletedForGood> {
        let wanted = Deletion::EmptyTrash(request);
        let deleted = delete_for_good(self.db, &who.at(now), &wanted, bounds).await?;
        Ok(deleted.answer)
    }

    /// `POST /files/{id}/conflicts`
    pub async fn keep_conflict(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        new: impl Into<NewConflict<Content>>,
    ) -> Answered<Conflict> {
        let new = new.into();
        self.change_conflict(who, now, Keep { item, new }).await
    }

    /// `POST /conflicts/{id}/resolve`
    pub async fn resolve(
        &self,
        who: &Device,
        now: UnixMillis,
        conflict: ConflictId,
        resolve: Resolve,
    ) -> Answered<Conflict> {
        let found = reads::conflicts::find(self.db, who.space, conflict).await?;
        let decide = Decide {
            conflict,
            item: found.item,
            resolve,
        };
        self.change_conflict(who, now, decide).await
    }

    /// `POST /conflicts/{id}/reopen`
    pub async fn reopen(
        &self,
        who: &Device,
        now: UnixMillis,
        reopen: ConflictId,
        request: Reopen,
    ) -> Answered<Conflict> {
        let found = reads::conflicts::find(self.db, who.space, reopen).await?;
        let change = ReopenConflict {
            reopen,
            item: found.item,
            request,
        };
        self.change_conflict(who, now, change).await
    }

    /// `GET /changes/list`
    pub async fn changes(
        &self,
        who: &Device,
        since: Option<&str>,
        limit: Option<u64>,
    ) -> Answered<ChangePage> {
        let cursor = reads::changes::cursor(since)?;
        let reach = who.reach();
        match self.below(who, &reach) {
            Some(below) => below.page(cursor, limit).await,
            None => reads::changes::page(self.db, who.space, cursor, limit).await,
        }
    }

    /// `GET /notifications/poll`, up to where the Notification Service holds it.
    pub async fn poll(&self, who: &Device, since: Option<&str>) -> Answered<PollStart> {
        let cursor = reads::changes::cursor(since)?;
        let reach = who.reach();
        match self.below(who, &reach) {
            Some(below) => below.poll(cursor).await,
            None => reads::space::poll(self.db, who.space, cursor).await,
        }
    }

    fn below<'r>(&'r self, who: &Device, reach: &'r Reach) -> Option<Below<'r, D>> {
        let (db, space) = (self.db, who.space);
        reach.part().map(|part| Below { db, space, part })
    }

    /// The journal's head and its newest entry.
    pub async fn newest(&self, who: &Device) -> Answered<(Seq, Option<Event>)> {
        reads::space::newest(self.db, who.space).await
    }

    /// The space's part of `GET /accounts/me`
    pub async fn space(&self, who: &Device) -> Answered<Space> {
        reads::space::space(self.db, who.space, &who.limits).await
    }

    /// `GET /items/{id}`
    pub async fn item(&self, who: &Device, item: ItemId) -> Answered<Item> {
        reads::items::item(self.db, who.space, &who.reach(), item).await
    }

    /// `GET /files/{id}/manifest`
    pub async fn manifest(
        &self,
        who: &Device,
        file: ItemId,
        version: Option<Version>,
    ) -> Answered<FileManifest> {
        reads::files::manifest(self.db, who.space, &who.reach(), file, version).await
    }

    /// `GET /files/{id}/manifest?since=`
    pub async fn manifest_since(
        &self,
        who: &Device,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Answered<ManifestSince> {
        reads::files::manifest_since(self.db, who.space, &who.reach(), file, Some(version), since)
            .await
    }

    /// `GET /files/{id}/content`
    pub async fn content(
        &self,
        who: &Device,
        file: ItemId,
        version: Option<Version>,
    ) -> Answered<Vec<u8>> {
        let found =
            reads::content::of_file(self.db, who.space, &who.reach(), file, version).await?;
        self.bytes(who, found.1).await
    }

    /// `GET /blocks/{hash}`. As the server, this does not compare the bytes with
    /// the hash: that is for whoever reads them.
    pub async fn block(&self, who: &Device, hash: BlockHash) -> Answered<Vec<u8>> {
        let stored = reads::content::of_block(self.db, who.space, hash).await?;
        self.bytes(who, stored).await
    }

    /// `GET /files/{id}/content` with a `Range` of the head.
    pub async fn range(&self, who: &Device, file: ItemId, span: Span) -> Answered<Vec<u8>> {
        let found = reads::content::of_file(self.db, who.space, &who.reach(), file, None).await?;
        self.part(who, &found.1, span).await
    }

    /// `POST /blocks/fetch`: frames.
    pub async fn fetch(&self, who: &Device, fetch: &Fetch) -> Answered<Vec<u8>> {
        let frames =
            reads::payloads::frames(self.db, self.packs, who.space, &who.reach(), fetch).await?;
        let pieces: Vec<Vec<u8>> = frames.collect::<Answered<_>>()?;
        Ok(pieces.concat())
    }

    /// `POST /blocks/signatures`
    pub async fn signatures(&self, who: &Device, fetch: &FetchSignatures) -> Answered<Vec<u8>> {
        reads::payloads::signatures(self.db, self.packs, who.space, &who.reach(), fetch).await
    }

    /// `GET /conflicts/{id}/content`
    pub async fn conflict_content(&self, who: &Device, id: ConflictId) -> Answered<Vec<u8>> {
        let stored = reads::content::of_conflict(self.db, who.space, &who.reach(), id).await?;
        self.bytes(who, stored).await
    }

    /// `GET /conflicts`: the open ones.
    pub async fn conflicts(&self, who: &Device) -> Answered<Vec<Conflict>> {
        let open = reads::conflicts::open(self.db, who.space).await?;
        Ok(open.conflicts)
    }

    /// `GET /conflicts?state=resolved`
    pub async fn resolved_conflicts(
        &self,
        who: &Device,
        after: Option<&str>,
        limit: Option<u64>,
    ) -> Answered<Conflicts> {
        reads::conflicts::resolved(self.db, who.space, after, limit).await
    }

    /// `GET /conflicts/{id}/manifest`
    pub async fn conflict_manifest(&self, who: &Device, id: ConflictId) -> Answered<Manifest> {
        reads::conflicts::manifest(self.db, who.space, id).await
    }

    /// `GET /conflicts/{id}`
    pub async fn conflict(&self, who: &Device, id: ConflictId) -> Answered<Conflict> {
        reads::conflicts::conflict(self.db, who.space, id).await
    }

    /// One run of the collector, as by its scheduled event.
    pub async fn collect(&self, now: UnixMillis, bounds: &CollectBounds) -> Answered<Collected> {
        collect::run(self.db, self.packs, now, bounds).await
    }

    /// One run of the job that thins versions, as by its scheduled event.
    pub async fn thin(
        &self,
        now: UnixMillis,
        otherwise: &Retention,
        bounds: &ThinBounds,
    ) -> Answered<Thinned> {
        thin::run(self.db, now, otherwise, bounds).await
    }

    /// `PATCH /files/{id}/versions`
    pub async fn mark_version(
        &self,
        who: &Device,
        now: UnixMillis,
        item: ItemId,
        wanted: &MarkVersion,
    ) -> Answered<FileVersion> {
        writes::marks::mark(self.db, &who.at(now), item, wanted).await
    }

    /// One run of the scrub, as by its scheduled event.
    pub async fn scrub(&self, now: UnixMillis, bounds: &scrub::ScrubBounds) -> Answered<Scrubbed> {
        scrub::run(self.db, self.packs, now, bounds).await
    }

    /// One run of the job that writes packs anew, as by its scheduled event.
    pub async fn rewrite(
        &self,
        now: UnixMillis,
        fresh_id: impl Fn() -> PackId,
        bounds: &RewriteBounds,
    ) -> Answered<Rewritten> {
        rewrite::run(self.db, self.packs, now, || Ok(fresh_id()), bounds).await
    }

    /// Puts scattered blocks of a file together. The pack's id must be fresh.
    pub async fn regroup(
        &self,
        who: &Device,
        now: UnixMillis,
        file: ItemId,
        pack: PackId,
    ) -> Answered<u64> {
        regroup::file(self.db, self.packs, who.space, file, pack, now).await
    }

    async fn bytes(&self, who: &Device, stored: Stored) -> Answered<Vec<u8>> {
        self.part(who, &stored, Span::whole(stored.size)).await
    }

    async fn part(&self, who: &Device, stored: &Stored, span: Span) -> Answered<Vec<u8>> {
        let planned = runs(self.db, stored, span).await?;
        let mut bytes = Vec::new();
        // As the server asks itself, where they are several.
        for request in requests_of(&planned, span) {
            bytes.extend(self.request(who, stored, request).await?);
        }
        Ok(bytes)
    }

    /// A part of some content, by one request, which makes a bounded number of calls.
    pub async fn request(&self, who: &Device, stored: &Stored, span: Span) -> Answered<Vec<u8>> {
        let mut bytes = Vec::new();
        for run in runs(self.db, stored, span).await? {
            match open_run(self.packs, who.space, run).await? {
                Opened::Plain(body) => bytes.extend(body),
                Opened::Gathered(blocks) => {
                    for block in blocks {
                        bytes.extend(block?);
                    }
                }
            }
        }
        Ok(bytes)
    }

    async fn change_item(
        &self,
        who: &Device,
        now: UnixMillis,
        change: impl Change,
    ) -> Answered<ItemChanged> {
        let Applied { answer, seq, .. } = writes::apply(self.db, &who.at(now), &change).await?;
        match answer {
            Answer::Item { item } => Ok(ItemChanged { item, seq }),
            other => Err(odd(&other)),
        }
    }

    async fn change_conflict(
        &self,
        who: &Device,
        now: UnixMillis,
        change: impl Change,
    ) -> Answered<Conflict> {
        match writes::apply(self.db, &who.at(now), &change).await?.answer {
            Answer::Conflict { conflict } => Ok(conflict),
            other => Err(odd(&other)),
        }
    }
}

fn odd(answer: &Answer) -> Failure {
    DbError::Fault(format!("another answer than the change's: {answer:?}")).into()
}
