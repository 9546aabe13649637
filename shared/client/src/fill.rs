//! Puts sent blocks into the block cache while their file is at hand, because the next
//! version is compared with them. The work is done in the background, and only while
//! nothing is hashed or sent.

use crate::drafts::{Drafts, HeldDraft};
use crate::failure::Failure;
use crate::located::{BlockMap, Located};
use crate::ports::Platform;
use crate::sender::Sender;
use crate::tuning::Tuning;
use blocks::hash::BlockHash;
use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Answer, Lost};

/// The most bytes of one bundle, unless a single block has more.
pub const BUNDLE_BYTES: u64 = 16 << 20;

/// How long blocks of many files gather, and how long the client waits before it looks
/// again whether nothing is hashed or sent, in milliseconds.
const GATHER_MILLIS: u64 = 400;

/// The most bytes that wait. A person who uploads more at once will not edit all of it
/// next.
const MOST_WAITING_BYTES: u64 = 512 << 20;

/// The blocks that wait to be kept.
pub struct Fill<P: Platform>(Rc<Inner<P>>);

struct Inner<P: Platform> {
    platform: P,
    tuning: Tuning,
    drafts: Drafts<P>,
    sender: Sender<P>,
    waiting: RefCell<VecDeque<(Rc<HeldDraft<P>>, Located)>>,
    waiting_bytes: Cell<u64>,
    is_running: Cell<bool>,
}

impl<P: Platform> Clone for Fill<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Platform> Fill<P> {
    pub fn new(platform: P, tuning: Tuning, drafts: Drafts<P>, sender: Sender<P>) -> Self {
        Self(Rc::new(Inner {
            platform,
            tuning,
            drafts,
            sender,
            waiting: RefCell::default(),
            waiting_bytes: Cell::default(),
            is_running: Cell::default(),
        }))
    }

    /// Hears the answer to a request that stores a draft. If the draft is the next version
    /// now, its blocks are put in line.
    pub fn answered(&self, draft: DraftId, result: &Result<Answer, Lost>) {
        let Ok(Answer::Item(changed)) = result else {
            return;
        };
        let Some((held, content, base)) = self.0.drafts.content(draft) else {
            return;
        };
        if changed.item.version() != base + 1 {
            return;
        }
        let bytes = self.0.waiting_bytes.get() + content.size;
        if content.size < self.0.tuning.cached_bytes || bytes > MOST_WAITING_BYTES {
            return;
        }
        self.0.waiting_bytes.set(bytes);
        let hashes: Vec<BlockHash> = content.blocks.iter().map(|block| block.hash).collect();
        let located = BlockMap::new(&content).locate(&hashes);
        let pieces = located.into_iter().map(|located| (held.clone(), located));
        self.0.waiting.borrow_mut().extend(pieces);
        if !self.0.is_running.replace(true) {
            let fill = self.clone();
            self.0.platform.spawn(async move { fill.run().await });
        }
    }

    /// Forgets all blocks that wait.
    pub fn forget(&self) {
        self.0.waiting.take();
        self.0.waiting_bytes.set(0);
    }

    /// Takes the blocks of the next bundle out of the line.
    fn take(&self) -> Vec<(Rc<HeldDraft<P>>, Located)> {
        let mut waiting = self.0.waiting.borrow_mut();
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some((_, next)) = waiting.front() {
            bytes += u64::from(next.block.length);
            if bytes > BUNDLE_BYTES && !taken.is_empty() {
                break;
            }
            taken.extend(waiting.pop_front());
        }
        if waiting.is_empty() {
            self.0.waiting_bytes.set(0);
        }
        taken
    }

    async fn run(&self) {
        let platform = &self.0.platform;
        loop {
            platform.sleep(GATHER_MILLIS).await;
            if !self.0.sender.is_idle() || !platform.hashes_nothing() {
                continue;
            }
            let pieces = self.take();
            if pieces.is_empty() {
                self.0.is_running.set(false);
                return;
            }
            if let Err(failure) = self.keep(pieces).await {
                platform.log(format_args!("not kept in the block cache: {failure}"));
                self.forget();
            }
        }
    }

    async fn keep(&self, pieces: Vec<(Rc<HeldDraft<P>>, Located)>) -> Result<(), Failure> {
        let platform = &self.0.platform;
        let hashes: Vec<BlockHash> = pieces.iter().map(|(_, one)| one.block.hash).collect();
        let here = platform.find(&hashes).await?;
        let mut known: HashSet<BlockHash> = here.iter().map(|place| place.block.hash).collect();
        let new = pieces
            .iter()
            .filter(|(_, located)| known.insert(located.block.hash));
        let new: Vec<(P::File, Located)> = new
            .map(|(held, located)| (held.file.clone(), *located))
            .collect();
        match new.is_empty() {
            true => Ok(()),
            false => platform.keep(&new).await,
        }
    }
}
