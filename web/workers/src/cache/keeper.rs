//! The page's side of the block worker, which is started at its first use and
//! kept.

use client::bell::Bell;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Array, Uint8Array};
use platform::browser::console::warn;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused, thrown};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

/// Where Trunk puts the worker's loader.
const LOADER: &str = "/keeper_loader.js";

/// How long the worker's script and module may take to arrive, in milliseconds.
const LAUNCH_MILLIS: u64 = 30_000;

/// A worker that did not start is not tried again for this long, in milliseconds:
/// everything goes on without it.
const NO_LAUNCH_MILLIS: u64 = 10_000;

/// A worker that has not answered for this long, in milliseconds, never will. A
/// question is about 16 MiB at most, which takes it less than a second.
const ANSWER_MILLIS: u64 = 120_000;

#[derive(Default)]
pub struct Keeper {
    running: RefCell<Option<Rc<Running>>>,
    is_launching: Cell<bool>,
    launched: Bell,
    launch_failed_at: Cell<Option<u64>>,
    last_job: Cell<u64>,
}

impl Keeper {
    /// Asks, and waits for the answer; buffers in `lent` go to the worker.
    ///
    /// # Errors
    /// `Unreachable` where no worker's script arrives; `Browser` where the worker
    /// breaks, hangs or says that it failed.
    pub async fn ask(
        &self,
        what: &str,
        fields: &[(&str, JsValue)],
        lent: &Array,
    ) -> Result<JsValue, Failure> {
        let running = self.running().await?;
        let job = self.last_job.get() + 1;
        self.last_job.set(job);
        let (sender, answered) = oneshot::channel();
        running.listeners.borrow_mut().insert(job, sender);
        let message = js::object(fields);
        for (name, value) in [("ask", what.into()), ("job", JsValue::from_f64(job as f64))] {
            // Fails for a frozen object or a setter that throws; this is neither.
            let _ = js_sys::Reflect::set(&message, &name.into(), &value);
        }
        let posted = running.worker.post_message_with_transfer(&message, lent);
        if let Err(error) = posted {
            running.listeners.borrow_mut().remove(&job);
            return Err(thrown(&error));
        }
        let deadline = pin!(clock::sleep(ANSWER_MILLIS));
        let Either::Left((Ok(answer), _)) = select(answered, deadline).await else {
            // It broke or hangs, and with it whatever it was doing; the next
            // question has a new one.
            self.running
                .borrow_mut()
                .take_if(|broken| Rc::ptr_eq(broken, &running));
            return Err(refused("the block worker ended".to_owned()));
        };
        match js::get_text(&answer, "failed") {
            Some(text) => Err(refused(text)),
            None => Ok(answer),
        }
    }

    async fn running(&self) -> Result<Rc<Running>, Failure> {
        loop {
            if let Some(running) = self.running.borrow().clone() {
                return Ok(running);
            }
            if !self.is_launching.get() {
                break;
            }
            self.launched.next().await;
        }
        let now = clock::running_ms();
        let failed_at = self.launch_failed_at.get();
        if failed_at.is_some_and(|at| now.saturating_sub(at) < NO_LAUNCH_MILLIS) {
            return Err(Failure::Unreachable);
        }
        // Also if the future is dropped.
        let _launching = Launching::begin(self);
        let launched = Running::launch().await.map(Rc::new);
        match &launched {
            Ok(running) => *self.running.borrow_mut() = Some(running.clone()),
            Err(_) => self.launch_failed_at.set(Some(clock::running_ms())),
        }
        launched
    }
}

/// While one starts the worker, the others wait.
struct Launching<'a>(&'a Keeper);

impl<'a> Launching<'a> {
    fn begin(keeper: &'a Keeper) -> Self {
        keeper.is_launching.set(true);
        Self(keeper)
    }
}

impl Drop for Launching<'_> {
    fn drop(&mut self) {
        self.0.is_launching.set(false);
        self.0.launched.ring();
    }
}

/// Who waits for the answer to which question.
type Listeners = Rc<RefCell<HashMap<u64, oneshot::Sender<JsValue>>>>;

/// The listener for the worker's first word.
const NO_JOB: u64 = 0;

struct Running {
    worker: Worker,
    listeners: Listeners,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl Running {
    /// Starts a worker and waits until it listens.
    async fn launch() -> Result<Self, Failure> {
        let worker = js::module_worker(LOADER).map_err(|e| thrown(&e))?;
        let listeners = Listeners::default();
        let (sender, launched) = oneshot::channel();
        listeners.borrow_mut().insert(NO_JOB, sender);
        let on_message = {
            let listeners = listeners.clone();
            Closure::new(move |event: MessageEvent| {
                let answer = event.data();
                let job = js::get_number(&answer, "job").map_or(NO_JOB, |job| job as u64);
                let listener = listeners.borrow_mut().remove(&job);
                if let Some(listener) = listener {
                    let _ = listener.send(answer);
                }
            })
        };
        let on_error = {
            let listeners = listeners.clone();
            Closure::new(move |error: JsValue| {
                warn(&format!(
                    "the block worker failed: {}",
                    js::error_text(&error)
                ));
                listeners.borrow_mut().clear();
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let running = Self {
            worker,
            listeners,
            _on_message: on_message,
            _on_error: on_error,
        };
        let deadline = pin!(clock::sleep(LAUNCH_MILLIS));
        match select(launched, deadline).await {
            Either::Left((Ok(_), _)) => Ok(running),
            // The browser does not tell why a script did not arrive.
            _ => Err(Failure::Unreachable),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Packed bytes as a message has them.
pub fn list(packed: &[u8]) -> JsValue {
    Uint8Array::from(packed).into()
}

/// A packed list of an answer.
///
/// # Errors
/// `Browser`: it is torn.
pub fn read<T>(
    answer: &JsValue,
    name: &str,
    unpack: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, Failure> {
    let packed = js::get(answer, name).dyn_into::<Uint8Array>().ok();
    packed
        .and_then(|packed| unpack(&packed.to_vec()))
        .ok_or_else(|| refused("a torn answer of the block worker".to_owned()))
}
