//! A whole file, by one worker or by all of them.

use super::pool::{self, Pool};
use blocks::chunk::SizeClass;
use blocks::manifest::BlockRef;
use blocks::segment::{Apart, Joined, segments};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use platform::failure::Failure;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use web_sys::File;

/// A file that is no larger is read by one worker, in some 40 ms. What two read
/// both, until their boundaries meet, is about a fiftieth of this.
const MIN_SEGMENT_BYTES: u64 = 32 << 20;

/// Segments for each worker. The last ones to end leave the other workers idle
/// for a shorter time if they are small.
const SEGMENTS_PER_WORKER: u64 = 2;

/// Cuts and hashes a file; `started` is called when a worker begins, `progress`
/// gets the bytes hashed so far. Dropping the future stops it.
///
/// # Errors
/// Those of [`Pool::hash`].
pub async fn hash(
    pool: &Pool,
    file: &File,
    class: SizeClass,
    started: impl FnOnce(),
    progress: impl FnMut(u64),
) -> Result<Vec<BlockRef>, Failure> {
    let most = SEGMENTS_PER_WORKER * pool::limit() as u64;
    let segments = segments(file.size() as u64, class, MIN_SEGMENT_BYTES, most);
    let started = Cell::new(Some(started));
    let done = Done {
        of_segment: segments.iter().map(|_| Cell::new(0)).collect(),
        told: RefCell::new(progress),
    };
    let (started, done) = (&started, &done);
    let cut = async |number: usize, segment: Range<u64>| {
        let begun = || {
            if let Some(started) = started.take() {
                started();
            }
        };
        let length = segment.end - segment.start;
        let progress = |bytes: u64| done.tell(number, bytes.min(length));
        let blocks = pool.hash(file, segment.clone(), class, begun, progress);
        Ok::<_, Failure>((number, segment, blocks.await?))
    };
    let mut under_way: FuturesUnordered<_> = segments
        .into_iter()
        .enumerate()
        .map(|(number, segment)| cut(number, segment))
        .collect();
    let mut joined = Joined::default();
    let mut next = 0;
    let mut waiting = BTreeMap::new();
    while let Some(list) = under_way.next().await {
        let (number, segment, blocks) = list?;
        waiting.insert(number, (segment, blocks));
        while let Some((segment, blocks)) = waiting.remove(&next) {
            match joined.join(segment, &blocks) {
                Ok(()) => next += 1,
                Err(Apart { range }) => under_way.push(cut(next, range)),
            }
        }
    }
    Ok(joined.into_blocks())
}

/// How much of each segment is hashed.
struct Done<F> {
    of_segment: Vec<Cell<u64>>,
    told: RefCell<F>,
}

impl<F: FnMut(u64)> Done<F> {
    fn tell(&self, number: usize, bytes: u64) {
        // What is cut again was counted before.
        if let Some(done) = self
            .of_segment
            .get(number)
            .filter(|done| done.get() < bytes)
        {
            done.set(bytes);
            let all = self.of_segment.iter().map(Cell::get).sum();
            (self.told.borrow_mut())(all);
        }
    }
}
