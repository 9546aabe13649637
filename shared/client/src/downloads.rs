//! Puts files together from the block cache. Blocks that the cache lacks come from the
//! server, as patches where the cache has their bases. Each block is verified. Blocks
//! that have arrived are in the cache, so a download that was cut off goes on from
//! there.

use crate::bell::Bell;
use crate::failure::Failure;
use crate::lists::Lists;
use crate::patience::wait_for_another_try;
use crate::ports::{CachedBlock, Platform};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::{BaseRun, may_have_moved};
use futures_util::future::join_all;
use protocol::blocks::{Fetch, Listed, runs};
use protocol::ids::{ItemId, Version};
use protocol::limits::{
    MAX_FETCH_BLOCKS, MAX_FETCH_PLAIN_BYTES, MAX_FILE_BLOCKS, MAX_LISTED_BLOCKS, TARGET_FETCH_BYTES,
};
use protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

/// Requests for blocks at one time.
const AT_ONCE: usize = 3;

/// The most failures in a row, with nothing arriving in between, after which a download
/// tries again by itself.
const MAX_FAILURES: u32 = 6;

/// How often the client asks again for blocks that were not what their hashes say.
const MAX_WRONG: u32 = 2;

/// The most answers that may bring no block, because they are torn or their base is
/// damaged here.
const MAX_EMPTY: u32 = 8;

/// Why there is no file.
#[derive(Debug)]
pub enum NotComposed {
    /// The cache failed. A download past the cache may work.
    Cache(Failure),
    /// The server refused, or was not reached.
    Server(Failure),
    /// The server sends blocks that are not what their hashes say.
    Damaged,
}

/// Puts a version's file of `size` bytes together. `progress` hears how many of its bytes
/// are here. A ring of `again` ends a wait for the server. Dropping the future stops the
/// download; blocks that have arrived stay in the cache.
///
/// # Errors
/// See [`NotComposed`].
pub async fn compose<P: Platform>(
    platform: &P,
    lists: &Lists<P>,
    again: &Bell,
    (item, version, size): (ItemId, Version, u64),
    progress: impl Fn(u64),
) -> Result<P::Whole, NotComposed> {
    if !platform.takes(size).await {
        // What is kept offline is here, however large it is.
        if let Ok(Some(whole)) = compose_here(platform, lists, (item, version)).await {
            return Ok(whole);
        }
        let why = "The file is too large for the block cache".to_owned();
        return Err(NotComposed::Cache(Failure::Device(why)));
    }
    let held = Held::of(lists.held(item).await);
    let job = Job::new(platform, lists, (item, version), size, held, &progress);
    let (list, places) = job.gather_patiently(again).await?;
    let whole = job.put_together(&list, &places).await;
    whole.map_err(NotComposed::Cache)
}

/// Fetches what is not here of a version's file of `size` bytes, to stay whatever the bound of
/// the cache is. Returns its list once every block is here and verified. `before` is the list
/// of the version that was kept before, of which the new blocks may be patches. Dropping the
/// future stops it; blocks that have arrived stay.
///
/// # Errors
/// See [`NotComposed`].
pub async fn keep<P: Platform>(
    platform: &P,
    lists: &Lists<P>,
    again: &Bell,
    (item, version, size): (ItemId, Version, u64),
    before: Vec<BlockRef>,
) -> Result<Vec<BlockRef>, NotComposed> {
    let held = match lists.held(item).await {
        None => Held {
            version: None,
            list: before,
        },
        here => Held::of(here),
    };
    let job = Job {
        stays: true,
        ..Job::new(platform, lists, (item, version), size, held, &|_| {})
    };
    let (list, _) = job.gather_patiently(again).await?;
    Ok(list)
}

/// Puts a version's file together of what is here alone, without asking anybody. `None` if
/// its list or one of its blocks is not.
///
/// # Errors
/// The cache failed.
pub async fn compose_here<P: Platform>(
    platform: &P,
    lists: &Lists<P>,
    (item, version): (ItemId, Version),
) -> Result<Option<P::Whole>, Failure> {
    let Some(list) = lists.get(item, version).await else {
        return Ok(None);
    };
    let size = list.iter().map(|block| u64::from(block.length)).sum();
    let job = Job::new(
        platform,
        lists,
        (item, version),
        size,
        Held::default(),
        &|_| {},
    );
    let places = job.verify(&list).await?;
    match missing(&list, &places).is_empty() {
        true => job.put_together(&list, &places).await.map(Some),
        false => Ok(None),
    }
}

/// One file.
struct Job<'a, P> {
    platform: &'a P,
    lists: &'a Lists<P>,
    item: ItemId,
    version: Version,
    size: u64,
    progress: &'a dyn Fn(u64),
    held: Held,
    /// Whether what arrives stays until somebody lets go of it.
    stays: bool,
    /// Blocks that were verified since the download began.
    verified: RefCell<HashSet<BlockHash>>,
    here_bytes: Cell<u64>,
    wrong: Cell<u32>,
    empty: Cell<u32>,
    /// Whether the server has refused to look blocks up in lists.
    has_names_only: Cell<bool>,
}

/// The list of the version that was here before, and which one that is, if it is known.
#[derive(Default)]
struct Held {
    version: Option<Version>,
    list: Vec<BlockRef>,
}

impl Held {
    fn of(held: Option<(Version, Vec<BlockRef>)>) -> Self {
        let (version, list) = held.unzip();
        Self {
            version,
            list: list.unwrap_or_default(),
        }
    }
}

/// The old blocks of which missing blocks may be patches.
struct Bases<'a> {
    old: &'a [BlockRef],
    /// Of each block: those that it replaced, or all where much may have moved.
    runs: HashMap<BlockHash, Range<usize>>,
    /// Those of them that are here and whole.
    places: HashMap<BlockHash, CachedBlock>,
    in_lists: Option<InLists>,
}

/// Where blocks are in the lists that the server has as well. It reads both for each request,
/// so this is for lists that are short.
struct InLists {
    /// Whose list the old one is.
    since: Version,
    new: HashMap<BlockHash, u32>,
    old: HashMap<BlockHash, u32>,
}

impl InLists {
    fn of(new: &[BlockRef], held: &Held) -> Option<Self> {
        let is_short = new.len().max(held.list.len()) <= MAX_LISTED_BLOCKS;
        let places_in = |list: &[BlockRef]| list.iter().map(|block| block.hash).zip(0..).collect();
        Some(Self {
            since: held.version.filter(|_| is_short)?,
            new: places_in(new),
            old: places_in(&held.list),
        })
    }
}

impl<'a, P: Platform> Job<'a, P> {
    fn new(
        platform: &'a P,
        lists: &'a Lists<P>,
        (item, version): (ItemId, Version),
        size: u64,
        held: Held,
        progress: &'a dyn Fn(u64),
    ) -> Self {
        Self {
            platform,
            lists,
            item,
            version,
            size,
            progress,
            held,
            stays: false,
            verified: RefCell::default(),
            here_bytes: Cell::new(0),
            wrong: Cell::new(0),
            empty: Cell::new(0),
            has_names_only: Cell::new(false),
        }
    }

    /// Gathers the version's blocks, and goes on where that fails for a while.
    async fn gather_patiently(
        &self,
        again: &Bell,
    ) -> Result<(Vec<BlockRef>, Vec<CachedBlock>), NotComposed> {
        let (mut failures, mut arrived) = (0, 0);
        loop {
            let failure = match self.gather().await {
                Err(NotComposed::Server(failure)) if failure.is_passing() => failure,
                outcome => return outcome,
            };
            let now = self.verified.borrow().len();
            failures = if now > arrived { 0 } else { failures + 1 };
            arrived = now;
            if failures > MAX_FAILURES {
                return Err(NotComposed::Server(failure));
            }
            wait_for_another_try(self.platform, again, failures, &failure).await;
        }
    }

    /// The version's list, and where all its blocks are.
    async fn gather(&self) -> Result<(Vec<BlockRef>, Vec<CachedBlock>), NotComposed> {
        // The list is kept when its blocks are here: until then the old list names the
        // bases.
        let list = self.lists.look(self.item, self.version).await;
        let list = list.map_err(NotComposed::Server)?;
        let mut bases = None;
        loop {
            let places = self.verify(&list).await.map_err(NotComposed::Cache)?;
            let missing = missing(&list, &places);
            if missing.is_empty() {
                self.lists.put(self.item, self.version, &list).await;
                return Ok((list, places));
            }
            if bases.is_none() {
                bases = Some(self.bases(&list, &missing).await?);
            }
            self.fetch(missing, bases.as_ref()).await?;
        }
    }

    /// A file of blocks that are all here.
    async fn put_together(
        &self,
        list: &[BlockRef],
        places: &[CachedBlock],
    ) -> Result<P::Whole, Failure> {
        let of: HashMap<BlockHash, CachedBlock> = places
            .iter()
            .map(|place| (place.block.hash, *place))
            .collect();
        let in_order = list.iter().filter_map(|block| of.get(&block.hash).copied());
        let in_order: Vec<CachedBlock> = in_order.collect();
        self.platform.compose(&in_order).await
    }

    /// The blocks of the list that are here.
    async fn verify(&self, list: &[BlockRef]) -> Result<Vec<CachedBlock>, Failure> {
        let places = self.whole(list).await?;
        let verified = self.verified.borrow();
        let here = list.iter().filter(|block| verified.contains(&block.hash));
        self.tell(here.map(|block| u64::from(block.length)).sum());
        Ok(places)
    }

    /// Those of these blocks that are here, each verified once. What is damaged is
    /// forgotten.
    async fn whole(&self, blocks: &[BlockRef]) -> Result<Vec<CachedBlock>, Failure> {
        loop {
            let mut known = HashSet::new();
            let distinct = blocks.iter().map(|block| block.hash);
            let distinct: Vec<BlockHash> = distinct.filter(|hash| known.insert(*hash)).collect();
            let places = self.platform.find(&distinct).await?;
            let is_new = |place: &&CachedBlock| !self.verified.borrow().contains(&place.block.hash);
            let mut new: Vec<CachedBlock> = places.iter().filter(is_new).copied().collect();
            new.sort_by_cached_key(|place| (place.bundle, place.offset));
            let is_damaged = !new.is_empty() && self.platform.check(&new).await?;
            if !is_damaged {
                let mut verified = self.verified.borrow_mut();
                verified.extend(new.iter().map(|place| place.block.hash));
                return Ok(places);
            }
        }
    }

    /// The bases of the missing blocks. They are verified before the server hears of them:
    /// a patch whose base can't be read is bytes in vain, as its block travels once more.
    async fn bases(
        &self,
        list: &[BlockRef],
        missing: &[BlockRef],
    ) -> Result<Bases<'_>, NotComposed> {
        let old = self.held.list.as_slice();
        let runs = match old.is_empty() {
            true => Vec::new(),
            // Without a worker, nothing is a patch.
            false => self.platform.runs(old, list).await.unwrap_or_default(),
        };
        let missing_bytes = missing.iter().map(|block| u64::from(block.length)).sum();
        let may_have_moved = may_have_moved(old, missing_bytes);
        let run = |BaseRun { block, base }: BaseRun| {
            let base = if may_have_moved { 0..old.len() } else { base };
            Some((list.get(block)?.hash, base))
        };
        let mut bases = Bases {
            old,
            runs: runs.into_iter().filter_map(run).collect(),
            places: HashMap::new(),
            in_lists: InLists::of(list, &self.held),
        };
        let named: Vec<BlockRef> = bases.of(missing).collect();
        let places = self.whole(&named).await.map_err(NotComposed::Cache)?;
        let places = places.iter().map(|place| (place.block.hash, *place));
        bases.places = places.collect();
        Ok(bases)
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
                // The queue is not borrowed while the request is under way.
                let wanted = take(&mut queue.borrow_mut(), bases);
                let Some(wanted) = wanted else {
                    return Ok::<(), NotComposed>(());
                };
                self.fetch_some(&queue, wanted, bases).await?;
            }
        });
        join_all(fetches).await.into_iter().collect()
    }

    /// Makes one request. Blocks that it does not bring go back into the queue.
    async fn fetch_some(
        &self,
        queue: &RefCell<VecDeque<BlockRef>>,
        wanted: Vec<BlockRef>,
        bases: Option<&Bases<'_>>,
    ) -> Result<(), NotComposed> {
        let platform = self.platform;
        let places = bases.map_or_else(Vec::new, |bases| bases.places_of(&wanted));
        let of = platform.of(self.item);
        let in_lists = bases.and_then(|bases| bases.in_lists.as_ref());
        let in_lists = in_lists.filter(|_| of.is_empty() && self.may_be_listed());
        let listed = in_lists.and_then(|lists| self.listed(lists, &wanted, &places));
        let is_listed = listed.is_some();
        let want = wanted.iter().map(|block| block.hash);
        let held = places.iter().map(|place| place.block.hash.short());
        let body = Fetch {
            want: want.filter(|_| !is_listed).collect(),
            bases: held.filter(|_| !is_listed).collect(),
            listed,
            of,
            by_symbols: true,
            // What came of one was no block: the frames tell which.
            solid: self.empty.get() == 0,
            compressed: true,
        };
        let answer = match platform.fetch_blocks(&body).await {
            Err(Failure::Refused(problem)) if is_listed && knows_no_lists(&problem) => {
                self.has_names_only.set(true);
                put_back(&mut queue.borrow_mut(), wanted);
                return Ok(());
            }
            answer => answer.map_err(NotComposed::Server)?,
        };
        let bytes = wanted.iter().map(|block| u64::from(block.length)).sum();
        let received = match self.stays {
            true => platform.receive_to_stay(&answer, &places, bytes).await,
            false => platform.receive(&answer, &places, bytes).await,
        };
        let received = received.map_err(NotComposed::Cache)?;
        let here: HashSet<BlockHash> = received.blocks.iter().map(|block| block.hash).collect();
        if received.is_wrong {
            self.wrong.set(self.wrong.get() + 1);
        }
        if !wanted.iter().any(|block| here.contains(&block.hash)) {
            self.empty.set(self.empty.get() + 1);
        }
        if self.wrong.get() > MAX_WRONG {
            return Err(NotComposed::Damaged);
        }
        if self.empty.get() > MAX_EMPTY {
            return Err(NotComposed::Server(Failure::Unreachable));
        }
        let left = wanted.into_iter();
        let left = left.filter(|block| !here.contains(&block.hash)).collect();
        put_back(&mut queue.borrow_mut(), left);
        let arrived: u64 = received
            .blocks
            .iter()
            .map(|block| u64::from(block.length))
            .sum();
        self.verified.borrow_mut().extend(here);
        self.tell(self.here_bytes.get() + arrived);
        Ok(())
    }

    /// Whether blocks can be told by their places: not once that has brought other blocks.
    fn may_be_listed(&self) -> bool {
        !self.has_names_only.get() && self.empty.get() == 0 && self.wrong.get() == 0
    }

    /// Blocks by their places. Who holds nothing names the blocks: that is cheaper than two
    /// lists that the server would read for it.
    fn listed(
        &self,
        lists: &InLists,
        wanted: &[BlockRef],
        bases: &[CachedBlock],
    ) -> Option<Listed> {
        let want = wanted
            .iter()
            .map(|block| lists.new.get(&block.hash).copied());
        let held = bases
            .iter()
            .map(|base| lists.old.get(&base.block.hash).copied());
        (!bases.is_empty()).then_some(Listed {
            item: self.item,
            version: self.version,
            want: runs(want.collect::<Option<Vec<u32>>>()?),
            since: lists.since,
            bases: runs(held.collect::<Option<Vec<u32>>>()?),
        })
    }

    fn tell(&self, here_bytes: u64) {
        let here_bytes = here_bytes.min(self.size);
        self.here_bytes.set(here_bytes);
        (self.progress)(here_bytes);
    }
}

impl Bases<'_> {
    /// The old blocks that these may be patches of, each once.
    fn of(&self, wanted: &[BlockRef]) -> impl Iterator<Item = BlockRef> {
        let mut seen = vec![false; self.old.len()];
        let runs = wanted.iter().filter_map(|block| self.runs.get(&block.hash));
        let mut last = None;
        for run in runs {
            // Neighbours often have the same.
            if last.replace(run) != Some(run) {
                seen[run.clone()].fill(true);
            }
        }
        let mut known = HashSet::new();
        let old = self.old.iter().zip(seen);
        let old = old.filter_map(|(block, is_seen)| is_seen.then_some(*block));
        old.filter(move |block| known.insert(block.hash))
    }

    /// Where they are, as far as they are here.
    fn places_of(&self, wanted: &[BlockRef]) -> Vec<CachedBlock> {
        let places = self.of(wanted);
        let places = places.filter_map(|block| self.places.get(&block.hash).copied());
        places.take(MAX_FILE_BLOCKS).collect()
    }
}

/// Whether it is said of the lists that a request is about, or by a server of before there were
/// such requests.
fn knows_no_lists(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::NoSuchVersion | Problem::BadRequest { .. } | Problem::BadJson { .. }
    )
}

/// The blocks of a list that are at none of these places, each once.
fn missing(list: &[BlockRef], places: &[CachedBlock]) -> Vec<BlockRef> {
    let mut known: HashSet<BlockHash> = places.iter().map(|place| place.block.hash).collect();
    let is_new = |block: &&BlockRef| known.insert(block.hash);
    list.iter().filter(is_new).copied().collect()
}

/// Blocks that no request has brought come first again.
fn put_back(queue: &mut VecDeque<BlockRef>, blocks: Vec<BlockRef>) {
    for block in blocks.into_iter().rev() {
        queue.push_front(block);
    }
}

/// The blocks that one request asks for: as many as an answer has room for, or a bundle
/// if patches may be among them.
fn take(queue: &mut VecDeque<BlockRef>, bases: Option<&Bases<'_>>) -> Option<Vec<BlockRef>> {
    let mut taken: Vec<BlockRef> = Vec::new();
    let mut bytes = 0;
    let bases = bases.filter(|bases| !bases.places.is_empty());
    let may_be_patch =
        |block: &BlockRef| bases.is_some_and(|bases| bases.runs.contains_key(&block.hash));
    let most = match queue.front() {
        Some(first) if may_be_patch(first) => MAX_FETCH_PLAIN_BYTES as u64,
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
