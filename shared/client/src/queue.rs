//! A queue holds pieces that wait to travel together: blocks, new files, changes of
//! places.
//!
//! Pieces that are handed in shortly after each other, or while others travel, share a
//! request, so a thousand pieces take a few requests.

use crate::lull::Lull;
use crate::ports::{Clock, Spawn};
use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;

/// The pieces that wait, and how many requests travel.
pub struct Queue<T> {
    waiting: RefCell<VecDeque<T>>,
    travelling: Cell<usize>,
    lull: Lull,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: RefCell::default(),
            travelling: Cell::default(),
            lull: Lull::default(),
        }
    }
}

impl<T> Queue<T> {
    /// The pieces that wait, in their order.
    pub fn waiting(&self) -> RefMut<'_, VecDeque<T>> {
        self.waiting.borrow_mut()
    }

    /// Whether nothing waits or travels.
    pub fn is_idle(&self) -> bool {
        self.travelling.get() == 0 && self.waiting.borrow().is_empty()
    }
}

/// Makes requests of pieces. A clone is another handle of the same carrier.
pub trait Carrier: Clone + 'static {
    /// What is carried.
    type Piece: 'static;
    /// The most requests that travel at one time. All but the first set out only when they
    /// are full.
    const AT_ONCE: usize;
    /// How long a request waits after the last piece for more, in milliseconds.
    const GATHER_MILLIS: u64;

    /// The pieces that wait.
    fn queue(&self) -> &Queue<Self::Piece>;
    /// The clock, and whoever runs tasks.
    fn platform(&self) -> &(impl Clock + Spawn + Clone + 'static);
    /// Whether the waiting pieces fill a request.
    fn fills_a_request(&self) -> bool;
    /// Takes the pieces of one request out of the queue; none if nobody waits for any.
    fn take_batch(&self) -> Vec<Self::Piece>;
    /// Carries the pieces, and tells for each what became of it.
    fn carry(&self, batch: Vec<Self::Piece>) -> impl Future<Output = ()> + 'static;

    /// Puts pieces in line. They set out together with pieces that come soon after.
    fn hand_in(&self, pieces: impl IntoIterator<Item = Self::Piece>) {
        self.queue().waiting().extend(pieces);
        self.queue().lull.put_off();
        self.pump();
    }

    /// Starts as many requests as may travel.
    fn pump(&self) {
        let queue = self.queue();
        while queue.travelling.get() < Self::AT_ONCE && self.fills_a_request() && self.depart() {}
        if queue.travelling.get() == 0 && !queue.waiting.borrow().is_empty() {
            let carrier = self.clone();
            self.platform().spawn(async move {
                let queue = carrier.queue();
                let clock = carrier.platform();
                let is_lull = queue.lull.is_here(clock, Self::GATHER_MILLIS).await;
                if is_lull && queue.travelling.get() == 0 {
                    carrier.depart();
                }
            });
        }
    }

    /// Starts a request. Returns whether there was something to carry.
    fn depart(&self) -> bool {
        let batch = self.take_batch();
        if batch.is_empty() {
            return false;
        }
        let travelling = &self.queue().travelling;
        travelling.set(travelling.get() + 1);
        let carrier = self.clone();
        self.platform().spawn(async move {
            carrier.carry(batch).await;
            let travelling = &carrier.queue().travelling;
            travelling.set(travelling.get() - 1);
            carrier.pump();
        });
        true
    }
}
