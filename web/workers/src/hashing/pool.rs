//! The page's side: a few workers, each with one segment of a file at a time.

use blocks::chunk::SizeClass;
use blocks::manifest::BlockRef;
use client::bell::Bell;
use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused, thrown};
use platform::packed::unpack;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, MessageEvent, Worker};

/// Where Trunk puts the worker's loader.
const LOADER: &str = "/hasher_loader.js";

/// More workers than this wait for the disk together.
const MAX_WORKERS: usize = 4;

/// How long a worker's script and module may take to arrive, in milliseconds.
const LAUNCH_MILLIS: u64 = 30_000;

/// A worker that did not start is not tried again for this long, in
/// milliseconds, while others run: there is no network for it.
const NO_LAUNCH_MILLIS: u64 = 10_000;

/// Hashes files. Workers are started when there is work for them, and kept.
#[derive(Clone, Default)]
pub struct Pool(Rc<Inner>);

#[derive(Default)]
struct Inner {
    idle: RefCell<Vec<Rc<Hasher>>>,
    started: Cell<usize>,
    freed: Bell,
    launch_failed_at: Cell<Option<u64>>,
    last_job: Cell<u64>,
}

impl Pool {
    /// Cuts and hashes a segment of a file when a worker is free; `started` is
    /// called then, `progress` gets the bytes hashed so far. The list may go on
    /// beyond the segment's end. Dropping the future stops it.
    ///
    /// # Errors
    /// `FileUnreadable`; `Unreachable` where no worker's script arrives;
    /// `Browser` where the worker breaks.
    pub async fn hash(
        &self,
        file: &File,
        segment: Range<u64>,
        class: SizeClass,
        started: impl FnOnce(),
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure> {
        let hasher = self.take().await?;
        started();
        let job = self.0.last_job.get() + 1;
        self.0.last_job.set(job);
        // Goes back whatever happens, unless it broke.
        let mut lease = Lease {
            pool: self.clone(),
            hasher: Some(hasher.clone()),
            job,
            done: false,
        };
        let mut running = hasher.start(job, file, segment, class)?;
        drop(hasher);
        loop {
            match running.next().await {
                Some(News::Ready) => {}
                Some(News::Hashed(bytes)) => progress(bytes),
                Some(News::Blocks(blocks)) => {
                    lease.done = true;
                    return Ok(blocks);
                }
                Some(News::Unreadable) => {
                    lease.done = true;
                    return Err(Failure::FileUnreadable);
                }
                Some(News::Broken(text)) => {
                    lease.discard();
                    return Err(refused(text));
                }
                None => {
                    lease.discard();
                    return Err(refused("the hashing worker ended".to_owned()));
                }
            }
        }
    }

    /// Starts a worker ahead of its use, so that files can be dropped when
    /// there is no network to load it any more.
    pub async fn warm_up(&self) {
        if self.0.started.get() == 0
            && let Ok(hasher) = self.launch().await
        {
            self.0.idle.borrow_mut().push(hasher);
            self.0.freed.ring();
        }
    }

    /// Whether no worker has anything to do.
    pub fn is_idle(&self) -> bool {
        self.0.idle.borrow().len() == self.0.started.get()
    }

    async fn take(&self) -> Result<Rc<Hasher>, Failure> {
        loop {
            if let Some(hasher) = self.0.idle.borrow_mut().pop() {
                return Ok(hasher);
            }
            if self.may_launch() {
                match self.launch().await {
                    Ok(hasher) => return Ok(hasher),
                    // One that runs already has to do.
                    Err(_) if self.0.started.get() > 0 => continue,
                    Err(failure) => return Err(failure),
                }
            }
            self.0.freed.next().await;
        }
    }

    fn may_launch(&self) -> bool {
        let failed_just_now = self.0.launch_failed_at.get().is_some_and(|failed_at| {
            clock::running_ms().saturating_sub(failed_at) < NO_LAUNCH_MILLIS
        });
        match self.0.started.get() {
            0 => true,
            started => started < limit() && !failed_just_now,
        }
    }

    async fn launch(&self) -> Result<Rc<Hasher>, Failure> {
        self.0.started.set(self.0.started.get() + 1);
        // Given back if the future is dropped or the worker fails.
        let mut place = Place(Some(self.clone()));
        let launched = Hasher::launch().await;
        match &launched {
            Ok(_) => place.0 = None,
            Err(_) => self.0.launch_failed_at.set(Some(clock::running_ms())),
        }
        launched.map(Rc::new)
    }

    fn one_less(&self) {
        self.0.started.set(self.0.started.get().saturating_sub(1));
        self.0.freed.ring();
    }
}

/// The most workers that run at one time.
pub fn limit() -> usize {
    let cores = web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency());
    (cores as usize).clamp(1, MAX_WORKERS)
}

/// A place in the pool whose worker does not run yet.
struct Place(Option<Pool>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            pool.one_less();
        }
    }
}

/// A worker that somebody uses.
struct Lease {
    pool: Pool,
    hasher: Option<Rc<Hasher>>,
    job: u64,
    done: bool,
}

impl Lease {
    /// Ends a worker that can't be relied on any more.
    fn discard(&mut self) {
        self.hasher = None;
        self.pool.one_less();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(hasher) = self.hasher.take() {
            hasher.forget(self.job, self.done);
            self.pool.0.idle.borrow_mut().push(hasher);
            self.pool.0.freed.ring();
        }
    }
}

enum News {
    Ready,
    Hashed(u64),
    Blocks(Vec<BlockRef>),
    Unreadable,
    Broken(String),
}

type Listeners = Rc<RefCell<HashMap<u64, mpsc::UnboundedSender<News>>>>;

/// The listener for what is about the worker and not about a job.
const NO_JOB: u64 = 0;

/// One running worker.
struct Hasher {
    worker: Worker,
    listeners: Listeners,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl Hasher {
    /// Starts a worker and waits until it listens.
    async fn launch() -> Result<Self, Failure> {
        let worker = js::module_worker(LOADER).map_err(|e| thrown(&e))?;
        let listeners = Listeners::default();
        let (sender, mut launched) = mpsc::unbounded();
        listeners.borrow_mut().insert(NO_JOB, sender);
        let on_message = {
            let listeners = listeners.clone();
            Closure::new(move |event: MessageEvent| hand_on(&listeners, &event.data()))
        };
        let on_error = {
            let listeners = listeners.clone();
            Closure::new(move |error: JsValue| {
                let text = format!("the hashing worker failed: {}", js::error_text(&error));
                for listener in listeners.borrow().values() {
                    let _ = listener.unbounded_send(News::Broken(text.clone()));
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let hasher = Self {
            worker,
            listeners,
            _on_message: on_message,
            _on_error: on_error,
        };
        let deadline = pin!(clock::sleep(LAUNCH_MILLIS));
        match select(launched.next(), deadline).await {
            Either::Left((Some(News::Ready), _)) => Ok(hasher),
            // The browser does not tell why a script did not arrive.
            _ => Err(Failure::Unreachable),
        }
    }

    fn start(
        &self,
        job: u64,
        file: &File,
        segment: Range<u64>,
        class: SizeClass,
    ) -> Result<mpsc::UnboundedReceiver<News>, Failure> {
        let (sender, receiver) = mpsc::unbounded();
        self.listeners.borrow_mut().insert(job, sender);
        let message = js::object(&[
            ("job", JsValue::from_f64(job as f64)),
            ("file", file.into()),
            ("from", JsValue::from_f64(segment.start as f64)),
            ("to", JsValue::from_f64(segment.end as f64)),
            ("sizeClass", JsValue::from_f64(u8::from(class).into())),
        ]);
        self.worker.post_message(&message).map_err(|e| thrown(&e))?;
        Ok(receiver)
    }

    fn forget(&self, job: u64, done: bool) {
        self.listeners.borrow_mut().remove(&job);
        if !done {
            let message = js::object(&[("cancel", JsValue::from_f64(job as f64))]);
            let _ = self.worker.post_message(&message);
        }
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn hand_on(listeners: &Listeners, message: &JsValue) {
    let job = js::get_number(message, "job").map_or(NO_JOB, |job| job as u64);
    let news = if let Some(bytes) = js::get_number(message, "hashedBytes") {
        News::Hashed(bytes as u64)
    } else if let Ok(blocks) = js::get(message, "blocks").dyn_into::<Uint8Array>() {
        match unpack(&blocks.to_vec()) {
            Some(blocks) => News::Blocks(blocks),
            None => News::Broken("a torn block list".to_owned()),
        }
    } else if js::get_text(message, "unreadable").is_some() {
        News::Unreadable
    } else {
        News::Ready
    };
    if let Some(listener) = listeners.borrow().get(&job) {
        let _ = listener.unbounded_send(news);
    }
}
