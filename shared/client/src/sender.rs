//! Sends blocks. Files hand in the blocks that the server lacks, and the blocks are packed
//! in that order, so a thousand small files share a few requests.

use crate::bell::Bell;
use crate::failure::Failure;
use crate::ports::{Clock, Frame, Platform, SendProgress, Spawn};
use crate::queue::{Carrier, Queue};
use crate::solid::Solid;
use crate::tuning::Tuning;
use crate::wallet::Wallet;
use crate::weight::Weight;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use protocol::ids::ItemId;
use protocol::limits::MAX_OF_FILES;
use protocol::problem::Problem;
use protocol::receipts::Receipts;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::rc::Rc;
use sync::edit::DraftId;

/// The client reports so many stored blocks to their files before others have the thread.
const TOLD_AT_ONCE: usize = 8;

/// While more bytes of waiting frames than this are in memory, no more are made.
const MOST_MADE_BYTES: u64 = 16 << 20;

/// The blocks that wait and travel, of all files.
pub struct Sender<P: Platform>(Rc<Inner<P>>);

struct Inner<P: Platform> {
    platform: P,
    tuning: Tuning,
    wallet: Wallet,
    solid: Solid,
    queue: Queue<PendingBlock<P>>,
    last_pack: Cell<u64>,
    /// Whether waiting blocks should not wait for more.
    is_hurried: Cell<bool>,
    /// Rung when a load is given up.
    dropped: Bell,
    /// Rung when something else may be waiting now.
    moved: Bell,
}

impl<P: Platform> Clone for Sender<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A block that waits or travels.
pub struct PendingBlock<P: Platform> {
    load: Rc<Load<P::File>>,
    frame: Frame<P::Bytes>,
}

impl<P: Platform> PendingBlock<P> {
    /// The item that has the base blocks, if the frame is a patch.
    fn base_item(&self) -> Option<ItemId> {
        self.load.item.filter(|_| !self.frame.bases().is_empty())
    }
}

impl<P: Platform> Clone for PendingBlock<P> {
    fn clone(&self) -> Self {
        Self {
            load: self.load.clone(),
            frame: self.frame.clone(),
        }
    }
}

/// A file whose blocks are sent.
pub struct FileToSend<'a, F> {
    /// The draft that the file has the bytes of.
    pub draft: DraftId,
    /// The item that patches have their base blocks of; `None` if nothing is a patch.
    pub item: Option<ItemId>,
    /// The file.
    pub file: &'a F,
}

/// The blocks of one file that were handed in together.
struct Load<F> {
    draft: DraftId,
    item: Option<ItemId>,
    file: F,
    left: Cell<usize>,
    stored_bytes: Cell<u64>,
    spared_bytes: Cell<u64>,
    patched_bytes: Cell<u64>,
    /// The bytes that have left, of each pack under way.
    left_home: RefCell<HashMap<u64, u64>>,
    progress: Box<dyn Fn(SendProgress)>,
    end: RefCell<Option<oneshot::Sender<Result<(), Failure>>>>,
    given_up: Cell<bool>,
}

impl<P: Platform> Sender<P> {
    pub fn new(platform: P, tuning: Tuning) -> Self {
        Self(Rc::new(Inner {
            platform,
            tuning,
            wallet: Wallet::default(),
            solid: Solid::default(),
            queue: Queue::default(),
            last_pack: Cell::default(),
            is_hurried: Cell::default(),
            dropped: Bell::default(),
            moved: Bell::default(),
        }))
    }

    /// The receipts for what was sent.
    pub fn wallet(&self) -> &Wallet {
        &self.0.wallet
    }

    /// How patches travel.
    pub fn solid(&self) -> &Solid {
        &self.0.solid
    }

    /// Sends `blocks` blocks of a file, which `make` hands on bit by bit; `progress` hears
    /// how far they are. Dropping the future gives up the blocks that are not stored yet.
    ///
    /// # Errors
    /// The error of the first pack that fails. `HashMismatch` and `FileUnreadable` are about
    /// this very file.
    pub async fn send(
        &self,
        source: FileToSend<'_, P::File>,
        blocks: usize,
        progress: impl Fn(SendProgress) + 'static,
        make: impl AsyncFnOnce(&dyn Fn(Vec<Frame<P::Bytes>>)),
    ) -> Result<(), Failure> {
        if blocks == 0 {
            return Ok(());
        }
        self.0.is_hurried.set(false);
        let (end, ended) = oneshot::channel();
        let load = Rc::new(Load {
            draft: source.draft,
            item: source.item,
            file: source.file.clone(),
            left: Cell::new(blocks),
            stored_bytes: Cell::new(0),
            spared_bytes: Cell::new(0),
            patched_bytes: Cell::new(0),
            left_home: RefCell::default(),
            progress: Box::new(progress),
            end: RefCell::new(Some(end)),
            given_up: Cell::new(false),
        });
        let _given_up = GiveUpOnDrop {
            sender: self.clone(),
            load: load.clone(),
        };
        let hand_on = |frames: Vec<Frame<P::Bytes>>| {
            frames.iter().for_each(|frame| load.spare(frame));
            load.report();
            self.hand_in(frames.into_iter().map(|frame| PendingBlock {
                load: load.clone(),
                frame,
            }));
        };
        let ended = match select(pin!(make(&hand_on)), ended).await {
            Either::Left(((), ended)) => ended.await,
            Either::Right((ended, _)) => ended,
        };
        ended.unwrap_or(Err(Failure::Cancelled))
    }

    /// Lets waiting blocks set out as soon as they may: no other file's blocks will join
    /// them.
    pub fn set_out(&self) {
        self.0.is_hurried.set(true);
        self.pump();
    }

    /// Waits until there are not too many frames in memory.
    pub async fn has_room(&self) {
        while self.made_bytes() > MOST_MADE_BYTES {
            self.0.moved.next().await;
        }
    }

    /// Whether nothing waits or travels.
    pub fn is_idle(&self) -> bool {
        self.0.queue.is_idle()
    }

    fn made_bytes(&self) -> u64 {
        let waiting = self.0.queue.waiting();
        let made = waiting
            .iter()
            .filter(|piece| piece.frame.made.is_some() && !piece.load.given_up.get());
        made.map(|piece| piece.frame.payload_bytes()).sum()
    }

    async fn post(&self, id: u64, pack: &[PendingBlock<P>]) -> Result<Option<Receipts>, Failure> {
        let parcel = pack.iter().map(|piece| {
            let file = piece.load.file.clone();
            (file, piece.frame.clone())
        });
        let travelling: Rc<[PendingBlock<P>]> = pack.into();
        let platform = &self.0.platform;
        let of: BTreeSet<ItemId> = pack.iter().filter_map(PendingBlock::base_item).collect();
        let of: Vec<ItemId> = of.into_iter().flat_map(|item| platform.of(item)).collect();
        let send = async |parcel| {
            let travelling = travelling.clone();
            let progress = move |bytes| spread(&travelling, id, bytes);
            platform.store_blocks(parcel, &of, progress).await
        };
        let stored = self.0.solid.send(platform, parcel.collect(), send);
        let mut stored = pin!(stored);
        loop {
            match select(stored, pin!(self.0.dropped.next())).await {
                Either::Left((answer, _)) => return answer,
                Either::Right((_, unanswered)) => {
                    if pack.iter().all(|piece| piece.load.given_up.get()) {
                        return Err(Failure::Cancelled);
                    }
                    stored = unanswered;
                }
            }
        }
    }

    async fn carry_pack(&self, pack: Vec<PendingBlock<P>>) {
        let id = self.0.last_pack.get() + 1;
        self.0.last_pack.set(id);
        let outcome = self.post(id, &pack).await;
        for piece in &pack {
            piece.load.left_home.borrow_mut().remove(&id);
        }
        match outcome {
            Ok(receipts) => {
                self.keep(&pack, receipts);
                for (number, piece) in pack.iter().enumerate() {
                    if number > 0 && number % TOLD_AT_ONCE == 0 {
                        self.0.platform.breathe().await;
                    }
                    piece.load.stored(piece.frame.payload_bytes());
                }
            }
            Err(Failure::Refused(Problem::PatchRefused { block, detail })) => {
                self.without_patch(pack, block, &Problem::PatchRefused { block, detail }.into());
            }
            Err(Failure::Refused(Problem::HashMismatch { claimed, actual })) => {
                let failure = Problem::HashMismatch { claimed, actual }.into();
                self.blame(&pack, claimed, &failure);
            }
            Err(Failure::Unreachable) => self.unreachable(&pack).await,
            Err(failure) => {
                for piece in &pack {
                    piece.load.fail(failure.clone());
                }
            }
        }
    }

    fn keep(&self, pack: &[PendingBlock<P>], receipts: Option<Receipts>) {
        let receipts = receipts.unwrap_or_default().0;
        for (piece, receipt) in pack.iter().zip(receipts) {
            // A load that was given up may be of a draft that is gone.
            if let Some(receipt) = receipt.filter(|_| !piece.load.given_up.get()) {
                let block = piece.frame.located.block.hash;
                self.0.wallet.put(piece.load.draft, block, receipt);
            }
        }
    }

    /// The server can't make a block from its patch, for instance because it does not have
    /// the base any more. The block goes whole.
    fn without_patch(&self, mut pack: Vec<PendingBlock<P>>, block: BlockHash, failure: &Failure) {
        for piece in &mut pack {
            if piece.frame.located.block.hash != block {
                continue;
            }
            if piece.frame.made.is_none() {
                // It went whole already, and would be sent for ever.
                piece.load.fail(failure.clone());
            }
            piece.load.spare_no_more(&piece.frame);
            piece.frame.made = None;
        }
        self.put_back(&pack);
    }

    /// One file's bytes are not what was hashed. The blocks of other files are sent again.
    fn blame(&self, pack: &[PendingBlock<P>], claimed: BlockHash, failure: &Failure) {
        for piece in pack {
            if piece.frame.located.block.hash == claimed {
                piece.load.fail(failure.clone());
            }
        }
        self.put_back(pack);
    }

    /// There was no answer, because there is no network or because a file is gone.
    async fn unreachable(&self, pack: &[PendingBlock<P>]) {
        let mut gone = false;
        for piece in pack {
            let load = &piece.load;
            if load.given_up.get() {
                continue;
            }
            let offset = piece.frame.located.offset;
            if !self.0.platform.is_readable(&load.file, offset).await {
                load.fail(Failure::FileUnreadable);
                gone = true;
            }
        }
        if gone {
            self.put_back(pack);
        } else {
            for piece in pack {
                piece.load.fail(Failure::Unreachable);
            }
        }
    }

    fn put_back(&self, pack: &[PendingBlock<P>]) {
        let mut waiting = self.0.queue.waiting();
        for piece in pack.iter().rev() {
            if !piece.load.given_up.get() {
                waiting.push_front(piece.clone());
            }
        }
    }
}

impl<P: Platform> Carrier for Sender<P> {
    type Piece = PendingBlock<P>;
    /// A browser has six connections to a host where HTTP/2 is not spoken, and the
    /// poll holds one.
    const AT_ONCE: usize = 3;
    /// A page takes a tenth of this time for one file of a large drop.
    const GATHER_MILLIS: u64 = 200;

    fn queue(&self) -> &Queue<PendingBlock<P>> {
        &self.0.queue
    }

    fn platform(&self) -> &(impl Clock + Spawn + Clone + 'static) {
        &self.0.platform
    }

    fn fills_a_request(&self) -> bool {
        let waiting = self.0.queue.waiting();
        let mut bytes = 0;
        let mut waiting = waiting.iter().filter(|piece| !piece.load.given_up.get());
        waiting.any(|piece| {
            bytes += piece.frame.payload_bytes();
            bytes >= self.0.tuning.trip_bytes || self.0.is_hurried.get()
        })
    }

    fn take_batch(&self) -> Vec<PendingBlock<P>> {
        let mut waiting = self.0.queue.waiting();
        waiting.retain(|piece| !piece.load.given_up.get());
        let mut pack = Vec::new();
        let mut weight = Weight::default();
        let mut base_items = BTreeSet::new();
        while let Some(next) = waiting.front() {
            base_items.extend(next.base_item());
            if base_items.len() > MAX_OF_FILES || !weight.takes(&next.frame) {
                break;
            }
            pack.extend(waiting.pop_front());
        }
        drop(waiting);
        self.0.moved.ring();
        pack
    }

    fn carry(&self, pack: Vec<PendingBlock<P>>) -> impl Future<Output = ()> + 'static {
        let sender = self.clone();
        async move { sender.carry_pack(pack).await }
    }
}

/// Counts the bytes that have left of a pack for its files, frame by frame.
fn spread<P: Platform>(pack: &[PendingBlock<P>], id: u64, bytes: u64) {
    let mut rest = bytes;
    let mut of_load: Vec<(Rc<Load<P::File>>, u64)> = Vec::new();
    for piece in pack {
        let length = piece.frame.payload_bytes();
        rest = rest.saturating_sub(FRAME_HEADER_BYTES as u64);
        let left = length.min(rest);
        rest -= left;
        match of_load.last_mut() {
            Some((load, sum)) if Rc::ptr_eq(load, &piece.load) => *sum += left,
            _ => of_load.push((piece.load.clone(), left)),
        }
    }
    for (load, left) in of_load {
        load.left_home.borrow_mut().insert(id, left);
        load.report();
    }
}

impl<F> Load<F> {
    fn stored(&self, bytes: u64) {
        self.stored_bytes.set(self.stored_bytes.get() + bytes);
        self.left.set(self.left.get().saturating_sub(1));
        self.report();
        if self.left.get() == 0 {
            self.finish(Ok(()));
        }
    }

    fn report(&self) {
        if !self.given_up.get() {
            (self.progress)(SendProgress {
                stored: self.stored_bytes.get(),
                travelling: self.left_home.borrow().values().sum(),
                spared: self.spared_bytes.get(),
                patched: self.patched_bytes.get(),
            });
        }
    }

    fn spare<B>(&self, frame: &Frame<B>) {
        self.spared_bytes
            .set(self.spared_bytes.get() + frame.spared_bytes());
        self.patched_bytes
            .set(self.patched_bytes.get() + frame.patched_bytes());
    }

    fn spare_no_more<B>(&self, frame: &Frame<B>) {
        let less = |bytes: &Cell<u64>, by: u64| bytes.set(bytes.get().saturating_sub(by));
        less(&self.spared_bytes, frame.spared_bytes());
        less(&self.patched_bytes, frame.patched_bytes());
    }

    fn fail(&self, failure: Failure) {
        self.given_up.set(true);
        self.finish(Err(failure));
    }

    fn finish(&self, result: Result<(), Failure>) {
        if let Some(end) = self.end.borrow_mut().take() {
            let _ = end.send(result);
        }
    }
}

/// Frees the waiting and travelling blocks of a load for which nobody waits.
struct GiveUpOnDrop<P: Platform> {
    sender: Sender<P>,
    load: Rc<Load<P::File>>,
}

impl<P: Platform> Drop for GiveUpOnDrop<P> {
    fn drop(&mut self) {
        self.load.given_up.set(true);
        self.sender.0.dropped.ring();
        self.sender.0.moved.ring();
    }
}
