//! Blocks on their way. Files hand in the blocks that the server lacks; they
//! are packed in that order, so a thousand small files share a few requests,
//! and at most [`AT_ONCE`] packs travel at a time.

use super::content::Located;
use super::post;
use crate::api::Client;
use crate::browser::bell::Bell;
use crate::browser::js;
use crate::failure::Failure;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use shared::frame::{FRAME_HEADER_BYTES, FRAMES_CONTENT_TYPE};
use shared::hash::BlockHash;
use shared::limits::{MAX_PACK_BLOCKS, MAX_PACK_BODY_BYTES, TARGET_PACK_BYTES};
use shared::protocol::files::BlocksStored;
use shared::protocol::paths;
use shared::protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Packs that travel at one time. A browser has six connections to a host where
/// HTTP/2 is not spoken, and the poll holds one.
const AT_ONCE: usize = 3;

/// Less than this, in bytes, does not set out while another pack travels: more
/// small files join it meanwhile, and each request costs the server the same.
const WORTH_A_TRIP_BYTES: u64 = 256 << 10;

#[derive(Clone, Default)]
pub struct Sender(Rc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: RefCell<VecDeque<Piece>>,
    travelling: Cell<usize>,
    last_pack: Cell<u64>,
    /// Rung when a load is given up.
    dropped: Bell,
}

/// How far the blocks of one file have come, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Acknowledged: they will not be sent again.
    pub stored: u64,
    /// Have left, and may yet be lost.
    pub travelling: u64,
}

/// A block that waits or travels.
#[derive(Clone)]
struct Piece {
    load: Rc<Load>,
    located: Located,
}

/// The blocks of one file that were handed in together.
struct Load {
    file: File,
    left: Cell<usize>,
    stored_bytes: Cell<u64>,
    /// Bytes of each pack under way that have left.
    left_home: RefCell<HashMap<u64, u64>>,
    progress: Box<dyn Fn(Sent)>,
    end: RefCell<Option<oneshot::Sender<Result<(), Failure>>>>,
    given_up: Cell<bool>,
}

impl Sender {
    /// Sends blocks of a file; `progress` hears how far they are. Dropping
    /// the future gives up what is not yet stored.
    ///
    /// # Errors
    /// Of the first pack that fails. `HashMismatch` and `FileUnreadable` are
    /// about this very file.
    pub async fn send(
        &self,
        client: &Client,
        file: &File,
        blocks: Vec<Located>,
        progress: impl Fn(Sent) + 'static,
    ) -> Result<(), Failure> {
        if blocks.is_empty() {
            return Ok(());
        }
        let (end, ended) = oneshot::channel();
        let load = Rc::new(Load {
            file: file.clone(),
            left: Cell::new(blocks.len()),
            stored_bytes: Cell::new(0),
            left_home: RefCell::default(),
            progress: Box::new(progress),
            end: RefCell::new(Some(end)),
            given_up: Cell::new(false),
        });
        let _given_up = GiveUpOnDrop {
            sender: self.clone(),
            load: load.clone(),
        };
        self.0
            .waiting
            .borrow_mut()
            .extend(blocks.into_iter().map(|located| Piece {
                load: load.clone(),
                located,
            }));
        self.pump(client);
        ended.await.unwrap_or(Err(Failure::Cancelled))
    }

    /// Starts as many packs as may travel.
    fn pump(&self, client: &Client) {
        while self.0.travelling.get() < AT_ONCE
            && (self.0.travelling.get() == 0 || self.is_worth_a_trip())
        {
            let pack = self.take_pack();
            if pack.is_empty() {
                return;
            }
            self.0.travelling.set(self.0.travelling.get() + 1);
            let (sender, client) = (self.clone(), client.clone());
            spawn_local(async move {
                sender.carry(&client, pack).await;
                sender.0.travelling.set(sender.0.travelling.get() - 1);
                sender.pump(&client);
            });
        }
    }

    fn is_worth_a_trip(&self) -> bool {
        let waiting = self.0.waiting.borrow();
        let mut bytes = 0;
        let mut waiting = waiting.iter().filter(|piece| !piece.load.given_up.get());
        waiting.any(|piece| {
            bytes += u64::from(piece.located.block.length);
            bytes >= WORTH_A_TRIP_BYTES
        })
    }

    fn take_pack(&self) -> Vec<Piece> {
        let mut waiting = self.0.waiting.borrow_mut();
        waiting.retain(|piece| !piece.load.given_up.get());
        let mut pack: Vec<Piece> = Vec::new();
        let (mut payload, mut body) = (0, 0);
        while let Some(next) = waiting.front() {
            let length = next.located.block.length as usize;
            let fits = pack.is_empty()
                || (payload + length <= TARGET_PACK_BYTES
                    && body + length + FRAME_HEADER_BYTES <= MAX_PACK_BODY_BYTES
                    && pack.len() < MAX_PACK_BLOCKS);
            if !fits {
                break;
            }
            payload += length;
            body += length + FRAME_HEADER_BYTES;
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
                for piece in &pack {
                    piece.load.stored(piece.located.block.length);
                }
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
        let body = post::body(pack.iter().map(|piece| (&piece.load.file, piece.located)))?;
        let travelling = pack.to_vec();
        let progress = move |bytes| spread(&travelling, id, bytes);
        let mut answer = pin!(post::send(
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

    /// One file's bytes are not what was hashed: the others' are sent again.
    fn blame(&self, pack: &[Piece], claimed: BlockHash, failure: &Failure) {
        for piece in pack {
            if piece.located.block.hash == claimed {
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
            if !load.given_up.get() && !is_readable(&load.file, piece.located.offset).await {
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
        let length = u64::from(piece.located.block.length);
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
    fn stored(&self, length: u32) {
        self.stored_bytes
            .set(self.stored_bytes.get() + u64::from(length));
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
            });
        }
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
    }
}
