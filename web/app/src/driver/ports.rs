//! The client's ports, in a browser: the API at the network, IndexedDB, the origin
//! private file system, workers and timers. What the client tells goes to whoever
//! surrounds it.

use super::store;
use crate::archive::plan::FileContent;
use crate::parts::PartFuture;
use crate::refusals::InWords;
use crate::state::notices::Notices;
use blocks::chunk::SizeClass;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::number::FileTime;
use blocks::patch::{BaseRun, Signature};
use client::downloads::NotComposed;
use client::lists::Lists;
use client::located::Located;
use client::polls::{Heard, PollAnswer, Polls, Wire};
use client::ports::{
    Against, BlockCache, CachedBlock, Carrying, Clock, Copies, Folder, Hasher, HeldList, Kinds,
    Made, NotCopied, Observer, Parcel, PollEnd, Random, Received, SendProgress, Server, Spawn,
    Store, Written,
};
use client::requests::{Code, Requests};
use js_sys::Uint8Array;
use leptos::prelude::RwSignal;
use platform::api::{Api, to_json, upload};
use platform::browser::opfs::{DRAFTS, NotWritten};
use platform::browser::{clock, js, random};
use platform::failure::Failure;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Receipted};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, ItemId, UnixMillis, Version};
use protocol::items::{ChangePlace, ChangeTrashed, Committed, ItemChanged, NewFolder};
use protocol::paths;
use protocol::positions::Position;
use protocol::receipts::Receipts;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use sync::Silence;
use sync::edit::DraftId;
use sync::message::{Answer, Lost, Notice, Record, Request, StoredState};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};
use workers::cache::Cache;
use workers::hashing::file;
use workers::hashing::pool::Pool;

/// What no feed tells of is told a device once in 10 seconds at most. If it comes again within
/// so many milliseconds, the poll rests, or a fault of the server would make it a flood.
const OPENED_AGAIN_MILLIS: u64 = 5_000;
/// For so long. The first time it goes on at once: whoever saves a file says that they have
/// it open just before the version comes.
const OPENED_REST_MILLIS: u64 = 1_000;

/// The client, in a page.
pub type Client = client::Client<Page>;

/// A request that is being answered.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Lost>>>>;

/// A file that is being put together, to be downloaded.
pub type Composing = Pin<Box<dyn Future<Output = Result<Blob, NotComposed>>>>;

/// What the ports stand on, whoever is signed in.
#[derive(Clone)]
pub struct Means {
    pub store: Rc<store::Store>,
    pub cache: Rc<Cache>,
    pub pool: Pool,
    pub notices: Notices,
    /// What all roots poll by.
    pub polls: Polls<Page>,
    /// Everything that changes something at the server: a part of the page.
    pub changes: fn(Requests<Page>, Request) -> PartFuture<Answering>,
    /// Puts a file together, and says in a signal how many of its bytes are here: another
    /// part.
    pub downloads: fn(Client, FileContent, RwSignal<u64>) -> PartFuture<Composing>,
}

/// The page of one user's session.
#[derive(Clone)]
pub struct Page(Rc<Inner>);

struct Inner {
    means: Means,
    api: Api,
    here: Committed,
    observer: Rc<dyn Observer>,
    /// Something has happened in what others share with the person.
    on_elsewhere: Box<dyn Fn()>,
    /// Others have opened or closed a file.
    on_opened: Box<dyn Fn()>,
    /// When a poll last said so.
    opened_at: Cell<UnixMillis>,
    leads: Cell<bool>,
    told_not_loaded: Cell<bool>,
}

impl Page {
    /// `api` speaks for the user; `here` is who writes in this browser; `observer` hears
    /// what the client tells, `on_elsewhere` that something has happened in what others
    /// share, and `on_opened` that others have opened or closed a file.
    pub fn new(
        means: Means,
        api: Api,
        here: Committed,
        observer: Rc<dyn Observer>,
        on_elsewhere: impl Fn() + 'static,
        on_opened: impl Fn() + 'static,
    ) -> Self {
        Self(Rc::new(Inner {
            means,
            api,
            here,
            observer,
            on_elsewhere: Box::new(on_elsewhere),
            on_opened: Box::new(on_opened),
            opened_at: Cell::new(0),
            leads: Cell::new(false),
            told_not_loaded: Cell::new(false),
        }))
    }

    /// Who writes here.
    pub fn here(&self) -> &Committed {
        &self.0.here
    }

    /// Puts the list of a version that is kept offline back to the others, if another one of
    /// the file has taken its place there.
    pub async fn recall_list(&self, lists: &Lists<Self>, item: ItemId, version: Version) {
        if let Some(database) = self.0.means.store.database()
            && let Ok(Some(file)) = database.offline_file(item).await
            && file.version == version
        {
            lists.put(item, version, &file.blocks).await;
        }
    }

    /// Whether this tab pulls and polls for all tabs of the browser.
    pub fn leads(&self) -> bool {
        self.0.leads.get()
    }

    /// From now on it does.
    pub fn lead(&self) {
        self.0.leads.set(true);
    }

    fn cache(&self) -> &Cache {
        &self.0.means.cache
    }

    fn store(&self) -> &store::Store {
        &self.0.means.store
    }
}

impl Kinds for Page {
    type File = File;
    type Bytes = Uint8Array;
    type Whole = Blob;

    fn size(file: &File) -> u64 {
        file.size() as u64
    }

    fn name(file: &File) -> String {
        file.name()
    }

    fn modified_at_ms(file: &File) -> FileTime {
        FileTime::nearest_to(file.last_modified())
    }
}

/// The browser's time and chance, which no session is needed for.
pub struct Timers;

impl Clock for Timers {
    fn now_ms(&self) -> UnixMillis {
        clock::now_ms()
    }

    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        clock::sleep(millis)
    }
}

impl Random for Timers {
    fn jitter(&self) -> f64 {
        random::jitter()
    }

    fn small_id(&self) -> u64 {
        random::small_id()
    }
}

impl Clock for Page {
    fn now_ms(&self) -> UnixMillis {
        Timers.now_ms()
    }

    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        Timers.sleep(millis)
    }

    fn breathe(&self) -> impl Future<Output = ()> + 'static {
        clock::breathe()
    }
}

impl Random for Page {
    fn jitter(&self) -> f64 {
        Timers.jitter()
    }

    fn small_id(&self) -> u64 {
        Timers.small_id()
    }
}

impl Spawn for Page {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        spawn_local(task);
    }

    fn log(&self, what: std::fmt::Arguments<'_>) {
        leptos::logging::warn!("{what}");
    }
}

impl Code for Page {
    async fn carry_out(&self, requests: Requests<Self>, body: Request) -> Result<Answer, Lost> {
        match (self.0.means.changes)(requests, body).await {
            Ok(answering) => answering.await,
            Err(not_loaded) => {
                let failure = Failure::from(not_loaded);
                // The engine asks again by itself, and nothing else would say why.
                if !self.0.told_not_loaded.replace(true) {
                    self.0.means.notices.bad(failure.in_words());
                }
                Err(failure.into())
            }
        }
    }
}

impl Wire for Page {
    fn is_of_same(&self, other: &Self) -> bool {
        self.0.api.user() == other.0.api.user()
    }

    async fn poll_all(&self, positions: &[Position], seconds: u64) -> Result<Heard, Failure> {
        self.0.api.poll(positions, seconds).await
    }
}

/// The body of a parcel, and what hears of it. What has left of a solid body counts as if
/// its patches had left one by one, since that is what the files' bytes are counted by.
fn travelling(
    parcel: &Parcel<Page>,
    progress: impl Fn(u64) + 'static,
) -> Result<(Blob, impl Fn(u64) + 'static), Failure> {
    let body = upload::body(parcel.solid.as_ref(), parcel.by_themselves())?;
    let ratio = match &parcel.solid {
        None => 1.0,
        Some(_) => {
            let frames = parcel.frames.iter();
            let bytes = frames.map(|(_, frame)| frame.payload_bytes() + FRAME_HEADER_BYTES as u64);
            bytes.sum::<u64>() as f64 / body.size().max(1.0)
        }
    };
    Ok((body, move |bytes| progress((bytes as f64 * ratio) as u64)))
}

impl Server for Page {
    fn root(&self) -> Option<ItemId> {
        self.0.api.root()
    }

    async fn changes(&self, since: Option<&str>) -> Result<ChangePage, Failure> {
        let page = self.0.api.changes(since).await?;
        // It was read in this task, and is taken in in the next.
        if page.changes.len() >= store::MANY {
            clock::breathe().await;
        }
        Ok(page)
    }

    async fn poll(&self, since: &str, seconds: u64) -> Result<PollEnd, Failure> {
        let began = clock::now_ms();
        loop {
            let held = clock::now_ms().saturating_sub(began) / 1_000;
            let position = Position {
                root: self.root(),
                cursor: since.to_owned(),
            };
            let polls = &self.0.means.polls;
            match polls
                .ask(self, position, seconds.saturating_sub(held))
                .await?
            {
                PollAnswer::News => return Ok(PollEnd::News),
                PollAnswer::Elsewhere => {
                    (self.0.on_elsewhere)();
                    return Ok(PollEnd::News);
                }
                PollAnswer::TimedOut => return Ok(PollEnd::TimedOut),
                PollAnswer::Unheard => return Ok(PollEnd::Unheard),
                // To the client it is one poll: there is nothing to be pulled.
                PollAnswer::Opened => {
                    (self.0.on_opened)();
                    let now = clock::now_ms();
                    let before = self.0.opened_at.replace(now);
                    if now.saturating_sub(before) < OPENED_AGAIN_MILLIS {
                        clock::sleep(OPENED_REST_MILLIS).await;
                    }
                }
            }
        }
    }

    async fn propose(&self, item: ItemId, body: &Proposal) -> Result<ProposalAnswer, Failure> {
        self.0.api.propose(item, body).await
    }

    async fn commit(&self, item: ItemId, body: &Commit<Receipted>) -> Result<ItemChanged, Failure> {
        self.0.api.commit(item, body).await
    }

    async fn create_file(&self, body: &NewFile<Receipted>) -> Result<ItemChanged, Failure> {
        self.0.api.create_file(body).await
    }

    async fn create_files(&self, body: &NewFiles<Receipted>) -> Result<FilesMade, Failure> {
        self.0.api.create_files(body).await
    }

    async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict<Receipted>,
    ) -> Result<Conflict, Failure> {
        self.0.api.keep_conflict(item, body).await
    }

    async fn resolve(
        &self,
        id: ConflictId,
        body: &Resolve<Receipted>,
    ) -> Result<Conflict, Failure> {
        self.0.api.resolve(id, body).await
    }

    async fn reopen(&self, id: ConflictId, body: &Reopen) -> Result<Conflict, Failure> {
        self.0.api.reopen(id, body).await
    }

    async fn create_folder(&self, body: &NewFolder) -> Result<ItemChanged, Failure> {
        self.0.api.create_folder(body).await
    }

    async fn change_place(&self, id: ItemId, body: &ChangePlace) -> Result<ItemChanged, Failure> {
        self.0.api.change_place(id, body).await
    }

    async fn trash(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.0.api.trash(id, body).await
    }

    async fn restore(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.0.api.restore(id, body).await
    }

    async fn change_items(&self, body: &ChangeItems) -> Result<ItemsChanged, Failure> {
        self.0.api.change_items(body).await
    }

    async fn manifest(&self, id: ItemId, version: Version) -> Result<FileManifest, Failure> {
        self.0.api.manifest(id, version).await
    }

    async fn manifest_since(
        &self,
        id: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Failure> {
        self.0.api.manifest_since(id, version, since).await
    }

    async fn store_blocks(
        &self,
        parcel: Parcel<Self>,
        of: &[ItemId],
        progress: impl Fn(u64) + 'static,
    ) -> Result<Option<Receipts>, Failure> {
        let (api, path) = (&self.0.api, paths::store_blocks(of));
        let (body, progress) = travelling(&parcel, progress)?;
        let stored = api.post_frames(&path, None, body, progress);
        let stored: BlocksStored = stored.await?;
        Ok(stored.receipts)
    }

    async fn carry(
        &self,
        what: Carrying,
        parcel: Parcel<Self>,
        progress: impl Fn(u64) + 'static,
    ) -> Result<ItemChanged, Failure> {
        let (path, json) = match &what {
            Carrying::Commit { item, body } => (paths::commit(*item), to_json(body)?),
            Carrying::Create(body) => (paths::FILES.to_owned(), to_json(body)?),
        };
        let (body, progress) = travelling(&parcel, progress)?;
        let api = &self.0.api;
        api.post_frames(&path, Some(&json), body, progress).await
    }

    async fn fetch_blocks(&self, body: &Fetch) -> Result<Uint8Array, Failure> {
        let answer = self.0.api.fetch_blocks(body).await?;
        Ok(Uint8Array::new(&answer))
    }

    async fn signatures(&self, body: &FetchSignatures) -> Result<(Uint8Array, usize), Failure> {
        let answer = self.0.api.signatures(body).await?;
        let bytes = Uint8Array::new(&answer);
        let signed = Signature::parse_all(&bytes.to_vec()).map_err(|_| Failure::Unreachable)?;
        Ok((bytes, signed.len()))
    }

    fn joined(&self, parts: Vec<Uint8Array>) -> Uint8Array {
        let length = parts.iter().map(Uint8Array::length).sum();
        let joined = Uint8Array::new_with_length(length);
        let mut end = 0;
        for part in parts {
            joined.set(&part, end);
            end += part.length();
        }
        joined
    }
}

impl Store for Page {
    fn works(&self) -> bool {
        self.store().works()
    }

    async fn write(&self, records: &[Record]) -> Result<Written, Failure> {
        self.store().write(records).await
    }

    async fn load(&self) -> Option<StoredState> {
        self.store().load().await
    }

    async fn recover(&self, loss: &Failure) -> bool {
        self.store().reopen(loss).await
    }

    fn do_without(&self, failure: &Failure) {
        self.store().do_without(failure);
    }

    async fn held_list(&self, item: ItemId) -> Option<HeldList> {
        let database = self.store().database()?;
        database.held_list(item).await.ok().flatten()
    }

    async fn keep_lists(&self, news: &BTreeMap<ItemId, Option<HeldList>>) {
        if let Some(database) = self.store().database() {
            let _ = database.keep_lists(news).await;
        }
    }
}

/// A copy's name.
fn name_of(id: DraftId) -> String {
    id.0.to_string()
}

impl Copies for Page {
    async fn copy(&self, id: DraftId, file: &File) -> Result<File, NotCopied> {
        let copied = DRAFTS.put(&name_of(id), file).await;
        copied.map_err(|why| match why {
            NotWritten::Full => NotCopied::Full,
            NotWritten::Failed(failure) => NotCopied::Failed(failure),
        })
    }

    async fn copied(&self, id: DraftId) -> Option<File> {
        DRAFTS.get(&name_of(id)).await.ok()
    }

    async fn remove_copy(&self, id: DraftId) {
        let _ = DRAFTS.remove(&name_of(id)).await;
    }

    async fn is_readable(&self, file: &File, offset: u64) -> bool {
        let from = offset as f64;
        let Ok(slice) = file.slice_with_f64_and_f64(from, from + 1.0) else {
            return false;
        };
        js::outcome(slice.array_buffer()).await.is_ok()
    }
}

impl Hasher for Page {
    async fn hash(
        &self,
        file: &File,
        class: SizeClass,
        started: impl FnOnce(),
        progress: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure> {
        let pool = &self.0.means.pool;
        file::hash(pool, file, class, started, progress).await
    }

    fn hashes_nothing(&self) -> bool {
        self.0.means.pool.is_idle()
    }
}

impl BlockCache for Page {
    async fn takes(&self, file_bytes: u64) -> bool {
        self.cache().takes(file_bytes).await
    }

    async fn find(&self, hashes: &[BlockHash]) -> Result<Vec<CachedBlock>, Failure> {
        let cache = self.cache();
        cache.find(hashes.iter().copied()).await
    }

    async fn runs(&self, old: &[BlockRef], new: &[BlockRef]) -> Result<Vec<BaseRun>, Failure> {
        self.cache().runs(old, new).await
    }

    async fn frames(
        &self,
        file: &File,
        wanted: &[Located],
        against: Against<'_, Uint8Array>,
    ) -> Result<Option<Vec<(Made, Uint8Array)>>, Failure> {
        let cache = self.cache();
        cache.frames(file, wanted, against).await
    }

    async fn solid(&self, frames: &[Option<Uint8Array>]) -> Result<Option<Uint8Array>, Failure> {
        self.cache().solid(frames).await
    }

    async fn keep(&self, wanted: &[(File, Located)]) -> Result<(), Failure> {
        self.cache().keep(wanted).await
    }

    async fn receive(
        &self,
        body: &Uint8Array,
        bases: &[CachedBlock],
        plain_bytes: u64,
    ) -> Result<Received, Failure> {
        let cache = self.cache();
        cache.receive(body, bases, plain_bytes, false).await
    }

    async fn receive_to_stay(
        &self,
        body: &Uint8Array,
        bases: &[CachedBlock],
        plain_bytes: u64,
    ) -> Result<Received, Failure> {
        let cache = self.cache();
        cache.receive(body, bases, plain_bytes, true).await
    }

    async fn check(&self, places: &[CachedBlock]) -> Result<bool, Failure> {
        self.cache().check(places).await
    }

    async fn compose(&self, places: &[CachedBlock]) -> Result<Blob, Failure> {
        self.cache().compose(places).await
    }

    async fn give_way(&self) -> bool {
        self.cache().give_way().await
    }
}

/// A page holds no content, and its engine never asks for any.
impl Folder for Page {
    async fn hold(&self, _: ItemId, _: Version, _: Blob) -> Result<(), Failure> {
        Err(Failure::Cancelled)
    }
}

impl Observer for Page {
    fn changed(&self, touched: BTreeSet<ItemId>) {
        self.0.observer.changed(touched);
    }

    fn tell(&self, notice: Notice) {
        self.0.observer.tell(notice);
    }

    fn written(&self, records: &[Record]) {
        self.0.observer.written(records);
    }

    fn rests(&self) {
        self.0.observer.rests();
    }

    fn ask_leader(&self) {
        self.0.observer.ask_leader();
    }

    fn ask_for_state(&self) {
        self.0.observer.ask_for_state();
    }

    fn is_not_ours(&self) {
        self.0.observer.is_not_ours();
    }

    fn has_to_wait(&self) {
        self.0.observer.has_to_wait();
    }

    fn learned(&self, silence: Silence) {
        self.0.observer.learned(silence);
    }

    fn fed(&self, answer: &Answer) {
        self.0.observer.fed(answer);
    }

    fn feed_failed(&self) {
        self.0.observer.feed_failed();
    }

    fn withdrawn(&self) {
        self.0.observer.withdrawn();
    }

    fn hashing(&self, draft: DraftId) {
        self.0.observer.hashing(draft);
    }

    fn hashed(&self, draft: DraftId, bytes: u64) {
        self.0.observer.hashed(draft, bytes);
    }

    fn unhashed(&self, draft: DraftId) {
        self.0.observer.unhashed(draft);
    }

    fn sending(&self, draft: DraftId, size: u64, blocks: &[Located]) -> Box<dyn Fn(SendProgress)> {
        self.0.observer.sending(draft, size, blocks)
    }

    fn answered(
        &self,
        draft: DraftId,
        conflict: Option<ConflictId>,
        result: &Result<Answer, Lost>,
    ) {
        self.0.observer.answered(draft, conflict, result);
    }

    fn released(&self, draft: DraftId) {
        self.0.observer.released(draft);
    }
}
