//! The client's ports in the hands of a test, which plays the server and the clock.
//!
//! What is asked of the server waits until the test answers it. Everything else is there
//! at once, from what the test has put in.

use crate::failure::Failure;
use crate::located::Located;
use crate::polls::{Heard, Wire};
use crate::ports::*;
use crate::requests::Code;
use crate::tuning::Tuning;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use blocks::patch::BaseRun;
use futures_channel::oneshot;
use futures_executor::{LocalPool, LocalSpawner};
use futures_util::future::{AbortHandle, abortable};
use futures_util::task::LocalSpawnExt;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content, Receipted};
use protocol::files::{Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer};
use protocol::ids::{ConflictId, DeviceId, ItemId, OperationId, UnixMillis, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, Committed, FileHead, Item, ItemChange, ItemChanged, NewFolder,
    PlaceChange,
};
use protocol::name::Name;
use protocol::positions::Position;
use protocol::receipts::{Receipt, Receipts};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Answer, CopyLabel, Lost, Notice, Record, StoredState, TabRole};
use sync::{Config, Engine, Silence};

/// Every effort is worthwhile from the first byte on, and nothing is carried by itself.
pub const TUNING: Tuning = Tuning {
    listed_blocks: 4,
    compared_bytes: 1,
    patched_bytes: 1,
    compressed_bytes: 1,
    signed_bytes: 1,
    trip_bytes: 100,
    cached_bytes: 1,
    carried_bytes: 100,
};

/// What the server is asked.
#[derive(Debug)]
pub enum Call {
    Changes,
    Poll,
    /// Of several clients at once.
    PollAll(Vec<Position>, u64),
    Propose(Proposal),
    Commit(Commit<Content>),
    CreateFile(NewFile<Content>),
    CreateFiles(Vec<NewFile<Content>>),
    KeepConflict(NewConflict<Content>),
    Resolve,
    Reopen,
    CreateFolder(NewFolder),
    Place(ItemChange),
    Places(Vec<ItemChange>),
    Manifest(ItemId, Version),
    ManifestSince(Version, Base),
    /// These blocks, and whether each is a frame that was made.
    StoreBlocks(Vec<(BlockHash, bool)>),
    Carry(Carrying, Vec<BlockHash>),
    FetchBlocks(Fetch),
    Signatures(FetchSignatures),
}

/// What the client has told, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Sent(DraftId, SendProgress),
    Kept(Vec<BlockHash>),
    /// Arrived to stay whatever the bound of the cache is.
    Stays(Vec<BlockHash>),
    Written(usize),
    CopyRemoved(DraftId),
    Released(DraftId),
    /// Frames were made against so many cached blocks, signatures, or nothing.
    Made(&'static str),
    Held(ItemId, Vec<BlockHash>),
    DoesWithout,
    AsksForState,
    NotOurs,
    HasToWait,
    FeedFailed,
    Fed,
}

/// A call that waits for its answer.
pub struct Asked {
    pub call: Call,
    /// Hears how many bytes of the request have left.
    pub progress: Box<dyn Fn(u64)>,
    end: oneshot::Sender<Box<dyn Any>>,
    home: Home,
}

impl Asked {
    /// Answers, and lets the client go on.
    pub fn say<T: 'static>(self, answer: Result<T, Failure>) {
        let _ = self.end.send(Box::new(answer));
        self.home.work();
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_given_up(&self) -> bool {
        self.end.is_canceled()
    }
}

/// Something that the test has begun. Dropping it gives it up.
pub struct Begun<T> {
    end: Rc<RefCell<Option<T>>>,
    abort: AbortHandle,
    home: Home,
}

impl<T> Begun<T> {
    pub fn is_over(&self) -> bool {
        self.end.borrow().is_some()
    }

    pub fn end(self) -> T {
        self.end.take().expect("it is over")
    }
}

impl<T> Drop for Begun<T> {
    fn drop(&mut self) {
        self.abort.abort();
        self.home.work();
    }
}

#[derive(Clone)]
pub struct Home(Rc<Inner>);

pub struct Inner {
    tasks: RefCell<LocalPool>,
    spawner: LocalSpawner,
    now: Cell<u64>,
    sleeps: RefCell<Vec<(u64, oneshot::Sender<()>)>>,
    asked: RefCell<VecDeque<Asked>>,
    /// Counts all calls, also those that were given up.
    pub calls: Cell<u32>,
    last_id: Cell<u64>,
    pub told: RefCell<Vec<Told>>,
    pub lists: RefCell<BTreeMap<ItemId, (Version, Vec<BlockRef>)>>,
    pub records: RefCell<Vec<Record>>,
    /// How the next transactions end that do not just work.
    pub writes: RefCell<VecDeque<Result<Written, Failure>>>,
    pub recovers: Cell<bool>,
    /// The next transaction waits for this.
    pub slow_write: RefCell<Option<oneshot::Receiver<()>>>,
    pub stored: RefCell<Option<StoredState>>,
    pub copies: RefCell<BTreeMap<DraftId, File>>,
    /// The next copy waits for this.
    pub slow_copy: RefCell<Option<oneshot::Receiver<()>>>,
    /// Why the next copies fail.
    pub not_copied: RefCell<VecDeque<NotCopied>>,
    /// Why the next files are not hashed.
    pub not_hashed: RefCell<VecDeque<Failure>>,
    pub is_hashing: Cell<bool>,
    pub cached: RefCell<Vec<CachedBlock>>,
    pub damaged: RefCell<BTreeSet<BlockHash>>,
    pub runs: RefCell<Vec<BaseRun>>,
    /// Frames that come out where these blocks are wanted.
    pub made: RefCell<Vec<Made>>,
    /// How many blocks of a base that may be a document were named, of each group.
    pub documents: RefCell<Vec<usize>>,
    /// Whether the worker makes solid bodies.
    pub makes_solid: Cell<bool>,
    /// Of each request with frames, whether it was a solid one.
    pub solids: RefCell<Vec<bool>>,
    /// What the client works on; then the server gives receipts.
    pub root: Cell<Option<ItemId>>,
    /// The receipts that each content was sent with, in order.
    pub shown: RefCell<Vec<Option<Receipts>>>,
    /// The files that each upload named.
    pub of: RefCell<Vec<Vec<ItemId>>>,
}

impl std::ops::Deref for Home {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The receipt that the server gives for a block.
pub fn receipt(block: BlockRef) -> Receipt {
    let mac = block.hash.as_bytes().first_chunk().copied();
    Receipt {
        until_hour: 1,
        mac: mac.expect("a hash is longer"),
    }
}

/// A file on the person's disk.
#[derive(Clone)]
pub struct File(Rc<(Vec<BlockRef>, Cell<bool>)>);

impl File {
    pub fn of(blocks: &[BlockRef]) -> Self {
        Self(Rc::new((blocks.to_vec(), Cell::new(true))))
    }

    /// The file is moved away.
    pub fn lose(&self) {
        self.0.1.set(false);
    }
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Home {
    pub fn new() -> Self {
        let tasks = LocalPool::new();
        Self(Rc::new(Inner {
            spawner: tasks.spawner(),
            tasks: RefCell::new(tasks),
            now: Cell::new(1_000),
            sleeps: RefCell::default(),
            asked: RefCell::default(),
            calls: Cell::default(),
            last_id: Cell::default(),
            told: RefCell::default(),
            lists: RefCell::default(),
            records: RefCell::default(),
            writes: RefCell::default(),
            recovers: Cell::default(),
            slow_write: RefCell::default(),
            stored: RefCell::default(),
            copies: RefCell::default(),
            slow_copy: RefCell::default(),
            not_copied: RefCell::default(),
            not_hashed: RefCell::default(),
            is_hashing: Cell::default(),
            cached: RefCell::default(),
            damaged: RefCell::default(),
            runs: RefCell::default(),
            made: RefCell::default(),
            documents: RefCell::default(),
            makes_solid: Cell::default(),
            solids: RefCell::default(),
            root: Cell::default(),
            shown: RefCell::default(),
            of: RefCell::default(),
        }))
    }

    /// Lets the client go on until it waits.
    pub fn work(&self) {
        // What a task ends with may be the end of another, while they run.
        if let Ok(mut tasks) = self.tasks.try_borrow_mut() {
            tasks.run_until_stalled();
        }
    }

    pub fn begin<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> Begun<T> {
        let end = Rc::new(RefCell::new(None));
        let ends = end.clone();
        let (task, abort) = abortable(async move {
            let ended = task.await;
            *ends.borrow_mut() = Some(ended);
        });
        self.spawn(async move {
            let _ = task.await;
        });
        self.work();
        let home = self.clone();
        Begun { end, abort, home }
    }

    /// What does not wait for the server or the clock.
    pub fn at_once<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T {
        self.begin(task).end()
    }

    /// Time passes, sleep after sleep.
    pub fn pass(&self, millis: u64) {
        let until = self.now.get() + millis;
        loop {
            self.work();
            let mut sleeps = self.sleeps.borrow_mut();
            sleeps.retain(|(_, done)| !done.is_canceled());
            sleeps.sort_by_key(|(due, _)| *due);
            match sleeps.first() {
                Some((due, _)) if *due <= until => {
                    let (due, done) = sleeps.remove(0);
                    drop(sleeps);
                    self.now.set(due.max(self.now.get()));
                    let _ = done.send(());
                }
                _ => break,
            }
        }
        self.now.set(until);
    }

    /// The next call that somebody still waits for; `None` if there is none now.
    pub fn asked(&self) -> Option<Asked> {
        let mut asked = self.asked.borrow_mut();
        asked.retain(|asked| !asked.is_given_up());
        asked.pop_front()
    }

    /// The next call.
    pub fn call(&self) -> Asked {
        self.asked().expect("the server is asked")
    }

    pub fn has_told(&self, what: &Told) -> bool {
        self.told.borrow().contains(what)
    }

    fn tells(&self, what: Told) {
        self.told.borrow_mut().push(what);
    }

    /// Puts a block into the cache.
    pub fn cache(&self, block: BlockRef) -> CachedBlock {
        let mut cached = self.cached.borrow_mut();
        let (bundle, offset) = (1, cached.len() as u64);
        let place = CachedBlock {
            block,
            bundle,
            offset,
        };
        cached.push(place);
        place
    }

    async fn ask<T: 'static>(&self, call: Call) -> Result<T, Failure> {
        self.ask_and_hear(call, |_| {}).await
    }

    async fn ask_and_hear<T: 'static>(
        &self,
        call: Call,
        progress: impl Fn(u64) + 'static,
    ) -> Result<T, Failure> {
        let (end, ended) = oneshot::channel();
        let (home, progress) = (self.clone(), Box::new(progress));
        let asked = Asked {
            call,
            progress,
            end,
            home,
        };
        self.calls.set(self.calls.get() + 1);
        self.asked.borrow_mut().push_back(asked);
        let answer = ended.await.map_err(|_| Failure::Unreachable)?;
        *answer.downcast().expect("an answer to what was asked")
    }
}

impl Kinds for Home {
    type File = File;
    /// The blocks that an answer has frames or signatures of.
    type Bytes = Rc<Vec<BlockRef>>;
    type Whole = Vec<BlockHash>;

    fn size(file: &File) -> u64 {
        file.0.0.iter().map(|block| u64::from(block.length)).sum()
    }

    fn name(_: &File) -> String {
        "notes.txt".to_owned()
    }

    fn modified_at_ms(_: &File) -> FileTime {
        7.into()
    }
}

impl Clock for Home {
    fn now_ms(&self) -> UnixMillis {
        self.now.get()
    }

    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        let (done, over) = oneshot::channel();
        if millis > 0 {
            let due = self.now.get() + millis;
            self.sleeps.borrow_mut().push((due, done));
        }
        async move {
            let _ = over.await;
        }
    }
}

impl Random for Home {
    fn jitter(&self) -> f64 {
        1.0
    }

    fn small_id(&self) -> u64 {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }
}

impl Spawn for Home {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let _ = self.spawner.spawn_local(task);
    }

    fn log(&self, _: std::fmt::Arguments<'_>) {}
}

impl Code for Home {}

impl Wire for Home {
    fn is_of_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    async fn poll_all(&self, positions: &[Position], seconds: u64) -> Result<Heard, Failure> {
        self.ask(Call::PollAll(positions.to_vec(), seconds)).await
    }
}

impl Server for Home {
    fn root(&self) -> Option<ItemId> {
        self.root.get()
    }

    async fn changes(&self, _: Option<&str>) -> Result<ChangePage, Failure> {
        self.ask(Call::Changes).await
    }

    async fn poll(&self, _: &str, _: u64) -> Result<PollEnd, Failure> {
        self.ask(Call::Poll).await
    }

    async fn propose(&self, _: ItemId, body: &Proposal) -> Result<ProposalAnswer, Failure> {
        self.ask(Call::Propose(body.clone())).await
    }

    async fn commit(&self, _: ItemId, body: &Commit<Receipted>) -> Result<ItemChanged, Failure> {
        let (body, shown) = body.clone().parted();
        self.shown.borrow_mut().push(shown);
        self.ask(Call::Commit(body)).await
    }

    async fn create_file(&self, body: &NewFile<Receipted>) -> Result<ItemChanged, Failure> {
        let (body, shown) = body.clone().parted();
        self.shown.borrow_mut().push(shown);
        self.ask(Call::CreateFile(body)).await
    }

    async fn create_files(&self, body: &NewFiles<Receipted>) -> Result<FilesMade, Failure> {
        let parted = body.files.iter().map(|file| file.clone().parted());
        let (files, shown): (Vec<_>, Vec<_>) = parted.unzip();
        self.shown.borrow_mut().extend(shown);
        self.ask(Call::CreateFiles(files)).await
    }

    async fn keep_conflict(
        &self,
        _: ItemId,
        body: &NewConflict<Receipted>,
    ) -> Result<Conflict, Failure> {
        let (body, shown) = body.clone().parted();
        self.shown.borrow_mut().push(shown);
        self.ask(Call::KeepConflict(body)).await
    }

    async fn resolve(&self, _: ConflictId, body: &Resolve<Receipted>) -> Result<Conflict, Failure> {
        self.shown.borrow_mut().push(body.clone().parted().1);
        self.ask(Call::Resolve).await
    }

    async fn reopen(&self, _: ConflictId, _: &Reopen) -> Result<Conflict, Failure> {
        self.ask(Call::Reopen).await
    }

    async fn create_folder(&self, body: &NewFolder) -> Result<ItemChanged, Failure> {
        self.ask(Call::CreateFolder(body.clone())).await
    }

    async fn change_place(&self, item: ItemId, body: &ChangePlace) -> Result<ItemChanged, Failure> {
        let to = PlaceChange::Move(body.clone());
        self.ask(Call::Place(ItemChange { item, to })).await
    }

    async fn trash(&self, item: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        let to = PlaceChange::Trash(body.clone());
        self.ask(Call::Place(ItemChange { item, to })).await
    }

    async fn restore(&self, item: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        let to = PlaceChange::Restore(body.clone());
        self.ask(Call::Place(ItemChange { item, to })).await
    }

    async fn change_items(&self, body: &ChangeItems) -> Result<ItemsChanged, Failure> {
        self.ask(Call::Places(body.changes.clone())).await
    }

    async fn manifest(&self, id: ItemId, version: Version) -> Result<FileManifest, Failure> {
        self.ask(Call::Manifest(id, version)).await
    }

    async fn manifest_since(
        &self,
        _: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Failure> {
        self.ask(Call::ManifestSince(version, since)).await
    }

    async fn store_blocks(
        &self,
        parcel: Parcel<Self>,
        of: &[ItemId],
        progress: impl Fn(u64) + 'static,
    ) -> Result<Option<Receipts>, Failure> {
        self.solids.borrow_mut().push(parcel.solid.is_some());
        let frames = &parcel.frames;
        let blocks = frames.iter().map(|(_, frame)| {
            let is_made = frame.made.is_some();
            (frame.located.block.hash, is_made)
        });
        let call = Call::StoreBlocks(blocks.collect());
        self.of.borrow_mut().push(of.to_vec());
        let given = frames
            .iter()
            .map(|(_, frame)| Some(receipt(frame.located.block)));
        let given = Receipts(given.collect());
        self.ask_and_hear::<()>(call, progress).await?;
        Ok(self.root.get().map(|_| given))
    }

    async fn carry(
        &self,
        what: Carrying,
        parcel: Parcel<Self>,
        progress: impl Fn(u64) + 'static,
    ) -> Result<ItemChanged, Failure> {
        self.solids.borrow_mut().push(parcel.solid.is_some());
        let blocks = parcel.frames.iter();
        let blocks = blocks.map(|(_, frame)| frame.located.block.hash);
        let shown = match &what {
            Carrying::Commit { body, .. } => body.content.receipts.clone(),
            Carrying::Create(body) => body.content.as_ref().and_then(|it| it.receipts.clone()),
        };
        self.shown.borrow_mut().push(shown);
        let call = Call::Carry(what, blocks.collect());
        self.ask_and_hear(call, progress).await
    }

    async fn fetch_blocks(&self, body: &Fetch) -> Result<Rc<Vec<BlockRef>>, Failure> {
        self.ask(Call::FetchBlocks(body.clone())).await
    }

    async fn signatures(
        &self,
        body: &FetchSignatures,
    ) -> Result<(Rc<Vec<BlockRef>>, usize), Failure> {
        self.ask(Call::Signatures(body.clone())).await
    }

    fn joined(&self, parts: Vec<Rc<Vec<BlockRef>>>) -> Rc<Vec<BlockRef>> {
        Rc::new(parts.iter().flat_map(|part| part.iter().copied()).collect())
    }
}

impl Store for Home {
    fn works(&self) -> bool {
        self.stored.borrow().is_some()
    }

    async fn write(&self, records: &[Record]) -> Result<Written, Failure> {
        let slow = self.slow_write.take();
        if let Some(slow) = slow {
            let _ = slow.await;
        }
        let end = self.writes.borrow_mut().pop_front();
        let end = end.unwrap_or(Ok(Written::Yes));
        if end == Ok(Written::Yes) {
            self.records.borrow_mut().extend_from_slice(records);
        }
        end
    }

    async fn load(&self) -> Option<StoredState> {
        self.stored.borrow().clone()
    }

    async fn recover(&self, _: &Failure) -> bool {
        self.recovers.get()
    }

    fn do_without(&self, _: &Failure) {
        self.tells(Told::DoesWithout);
    }

    async fn held_list(&self, item: ItemId) -> Option<HeldList> {
        self.lists.borrow().get(&item).cloned()
    }

    async fn keep_lists(&self, news: &BTreeMap<ItemId, Option<HeldList>>) {
        let mut lists = self.lists.borrow_mut();
        for (item, list) in news {
            match list {
                Some(list) => lists.insert(*item, list.clone()),
                None => lists.remove(item),
            };
        }
    }
}

impl Copies for Home {
    async fn copy(&self, id: DraftId, file: &File) -> Result<File, NotCopied> {
        let slow = self.slow_copy.take();
        if let Some(slow) = slow {
            let _ = slow.await;
        }
        if let Some(why) = self.not_copied.borrow_mut().pop_front() {
            return Err(why);
        }
        let copy = File::of(&file.0.0);
        self.copies.borrow_mut().insert(id, copy.clone());
        Ok(copy)
    }

    async fn copied(&self, id: DraftId) -> Option<File> {
        self.copies.borrow().get(&id).cloned()
    }

    async fn remove_copy(&self, id: DraftId) {
        self.copies.borrow_mut().remove(&id);
        self.tells(Told::CopyRemoved(id));
    }

    async fn is_readable(&self, file: &File, _: u64) -> bool {
        file.0.1.get()
    }
}

impl Hasher for Home {
    async fn hash(
        &self,
        file: &File,
        _: SizeClass,
        started: impl FnOnce(),
        _: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure> {
        started();
        match self.not_hashed.borrow_mut().pop_front() {
            Some(why) => Err(why),
            None => Ok(file.0.0.clone()),
        }
    }

    fn hashes_nothing(&self) -> bool {
        !self.is_hashing.get()
    }
}

impl BlockCache for Home {
    async fn takes(&self, file_bytes: u64) -> bool {
        file_bytes < 1 << 30
    }

    async fn find(&self, hashes: &[BlockHash]) -> Result<Vec<CachedBlock>, Failure> {
        let cached = self.cached.borrow();
        let find = |hash: &BlockHash| cached.iter().find(|one| one.block.hash == *hash);
        Ok(hashes.iter().filter_map(find).copied().collect())
    }

    async fn runs(&self, _: &[BlockRef], _: &[BlockRef]) -> Result<Vec<BaseRun>, Failure> {
        Ok(self.runs.borrow().clone())
    }

    async fn frames(
        &self,
        _: &File,
        wanted: &[Located],
        against: Against<'_, Rc<Vec<BlockRef>>>,
    ) -> Result<Option<Vec<(Made, Rc<Vec<BlockRef>>)>>, Failure> {
        if let Against::Cached { document, .. } = &against {
            self.documents.borrow_mut().push(document.len());
        }
        self.tells(Told::Made(match against {
            Against::Nothing => "nothing",
            Against::Cached { all: [], .. } => "the cache",
            Against::Cached { .. } => "all of the cache",
            Against::Signed(_) => "signatures",
        }));
        let made = self.made.borrow();
        let made = made.iter().filter(|made| {
            let mut wanted = wanted.iter();
            wanted.any(|located| located.block.hash == made.hash)
        });
        Ok(Some(
            made.map(|made| (made.clone(), Rc::default())).collect(),
        ))
    }

    async fn keep(&self, wanted: &[(File, Located)]) -> Result<(), Failure> {
        let blocks = wanted.iter().map(|(_, located)| located.block);
        blocks.clone().for_each(|block| {
            self.cache(block);
        });
        self.tells(Told::Kept(blocks.map(|block| block.hash).collect()));
        Ok(())
    }

    async fn solid(
        &self,
        frames: &[Option<Rc<Vec<BlockRef>>>],
    ) -> Result<Option<Rc<Vec<BlockRef>>>, Failure> {
        assert!(frames.iter().any(Option::is_some), "there is a patch");
        Ok(self.makes_solid.get().then(Rc::default))
    }

    async fn receive(
        &self,
        body: &Rc<Vec<BlockRef>>,
        _: &[CachedBlock],
        _: u64,
    ) -> Result<Received, Failure> {
        let damaged = self.damaged.borrow().clone();
        let is_sound = |block: &&BlockRef| !damaged.contains(&block.hash);
        let blocks: Vec<BlockRef> = body.iter().filter(is_sound).copied().collect();
        blocks.iter().for_each(|block| {
            self.cache(*block);
        });
        let is_wrong = blocks.len() < body.len();
        Ok(Received { blocks, is_wrong })
    }

    async fn receive_to_stay(
        &self,
        body: &Rc<Vec<BlockRef>>,
        bases: &[CachedBlock],
        plain_bytes: u64,
    ) -> Result<Received, Failure> {
        let received = self.receive(body, bases, plain_bytes).await?;
        let blocks = received.blocks.iter();
        self.tells(Told::Stays(blocks.map(|block| block.hash).collect()));
        Ok(received)
    }

    async fn check(&self, places: &[CachedBlock]) -> Result<bool, Failure> {
        let damaged = self.damaged.borrow();
        let is_damaged = |place: &&CachedBlock| damaged.contains(&place.block.hash);
        let found: Vec<CachedBlock> = places.iter().filter(is_damaged).copied().collect();
        self.cached
            .borrow_mut()
            .retain(|place| !found.contains(place));
        Ok(!found.is_empty())
    }

    async fn compose(&self, places: &[CachedBlock]) -> Result<Vec<BlockHash>, Failure> {
        Ok(places.iter().map(|place| place.block.hash).collect())
    }

    async fn give_way(&self) -> bool {
        !std::mem::take(&mut *self.cached.borrow_mut()).is_empty()
    }
}

impl Folder for Home {
    async fn hold(&self, item: ItemId, _: Version, whole: Vec<BlockHash>) -> Result<(), Failure> {
        self.tells(Told::Held(item, whole));
        Ok(())
    }
}

impl Observer for Home {
    fn changed(&self, _: BTreeSet<ItemId>) {}

    fn tell(&self, _: Notice) {}

    fn written(&self, records: &[Record]) {
        self.tells(Told::Written(records.len()));
    }

    fn rests(&self) {}

    fn ask_leader(&self) {}

    fn ask_for_state(&self) {
        self.tells(Told::AsksForState);
    }

    fn is_not_ours(&self) {
        self.tells(Told::NotOurs);
    }

    fn has_to_wait(&self) {
        self.tells(Told::HasToWait);
    }

    fn learned(&self, _: Silence) {}

    fn fed(&self, _: &Answer) {
        self.tells(Told::Fed);
    }

    fn feed_failed(&self) {
        self.tells(Told::FeedFailed);
    }

    fn hashing(&self, _: DraftId) {}

    fn hashed(&self, _: DraftId, _: u64) {}

    fn unhashed(&self, _: DraftId) {}

    fn sending(&self, draft: DraftId, _: u64, _: &[Located]) -> Box<dyn Fn(SendProgress)> {
        let home = self.clone();
        Box::new(move |sent| home.tells(Told::Sent(draft, sent)))
    }

    fn answered(&self, _: DraftId, _: Option<ConflictId>, _: &Result<Answer, Lost>) {}

    fn released(&self, draft: DraftId) {
        self.tells(Told::Released(draft));
    }
}

pub fn id(n: u8) -> ItemId {
    ItemId::from_random([n; 16])
}

pub fn operation(n: u8) -> OperationId {
    OperationId::from_random([n; 16])
}

/// A block of so many bytes; another number is another content.
pub fn block(n: u64, length: u32) -> BlockRef {
    let hash = BlockHash::of(&n.to_le_bytes());
    BlockRef { hash, length }
}

pub fn blocks(numbers: &[u64]) -> Vec<BlockRef> {
    numbers.iter().map(|n| block(*n, 10)).collect()
}

pub fn hashes(blocks: &[BlockRef]) -> Vec<BlockHash> {
    blocks.iter().map(|block| block.hash).collect()
}

pub fn content(blocks: &[BlockRef]) -> Manifest {
    Manifest {
        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
        size_class: SizeClass::for_size(0),
        modified_at_ms: 7.into(),
        blocks: blocks.to_vec(),
    }
}

pub fn located(blocks: &[BlockRef]) -> Vec<Located> {
    let mut offset = 0;
    let locate = |block: &BlockRef| {
        let located = Located {
            block: *block,
            offset,
        };
        offset += u64::from(block.length);
        located
    };
    blocks.iter().map(locate).collect()
}

/// A file at the top of the space, as the server tells it.
pub fn file(n: u8, version: Version, size: u64) -> Item {
    Item {
        id: id(n),
        parent: None,
        name: Name::parse(&format!("file {n}")).expect("a name"),
        place_version: 1,
        file: Some(FileHead {
            version,
            size,
            size_class: SizeClass::for_size(size),
            modified_at_ms: 7.into(),
            committed: Committed {
                user_name: "Ann".to_owned(),
                device_id: DeviceId::from_random([9; 16]),
                device_name: "Laptop".to_owned(),
                at_ms: 5,
            },
            damaged: false,
        }),
        created_at_ms: 5,
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

pub fn changed(n: u8, version: Version) -> ItemChanged {
    ItemChanged {
        item: file(n, version, 20),
        seq: 9,
    }
}

/// An engine that has seen all of a drive with these items.
pub fn engine(items: Vec<Item>) -> Engine {
    let config = Config {
        role: TabRole::Follower,
        holds_content: false,
        copy: CopyLabel::default(),
        silence: Silence::default(),
    };
    let kept = StoredState {
        items,
        cursor: Some("c0".to_owned()),
        complete: true,
        ..StoredState::default()
    };
    Engine::new(config, kept, 1_000)
}
