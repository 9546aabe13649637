//! The memory of an isolate. All requests in it share 128 MB, and a request that takes
//! more ends all of them. So a request holds bytes of a budget before it reads anything
//! large into memory, and gives them back on drop, however it ends.
//!
//! An isolate is one thread with a memory of its own, so the count is local to the
//! thread. It counts the buffers whose size depends on a request. What is small or of a
//! fixed size (rows, answers in JSON, what the runtime keeps of a stream) uses the rest
//! of the 128 MB.

use crate::error::Failure;
use protocol::limits::MAX_IN_FLIGHT_BYTES;
use protocol::problem::Problem;
use std::cell::Cell;

thread_local! {
    static HELD_BYTES: Cell<u64> = const { Cell::new(0) };
}

/// Target. How many bytes are handed to the runtime at a time: enough for few calls,
/// and little memory beside the buffers.
pub const PIECE_BYTES: usize = 256 << 10;

/// A hold of at most this many bytes may also use the reserve beyond the budget, so
/// that small changes do not wait for large ones.
const SMALL_BYTES: u64 = 256 << 10;
const RESERVE_BYTES: u64 = 8 << 20;

/// Requests are short as a rule, so that even a large one has often ended by then.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Bytes that a request has in memory, or is about to have.
#[derive(Debug, Default)]
#[must_use = "what is dropped is given back"]
pub struct Hold {
    bytes: u64,
}

/// Holds so many bytes.
///
/// # Errors
/// 503 `hands_full`: others hold too much at this moment.
pub fn hold(bytes: usize) -> Result<Hold, Failure> {
    let mut hold = Hold::default();
    hold.add(bytes)?;
    Ok(hold)
}

impl Hold {
    /// Holds so many bytes more.
    ///
    /// # Errors
    /// 503 `hands_full`, as above. What was held before stays held.
    pub fn add(&mut self, bytes: usize) -> Result<(), Failure> {
        let bytes = bytes as u64;
        let held = HELD_BYTES.get().saturating_add(bytes);
        let reserve = if bytes <= SMALL_BYTES {
            RESERVE_BYTES
        } else {
            0
        };
        if held > MAX_IN_FLIGHT_BYTES.saturating_add(reserve) {
            let retry_after_seconds = RETRY_AFTER_SECONDS;
            return Err(Problem::HandsFull {
                retry_after_seconds,
            }
            .into());
        }
        HELD_BYTES.set(held);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        HELD_BYTES.set(HELD_BYTES.get().saturating_sub(self.bytes));
    }
}

/// The bytes that all requests of the isolate hold.
pub fn held_bytes() -> u64 {
    HELD_BYTES.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;
    const ALL: usize = MAX_IN_FLIGHT_BYTES as usize;

    #[test]
    fn who_asks_for_more_than_is_left_is_told_to_come_back_and_ends_nobody() {
        let first = hold(ALL - MIB).unwrap();
        let refused = hold(MIB + 1).unwrap_err().into_problem();
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.retry_after_seconds(), Some(RETRY_AFTER_SECONDS));
        assert_eq!(held_bytes(), (ALL - MIB) as u64);
        let rest = hold(MIB).unwrap();
        let small = hold(1 << 10).expect("a small change does not wait for large ones");
        drop((first, rest, small));
        assert_eq!(hold(ALL).unwrap().bytes, ALL as u64);
        assert_eq!(held_bytes(), 0);
    }

    #[test]
    fn a_request_that_ends_in_the_middle_gives_back_all_that_it_held() {
        let request = || -> Result<(), Failure> {
            let mut held = hold(MIB)?;
            held.add(MIB)?;
            held.add(ALL)
        };
        assert!(request().is_err());
        assert_eq!(held_bytes(), 0);
        // A future that is dropped where it waits.
        let waits = async {
            let _held = hold(MIB)?;
            std::future::pending::<Result<(), Failure>>().await
        };
        let mut waits = Box::pin(waits);
        let waker = std::task::Waker::noop();
        let poll = waits
            .as_mut()
            .poll(&mut std::task::Context::from_waker(waker));
        assert!(poll.is_pending() && held_bytes() == MIB as u64);
        drop(waits);
        assert_eq!(held_bytes(), 0);
    }
}
