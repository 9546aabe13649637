//! Puts changes of one kind, which several tasks ask for, into one request.

use crate::failure::Failure;
use crate::ports::{Clock, Platform, Spawn};
use crate::queue::{Carrier, Queue};
use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use protocol::items::ItemChanged;
use std::pin::pin;
use std::rc::Rc;

/// The client hands out so many answers before others have the thread.
const TOLD_AT_ONCE: usize = 8;

/// The answer to one change.
pub type Answered = Result<ItemChanged, Failure>;

/// A change that may travel with others of its kind.
pub trait Gatherable: Sized + 'static {
    /// The most changes in a request.
    const MOST: usize;
    /// The most weight of a request, unless a single change has more.
    const MOST_WEIGHT: usize;

    /// What the change counts besides being one: the blocks of a new file.
    fn weight(&self) -> usize;

    /// Sends all changes, and answers for each in their order. A single change may travel
    /// in a request of its own kind.
    fn send(platform: &impl Platform, all: Vec<Self>) -> impl Future<Output = Vec<Answered>>;
}

/// Gathers the changes of one kind.
pub struct Gather<P, T>(Rc<Inner<P, T>>);

struct Inner<P, T> {
    platform: P,
    queue: Queue<QueuedChange<T>>,
}

/// A change, and who waits for its answer.
pub struct QueuedChange<T> {
    change: T,
    end: oneshot::Sender<Answered>,
}

impl<P, T> Clone for Gather<P, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Platform, T: Gatherable> Gather<P, T> {
    pub fn new(platform: P) -> Self {
        let queue = Queue::default();
        Self(Rc::new(Inner { platform, queue }))
    }

    /// Makes a change, in a request of its own or together with others. Dropping the
    /// future withdraws the change if it has not set out yet.
    ///
    /// # Errors
    /// The server's answer to this very change. If a request gets no answer, each of its
    /// changes fails with `Unreachable`.
    pub async fn ask(&self, change: T) -> Answered {
        let (end, ended) = oneshot::channel();
        self.hand_in([QueuedChange { change, end }]);
        ended.await.unwrap_or(Err(Failure::Cancelled))
    }
}

impl<P: Platform, T: Gatherable> Carrier for Gather<P, T> {
    type Piece = QueuedChange<T>;
    const AT_ONCE: usize = 2;
    /// A page goes on with what was handed in together one by one.
    const GATHER_MILLIS: u64 = 50;

    fn queue(&self) -> &Queue<QueuedChange<T>> {
        &self.0.queue
    }

    fn platform(&self) -> &(impl Clock + Spawn + Clone + 'static) {
        &self.0.platform
    }

    fn fills_a_request(&self) -> bool {
        self.0.queue.waiting().len() >= T::MOST
    }

    fn take_batch(&self) -> Vec<QueuedChange<T>> {
        let mut waiting = self.0.queue.waiting();
        waiting.retain(|asked| !asked.end.is_canceled());
        let (mut batch, mut weight) = (Vec::new(), 0);
        while let Some(next) = waiting.front() {
            let of_next = next.change.weight();
            let fits = batch.len() < T::MOST && weight + of_next <= T::MOST_WEIGHT;
            if !fits && !batch.is_empty() {
                break;
            }
            weight += of_next;
            batch.extend(waiting.pop_front());
        }
        batch
    }

    /// Carries a batch. It is aborted when nobody waits for any of the answers.
    fn carry(&self, batch: Vec<QueuedChange<T>>) -> impl Future<Output = ()> + 'static {
        let platform = self.0.platform.clone();
        async move {
            let asked = batch.into_iter().map(|asked| (asked.change, asked.end));
            let (changes, mut ends): (Vec<_>, Vec<_>) = asked.unzip();
            let count = changes.len();
            let answers = {
                let nobody_waits = pin!(join_all(ends.iter_mut().map(|end| end.cancellation())));
                match select(pin!(T::send(&platform, changes)), nobody_waits).await {
                    // Torn, or not of this server.
                    Either::Left((answers, _)) if answers.len() != count => {
                        vec![Err(Failure::Unreachable); count]
                    }
                    Either::Left((answers, _)) => answers,
                    Either::Right(_) => return,
                }
            };
            for (number, (end, answer)) in ends.into_iter().zip(answers).enumerate() {
                if number > 0 && number % TOLD_AT_ONCE == 0 {
                    platform.breathe().await;
                }
                let _ = end.send(answer);
            }
        }
    }
}
