//! Changes on their way. Those that are asked for shortly after each other, or
//! while others travel, go together, so a thousand of them share a few requests.

use crate::api::Client;
use crate::browser::clock;
use crate::browser::lull::Lull;
use crate::failure::Failure;
use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use protocol::items::ItemChanged;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Requests that travel at one time. The second sets out only when it is full.
const AT_ONCE: usize = 2;

/// More may follow within so many milliseconds of the last: the page goes on
/// with what was handed in together one by one.
const GATHER_MILLIS: u64 = 50;

/// Answers that are handed out before the page may draw.
const TOLD_AT_ONCE: usize = 8;

/// What is answered each by itself.
pub type Answered = Result<ItemChanged, Failure>;

/// A change that may travel with others of its kind.
pub trait Gathered: Sized + 'static {
    /// So many fill a request,
    const MOST: usize;
    /// and so much of what counts besides.
    const MOST_WEIGHT: usize;

    fn weight(&self) -> usize;

    /// Asks for all of them, and answers for each in their order. One may travel as
    /// if there were no others.
    fn send(client: &Client, all: Vec<Self>) -> impl Future<Output = Vec<Answered>>;
}

pub struct Gather<T>(Rc<Inner<T>>);

impl<T> Clone for Gather<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Gather<T> {
    fn default() -> Self {
        Self(Rc::new(Inner {
            waiting: RefCell::default(),
            travelling: Cell::default(),
            lull: Lull::default(),
        }))
    }
}

struct Inner<T> {
    waiting: RefCell<VecDeque<Asked<T>>>,
    travelling: Cell<usize>,
    /// Of what is asked for.
    lull: Lull,
}

/// A change, and who waits for what becomes of it.
struct Asked<T> {
    change: T,
    end: oneshot::Sender<Answered>,
}

impl<T: Gathered> Gather<T> {
    /// Makes a change, in a request of its own or together with others. Dropping
    /// the future takes it out of what has not set out yet.
    ///
    /// # Errors
    /// What the server says about this very change; `Unreachable` of a request
    /// that got no answer, for each of its changes.
    pub async fn ask(&self, client: &Client, change: T) -> Answered {
        let (end, ended) = oneshot::channel();
        let asked = Asked { change, end };
        self.0.waiting.borrow_mut().push_back(asked);
        self.0.lull.put_off();
        self.pump(client);
        ended.await.unwrap_or(Err(Failure::Cancelled))
    }

    fn pump(&self, client: &Client) {
        while self.0.travelling.get() < AT_ONCE && self.fills_a_request() && self.depart(client) {}
        if self.0.travelling.get() == 0 && !self.0.waiting.borrow().is_empty() {
            let (gather, client) = (self.clone(), client.clone());
            spawn_local(async move {
                let is_lull = gather.0.lull.is_here(GATHER_MILLIS).await;
                if is_lull && gather.0.travelling.get() == 0 {
                    gather.depart(&client);
                }
            });
        }
    }

    /// Starts a request. Returns whether there was something to ask for.
    fn depart(&self, client: &Client) -> bool {
        let batch = self.take_batch();
        if batch.is_empty() {
            return false;
        }
        self.0.travelling.set(self.0.travelling.get() + 1);
        let (gather, client) = (self.clone(), client.clone());
        spawn_local(async move {
            carry(&client, batch).await;
            gather.0.travelling.set(gather.0.travelling.get() - 1);
            gather.pump(&client);
        });
        true
    }

    fn fills_a_request(&self) -> bool {
        self.0.waiting.borrow().len() >= T::MOST
    }

    fn take_batch(&self) -> Vec<Asked<T>> {
        let mut waiting = self.0.waiting.borrow_mut();
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
}

/// Sends a request and hands out its answers. It is aborted when nobody waits
/// for any of them.
async fn carry<T: Gathered>(client: &Client, batch: Vec<Asked<T>>) {
    let (changes, mut ends): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|asked| (asked.change, asked.end))
        .unzip();
    let count = changes.len();
    let answers = {
        let nobody_waits = pin!(join_all(ends.iter_mut().map(|end| end.cancellation())));
        match select(pin!(T::send(client, changes)), nobody_waits).await {
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
            clock::breathe().await;
        }
        let _ = end.send(answer);
    }
}
