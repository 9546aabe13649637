//! Blocks from the server into the worker's hands.

use super::making::Making;
use crate::driver::current::Current;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use futures_util::future::join_all;
use platform::failure::Failure;
use protocol::blocks::Fetch;
use protocol::limits::{MAX_FETCH_BLOCKS, TARGET_FETCH_BYTES};
use protocol::problem::Problem;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};

/// Requests at one time.
const AT_ONCE: usize = 3;

/// How often a block is asked for that is not what its hash says, or does not
/// come.
const MAX_TRIES: u32 = 3;

/// What there is of blocks that were asked for.
#[derive(Default)]
pub struct Fetched {
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
    wanted: Vec<BlockRef>,
) -> Result<Fetched, Failure> {
    let fetching = Fetching {
        current,
        making,
        queue: RefCell::new(requests(wanted)),
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
    queue: RefCell<VecDeque<Vec<BlockRef>>>,
    tries: RefCell<HashMap<BlockHash, u32>>,
    fetched: RefCell<Fetched>,
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

    async fn request(&self, mut wanted: Vec<BlockRef>) -> Result<(), Failure> {
        let body = Fetch {
            want: wanted.iter().map(|block| block.hash).collect(),
            ..Fetch::default()
        };
        let current = self.current;
        let fetched = async || current.api().fetch_blocks(&body).await;
        let answer = current.patiently(fetched).await;
        let answer = match answer {
            Ok(answer) => answer,
            // It does not say which.
            Err(Failure::Refused(Problem::NoSuchBlock)) => {
                if let [only] = wanted.as_slice() {
                    self.fetched.borrow_mut().lost.push(only.hash);
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
            true => wanted.first().map(|block| block.hash).into_iter().collect(),
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
        wanted.retain(|block| !here.contains(&block.hash) && !fetched.lost.contains(&block.hash));
        fetched.here.extend(here);
        if !wanted.is_empty() {
            self.queue.borrow_mut().push_front(wanted);
        }
        Ok(())
    }
}

/// As many blocks to a request as an answer has.
fn requests(wanted: Vec<BlockRef>) -> VecDeque<Vec<BlockRef>> {
    let mut requests = VecDeque::new();
    let (mut request, mut bytes) = (Vec::new(), 0);
    for block in wanted {
        let length = u64::from(block.length);
        let is_full = request.len() == MAX_FETCH_BLOCKS || bytes + length > TARGET_FETCH_BYTES;
        if is_full && !request.is_empty() {
            requests.push_back(std::mem::take(&mut request));
            bytes = 0;
        }
        bytes += length;
        request.push(block);
    }
    if !request.is_empty() {
        requests.push_back(request);
    }
    requests
}
