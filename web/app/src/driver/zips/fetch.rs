//! Blocks from the server into the worker's hands.

use super::making::Making;
use crate::driver::current::Current;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use futures_util::future::join_all;
use platform::failure::Failure;
use protocol::blocks::Fetch;
use protocol::ids::ItemId;
use protocol::limits::{MAX_FETCH_BLOCKS, MAX_OF_FILES, TARGET_FETCH_BYTES};
use protocol::problem::Problem;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// Requests at one time.
const AT_ONCE: usize = 3;

/// How often a block is asked for that is not what its hash says, or does not
/// come.
const MAX_TRIES: u32 = 3;

/// A block, and a file that has it.
#[derive(Clone, Copy)]
pub struct BlockOfFile {
    pub block: BlockRef,
    pub file: ItemId,
}

/// What there is of blocks that were asked for.
#[derive(Default)]
pub struct FetchedBlocks {
    pub here: Vec<BlockHash>,
    /// The server does not have them as they were.
    pub lost: Vec<BlockHash>,
}

/// Fetches these blocks, each once.
///
/// # Errors
/// The server can't be reached, or asks who this is; or there is no worker.
pub async fn fetch(
    current: &Current,
    making: &Making,
    wanted: Vec<BlockOfFile>,
) -> Result<FetchedBlocks, Failure> {
    let fetching = Fetching {
        current,
        making,
        queue: RefCell::new(requests(wanted, current.api().is_about_a_part())),
        tries: RefCell::default(),
        fetched: RefCell::default(),
    };
    let workers = (0..AT_ONCE).map(|_| fetching.work());
    join_all(workers)
        .await
        .into_iter()
        .collect::<Result<(), Failure>>()?;
    Ok(fetching.fetched.into_inner())
}

struct Fetching<'a> {
    current: &'a Current,
    making: &'a Making,
    /// What each of the next requests asks for.
    queue: RefCell<VecDeque<Vec<BlockOfFile>>>,
    tries: RefCell<HashMap<BlockHash, u32>>,
    fetched: RefCell<FetchedBlocks>,
}

impl Fetching<'_> {
    async fn work(&self) -> Result<(), Failure> {
        loop {
            // Not held while it is waited for.
            let wanted = self.queue.borrow_mut().pop_front();
            let Some(wanted) = wanted else {
                return Ok(());
            };
            self.request(wanted).await?;
        }
    }

    async fn request(&self, mut wanted: Vec<BlockOfFile>) -> Result<(), Failure> {
        let current = self.current;
        let of: BTreeSet<ItemId> = match current.api().is_about_a_part() {
            true => wanted.iter().map(|wanted| wanted.file).collect(),
            false => BTreeSet::new(),
        };
        let body = Fetch {
            want: wanted.iter().map(|wanted| wanted.block.hash).collect(),
            of: of.into_iter().collect(),
            ..Fetch::default()
        };
        let fetched = async || current.api().fetch_blocks(&body).await;
        let answer = current.patiently(fetched).await;
        let answer = match answer {
            Ok(answer) => answer,
            // It does not say which.
            Err(Failure::Refused(Problem::NoSuchBlock)) => {
                if let [only] = wanted.as_slice() {
                    self.fetched.borrow_mut().lost.push(only.block.hash);
                } else {
                    let rest = wanted.split_off(wanted.len() / 2);
                    self.queue.borrow_mut().extend([wanted, rest]);
                }
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        let fed = self.making.feed(&answer).await?;
        let here: HashSet<BlockHash> = fed.kept.iter().map(|block| block.hash).collect();
        let wrong = fed.wrong.iter().map(|block| block.hash);
        // An answer that brings nothing is torn.
        let suspect: Vec<BlockHash> = match here.is_empty() {
            true => wanted
                .iter()
                .take(1)
                .map(|first| first.block.hash)
                .collect(),
            false => wrong.collect(),
        };
        let mut fetched = self.fetched.borrow_mut();
        for hash in suspect {
            let mut tries = self.tries.borrow_mut();
            let tries = tries.entry(hash).or_default();
            *tries += 1;
            if *tries == MAX_TRIES {
                fetched.lost.push(hash);
            }
        }
        wanted.retain(|BlockOfFile { block, .. }| {
            !here.contains(&block.hash) && !fetched.lost.contains(&block.hash)
        });
        fetched.here.extend(here);
        if !wanted.is_empty() {
            self.queue.borrow_mut().push_front(wanted);
        }
        Ok(())
    }
}

/// As many blocks to a request as an answer has, and of no more files than it may name,
/// if it has to. The blocks of a file come one after another.
fn requests(wanted: Vec<BlockOfFile>, names_files: bool) -> VecDeque<Vec<BlockOfFile>> {
    let mut requests = VecDeque::new();
    let (mut request, mut bytes, mut files) = (Vec::<BlockOfFile>::new(), 0, 0);
    for next in wanted {
        let length = u64::from(next.block.length);
        let is_other = request.last().is_none_or(|last| last.file != next.file);
        let is_full = request.len() == MAX_FETCH_BLOCKS
            || bytes + length > TARGET_FETCH_BYTES
            || (names_files && is_other && files == MAX_OF_FILES);
        if is_full && !request.is_empty() {
            requests.push_back(std::mem::take(&mut request));
            (bytes, files) = (0, 0);
        }
        bytes += length;
        files += usize::from(is_other || request.is_empty());
        request.push(next);
    }
    if !request.is_empty() {
        requests.push_back(request);
    }
    requests
}
