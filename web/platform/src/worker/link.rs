//! A worker, as the page sees it: started, asked, and ended.

use crate::browser::console::warn;
use crate::browser::{clock, js};
use crate::failure::{Failure, refused, thrown};
use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use js_sys::Array;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// How long a worker's script and module may take to arrive, in milliseconds.
const LAUNCH_MILLIS: u64 = 30_000;

/// How long a worker that did not start is not tried again, in milliseconds, by whoever
/// can go on without it: there is no network for it.
const PAUSE_MILLIS: u64 = 10_000;

/// What is not about a job.
const NO_JOB: u64 = 0;

/// What runs in a worker.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Where its loader is, an ES module. In the place of zeros the build puts the hash of the
    /// release's workers: see `scripts/lib/web-workers.mjs`.
    pub loader: &'static str,
    /// What it is called in an error's words.
    pub name: &'static str,
    /// The field with a job's number. Programs differ in it, and stay so: a page from before
    /// there were hashes may start the worker of a release after its own.
    pub number: &'static str,
}

/// A worker that listens. It ends when this is dropped.
pub struct WorkerLink {
    program: Program,
    worker: Worker,
    shared: Rc<Shared>,
    last_job: Cell<u64>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

/// A message, or that the worker broke.
type Said = Result<JsValue, Failure>;

/// What the events of a worker change.
#[derive(Default)]
struct Shared {
    listeners: RefCell<HashMap<u64, mpsc::UnboundedSender<Said>>>,
    broke: RefCell<Option<Failure>>,
}

impl WorkerLink {
    /// Starts a worker and waits until it listens.
    ///
    /// # Errors
    /// `Unreachable` where its script does not arrive, `Device` where the browser
    /// starts no worker.
    pub async fn launch(program: Program) -> Result<Self, Failure> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(program.loader, &options).map_err(|e| thrown(&e))?;
        let shared = Rc::new(Shared::default());
        let on_message = {
            let shared = shared.clone();
            Closure::new(move |event: MessageEvent| {
                let said = event.data();
                let number = js::get_number(&said, program.number);
                shared.hand_on(number.map_or(NO_JOB, |number| number as u64), said);
            })
        };
        let on_error = {
            let shared = shared.clone();
            Closure::new(move |error: JsValue| {
                let text = format!("{} failed: {}", program.name, js::error_text(&error));
                warn(&text);
                shared.break_off(&refused(text));
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let link = Self {
            program,
            worker,
            shared,
            last_job: Cell::new(NO_JOB),
            _on_message: on_message,
            _on_error: on_error,
        };
        let listens = {
            let mut worker = link.listen(NO_JOB);
            let (said, deadline) = (pin!(worker.next()), pin!(clock::sleep(LAUNCH_MILLIS)));
            matches!(select(said, deadline).await, Either::Left((Ok(_), _)))
        };
        // The browser does not tell why a script did not arrive.
        if listens {
            Ok(link)
        } else {
            Err(Failure::Unreachable)
        }
    }

    /// Begins a job; buffers in `lent` go to the worker.
    ///
    /// # Errors
    /// `Device`: the worker broke, or the browser can't send that.
    pub fn begin(
        &self,
        fields: &[(&str, JsValue)],
        lent: &Array,
    ) -> Result<WorkerJob<'_>, Failure> {
        let number = self.last_job.get() + 1;
        self.last_job.set(number);
        let job = self.listen(number);
        let number = (self.program.number, JsValue::from_f64(number as f64));
        self.post(&js::object(&[fields, &[number]].concat()), lent)?;
        Ok(job)
    }

    /// Begins a job that is a question, and waits for the answer.
    ///
    /// # Errors
    /// `Device`: as above, or the worker breaks.
    pub async fn ask(&self, fields: &[(&str, JsValue)], lent: &Array) -> Said {
        self.begin(fields, lent)?.next().await
    }

    /// Says what is no job.
    ///
    /// # Errors
    /// `Device`: the worker broke, or the browser can't send that.
    pub fn tell(&self, message: &JsValue) -> Result<(), Failure> {
        self.post(message, &Array::new())
    }

    /// Asks a worker that numbers nothing, and waits for what it says next.
    ///
    /// # Errors
    /// Those of [`ask`](Self::ask).
    pub async fn ask_in_turn(&mut self, message: &JsValue) -> Said {
        let mut answer = self.listen(NO_JOB);
        self.tell(message)?;
        answer.next().await
    }

    /// Ends it before this is dropped: all jobs hear that it broke.
    pub fn end(&self) {
        self.worker.terminate();
        let text = format!("{} was ended", self.program.name);
        self.shared.break_off(&refused(text));
    }

    /// Whether nothing more is to be expected of it.
    pub fn is_broken(&self) -> bool {
        self.shared.broke.borrow().is_some()
    }

    fn listen(&self, number: u64) -> WorkerJob<'_> {
        let (sender, said) = mpsc::unbounded();
        self.shared.listeners.borrow_mut().insert(number, sender);
        WorkerJob {
            link: self,
            number,
            said,
        }
    }

    fn post(&self, message: &JsValue, lent: &Array) -> Result<(), Failure> {
        if let Some(failure) = self.shared.broke.borrow().clone() {
            return Err(failure);
        }
        let posted = self.worker.post_message_with_transfer(message, lent);
        posted.map_err(|e| thrown(&e))
    }
}

impl Drop for WorkerLink {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Shared {
    fn hand_on(&self, number: u64, said: JsValue) {
        if let Some(listener) = self.listeners.borrow().get(&number) {
            let _ = listener.unbounded_send(Ok(said));
        }
    }

    fn break_off(&self, failure: &Failure) {
        *self.broke.borrow_mut() = Some(failure.clone());
        for listener in self.listeners.borrow().values() {
            let _ = listener.unbounded_send(Err(failure.clone()));
        }
    }
}

/// A job that the worker has, for as long as somebody wants to hear of it.
pub struct WorkerJob<'a> {
    link: &'a WorkerLink,
    number: u64,
    said: mpsc::UnboundedReceiver<Said>,
}

impl WorkerJob<'_> {
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What the worker says next of it.
    ///
    /// # Errors
    /// `Device`: the worker broke.
    pub async fn next(&mut self) -> Said {
        let ended = || refused(format!("{} ended", self.link.program.name));
        self.said.next().await.unwrap_or_else(|| Err(ended()))
    }
}

impl Drop for WorkerJob<'_> {
    fn drop(&mut self) {
        let mut listeners = self.link.shared.listeners.borrow_mut();
        listeners.remove(&self.number);
    }
}

/// Starts workers of one program, and remembers when that failed.
#[derive(Default)]
pub struct Launcher {
    failed_at: Cell<Option<u64>>,
}

impl Launcher {
    /// # Errors
    /// Those of [`WorkerLink::launch`].
    pub async fn launch(&self, program: Program) -> Result<WorkerLink, Failure> {
        let launched = WorkerLink::launch(program).await;
        if launched.is_err() {
            self.failed_at.set(Some(clock::running_ms()));
        }
        launched
    }

    /// Whether it is too early to try again.
    pub fn failed_just_now(&self) -> bool {
        let now = clock::running_ms();
        let failed_at = self.failed_at.get();
        failed_at.is_some_and(|at| now.saturating_sub(at) < PAUSE_MILLIS)
    }
}
