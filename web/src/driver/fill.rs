//! What was sent goes into the block cache while its file is at hand: it is what
//! the next version is compared with. In the background, and only while nothing
//! is hashed or sent.

use super::drafts::Held;
use super::panel::content::{Content, Located};
use crate::browser::clock;
use crate::cache::BUNDLE_BYTES;
use crate::cache::index::Place;
use crate::failure::Failure;
use crate::state::Drive;
use blocks::hash::BlockHash;
use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Answer, Failure as Lost};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Blocks of many files gather for so long, in milliseconds; and so often it is
/// looked whether there is nothing else to do.
const GATHER_MILLIS: u64 = 400;

/// Of what waits, no more than this is kept, in bytes: whoever uploads more than
/// that at once will not edit all of it next.
const MOST_WAITING_BYTES: u64 = 512 << 20;

/// A file that is smaller, in bytes, travels whole as fast as a patch of it.
const WORTH_KEEPING_BYTES: u64 = 4 << 10;

#[derive(Default)]
pub struct Fill {
    waiting: RefCell<VecDeque<(Rc<Held>, Located)>>,
    waiting_bytes: Cell<u64>,
    is_running: Cell<bool>,
}

/// A draft was committed, if this is the answer to its request.
pub fn answered(drive: Drive, draft: DraftId, result: &Result<Answer, Lost>) {
    let Ok(Answer::Item(changed)) = result else {
        return;
    };
    let driver = drive.driver();
    let Some((held, content, base)) = driver.drafts.content(drive, draft) else {
        return;
    };
    if changed.item.version() != base + 1 {
        return;
    }
    let fill = &driver.fill;
    let bytes = fill.waiting_bytes.get() + content.size;
    if content.size < WORTH_KEEPING_BYTES || bytes > MOST_WAITING_BYTES {
        return;
    }
    fill.waiting_bytes.set(bytes);
    let hashes: Vec<BlockHash> = content.blocks.iter().map(|block| block.hash).collect();
    let located = Content::new(&content).locate(&hashes);
    let pieces = located.into_iter().map(|located| (held.clone(), located));
    fill.waiting.borrow_mut().extend(pieces);
    if !fill.is_running.replace(true) {
        spawn_local(run(drive));
    }
}

impl Fill {
    /// Nobody wants it any more.
    pub fn forget(&self) {
        self.waiting.take();
        self.waiting_bytes.set(0);
    }

    /// The next bundle.
    fn take(&self) -> Vec<(Rc<Held>, Located)> {
        let mut waiting = self.waiting.borrow_mut();
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
            self.waiting_bytes.set(0);
        }
        taken
    }
}

async fn run(drive: Drive) {
    let driver = drive.driver();
    loop {
        clock::sleep(GATHER_MILLIS).await;
        if !driver.sender.is_idle() || !driver.pool.is_idle() {
            continue;
        }
        let pieces = driver.fill.take();
        if pieces.is_empty() {
            driver.fill.is_running.set(false);
            return;
        }
        if let Err(failure) = keep(drive, pieces).await {
            leptos::logging::warn!("not kept in the block cache: {failure}");
            driver.fill.forget();
        }
    }
}

async fn keep(drive: Drive, pieces: Vec<(Rc<Held>, Located)>) -> Result<(), Failure> {
    let cache = &drive.driver().cache;
    let here = cache
        .find(pieces.iter().map(|(_, one)| one.block.hash))
        .await?;
    let mut known: HashSet<BlockHash> = here.iter().map(|place| place.block.hash).collect();
    let mut files: Vec<File> = Vec::new();
    let mut wanted = Vec::new();
    for (held, located) in &pieces {
        let Located { block, offset } = *located;
        if !known.insert(block.hash) {
            continue;
        }
        if files.last() != Some(&held.file) {
            files.push(held.file.clone());
        }
        wanted.push(Place {
            block,
            bundle: files.len() as u64 - 1,
            offset,
        });
    }
    match wanted.is_empty() {
        true => Ok(()),
        false => cache.keep(&files, &wanted).await,
    }
}
