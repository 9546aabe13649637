//! A load of large requests at once: uploads, answers of frames and downloads of
//! compressed blocks, each repeated for as long as the server says that it has its
//! hands full.

use crate::client::{Client, Failure, Reply, compressed, frames};
use crate::random::unseen_bytes;
use blocks::hash::BlockHash;
use protocol::blocks::Fetch;
use protocol::limits::{MAX_BLOCK_BYTES, TARGET_FETCH_BYTES};
use protocol::paths;
use protocol::problem::Problem;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: u64,
    /// How often a request was told to come back.
    pub sent_away: u64,
    /// Bytes of bodies, up and down.
    pub bytes: u64,
}

/// Blocks in a space, for [`Large::run`].
pub struct Large {
    client: Client,
    /// Together they are the largest answer of frames that there is.
    wanted: Vec<BlockHash>,
    /// The largest block, stored as LZ4 in half of its length.
    packed: BlockHash,
}

impl Large {
    /// Stores them.
    pub fn of(client: &Client) -> Result<Self, Failure> {
        let first = unseen_bytes(TARGET_FETCH_BYTES as usize - 1);
        let largest = unseen_bytes(MAX_BLOCK_BYTES);
        let mut packed = unseen_bytes(MAX_BLOCK_BYTES);
        for half in packed.chunks_mut(1 << 10).step_by(2) {
            half.fill(0);
        }
        client.store_blocks(&[&first])?;
        client.store_blocks(&[&largest])?;
        client.store_frames(&compressed(&packed))?.success()?;
        Ok(Self {
            client: client.clone(),
            wanted: vec![BlockHash::of(&first), BlockHash::of(&largest)],
            packed: BlockHash::of(&packed),
        })
    }

    /// So many callers at once, each with so many requests, one after another.
    ///
    /// # Errors
    /// A request that failed otherwise than by being told to come back.
    pub fn run(&self, callers: usize, requests: usize) -> Result<Tally, Failure> {
        let together = Barrier::new(callers);
        thread::scope(|scope| {
            let start = |caller: usize| {
                let together = &together;
                scope.spawn(move || -> Result<Tally, Failure> {
                    together.wait();
                    let mut tally = Tally::default();
                    for request in 0..requests {
                        self.ask(caller + request, &mut tally)?;
                    }
                    Ok(tally)
                })
            };
            let callers: Vec<_> = (0..callers).map(start).collect();
            let mut sum = Tally::default();
            for caller in callers {
                let tally = caller.join().expect("a caller")?;
                sum.done += tally.done;
                sum.sent_away += tally.sent_away;
                sum.bytes += tally.bytes;
            }
            Ok(sum)
        })
    }

    fn ask(&self, kind: usize, tally: &mut Tally) -> Result<(), Failure> {
        let client = &self.client;
        let (ask, up): (Box<dyn Fn() -> Result<Reply, Failure>>, usize) = match kind % 3 {
            0 => {
                let body = frames(&[&unseen_bytes(MAX_BLOCK_BYTES)]);
                let length = body.len();
                (Box::new(move || client.store_frames(&body)), length)
            }
            1 => {
                let fetch = Fetch {
                    want: self.wanted.clone(),
                    ..Fetch::default()
                };
                let ask = move || client.send_json("POST", paths::FETCH_BLOCKS, &fetch);
                (Box::new(ask), 0)
            }
            _ => {
                let path = paths::block(self.packed);
                (Box::new(move || client.get(&path)), 0)
            }
        };
        let reply = patiently(ask, &mut tally.sent_away)?;
        tally.done += 1;
        tally.bytes += (up + reply.body.len()) as u64;
        Ok(())
    }
}

/// Asks for as long as the server has its hands full, after the time that it says.
fn patiently(
    ask: impl Fn() -> Result<Reply, Failure>,
    sent_away: &mut u64,
) -> Result<Reply, Failure> {
    loop {
        let reply = match ask() {
            Ok(reply) => reply,
            // An answer before the body was read: some of them break the connection.
            Err(Failure::Transport(_)) => {
                *sent_away += 1;
                thread::sleep(Duration::from_secs(1));
                continue;
            }
            Err(other) => return Err(other),
        };
        match reply.success() {
            Err(Failure::Refused { body, .. })
                if matches!(body.problem, Problem::HandsFull { .. }) =>
            {
                *sent_away += 1;
                let seconds = body.problem.retry_after_seconds().unwrap_or(0);
                thread::sleep(Duration::from_secs(seconds));
            }
            outcome => return outcome,
        }
    }
}
