//! The client's ports, in memory: what the program of one tab needs from outside.
//!
//! Storage answers at once. Whatever takes its time becomes a [`Wish`], which the
//! world grants when it likes; and what must hold is looked at on the way.

use super::call::Caller;
use super::call::{Call, Said};
use super::contents;
use super::device::{Content, Disk, File, draft_of, manifest, time_of};
use super::faults::{Fault, Faults};
use super::rng::Rng;
use super::storage::{self, TabName};
use crate::client::opened;
use blocks::chunk::SizeClass;
use blocks::frame::{Frame, Payload, parse, plain_header, read_lz4, small_frame};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::number::FileTime;
use blocks::patch::{
    Base as PatchBase, BaseRun, Documents, Patch, Signature, SignedBase, base_runs,
};
use blocks::solid::is_solid;
use client::Failure;
use client::located::Located;
use client::polls::{Heard, PollAnswer, Polls, Wire};
use client::ports::{
    Against, BlockCache, CachedBlock, Carrying, Clock, Copies, Folder, Hasher, HeldList, Kinds,
    Made, NotCopied, Observer, Parcel, PollEnd, Random, Received, SendProgress, Server, Spawn,
    Store, Written,
};
use client::requests::Code;
use futures_channel::oneshot;
use futures_executor::LocalSpawner;
use futures_util::task::LocalSpawnExt;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content as FileContent, Receipted};
use protocol::files::{Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer};
use protocol::ids::{ConflictId, ItemId, UnixMillis, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, ItemChange, ItemChanged, NewFolder, PlaceChange,
};
use protocol::positions::Position;
use protocol::receipts::Receipts;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use sync::Silence;
use sync::edit::DraftId;
use sync::message::{Answer, Lost, Notice, Record, StoredState, TabRole};

/// What a tab's program wants, or what is to be looked at, in the order in which it
/// happened.
#[derive(Debug)]
pub enum Wish {
    Sleep {
        millis: u64,
        done: oneshot::Sender<()>,
    },
    Ask {
        caller: Caller,
        call: Box<Call>,
        answer: oneshot::Sender<Result<Said, Failure>>,
    },
    /// Nobody waits for the answer any more.
    Leave(Caller),
    /// The other tabs of the device hear of it.
    Written(Vec<Record>),
    AskLeader,
    /// A person saves over a file that is being read.
    Changed(DraftId, Content),
    /// What the tab works on is not shared any more.
    Withdrawn,
    /// Nobody is said to need these bytes any more.
    Released(DraftId),
    CopyRemoved(DraftId),
    /// A version's file is in its place.
    Held {
        item: ItemId,
        version: Version,
        bytes: Vec<u8>,
    },
    Looked(Looked),
}

/// What was looked at, and whether it is as it must be.
#[derive(Debug)]
pub struct Looked {
    pub invariant: &'static str,
    /// What speaks against it.
    pub why: Option<String>,
}

/// What all tabs of a world have in common.
#[derive(Clone)]
pub struct Common {
    pub now: Rc<Cell<u64>>,
    pub rng: Rng,
    pub faults: Faults,
    pub last_call: Rc<Cell<u64>>,
}

/// What polls for all roots of a page. A clone is another handle of the same page.
#[derive(Clone, Default)]
pub struct Page(Rc<PageInner>);

#[derive(Default)]
struct PageInner {
    polls: Polls<Ports>,
    /// How many polls are under way.
    count: Cell<u32>,
}

/// A poll under way, until it is dropped.
pub struct Polling(Page);

impl Drop for Polling {
    fn drop(&mut self) {
        let count = &self.0.0.count;
        count.set(count.get() - 1);
    }
}

impl Page {
    pub fn polls(&self) -> &Polls<Ports> {
        &self.0.polls
    }

    /// A poll sets out; also how many are under way now.
    pub fn begin_poll(&self) -> (Polling, u32) {
        let count = self.0.count.get() + 1;
        self.0.count.set(count);
        (Polling(self.clone()), count)
    }
}

/// The ports of one life of a tab.
#[derive(Clone)]
pub struct Ports(Rc<Inner>);

struct Inner {
    tab: usize,
    life: u32,
    name: TabName,
    role: Cell<TabRole>,
    disk: Rc<Disk>,
    root: Option<ItemId>,
    common: Common,
    spawner: LocalSpawner,
    wishes: Rc<RefCell<VecDeque<Wish>>>,
    is_crashed: Cell<bool>,
    /// Something that was to be written was not: another tab was faster.
    must_load: Cell<bool>,
    /// The storage was emptied, and this tab has not written its own again.
    is_unwritten: Cell<bool>,
    /// Polls since the faults stopped, and since the journal grew last.
    rounds: Cell<u64>,
    rounds_since_news: Cell<u64>,
    page: Page,
    /// Whether it asks for news of one root as if there were several.
    lists_positions: bool,
}

impl Ports {
    pub fn new(
        (tab, life, name): (usize, u32, TabName),
        role: TabRole,
        disk: Rc<Disk>,
        root: Option<ItemId>,
        (common, page): (Common, Page),
        spawner: LocalSpawner,
    ) -> Self {
        let lists_positions = root.is_some() && common.rng.clone().permille(500);
        Self(Rc::new(Inner {
            tab,
            life,
            name,
            role: Cell::new(role),
            disk,
            root,
            common,
            spawner,
            wishes: Rc::default(),
            is_crashed: Cell::default(),
            must_load: Cell::default(),
            is_unwritten: Cell::default(),
            rounds: Cell::default(),
            rounds_since_news: Cell::default(),
            page,
            lists_positions,
        }))
    }

    pub fn next_wish(&self) -> Option<Wish> {
        self.0.wishes.borrow_mut().pop_front()
    }

    /// Whether the program has died in the middle of something.
    pub fn is_crashed(&self) -> bool {
        self.0.is_crashed.get()
    }

    pub fn set_role(&self, role: TabRole) {
        self.0.role.set(role);
    }

    pub fn is_unwritten(&self) -> bool {
        self.0.is_unwritten.get()
    }

    pub fn set_unwritten(&self, is_unwritten: bool) {
        self.0.is_unwritten.set(is_unwritten);
    }

    pub fn rounds(&self) -> (u64, u64) {
        (self.0.rounds.get(), self.0.rounds_since_news.get())
    }

    pub fn forget_rounds(&self) {
        self.0.rounds.set(0);
        self.0.rounds_since_news.set(0);
    }

    pub fn there_is_news(&self) {
        self.0.rounds_since_news.set(0);
    }

    fn wish(&self, wish: Wish) {
        // What a program that is dead still does happens to nobody.
        if !self.0.is_crashed.get() {
            self.0.wishes.borrow_mut().push_back(wish);
        }
    }

    fn look(&self, invariant: &'static str, holds: bool, why: impl FnOnce() -> String) {
        let why = (!holds).then(why);
        self.wish(Wish::Looked(Looked { invariant, why }));
    }

    fn strikes(&self, fault: Fault) -> bool {
        let Common { rng, faults, .. } = &self.0.common;
        faults.clone().strikes(fault, &mut rng.clone())
    }

    fn below(&self, end: u64) -> u64 {
        self.0.common.rng.clone().below(end)
    }

    /// Never returns in a program that is dead, or dies here.
    async fn live_on(&self, fault: Fault) {
        if self.0.is_crashed.get() || self.strikes(fault) {
            self.0.is_crashed.set(true);
            pending::<()>().await;
        }
    }

    /// A request travels.
    async fn ask(&self, call: Call) -> Result<Said, Failure> {
        self.live_on(Fault::CrashBetweenEffects).await;
        self.look_at_sent(&call);
        let count = &self.0.common.last_call;
        count.set(count.get() + 1);
        let caller = Caller {
            tab: self.0.tab,
            life: self.0.life,
            call: count.get(),
            root: self.0.root,
        };
        let (answer, answered) = oneshot::channel();
        let call = Box::new(call);
        self.wish(Wish::Ask {
            caller,
            call,
            answer,
        });
        let leaves = Leaves {
            ports: self.clone(),
            caller,
            is_answered: Cell::new(false),
        };
        let said = answered.await.unwrap_or(Err(Failure::Unreachable));
        leaves.is_answered.set(true);
        said
    }

    /// What is sent is stored first, and only a leader asks the feed.
    fn look_at_sent(&self, call: &Call) {
        if matches!(call, Call::Changes { .. } | Call::Poll { .. }) {
            if matches!(call, Call::Poll { .. }) {
                self.0.rounds.set(self.0.rounds.get() + 1);
                let since = &self.0.rounds_since_news;
                since.set(since.get() + 1);
            }
            let leads = self.0.role.get() == TabRole::Leader;
            return self.look("only one tab asks for news", leads, || format!("{call:?}"));
        }
        if self.0.is_unwritten.get() || self.0.must_load.get() {
            // The storage was emptied, and this tab has yet to hear of it.
            return;
        }
        let is_stored = {
            let storage = self.0.disk.storage.borrow();
            let has = |item: ItemId| storage.edits.contains_key(&(self.0.name, item));
            let decides = |id: ConflictId| storage.resolutions.contains_key(&(self.0.name, id));
            // What it takes to send a content may take longer than the edit is there: in a
            // folder, the next one may stand in its place.
            let was_written = |content: &FileContent| {
                let draft = draft_of(content.modified_at_ms());
                storage.written.contains(&(self.0.name, draft))
            };
            let is_new = |file: &NewFile<Receipted>| {
                let content = file.content.as_ref().map(|shown| &shown.content);
                content.map_or(has(file.id), was_written)
            };
            match call {
                Call::CreateFolder(body) => has(body.id),
                Call::CreateFile { body, .. } => is_new(body),
                Call::CreateFiles(files) => files.iter().all(is_new),
                Call::Commit { body, .. } => was_written(&body.content.content),
                Call::ChangeItems(changes) => changes.iter().all(|change| has(change.item)),
                Call::KeepConflict { body, .. } => was_written(&body.content.content),
                Call::Resolve { conflict, .. } | Call::Reopen { conflict, .. } => {
                    decides(*conflict)
                }
                _ => return,
            }
        };
        self.look("what is sent is stored first", is_stored, || {
            format!("{call:?}")
        });
    }

    /// The body of a request: frames that were made, and blocks from their files.
    fn body(&self, parcel: &Parcel<Self>) -> Result<Vec<u8>, Failure> {
        let mut body = parcel.solid.as_deref().cloned().unwrap_or_default();
        let mut is_plain = false;
        for (file, frame) in parcel.by_themselves() {
            is_plain = frame.made.is_none();
            if let Some((_, made)) = &frame.made {
                body.extend_from_slice(made);
                continue;
            }
            let Located { block, offset } = frame.located;
            let bytes = file.read(offset, block.length);
            // A browser does not say that it is the file's fault.
            let bytes = bytes.ok_or(Failure::Unreachable)?;
            body.extend_from_slice(&plain_header(block.hash, block.length));
            body.extend_from_slice(&bytes);
        }
        if is_plain
            && self.strikes(Fault::BodyDamaged)
            && let Some(byte) = body.last_mut()
        {
            *byte = !*byte;
        }
        Ok(body)
    }

    async fn item(&self, call: Call) -> Result<ItemChanged, Failure> {
        match self.ask(call).await? {
            Said::Item(changed) => Ok(changed),
            other => odd(&other),
        }
    }

    async fn conflict(&self, call: Call) -> Result<Conflict, Failure> {
        match self.ask(call).await? {
            Said::Conflict(conflict) => Ok(conflict),
            other => odd(&other),
        }
    }

    async fn place(&self, item: ItemId, to: PlaceChange) -> Result<ItemChanged, Failure> {
        let call = Call::ChangeItems(vec![ItemChange { item, to }]);
        match self.ask(call).await? {
            Said::Item(changed) => Ok(changed),
            other => odd(&other),
        }
    }
}

/// # Panics
/// Always: the world answers what was asked.
fn odd<T>(said: &Said) -> Result<T, Failure> {
    panic!("another answer than to what was asked: {said:?}")
}

/// Tells that nobody waits any more.
struct Leaves {
    ports: Ports,
    caller: Caller,
    is_answered: Cell<bool>,
}

impl Drop for Leaves {
    fn drop(&mut self) {
        if !self.is_answered.get() {
            self.ports.wish(Wish::Leave(self.caller));
        }
    }
}

impl Kinds for Ports {
    type File = File;
    type Bytes = Rc<Vec<u8>>;
    type Whole = Vec<u8>;

    fn size(file: &File) -> u64 {
        let content = file.content().unwrap_or_default();
        content.iter().map(|block| block.len() as u64).sum()
    }

    fn name(file: &File) -> String {
        format!("file {}", file.id.0)
    }

    fn modified_at_ms(file: &File) -> FileTime {
        time_of(file.id)
    }
}

impl Clock for Ports {
    fn now_ms(&self) -> UnixMillis {
        self.0.disk.clock(self.0.common.now.get())
    }

    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        let (done, over) = oneshot::channel();
        self.wish(Wish::Sleep { millis, done });
        async move {
            let is_over = over.await;
            if is_over.is_err() {
                // The world has ended.
                pending::<()>().await;
            }
        }
    }

    /// Others go on in the meantime.
    fn breathe(&self) -> impl Future<Output = ()> + 'static {
        let mut has_waited = false;
        poll_fn(
            move |context| match std::mem::replace(&mut has_waited, true) {
                true => Poll::Ready(()),
                false => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
        )
    }
}

impl Random for Ports {
    fn jitter(&self) -> f64 {
        self.0.common.rng.clone().unit()
    }

    fn small_id(&self) -> u64 {
        self.0.common.rng.clone().draw() >> 11
    }
}

impl Spawn for Ports {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        // Fails where the tab is gone.
        let _ = self.0.spawner.spawn_local(task);
    }

    fn log(&self, _: std::fmt::Arguments<'_>) {}
}

impl Code for Ports {}

impl Wire for Ports {
    fn is_of_same(&self, _: &Self) -> bool {
        // A page is one person's.
        true
    }

    async fn poll_all(&self, positions: &[Position], seconds: u64) -> Result<Heard, Failure> {
        let (_polling, count) = self.0.page.begin_poll();
        let invariant = match positions.len() {
            1 => "a page has one poll",
            _ => "a page has one poll for all of its roots",
        };
        self.look(invariant, count == 1, || {
            format!("{count}, for {positions:?}")
        });
        let call = Call::Poll {
            positions: positions.to_vec(),
            seconds,
            is_listed: self.0.lists_positions,
        };
        let (root, answer) = match self.ask(call).await? {
            Said::News(root) => (root, PollAnswer::News),
            Said::Quiet => (None, PollAnswer::TimedOut),
            other => return odd(&other),
        };
        Ok(Heard { root, answer })
    }
}

impl Server for Ports {
    fn root(&self) -> Option<ItemId> {
        self.0.root
    }

    async fn changes(&self, since: Option<&str>) -> Result<ChangePage, Failure> {
        let since = since.map(str::to_owned);
        match self.ask(Call::Changes { since }).await? {
            Said::Changes(page) => Ok(page),
            other => odd(&other),
        }
    }

    async fn poll(&self, since: &str, seconds: u64) -> Result<PollEnd, Failure> {
        let position = Position {
            root: self.0.root,
            cursor: since.to_owned(),
        };
        Ok(
            match self.0.page.polls().ask(self, position, seconds).await? {
                PollAnswer::TimedOut => PollEnd::TimedOut,
                PollAnswer::Unheard => PollEnd::Unheard,
                _ => PollEnd::News,
            },
        )
    }

    async fn propose(&self, item: ItemId, body: &Proposal) -> Result<ProposalAnswer, Failure> {
        let body = body.clone();
        match self.ask(Call::Propose { item, body }).await? {
            Said::Proposed(answer) => Ok(answer),
            other => odd(&other),
        }
    }

    async fn commit(&self, item: ItemId, body: &Commit<Receipted>) -> Result<ItemChanged, Failure> {
        let (body, frames) = (body.clone(), None);
        self.item(Call::Commit { item, body, frames }).await
    }

    async fn create_file(&self, body: &NewFile<Receipted>) -> Result<ItemChanged, Failure> {
        let (body, frames) = (body.clone(), None);
        self.item(Call::CreateFile { body, frames }).await
    }

    async fn create_files(&self, body: &NewFiles<Receipted>) -> Result<FilesMade, Failure> {
        match self.ask(Call::CreateFiles(body.files.clone())).await? {
            Said::Items(results) => Ok(FilesMade { results }),
            other => odd(&other),
        }
    }

    async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict<Receipted>,
    ) -> Result<Conflict, Failure> {
        let body = body.clone();
        self.conflict(Call::KeepConflict { item, body }).await
    }

    async fn resolve(
        &self,
        conflict: ConflictId,
        body: &Resolve<Receipted>,
    ) -> Result<Conflict, Failure> {
        let body = body.clone();
        self.conflict(Call::Resolve { conflict, body }).await
    }

    async fn reopen(&self, conflict: ConflictId, body: &Reopen) -> Result<Conflict, Failure> {
        let body = body.clone();
        self.conflict(Call::Reopen { conflict, body }).await
    }

    async fn create_folder(&self, body: &NewFolder) -> Result<ItemChanged, Failure> {
        self.item(Call::CreateFolder(body.clone())).await
    }

    async fn change_place(&self, id: ItemId, body: &ChangePlace) -> Result<ItemChanged, Failure> {
        self.place(id, PlaceChange::Move(body.clone())).await
    }

    async fn trash(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.place(id, PlaceChange::Trash(body.clone())).await
    }

    async fn restore(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.place(id, PlaceChange::Restore(body.clone())).await
    }

    async fn change_items(&self, body: &ChangeItems) -> Result<ItemsChanged, Failure> {
        match self.ask(Call::ChangeItems(body.changes.clone())).await? {
            Said::Items(results) => Ok(ItemsChanged { results }),
            other => odd(&other),
        }
    }

    async fn manifest(&self, item: ItemId, version: Version) -> Result<FileManifest, Failure> {
        match self.ask(Call::Manifest { item, version }).await? {
            Said::Manifest(manifest) => Ok(manifest),
            other => odd(&other),
        }
    }

    async fn manifest_since(
        &self,
        item: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Failure> {
        let call = Call::ManifestSince {
            item,
            version,
            since,
        };
        match self.ask(call).await? {
            Said::Since(manifest) => Ok(manifest),
            other => odd(&other),
        }
    }

    async fn store_blocks(
        &self,
        parcel: Parcel<Self>,
        of: &[ItemId],
        progress: impl Fn(u64) + 'static,
    ) -> Result<Option<Receipts>, Failure> {
        let frames = self.body(&parcel)?;
        let length = frames.len() as u64;
        progress(length / 2);
        let of = of.to_vec();
        let said = self.ask(Call::StoreBlocks { frames, of }).await?;
        progress(length);
        match said {
            Said::Stored(receipts) => Ok(receipts),
            other => odd(&other),
        }
    }

    async fn carry(
        &self,
        what: Carrying,
        parcel: Parcel<Self>,
        progress: impl Fn(u64) + 'static,
    ) -> Result<ItemChanged, Failure> {
        let body = self.body(&parcel)?;
        progress(body.len() as u64);
        let frames = Some(body);
        let call = match what {
            Carrying::Commit { item, body } => Call::Commit { item, body, frames },
            Carrying::Create(body) => Call::CreateFile { body, frames },
        };
        self.item(call).await
    }

    async fn fetch_blocks(&self, body: &Fetch) -> Result<Rc<Vec<u8>>, Failure> {
        match self.ask(Call::FetchBlocks(body.clone())).await? {
            Said::Bytes(bytes) => Ok(Rc::new(bytes)),
            other => odd(&other),
        }
    }

    async fn signatures(&self, body: &FetchSignatures) -> Result<(Rc<Vec<u8>>, usize), Failure> {
        match self.ask(Call::Signatures(body.clone())).await? {
            Said::Bytes(bytes) => {
                let signed = Signature::parse_all(&bytes).map_err(|_| Failure::Unreachable)?;
                Ok((Rc::new(bytes), signed.len()))
            }
            other => odd(&other),
        }
    }

    fn joined(&self, parts: Vec<Rc<Vec<u8>>>) -> Rc<Vec<u8>> {
        Rc::new(parts.iter().flat_map(|part| part.iter().copied()).collect())
    }
}

impl Store for Ports {
    fn works(&self) -> bool {
        true
    }

    async fn write(&self, records: &[Record]) -> Result<Written, Failure> {
        self.live_on(Fault::CrashBetweenEffects).await;
        let by = (self.0.tab, self.0.life);
        let (is_alone, written) = {
            let mut storage = self.0.disk.storage.borrow_mut();
            let is_alone = storage.cursor_by == Some(by) && !self.0.is_unwritten.get();
            (is_alone, storage.write(by, self.0.name, records))
        };
        // Elsewhere only where another tab wrote, or the storage was lost.
        let knows = written == storage::Written::Yes || !is_alone;
        self.look("the engine knows what is stored", knows, String::new);
        if written == storage::Written::Yes {
            return Ok(Written::Yes);
        }
        self.0.must_load.set(true);
        Ok(Written::CursorElsewhere)
    }

    async fn load(&self) -> Option<StoredState> {
        // The step between reading the storage and handing it in.
        self.live_on(Fault::CrashInDriver).await;
        self.0.must_load.set(false);
        Some(self.0.disk.storage.borrow().load(self.0.name))
    }

    async fn recover(&self, _: &Failure) -> bool {
        true
    }

    fn do_without(&self, _: &Failure) {}

    async fn held_list(&self, item: ItemId) -> Option<HeldList> {
        let mut storage = self.0.disk.storage.borrow_mut();
        if self.strikes(Fault::ListForgotten) {
            storage.lists.remove(&item);
        }
        storage.lists.get(&item).cloned()
    }

    async fn keep_lists(&self, news: &BTreeMap<ItemId, Option<HeldList>>) {
        // The program may end while its database writes.
        self.sleep(self.below(50)).await;
        let mut storage = self.0.disk.storage.borrow_mut();
        for (item, list) in news {
            match list {
                Some(list) => storage.lists.insert(*item, list.clone()),
                None => storage.lists.remove(item),
            };
        }
    }
}

impl Copies for Ports {
    async fn copy(&self, id: DraftId, file: &File) -> Result<File, NotCopied> {
        self.sleep(1 + self.below(100)).await;
        self.live_on(Fault::CrashBetweenEffects).await;
        if self.strikes(Fault::DraftsFull) {
            return Err(NotCopied::Full);
        }
        let content = file.content();
        let content = content.ok_or(NotCopied::Failed(Failure::FileUnreadable))?;
        self.0.disk.copies.borrow_mut().insert(id, content);
        // The bytes are there, and the engine does not know it.
        self.live_on(Fault::CrashInDriver).await;
        Ok(File::copy(id, &self.0.disk))
    }

    async fn copied(&self, id: DraftId) -> Option<File> {
        let copies = self.0.disk.copies.borrow();
        copies
            .contains_key(&id)
            .then(|| File::copy(id, &self.0.disk))
    }

    async fn remove_copy(&self, id: DraftId) {
        if self.0.is_crashed.get() {
            return;
        }
        if self.0.disk.copies.borrow_mut().remove(&id).is_some() {
            self.wish(Wish::CopyRemoved(id));
        }
    }

    async fn is_readable(&self, file: &File, offset: u64) -> bool {
        file.read(offset, 1).is_some()
    }
}

impl Hasher for Ports {
    async fn hash(
        &self,
        file: &File,
        _: SizeClass,
        started: impl FnOnce(),
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure> {
        started();
        self.sleep(1 + self.below(200)).await;
        let content = file.content().ok_or(Failure::FileUnreadable)?;
        let blocks = manifest(file.id, &content).blocks;
        progress(Self::size(file));
        if !file.is_copy && self.strikes(Fault::FileChanged) {
            // Somebody saves over the file while it is being sent.
            let content = contents::content(&mut self.0.common.rng.clone());
            let mut files = self.0.disk.files.borrow_mut();
            let saved = files.get(&file.id).map_or(0, |(saved, _)| saved + 1);
            files.insert(file.id, (saved, content.clone()));
            self.wish(Wish::Changed(file.id, content));
        }
        Ok(blocks)
    }

    fn hashes_nothing(&self) -> bool {
        true
    }
}

impl Ports {
    /// A frame of a block, if it is smaller than the block.
    fn made(
        &self,
        block: BlockRef,
        plain: &[u8],
        patch: Option<Patch>,
        bases: &[BlockRef],
    ) -> Option<(Made, Rc<Vec<u8>>)> {
        let frame = small_frame(block.hash, plain, patch)?;
        let is_named = |base: &&BlockRef| frame.bases.contains(&base.hash);
        let made = Made {
            hash: block.hash,
            frame_bytes: frame.bytes.len() as u32,
            bases: bases.iter().filter(is_named).copied().collect(),
        };
        Some((made, Rc::new(frame.bytes)))
    }

    /// The bytes of these blocks, if none is damaged; those that are go.
    fn intact(&self, places: &[CachedBlock]) -> Option<Vec<(BlockHash, Vec<u8>)>> {
        let mut cache = self.0.disk.cache.borrow_mut();
        let is_damaged = |place: &&CachedBlock| {
            let bytes = cache.get(&place.block.hash);
            bytes.is_none_or(|bytes| BlockHash::of(bytes) != place.block.hash)
        };
        let damaged: Vec<BlockHash> = places
            .iter()
            .filter(is_damaged)
            .map(|place| place.block.hash)
            .collect();
        for hash in &damaged {
            cache.remove(hash);
        }
        let hashes = places.iter().map(|place| place.block.hash);
        let bytes = hashes.filter_map(|hash| Some((hash, cache.get(&hash)?.clone())));
        damaged.is_empty().then(|| bytes.collect())
    }

    fn put(&self, blocks: Vec<Vec<u8>>) {
        let mut cache = self.0.disk.cache.borrow_mut();
        cache.extend(
            blocks
                .into_iter()
                .map(|bytes| (BlockHash::of(&bytes), bytes)),
        );
    }
}

impl BlockCache for Ports {
    async fn takes(&self, _: u64) -> bool {
        true
    }

    async fn find(&self, hashes: &[BlockHash]) -> Result<Vec<CachedBlock>, Failure> {
        let cache = self.0.disk.cache.borrow();
        let place = |hash: &BlockHash| {
            let length = cache.get(hash)?.len() as u32;
            Some(CachedBlock {
                block: BlockRef {
                    hash: *hash,
                    length,
                },
                bundle: 0,
                offset: 0,
            })
        };
        Ok(hashes.iter().filter_map(place).collect())
    }

    async fn runs(&self, old: &[BlockRef], new: &[BlockRef]) -> Result<Vec<BaseRun>, Failure> {
        Ok(base_runs(old, new))
    }

    async fn frames(
        &self,
        file: &File,
        wanted: &[Located],
        against: Against<'_, Rc<Vec<u8>>>,
    ) -> Result<Option<Vec<(Made, Rc<Vec<u8>>)>>, Failure> {
        enum Known {
            Nothing,
            Bytes(PatchBase),
            Tags(SignedBase),
        }
        let mut documents = None;
        let (known, bases): (Known, Vec<BlockRef>) = match against {
            Against::Nothing => (Known::Nothing, Vec::new()),
            Against::Cached {
                near,
                all,
                document,
            } => {
                let Some(whole) = self.intact(document) else {
                    return Ok(None);
                };
                let base = whole.iter().map(|(hash, bytes)| (*hash, bytes.as_slice()));
                let target = file.content().unwrap_or_default().concat();
                documents = Documents::of(base, target);
                // All of it is small here, and needs no search.
                let places = if all.is_empty() { near } else { all };
                let Some(blocks) = self.intact(places) else {
                    return Ok(None);
                };
                let base = blocks.iter().map(|(hash, bytes)| (*hash, bytes.as_slice()));
                // A document's are all blocks, those that are near among them.
                let bases = if document.is_empty() {
                    places
                } else {
                    document
                };
                let bases = bases.iter().map(|place| place.block).collect();
                (Known::Bytes(PatchBase::of(base)), bases)
            }
            Against::Signed(signatures) => {
                let signatures = Signature::parse_all(signatures);
                let signatures = signatures.map_err(|_| Failure::Unreachable)?;
                let bases = signatures.iter().map(|signature| BlockRef {
                    hash: signature.hash,
                    length: signature.length,
                });
                (Known::Tags(SignedBase::of(&signatures)), bases.collect())
            }
        };
        let frames = wanted.iter().filter_map(|located| {
            let Located { block, offset } = *located;
            let plain = file.read(offset, block.length)?;
            let patch = match &known {
                Known::Nothing => None,
                Known::Bytes(base) => Some(base.patch(&plain)),
                Known::Tags(base) => Some(base.patch(&plain)),
            };
            let start = offset as usize;
            let by_symbols = documents
                .as_ref()
                .and_then(|documents| documents.patch(start..start + plain.len()));
            let made = [patch, by_symbols].map(|patch| self.made(block, &plain, patch, &bases));
            let made = made.into_iter().flatten();
            made.min_by_key(|(made, _)| made.frame_bytes)
        });
        Ok(Some(frames.collect()))
    }

    async fn solid(&self, frames: &[Option<Rc<Vec<u8>>>]) -> Result<Option<Rc<Vec<u8>>>, Failure> {
        let frames: Vec<Option<&[u8]>> = frames
            .iter()
            .map(|frame| frame.as_deref().map(Vec::as_slice))
            .collect();
        Ok(blocks::solid::beginning_of(&frames).map(Rc::new))
    }

    async fn keep(&self, wanted: &[(File, Located)]) -> Result<(), Failure> {
        let blocks = wanted.iter().filter_map(|(file, located)| {
            let bytes = file.read(located.offset, located.block.length)?;
            (BlockHash::of(&bytes) == located.block.hash).then_some(bytes)
        });
        let blocks: Vec<Vec<u8>> = blocks.collect();
        self.put(blocks);
        Ok(())
    }

    async fn receive(
        &self,
        body: &Rc<Vec<u8>>,
        bases: &[CachedBlock],
        _: u64,
    ) -> Result<Received, Failure> {
        let bases = self.intact(bases).unwrap_or_default();
        let held: Vec<&[u8]> = bases.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let solid = match is_solid(body) {
            true => opened(body, &held),
            false => None,
        };
        let frames = parse(solid.as_ref().unwrap_or(body)).unwrap_or_default();
        let plain = |frame: &Frame<'_>| match &frame.content {
            Payload::Plain(bytes) => Some(bytes.to_vec()),
            Payload::Lz4 { .. } => read_lz4(frame.payload).ok(),
            Payload::Patch {
                length,
                bases: named,
                delta,
            } => {
                let of = |hash: &BlockHash| {
                    let base = bases.iter().find(|(known, _)| known == hash)?;
                    Some(base.1.as_slice())
                };
                let base: Option<Vec<&[u8]>> = named.iter().map(of).collect();
                blocks::patch::apply(&base?, delta, *length).ok()
            }
        };
        let (mut here, mut is_wrong) = (Vec::new(), false);
        for frame in &frames {
            match plain(frame) {
                Some(bytes) if BlockHash::of(&bytes) == frame.hash => here.push(bytes),
                Some(_) => is_wrong = true,
                None => {}
            }
        }
        let blocks = here.iter().map(|bytes| BlockRef {
            hash: BlockHash::of(bytes),
            length: bytes.len() as u32,
        });
        let blocks = blocks.collect();
        self.put(here);
        Ok(Received { blocks, is_wrong })
    }

    async fn check(&self, places: &[CachedBlock]) -> Result<bool, Failure> {
        Ok(self.intact(places).is_none())
    }

    async fn compose(&self, places: &[CachedBlock]) -> Result<Vec<u8>, Failure> {
        let cache = self.0.disk.cache.borrow();
        let mut whole = Vec::new();
        for place in places {
            let bytes = cache.get(&place.block.hash);
            whole.extend_from_slice(bytes.ok_or(Failure::FileUnreadable)?);
        }
        Ok(whole)
    }

    async fn give_way(&self) -> bool {
        let mut cache = self.0.disk.cache.borrow_mut();
        let held_something = !cache.is_empty();
        cache.clear();
        held_something
    }
}

impl Folder for Ports {
    async fn hold(&self, item: ItemId, version: Version, bytes: Vec<u8>) -> Result<(), Failure> {
        self.live_on(Fault::CrashInDriver).await;
        self.wish(Wish::Held {
            item,
            version,
            bytes,
        });
        Ok(())
    }
}

impl Observer for Ports {
    fn changed(&self, _: BTreeSet<ItemId>) {}

    fn tell(&self, _: Notice) {}

    fn written(&self, records: &[Record]) {
        self.wish(Wish::Written(records.to_vec()));
    }

    fn rests(&self) {}

    fn ask_leader(&self) {
        self.wish(Wish::AskLeader);
    }

    fn ask_for_state(&self) {}

    fn is_not_ours(&self) {}

    fn has_to_wait(&self) {}

    fn learned(&self, silence: Silence) {
        self.0.disk.silence.set(silence);
    }

    fn fed(&self, _: &Answer) {}

    fn feed_failed(&self) {}

    fn withdrawn(&self) {
        self.wish(Wish::Withdrawn);
    }

    fn hashing(&self, _: DraftId) {}

    fn hashed(&self, _: DraftId, _: u64) {}

    fn unhashed(&self, _: DraftId) {}

    fn sending(&self, draft: DraftId, _: u64, blocks: &[Located]) -> Box<dyn Fn(SendProgress)> {
        let all: u64 = blocks.iter().map(|one| u64::from(one.block.length)).sum();
        let ports = self.clone();
        Box::new(move |sent| {
            let counted = sent.stored + sent.travelling + sent.spared;
            ports.look("no byte of an upload counts twice", counted <= all, || {
                format!("{sent:?} of {all} bytes of {draft:?}")
            });
        })
    }

    fn answered(&self, _: DraftId, _: Option<ConflictId>, _: &Result<Answer, Lost>) {}

    fn released(&self, draft: DraftId) {
        self.wish(Wish::Released(draft));
    }
}
