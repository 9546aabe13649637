//! New files on their way. Those that are asked for shortly after each other, or
//! while others travel, go together, so a thousand small files share a few
//! requests.

use crate::api::Client;
use crate::browser::clock;
use crate::browser::lull::Lull;
use crate::failure::Failure;
use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use shared::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES};
use shared::protocol::content::Content;
use shared::protocol::files::{NewFile, NewFiles};
use shared::protocol::items::ItemChanged;
use shared::protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Requests that travel at one time. The second sets out only when it is full.
const AT_ONCE: usize = 2;

/// More may follow within so many milliseconds of the last: the page goes on
/// with the files of a pack one by one.
const GATHER_MILLIS: u64 = 50;

/// Answers that are handed out before the page may draw.
const TOLD_AT_ONCE: usize = 8;

#[derive(Clone, Default)]
pub struct Creates(Rc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: RefCell<VecDeque<Asked>>,
    travelling: Cell<usize>,
    /// Of what is asked for.
    lull: Lull,
}

/// A new file, and who waits for what becomes of it.
struct Asked {
    file: NewFile<Content>,
    end: oneshot::Sender<Result<ItemChanged, Failure>>,
}

impl Creates {
    /// Makes a file, in a request of its own or together with others. Dropping
    /// the future takes it out of what has not set out yet.
    ///
    /// # Errors
    /// What the server says about this very file; `Unreachable` of a request
    /// that got no answer, for each of its files.
    pub async fn create(
        &self,
        client: &Client,
        file: NewFile<Content>,
    ) -> Result<ItemChanged, Failure> {
        let (end, ended) = oneshot::channel();
        self.0.waiting.borrow_mut().push_back(Asked { file, end });
        self.0.lull.put_off();
        self.pump(client);
        ended.await.unwrap_or(Err(Failure::Cancelled))
    }

    fn pump(&self, client: &Client) {
        while self.0.travelling.get() < AT_ONCE && self.fills_a_request() && self.depart(client) {}
        if self.0.travelling.get() == 0 && !self.0.waiting.borrow().is_empty() {
            let (creates, client) = (self.clone(), client.clone());
            spawn_local(async move {
                let is_lull = creates.0.lull.is_here(GATHER_MILLIS).await;
                if is_lull && creates.0.travelling.get() == 0 {
                    creates.depart(&client);
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
        let (creates, client) = (self.clone(), client.clone());
        spawn_local(async move {
            carry(&client, batch).await;
            creates.0.travelling.set(creates.0.travelling.get() - 1);
            creates.pump(&client);
        });
        true
    }

    fn fills_a_request(&self) -> bool {
        self.0.waiting.borrow().len() >= MAX_BATCH_FILES
    }

    fn take_batch(&self) -> Vec<Asked> {
        let mut waiting = self.0.waiting.borrow_mut();
        waiting.retain(|asked| !asked.end.is_canceled());
        let (mut batch, mut blocks) = (Vec::new(), 0);
        while let Some(next) = waiting.front() {
            let of_next = next.file.content.as_ref().map_or(0, |c| c.named().len());
            let fits = batch.len() < MAX_BATCH_FILES && blocks + of_next <= MAX_BATCH_BLOCKS;
            if !fits && !batch.is_empty() {
                break;
            }
            blocks += of_next;
            batch.extend(waiting.pop_front());
        }
        batch
    }
}

/// Sends a request and hands out its answers. It is aborted when nobody waits
/// for any of them.
async fn carry(client: &Client, batch: Vec<Asked>) {
    let (files, mut ends): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|asked| (asked.file, asked.end))
        .unzip();
    let answers = {
        let nobody_waits = pin!(join_all(ends.iter_mut().map(|end| end.cancellation())));
        match select(pin!(ask(client, files)), nobody_waits).await {
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

async fn ask(client: &Client, files: Vec<NewFile<Content>>) -> Vec<Result<ItemChanged, Failure>> {
    if let [file] = files.as_slice() {
        return vec![client.create_file(file).await];
    }
    let count = files.len();
    match client.create_files(&NewFiles { files }).await {
        Ok(made) if made.results.len() == count => {
            let results = made.results.into_iter();
            let results =
                results.map(|made| Result::<_, Problem>::from(made).map_err(Failure::Refused));
            results.collect()
        }
        // Torn, or not of this server.
        Ok(_) => vec![Err(Failure::Unreachable); count],
        Err(failure) => vec![Err(failure); count],
    }
}
