//! Files on their way to the person: put together from the block cache, and what
//! it lacks from the server, as patches where the cache has what they need. Each
//! block is verified. What has arrived is in the cache, so a download that was
//! cut off goes on from there.
//!
//! Where that can't be done, and for what the cache is too small for, the browser
//! fetches the file by itself.

use super::lists;
use crate::browser::bell::Latch;
use crate::browser::{clock, random, save};
use crate::cache::index::Place;
use crate::failure::Failure;
use crate::state::downloads::{Download, DownloadId};
use crate::state::{Drive, Tone};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use futures_util::future::{Either, join_all, select};
use leptos::prelude::{RwSignal, Set, Update};
use protocol::blocks::Fetch;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use protocol::limits::{MAX_FETCH_BLOCKS, MAX_PACK_PLAIN_BYTES, TARGET_FETCH_BYTES};
use protocol::name::Name;
use protocol::paths;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::pin::pin;
use sync::backoff;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// A smaller file, in bytes, is one request by the browser itself.
const WORTH_COMPOSING_BYTES: u64 = 64 << 10;

/// Requests for blocks at one time.
const AT_ONCE: usize = 3;

/// How often a download goes on by itself after the server was not reached, and
/// nothing more has arrived.
const MAX_FAILURES: u32 = 6;

/// How often blocks are asked for anew that were not what they should be.
const MAX_WRONG: u32 = 2;

/// How many answers may bring nothing: they are torn, or against a base that is
/// damaged here.
const MAX_EMPTY: u32 = 8;

#[derive(Default)]
pub struct Downloads {
    cancelled: RefCell<HashMap<DownloadId, Latch>>,
    last_id: Cell<DownloadId>,
}

/// Why there is no file.
enum NotComposed {
    /// It is the cache's fault: without it, it will do.
    Cache(Failure),
    Server(Failure),
    /// The server sends blocks that are not what their hashes say.
    Damaged,
}

/// Begins a download. Returns whether the page sees to it; else the browser has
/// to.
pub fn start(drive: Drive, item: &Item) -> bool {
    let driver = drive.driver();
    let Some(file) = item.file.as_ref().filter(|file| file.version > 0) else {
        return false;
    };
    if file.size < WORTH_COMPOSING_BYTES || !driver.cache.is_possible() {
        return false;
    }
    let (id, cancelled) = driver.downloads.begin();
    let download = driver.owning(|| Download {
        id,
        name: item.name.to_string(),
        size: file.size,
        done: RwSignal::new(0),
        files: None,
    });
    let (item, version) = (item.id, file.version);
    spawn_local(async move {
        let entries = drive.downloads.entries;
        entries.update(|entries| entries.push(download.clone()));
        let work = pin!(run(drive, item, version, &download));
        if let Either::Left((outcome, _)) = select(work, pin!(cancelled.wait())).await {
            finish(drive, item, version, &download.name, outcome);
        }
        entries.update(|entries| entries.retain(|entry| entry.id != id));
        drive.driver().downloads.end(id);
    });
    true
}

impl Downloads {
    /// A new one, and what is set when it is cancelled.
    pub fn begin(&self) -> (DownloadId, Latch) {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let cancelled = Latch::default();
        self.cancelled.borrow_mut().insert(id, cancelled.clone());
        (id, cancelled)
    }

    pub fn end(&self, id: DownloadId) {
        self.cancelled.borrow_mut().remove(&id);
    }

    pub fn cancel(&self, id: DownloadId) {
        if let Some(cancelled) = self.cancelled.borrow_mut().remove(&id) {
            cancelled.set();
        }
    }

    pub fn cancel_all(&self) {
        for (_, cancelled) in self.cancelled.take() {
            cancelled.set();
        }
    }
}

fn finish(
    drive: Drive,
    item: ItemId,
    version: Version,
    name: &str,
    outcome: Result<Blob, NotComposed>,
) {
    let outcome = outcome.and_then(|blob| save::blob(&blob, name).map_err(NotComposed::Cache));
    let why = match outcome {
        Ok(()) | Err(NotComposed::Server(Failure::Cancelled)) => return,
        Err(NotComposed::Cache(failure)) => {
            leptos::logging::warn!("downloaded without the block cache: {failure}");
            let address = match Name::parse(name) {
                Ok(name) => paths::content_named(item, version, &name),
                Err(_) => paths::content(item, Some(version)),
            };
            return save::link(&address, name);
        }
        Err(NotComposed::Server(failure)) => failure.to_string(),
        Err(NotComposed::Damaged) => {
            "It is damaged: the server's copy is not what was uploaded".to_owned()
        }
    };
    drive.notify(Tone::Bad, format!("“{name}” was not downloaded. {why}"));
}

async fn run(
    drive: Drive,
    item: ItemId,
    version: Version,
    download: &Download,
) -> Result<Blob, NotComposed> {
    let driver = drive.driver();
    if !driver.cache.takes(download.size).await {
        let why = "the file is too large for it".to_owned();
        return Err(NotComposed::Cache(Failure::Browser(why)));
    }
    let job = Job {
        drive,
        download,
        item,
        version,
        held: lists::held(drive, item)
            .await
            .map(|(_, blocks)| blocks)
            .unwrap_or_default(),
        verified: RefCell::default(),
        wrong: Cell::new(0),
        empty: Cell::new(0),
    };
    let (mut failures, mut arrived) = (0, 0);
    loop {
        let failure = match job.compose().await {
            Err(NotComposed::Server(failure)) if failure.is_passing() => failure,
            outcome => return outcome,
        };
        let now = job.verified.borrow().len();
        failures = if now > arrived { 0 } else { failures + 1 };
        arrived = now;
        if failures > MAX_FAILURES {
            return Err(NotComposed::Server(failure));
        }
        clock::sleep(failure.asked_wait_millis()).await;
        let wait = backoff::delay_millis(failures, random::jitter());
        select(pin!(clock::sleep(wait)), pin!(driver.again.next())).await;
    }
}

/// One file.
struct Job<'a> {
    drive: Drive,
    download: &'a Download,
    item: ItemId,
    version: Version,
    /// The list of the version that was here before.
    held: Vec<BlockRef>,
    /// Blocks that were found to be right since the download began.
    verified: RefCell<HashSet<BlockHash>>,
    wrong: Cell<u32>,
    empty: Cell<u32>,
}

/// What blocks that are not here may be patches of.
struct Bases<'a> {
    old: &'a [BlockRef],
    runs: HashMap<BlockHash, Range<usize>>,
}

impl Job<'_> {
    async fn compose(&self) -> Result<Blob, NotComposed> {
        let cache = &self.drive.driver().cache;
        // Kept when its blocks are here: until then the old one tells of bases.
        let list = lists::look(self.drive, self.item, self.version)
            .await
            .map_err(NotComposed::Server)?;
        let mut bases = None;
        loop {
            let places = self.verify(&list).await.map_err(NotComposed::Cache)?;
            let missing = missing(&list, &places);
            if missing.is_empty() {
                lists::put(self.drive, self.item, self.version, &list).await;
                let of: HashMap<BlockHash, Place> = places
                    .iter()
                    .map(|place| (place.block.hash, *place))
                    .collect();
                let in_order = list.iter().filter_map(|block| of.get(&block.hash).copied());
                let in_order: Vec<Place> = in_order.collect();
                return cache.compose(&in_order).await.map_err(NotComposed::Cache);
            }
            if bases.is_none() {
                bases = Some(self.bases(&list).await);
            }
            self.fetch(missing, bases.as_ref()).await?;
        }
    }

    /// The blocks that are here, each verified once.
    async fn verify(&self, list: &[BlockRef]) -> Result<Vec<Place>, Failure> {
        let cache = &self.drive.driver().cache;
        loop {
            let mut known = HashSet::new();
            let distinct = list
                .iter()
                .map(|block| block.hash)
                .filter(|hash| known.insert(*hash));
            let places = cache.find(distinct).await?;
            let is_new = |place: &&Place| !self.verified.borrow().contains(&place.block.hash);
            let mut new: Vec<Place> = places.iter().filter(is_new).copied().collect();
            new.sort_by_cached_key(|place| (place.bundle, place.offset));
            let is_damaged = !new.is_empty() && cache.check(&new).await?;
            if !is_damaged {
                let mut verified = self.verified.borrow_mut();
                verified.extend(new.iter().map(|place| place.block.hash));
                drop(verified);
                self.tell(list);
                return Ok(places);
            }
        }
    }

    async fn bases(&self, list: &[BlockRef]) -> Bases<'_> {
        let old = self.held.as_slice();
        let runs = match old.is_empty() {
            true => Vec::new(),
            // Without a worker, nothing is a patch.
            false => {
                let runs = self.drive.driver().cache.runs(old, list).await;
                runs.unwrap_or_default()
            }
        };
        let run = |run: blocks::patch::BaseRun| Some((list.get(run.block)?.hash, run.base));
        Bases {
            old,
            runs: runs.into_iter().filter_map(run).collect(),
        }
    }

    /// Fetches blocks into the cache, as far as it goes.
    async fn fetch(
        &self,
        missing: Vec<BlockRef>,
        bases: Option<&Bases<'_>>,
    ) -> Result<(), NotComposed> {
        let queue = RefCell::new(VecDeque::from(missing));
        let fetches = (0..AT_ONCE).map(|_| async {
            loop {
                // Not held while it is waited for.
                let wanted = take(&mut queue.borrow_mut(), bases);
                let Some(wanted) = wanted else {
                    return Ok::<(), NotComposed>(());
                };
                self.fetch_some(&queue, wanted, bases).await?;
            }
        });
        join_all(fetches).await.into_iter().collect()
    }

    /// One request; what it does not bring goes back into the queue.
    async fn fetch_some(
        &self,
        queue: &RefCell<VecDeque<BlockRef>>,
        wanted: Vec<BlockRef>,
        bases: Option<&Bases<'_>>,
    ) -> Result<(), NotComposed> {
        let driver = self.drive.driver();
        let hashes = bases.iter().flat_map(|bases| bases.of(&wanted));
        let places = driver
            .cache
            .find(hashes)
            .await
            .map_err(NotComposed::Cache)?;
        let body = Fetch {
            want: wanted.iter().map(|block| block.hash).collect(),
            bases: places
                .iter()
                .map(|place| place.block.hash.short())
                .collect(),
        };
        let answer = driver.client().fetch_blocks(&body).await;
        let answer = answer.map_err(NotComposed::Server)?;
        let bytes = wanted.iter().map(|block| u64::from(block.length)).sum();
        let received = driver.cache.receive(&answer, &places, bytes).await;
        let received = received.map_err(NotComposed::Cache)?;
        let here: HashSet<BlockHash> = received.blocks.iter().map(|block| block.hash).collect();
        if received.is_wrong {
            self.wrong.set(self.wrong.get() + 1);
        }
        if here.is_empty() {
            self.empty.set(self.empty.get() + 1);
        }
        if self.wrong.get() > MAX_WRONG {
            return Err(NotComposed::Damaged);
        }
        if self.empty.get() > MAX_EMPTY {
            return Err(NotComposed::Server(Failure::Unreachable));
        }
        let left = wanted
            .into_iter()
            .rev()
            .filter(|block| !here.contains(&block.hash));
        let mut queue = queue.borrow_mut();
        left.for_each(|block| queue.push_front(block));
        drop(queue);
        let arrived: u64 = received
            .blocks
            .iter()
            .map(|block| u64::from(block.length))
            .sum();
        self.verified.borrow_mut().extend(here);
        let size = self.download.size;
        self.download
            .done
            .update(|done| *done = (*done + arrived).min(size));
        Ok(())
    }

    fn tell(&self, list: &[BlockRef]) {
        let verified = self.verified.borrow();
        let here = list.iter().filter(|block| verified.contains(&block.hash));
        self.download
            .done
            .set(here.map(|block| u64::from(block.length)).sum());
    }
}

impl Bases<'_> {
    /// The old blocks that these may be patches of, each once.
    fn of(&self, wanted: &[BlockRef]) -> Vec<BlockHash> {
        let mut known = HashSet::new();
        let runs = wanted.iter().filter_map(|block| self.runs.get(&block.hash));
        let blocks = runs.flat_map(|run| self.old.get(run.clone()).unwrap_or_default());
        let hashes = blocks
            .map(|block| block.hash)
            .filter(|hash| known.insert(*hash));
        hashes.take(MAX_FETCH_BLOCKS).collect()
    }
}

/// The blocks of a list that are at none of these places, each once.
fn missing(list: &[BlockRef], places: &[Place]) -> Vec<BlockRef> {
    let mut known: HashSet<BlockHash> = places.iter().map(|place| place.block.hash).collect();
    let is_new = |block: &&BlockRef| known.insert(block.hash);
    list.iter().filter(is_new).copied().collect()
}

/// What one request asks for: as much as an answer has, or as a bundle has if
/// patches may be among it.
fn take(queue: &mut VecDeque<BlockRef>, bases: Option<&Bases<'_>>) -> Option<Vec<BlockRef>> {
    let mut taken: Vec<BlockRef> = Vec::new();
    let mut bytes = 0;
    let may_be_patch =
        |block: &BlockRef| bases.is_some_and(|bases| bases.runs.contains_key(&block.hash));
    let most = match queue.front() {
        Some(first) if may_be_patch(first) => MAX_PACK_PLAIN_BYTES as u64,
        _ => TARGET_FETCH_BYTES,
    };
    while let Some(next) = queue.front() {
        bytes += u64::from(next.length);
        if !taken.is_empty() && (bytes > most || taken.len() == MAX_FETCH_BLOCKS) {
            break;
        }
        taken.extend(queue.pop_front());
    }
    (!taken.is_empty()).then_some(taken)
}
