//! What the client needs from where it runs, a trait for each kind of thing. A page
//! has them in a browser, the simulator in memory; a folder on disk could.
//!
//! All of it runs on one thread. Where a call may wait, dropping its future gives
//! up what it asked for.

use crate::failure::Failure;
use crate::located::Located;
use blocks::chunk::SizeClass;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::number::FileTime;
use blocks::patch::BaseRun;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Receipted};
use protocol::files::{Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer};
use protocol::ids::{ConflictId, ItemId, UnixMillis, Version};
use protocol::items::{ChangePlace, ChangeTrashed, ItemChanged, NewFolder};
use protocol::receipts::Receipts;
use std::collections::{BTreeMap, BTreeSet};
use sync::Silence;
use sync::edit::DraftId;
use sync::message::{Answer, Lost, Notice, Record, StoredState};

/// All ports in one handle, which is cheap to clone.
pub trait Platform:
    Server + Store + Copies + Hasher + BlockCache + Folder + Clock + Random + Spawn + Observer + Clone
{
}

impl<P> Platform for P where
    P: Server
        + Store
        + Copies
        + Hasher
        + BlockCache
        + Folder
        + Clock
        + Random
        + Spawn
        + Observer
        + Clone
{
}

/// Bytes that the client hands on and does not look at.
pub trait Kinds: 'static {
    /// A file that a person has picked, or a copy of it. It may go, or change, at
    /// any time.
    type File: Clone + PartialEq + 'static;
    /// Bytes in memory.
    type Bytes: Clone + 'static;
    /// What a download is put together into.
    type Whole: 'static;

    /// The file's length in bytes.
    fn size(file: &Self::File) -> u64;
    /// The file's name on the person's disk.
    fn name(file: &Self::File) -> String;
    /// When the file was last changed.
    fn modified_at_ms(file: &Self::File) -> FileTime;
}

/// Time.
pub trait Clock {
    /// Now, by a clock that a person may set at any time, back too.
    fn now_ms(&self) -> UnixMillis;
    /// Waits for so many milliseconds.
    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static;

    /// Lets others have the thread before long work goes on.
    fn breathe(&self) -> impl Future<Output = ()> + 'static {
        self.sleep(0)
    }
}

/// Chance.
pub trait Random {
    /// A number in `0.0..1.0` that spreads retries.
    fn jitter(&self) -> f64;
    /// An id that is unique in all tabs and restarts of one device, and at most
    /// 2^53.
    fn small_id(&self) -> u64;
}

/// Tasks.
pub trait Spawn {
    /// Runs a task beside all others, until it ends or the client's home does.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
    /// Notes what went wrong and needs nobody, for whoever looks for a cause.
    fn log(&self, what: std::fmt::Arguments<'_>);
}

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollEnd {
    /// There is something after the cursor.
    News,
    /// The time that the poll asked for is over.
    TimedOut,
    /// The same, and nothing was heard of the server.
    Unheard,
}

/// Which request carries blocks along.
#[derive(Clone, Debug)]
pub enum Carrying {
    /// A new version.
    Commit {
        /// The file.
        item: ItemId,
        /// The request without the blocks.
        body: Commit<Receipted>,
    },
    /// A new file.
    Create(NewFile<Receipted>),
}

/// Frames of blocks, as they travel with one request.
pub struct Parcel<P: Kinds + ?Sized> {
    /// All frames in their order, each with the file that it is of.
    pub frames: Vec<(P::File, Frame<P::Bytes>)>,
    /// The beginning of a solid body, which has all patches in it: only the other frames
    /// follow it.
    pub solid: Option<P::Bytes>,
}

impl<P: Kinds + ?Sized> Parcel<P> {
    /// Frames that travel one after another.
    pub fn of(frames: Vec<(P::File, Frame<P::Bytes>)>) -> Self {
        Self {
            frames,
            solid: None,
        }
    }

    /// The frames that stand in the body by themselves.
    pub fn by_themselves(&self) -> impl Iterator<Item = &(P::File, Frame<P::Bytes>)> {
        let is_solid = self.solid.is_some();
        let frames = self.frames.iter();
        frames.filter(move |(_, frame)| !(is_solid && frame.is_patch()))
    }
}

/// The server's API.
///
/// Each call fails with `Refused` where the server says no, and with `Unreachable`
/// where there is no whole answer: then nobody knows whether it was done.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Server: Kinds {
    /// The one folder or file that the client works on, of a space that may be somebody
    /// else's; `None` for a whole space.
    fn root(&self) -> Option<ItemId> {
        None
    }

    /// What a request for blocks of a file says of it: the server has to know it only where
    /// it does not show the whole space.
    fn of(&self, file: ItemId) -> Vec<ItemId> {
        self.root().map(|_| file).into_iter().collect()
    }

    /// A page of changes; without a cursor, the start of everything.
    async fn changes(&self, since: Option<&str>) -> Result<ChangePage, Failure>;
    /// Waits for news up to `seconds`.
    async fn poll(&self, since: &str, seconds: u64) -> Result<PollEnd, Failure>;
    /// Asks which blocks the server lacks for a new version.
    async fn propose(&self, item: ItemId, body: &Proposal) -> Result<ProposalAnswer, Failure>;
    /// Makes a new version.
    async fn commit(&self, item: ItemId, body: &Commit<Receipted>) -> Result<ItemChanged, Failure>;
    /// Makes a new file.
    async fn create_file(&self, body: &NewFile<Receipted>) -> Result<ItemChanged, Failure>;
    /// Makes many new files. What became of each is in the answer, in their order.
    async fn create_files(&self, body: &NewFiles<Receipted>) -> Result<FilesMade, Failure>;
    /// Keeps a version that came second.
    async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict<Receipted>,
    ) -> Result<Conflict, Failure>;
    /// Carries out a choice for a conflict.
    async fn resolve(&self, id: ConflictId, body: &Resolve<Receipted>)
    -> Result<Conflict, Failure>;
    /// Takes a choice for a conflict back.
    async fn reopen(&self, id: ConflictId, body: &Reopen) -> Result<Conflict, Failure>;
    /// Makes a new folder.
    async fn create_folder(&self, body: &NewFolder) -> Result<ItemChanged, Failure>;
    /// Renames an item, moves it, or both.
    async fn change_place(&self, id: ItemId, body: &ChangePlace) -> Result<ItemChanged, Failure>;
    /// Moves an item to the trash.
    async fn trash(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure>;
    /// Takes an item out of the trash.
    async fn restore(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure>;
    /// Changes many places. What became of each is in the answer, in their order.
    async fn change_items(&self, body: &ChangeItems) -> Result<ItemsChanged, Failure>;
    /// Gets the block list of a version.
    async fn manifest(&self, id: ItemId, version: Version) -> Result<FileManifest, Failure>;
    /// Gets what turns the list of `since` into the list of a version.
    async fn manifest_since(
        &self,
        id: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Failure>;

    /// Stores blocks; `progress` hears how many bytes of the request have left. `of` names
    /// the files that have the base blocks of patches: see [`of`](Self::of). Where the
    /// server does not show the whole space, it gives a receipt for each frame.
    ///
    /// # Errors
    /// `Unreachable` also where one of the files can't be read any more: a browser
    /// does not tell these apart.
    async fn store_blocks(
        &self,
        parcel: Parcel<Self>,
        of: &[ItemId],
        progress: impl Fn(u64) + 'static,
    ) -> Result<Option<Receipts>, Failure>;
    /// Makes a request that blocks travel with. `progress` hears how many bytes of it have
    /// left.
    ///
    /// # Errors
    /// As those of [`Self::store_blocks`].
    async fn carry(
        &self,
        what: Carrying,
        parcel: Parcel<Self>,
        progress: impl Fn(u64) + 'static,
    ) -> Result<ItemChanged, Failure>;
    /// Fetches blocks as frames: the first ones of those wanted, at least one.
    async fn fetch_blocks(&self, body: &Fetch) -> Result<Self::Bytes, Failure>;
    /// Fetches the signatures of the first ones of these blocks, at least of one, and says
    /// how many blocks they are of.
    async fn signatures(&self, body: &FetchSignatures) -> Result<(Self::Bytes, usize), Failure>;
    /// Puts buffers one after another into one.
    fn joined(&self, parts: Vec<Self::Bytes>) -> Self::Bytes;
}

/// What a transaction of the local database came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// All records are written.
    Yes,
    /// The feed has moved on in another tab: nothing was written, and the engine has
    /// to load what is there.
    CursorElsewhere,
    /// The database belongs to another user by now.
    NotOurs,
}

/// The local database.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Store {
    /// Whether there is a database.
    fn works(&self) -> bool;
    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// The database is lost, or there is none.
    async fn write(&self, records: &[Record]) -> Result<Written, Failure>;
    /// Reads what is stored; `None` where the database is not this user's, or can't be
    /// read.
    async fn load(&self) -> Option<StoredState>;
    /// Tries to make an empty database after a loss. Returns whether there is one now, to be
    /// written anew.
    async fn recover(&self, loss: &Failure) -> bool;
    /// Gives up the database, because of this failure.
    fn do_without(&self, failure: &Failure);

    /// Gets the block list of a file that is here, and the version that it is of. Lists are
    /// a cache, of which any may be gone.
    async fn held_list(&self, item: ItemId) -> Option<HeldList>;
    /// Keeps lists, each in place of any other of its file, and lets go of the lists of
    /// files that come without one. A list less is no loss.
    async fn keep_lists(&self, news: &BTreeMap<ItemId, Option<HeldList>>);
}

/// A block list that is here, and the version of its file that it is of.
pub type HeldList = (Version, Vec<BlockRef>);

/// Why a copy was not written.
#[derive(Clone, Debug, PartialEq)]
pub enum NotCopied {
    /// The disk, or what is given to this user, is full.
    Full,
    /// The copy failed for another reason.
    Failed(Failure),
}

/// Copies of drafts, which survive the program.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Copies: Kinds {
    /// Copies a file, and answers with the copy.
    async fn copy(&self, id: DraftId, file: &Self::File) -> Result<Self::File, NotCopied>;
    /// Finds the copy of a draft; `None` if there is none.
    async fn copied(&self, id: DraftId) -> Option<Self::File>;
    /// Removes the copy of a draft, if there is one.
    async fn remove_copy(&self, id: DraftId);
    /// Whether a file can be read from this byte on.
    async fn is_readable(&self, file: &Self::File, offset: u64) -> bool;
}

/// Cuts files into blocks and names them.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Hasher: Kinds {
    /// Cuts and hashes a file. `started` is called when somebody begins to read, and
    /// `progress` hears how many bytes are hashed so far.
    ///
    /// # Errors
    /// `FileUnreadable`; `Unreachable` where the worker has to be loaded and there is
    /// no network; `Device` where one broke.
    async fn hash(
        &self,
        file: &Self::File,
        class: SizeClass,
        started: impl FnOnce(),
        progress: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure>;
    /// Whether no file is being hashed.
    fn hashes_nothing(&self) -> bool;
}

/// A bundle of the block cache.
pub type BundleId = u64;

/// A block, and where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedBlock {
    /// The block, with its length.
    pub block: BlockRef,
    /// The bundle that has its bytes.
    pub bundle: BundleId,
    /// Where its bytes begin in the bundle, in bytes.
    pub offset: u64,
}

/// A frame that was made of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The block.
    pub hash: BlockHash,
    /// The bytes of the frame with its header.
    pub frame_bytes: u32,
    /// The base blocks of a patch; none if it is LZ4.
    pub bases: Vec<BlockRef>,
}

/// A block on its way.
#[derive(Clone)]
pub struct Frame<B> {
    /// The block, and where it is in its file.
    pub located: Located,
    /// The whole frame, if it is smaller than the block. Else the block goes
    /// plain, from the file.
    pub made: Option<(Made, B)>,
}

impl<B> Frame<B> {
    /// A block that goes plain, from the file.
    pub fn plain(located: Located) -> Self {
        Self {
            located,
            made: None,
        }
    }

    /// The payload's bytes on the wire.
    pub fn payload_bytes(&self) -> u64 {
        match &self.made {
            Some((made, _)) => u64::from(made.frame_bytes) - FRAME_HEADER_BYTES as u64,
            None => u64::from(self.located.block.length),
        }
    }

    /// The bytes of the block that the frame saves.
    pub fn spared_bytes(&self) -> u64 {
        u64::from(self.located.block.length).saturating_sub(self.payload_bytes())
    }

    /// Of these, the bytes that the server takes from blocks that it has.
    pub fn patched_bytes(&self) -> u64 {
        match self.bases().is_empty() {
            true => 0,
            false => self.spared_bytes(),
        }
    }

    /// Whether it is a patch.
    pub fn is_patch(&self) -> bool {
        !self.bases().is_empty()
    }

    /// The whole frame, if it is a patch.
    pub fn patch(&self) -> Option<&B> {
        let made = self.made.as_ref().filter(|_| self.is_patch());
        made.map(|(_, bytes)| bytes)
    }

    /// The base blocks that the server has to read for it.
    pub fn bases(&self) -> &[BlockRef] {
        self.made.as_ref().map_or(&[], |(made, _)| &made.bases)
    }
}

/// What blocks are compared with.
pub enum Against<'a, B> {
    /// With nothing: they can only be compressed.
    Nothing,
    /// The base's bytes are in the cache.
    Cached {
        /// The blocks that were replaced.
        near: &'a [CachedBlock],
        /// All blocks of the base, to be searched for what is not in those; none where that
        /// would take too long.
        all: &'a [CachedBlock],
        /// All blocks of a base of which a document may be the next version, one after
        /// another (see [`blocks::patch::Documents`]); none where the files are too large.
        document: &'a [CachedBlock],
    },
    /// The signatures of the base blocks, as the server sent them.
    Signed(&'a B),
}

/// What became of an answer of frames.
pub struct Received {
    /// The blocks that are in the cache now, each verified.
    pub blocks: Vec<BlockRef>,
    /// Whether some block was not what its hash says.
    pub is_wrong: bool,
}

/// The blocks that this device has sent or fetched. Nothing in it is needed: what
/// can't be read is fetched again.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait BlockCache: Kinds {
    /// Whether a file of so many bytes has its place in it.
    async fn takes(&self, file_bytes: u64) -> bool;
    /// Finds the places of these blocks, as far as they are here, in the order asked for.
    ///
    /// # Errors
    /// There is no cache.
    async fn find(&self, hashes: &[BlockHash]) -> Result<Vec<CachedBlock>, Failure>;
    /// Says for each new block that is not in the old list which old blocks to compare it
    /// with.
    ///
    /// # Errors
    /// There is no worker.
    async fn runs(&self, old: &[BlockRef], new: &[BlockRef]) -> Result<Vec<BaseRun>, Failure>;
    /// Makes frames of blocks of a file, and hands out those that are smaller than their
    /// block; `None` if a base block was damaged, which is forgotten now.
    ///
    /// # Errors
    /// There is no worker.
    async fn frames(
        &self,
        file: &Self::File,
        wanted: &[Located],
        against: Against<'_, Self::Bytes>,
    ) -> Result<Option<Vec<(Made, Self::Bytes)>>, Failure>;
    /// Makes the beginning of a solid body of frames: see [`blocks::solid::beginning`]. Each
    /// is a patch, or travels behind it (`None`).
    ///
    /// # Errors
    /// There is no worker.
    async fn solid(&self, frames: &[Option<Self::Bytes>]) -> Result<Option<Self::Bytes>, Failure>;
    /// Keeps blocks, each read from its file, as one bundle.
    ///
    /// # Errors
    /// They could not be kept.
    async fn keep(&self, wanted: &[(Self::File, Located)]) -> Result<(), Failure>;
    /// Takes an answer of frames with blocks of so many plain bytes in; `bases` is
    /// where their base blocks are.
    ///
    /// # Errors
    /// They could not be kept.
    async fn receive(
        &self,
        body: &Self::Bytes,
        bases: &[CachedBlock],
        plain_bytes: u64,
    ) -> Result<Received, Failure>;
    /// The same for blocks that stay until somebody lets go of them, whatever the bound of
    /// the cache is. A cache without a bound makes no difference.
    ///
    /// # Errors
    /// They could not be kept.
    async fn receive_to_stay(
        &self,
        body: &Self::Bytes,
        bases: &[CachedBlock],
        plain_bytes: u64,
    ) -> Result<Received, Failure> {
        self.receive(body, bases, plain_bytes).await
    }
    /// Reads these blocks and forgets those that are damaged. Returns whether there
    /// were any.
    ///
    /// # Errors
    /// There is no worker, or no cache.
    async fn check(&self, places: &[CachedBlock]) -> Result<bool, Failure>;
    /// Puts these blocks one after another into one file.
    ///
    /// # Errors
    /// Some blocks are not there any more.
    async fn compose(&self, places: &[CachedBlock]) -> Result<Self::Whole, Failure>;
    /// Empties the cache, to make room for what can't be fetched again. Returns whether
    /// there was anything in it.
    async fn give_way(&self) -> bool;
}

/// A folder of files, for whoever holds content.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Folder: Kinds {
    /// Puts a version's file, every block of which was verified, in its place.
    ///
    /// # Errors
    /// The file could not be put there.
    async fn hold(&self, item: ItemId, version: Version, whole: Self::Whole)
    -> Result<(), Failure>;
}

/// How far the blocks of one file have come, in bytes as they travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendProgress {
    /// Acknowledged: they will not be sent again.
    pub stored: u64,
    /// Have left, and may yet be lost.
    pub travelling: u64,
    /// Need not travel, because blocks became smaller.
    pub spared: u64,
    /// Of these, the bytes that the server takes from blocks that it has. The others were
    /// compressed.
    pub patched: u64,
}

/// Whoever shows what happens, and passes on what others have to hear.
pub trait Observer {
    /// A step is over: these items may be other ones now.
    fn changed(&self, touched: BTreeSet<ItemId>);
    /// The engine has something to tell the person.
    fn tell(&self, notice: Notice);
    /// This was written. Other engines with this storage want to hear of it.
    fn written(&self, records: &[Record]);
    /// All that was to be done is done, or under way.
    fn rests(&self);
    /// Somebody else leads, and is to pull now.
    fn ask_leader(&self);
    /// There is no storage: whoever leads knows what there is.
    fn ask_for_state(&self);
    /// The storage is another user's by now.
    fn is_not_ours(&self);
    /// An edit waits for the network: what is stored had better stay.
    fn has_to_wait(&self);
    /// The engine has learned how long silence lasts on the way to the server.
    fn learned(&self, silence: Silence);
    /// The feed was answered; called before the engine hears of it.
    fn fed(&self, answer: &Answer);
    /// The feed could not be read; called after the engine has heard of it.
    fn feed_failed(&self);
    /// The root that the client works on is not the person's to see any more; called before
    /// the engine hears of it.
    fn withdrawn(&self) {}

    /// Somebody has begun to read a draft.
    fn hashing(&self, draft: DraftId);
    /// So many bytes of a draft are hashed.
    fn hashed(&self, draft: DraftId, bytes: u64);
    /// A draft can't be hashed before there is a network, which brings the worker.
    fn unhashed(&self, draft: DraftId);
    /// Blocks of a draft of so many bytes set out; the answer wants to hear how far
    /// they come.
    fn sending(&self, draft: DraftId, size: u64, blocks: &[Located]) -> Box<dyn Fn(SendProgress)>;
    /// What the server said to a request that stores a draft, as a version or as a
    /// conflict.
    fn answered(&self, draft: DraftId, conflict: Option<ConflictId>, result: &Result<Answer, Lost>);
    /// Nobody needs the draft's bytes any more.
    fn released(&self, draft: DraftId);
}
