//! Blocks on their way. Files hand in the blocks that the server lacks; they
//! are packed in that order, so a thousand small files share a few requests,
//! and at most [`AT_ONCE`] packs travel at a time.

use super::post;
use super::weight::Weight;
use crate::api::Client;
use crate::browser::bell::Bell;
use crate::browser::lull::Lull;
use crate::browser::{clock, js};
use crate::driver::frames::Frame;
use crate::failure::Failure;
use blocks::frame::{FRAME_HEADER_BYTES, FRAMES_CONTENT_TYPE};
use blocks::hash::BlockHash;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use protocol::files::BlocksStored;
use protocol::paths;
use protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Packs that travel at one time. A browser has six connections to a host where
/// HTTP/2 is not spoken, and the poll holds one.
const AT_ONCE: usize = 3;

/// Less than this, in bytes, does not set out while another pack travels, or
/// while more is handed in: small files join it meanwhile, and each request
/// costs the server the same.
const WORTH_A_TRIP_BYTES: u64 = 512 << 10;

/// More may follow within so many milliseconds of what was handed in last: the
/// page takes a tenth of it for a file of a large drop.
const GATHER_MILLIS: u64 = 200;

/// Blocks whose files hear of it before the page may draw.
const TOLD_AT_ONCE: usize = 8;

/// Frames in memory that wait, in bytes, before more of them are made.
const MOST_MADE_BYTES: u64 = 16 << 20;

#[derive(Clone, Default)]
pub struct Sender(Rc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: RefCell<VecDeque<Piece>>,
    travelling: Cell<usize>,
    last_pack: Cell<u64>,
    /// Of what is handed in.
    lull: Lull,
    /// Nothing comes that what waits should wait for.
    is_hurried: Cell<bool>,
    /// Rung when a load is given up.
    dropped: Bell,
    /// Rung when something else may be waiting now.
    moved: Bell,
}

/// How far the blocks of one file have come, in bytes as they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Acknowledged: they will not be sent again.
    pub stored: u64,
    /// Have left, and may yet be lost.
    pub travelling: u64,
    /// Need not travel, because blocks became smaller.
    pub spared: u64,
}

/// A block that waits or travels.
#[derive(Clone)]
struct Piece {
    load: Rc<Load>,
    frame: Frame,
}

/// The blocks of one file that were handed in together.
struct Load {
    file: File,
    left: Cell<usize>,
    stored_bytes: Cell<u64>,
    spared_bytes: Cell<u64>,
    /// Bytes of each pack under way that have left.
    left_home: RefCell<HashMap<u64, u64>>,
    progress: Box<dyn Fn(Sent)>,
    end: RefCell<Option<oneshot::Sender<Result<(), Failure>>>>,
    given_up: Cell<bool>,
}

impl Sender {
    /// Sends so many blocks of a file, which `make` hands on bit by bit;
    /// `progress` hears how far they are. Dropping the future gives up what is
    /// not yet stored.
    ///
    /// # Errors
    /// Of the first pack that fails. `HashMismatch` and `FileUnreadable` are
    /// about this very file.
    pub async fn send(
        &self,
        client: &Client,
        file: &File,
        blocks: usize,
        progress: impl Fn(Sent) + 'static,
        make: impl AsyncFnOnce(&dyn Fn(Vec<Frame>)),
    ) -> Result<(), Failure> {
        if blocks == 0 {
            return Ok(());
        }
        self.0.is_hurried.set(false);
        let (end, ended) = oneshot::channel();
        let load = Rc::new(Load {
            file: file.clone(),
            left: Cell::new(blocks),
            stored_bytes: Cell::new(0),
            spared_bytes: Cell::new(0),
            left_home: RefCell::default(),
            progress: Box::new(progress),
            end: RefCell::new(Some(end)),
            given_up: Cell::new(false),
        });
        let _given_up = GiveUpOnDrop {
            sender: self.clone(),
            load: load.clone(),
        };
        let hand_on = |frames: Vec<Frame>| {
            self.0
                .waiting
                .borrow_mut()
                .extend(frames.into_iter().map(|frame| {
                    load.spare(&frame);
                    Piece {
                        load: load.clone(),
                        frame,
                    }
                }));
            load.report();
            self.0.lull.put_off();
            self.pump(client);
        };
        let ended = match select(pin!(make(&hand_on)), ended).await {
            Either::Left(((), ended)) => ended.await,
            Either::Right((ended, _)) => ended,
        };
        ended.unwrap_or(Err(Failure::Cancelled))
    }

    /// What waits sets out as soon as it may: no other file's blocks will join it.
    pub fn set_out(&self, client: &Client) {
        self.0.is_hurried.set(true);
        self.pump(client);
    }

    /// Waits until there are not too many frames in memory.
    pub async fn has_room(&self) {
        while self.made_bytes() > MOST_MADE_BYTES {
            self.0.moved.next().await;
        }
    }

    /// Whether nothing waits or travels.
    pub fn is_idle(&self) -> bool {
        self.0.travelling.get() == 0 && self.0.waiting.borrow().is_empty()
    }

    fn made_bytes(&self) -> u64 {
        let waiting = self.0.waiting.borrow();
        let made = waiting
            .iter()
            .filter(|piece| piece.frame.made.is_some() && !piece.load.given_up.get());
        made.map(|piece| piece.frame.payload_bytes()).sum()
    }

    /// Starts as many packs as may travel.
    fn pump(&self, client: &Client) {
        while self.0.travelling.get() < AT_ONCE && self.is_worth_a_trip() && self.depart(client) {}
        if self.0.travelling.get() == 0 && !self.0.waiting.borrow().is_empty() {
            let (sender, client) = (self.clone(), client.clone());
            spawn_local(async move {
                let is_lull = sender.0.lull.is_here(GATHER_MILLIS).await;
                if is_lull && sender.0.travelling.get() == 0 {
                    sender.depart(&client);
                }
            });
        }
    }

    /// Starts a pack of what waits. Returns whether there was something.
    fn depart(&self, client: &Client) -> bool {
        let pack = self.take_pack();
        self.0.moved.ring();
        if pack.is_empty() {
            return false;
        }
        self.0.travelling.set(self.0.travelling.get() + 1);
        let (sender, client) = (self.clone(), client.clone());
        spawn_local(async move {
            sender.carry(&client, pack).await;
            sender.0.travelling.set(sender.0.travelling.get() - 1);
            sender.pump(&client);
        });
        true
    }

    fn is_worth_a_trip(&self) -> bool {
        let waiting = self.0.waiting.borrow();
        let mut bytes = 0;
        let mut waiting = waiting.iter().filter(|piece| !piece.load.given_up.get());
        waiting.any(|piece| {
            bytes += piece.frame.payload_bytes();
            bytes >= WORTH_A_TRIP_BYTES || self.0.is_hurried.get()
        })
    }

    fn take_pack(&self) -> Vec<Piece> {
        let mut waiting = self.0.waiting.borrow_mut();
        waiting.retain(|piece| !piece.load.given_up.get());
        let mut pack = Vec::new();
        let mut weight = Weight::default();
        while let Some(next) = waiting.front() {
            if !weight.takes(&next.frame) {
                break;
            }
            pack.extend(waiting.pop_front());
        }
        pack
    }

    async fn carry(&self, client: &Client, pack: Vec<Piece>) {
        let id = self.0.last_pack.get() + 1;
        self.0.last_pack.set(id);
        let outcome = self.post(client, id, &pack).await;
        for piece in &pack {
            piece.load.left_home.borrow_mut().remove(&id);
        }
        match outcome {
            Ok(()) => {
                for (number, piece) in pack.iter().enumerate() {
                    if number > 0 && number % TOLD_AT_ONCE == 0 {
                        clock::breathe().await;
                    }
                    piece.load.stored(piece.frame.payload_bytes());
                }
            }
            Err(Failure::Refused(Problem::PatchRefused { block, detail })) => {
                self.without_patch(pack, block, &Problem::PatchRefused { block, detail }.into());
            }
            Err(Failure::Refused(Problem::HashMismatch { claimed, actual })) => {
                self.blame(
                    &pack,
                    claimed,
                    &Problem::HashMismatch { claimed, actual }.into(),
                );
            }
            Err(Failure::Unreachable) => self.unreachable(&pack).await,
            Err(failure) => {
                for piece in &pack {
                    piece.load.fail(failure.clone());
                }
            }
        }
    }

    async fn post(&self, client: &Client, id: u64, pack: &[Piece]) -> Result<(), Failure> {
        let body = post::body(pack.iter().map(|piece| (&piece.load.file, &piece.frame)))?;
        let travelling = pack.to_vec();
        let progress = move |bytes| spread(&travelling, id, bytes);
        let mut answer = pin!(post::send(
            client,
            paths::BLOCKS,
            FRAMES_CONTENT_TYPE,
            &body,
            progress
        ));
        let reply = loop {
            match select(answer, pin!(self.0.dropped.next())).await {
                Either::Left((reply, _)) => break reply?,
                Either::Right((_, unanswered)) => {
                    if pack.iter().all(|piece| piece.load.given_up.get()) {
                        return Err(Failure::Cancelled);
                    }
                    answer = unanswered;
                }
            }
        };
        client.read::<BlocksStored>(reply).map(|_| ())
    }

    /// The server does not make a block of its patch, because it does not have the
    /// base any more for instance: it goes whole.
    fn without_patch(&self, mut pack: Vec<Piece>, block: BlockHash, failure: &Failure) {
        for piece in &mut pack {
            if piece.frame.located.block.hash != block {
                continue;
            }
            if piece.frame.made.is_none() {
                // Else it would be sent for ever.
                piece.load.fail(failure.clone());
            }
            piece.load.spare_no_more(&piece.frame);
            piece.frame.made = None;
        }
        self.put_back(&pack);
    }

    /// One file's bytes are not what was hashed: the others' are sent again.
    fn blame(&self, pack: &[Piece], claimed: BlockHash, failure: &Failure) {
        for piece in pack {
            if piece.frame.located.block.hash == claimed {
                piece.load.fail(failure.clone());
            }
        }
        self.put_back(pack);
    }

    /// No answer: because there is no network, or because a file is gone.
    async fn unreachable(&self, pack: &[Piece]) {
        let mut gone = false;
        for piece in pack {
            let load = &piece.load;
            if !load.given_up.get() && !is_readable(&load.file, piece.frame.located.offset).await {
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

    fn put_back(&self, pack: &[Piece]) {
        let mut waiting = self.0.waiting.borrow_mut();
        for piece in pack.iter().rev() {
            if !piece.load.given_up.get() {
                waiting.push_front(piece.clone());
            }
        }
    }
}

/// Shares out what has left of a pack, frame by frame.
fn spread(pack: &[Piece], id: u64, bytes: u64) {
    let mut rest = bytes;
    let mut of_load: Vec<(Rc<Load>, u64)> = Vec::new();
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

pub async fn is_readable(file: &File, offset: u64) -> bool {
    let from = offset as f64;
    let Ok(slice) = file.slice_with_f64_and_f64(from, from + 1.0) else {
        return false;
    };
    js::outcome(slice.array_buffer()).await.is_ok()
}

impl Load {
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
            (self.progress)(Sent {
                stored: self.stored_bytes.get(),
                travelling: self.left_home.borrow().values().sum(),
                spared: self.spared_bytes.get(),
            });
        }
    }

    fn spare(&self, frame: &Frame) {
        self.spared_bytes
            .set(self.spared_bytes.get() + frame.spared_bytes());
    }

    fn spare_no_more(&self, frame: &Frame) {
        let spared = self.spared_bytes.get();
        self.spared_bytes
            .set(spared.saturating_sub(frame.spared_bytes()));
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

/// Frees what waits and travels for a load that nobody waits for.
struct GiveUpOnDrop {
    sender: Sender,
    load: Rc<Load>,
}

impl Drop for GiveUpOnDrop {
    fn drop(&mut self) {
        self.load.given_up.set(true);
        self.sender.0.dropped.ring();
        self.sender.0.moved.ring();
    }
}
