//! The page's side: a few workers, each with one segment of a large file at a time, or
//! with several small files: while the browser fetches the bytes of one, which takes longer
//! than hashing them, the worker does the next.

use blocks::chunk::SizeClass;
use blocks::manifest::BlockRef;
use client::bell::Bell;
use js_sys::{Array, Uint8Array};
use platform::browser::js;
use platform::failure::{Failure, refused};
use platform::packed::unpack;
use platform::worker::link::{Launcher, Program, WorkerLink};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/hasher_loader.js",
    name: "the hashing worker",
    number: "job",
};

/// More workers than this wait for the disk together.
const MAX_WORKERS: usize = 4;

/// Segments that a worker has at one time. Of large ones it has one.
const JOBS_AT_ONCE: usize = 8;

/// A segment is small that a worker reads in one piece.
const SMALL_BYTES: u64 = 1 << 20;

/// Hashes files. Workers are started when there is work for them, and kept.
#[derive(Clone, Default)]
pub struct Pool(Rc<Inner>);

#[derive(Default)]
struct Inner {
    launcher: Launcher,
    workers: RefCell<Vec<Rc<Hasher>>>,
    /// The workers that run, or are about to.
    started: Cell<usize>,
    freed: Bell,
}

/// A worker that runs, and what it has to do.
struct Hasher {
    link: WorkerLink,
    small: Cell<usize>,
    large: Cell<usize>,
}

impl Hasher {
    fn new(link: WorkerLink) -> Rc<Self> {
        Rc::new(Self {
            link,
            small: Cell::new(0),
            large: Cell::new(0),
        })
    }

    /// The jobs of that kind.
    fn of(&self, is_large: bool) -> &Cell<usize> {
        match is_large {
            true => &self.large,
            false => &self.small,
        }
    }

    fn jobs(&self) -> usize {
        self.small.get() + self.large.get()
    }

    fn may_take(&self, is_large: bool) -> bool {
        let is_free = !is_large || self.large.get() == 0;
        is_free && self.jobs() < JOBS_AT_ONCE && !self.link.is_broken()
    }
}

impl Pool {
    /// Cuts and hashes a segment of a file when a worker is free; `started` is
    /// called then, `progress` gets the bytes hashed so far. The list may go on
    /// beyond the segment's end. Dropping the future stops it.
    ///
    /// # Errors
    /// `FileUnreadable`; `Unreachable` where no worker's script arrives;
    /// `Device` where the worker breaks.
    pub async fn hash(
        &self,
        file: &File,
        segment: Range<u64>,
        class: SizeClass,
        started: impl FnOnce(),
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<BlockRef>, Failure> {
        let is_large = segment.end - segment.start > SMALL_BYTES;
        let hasher = self.take(is_large).await?;
        // Ends whatever happens.
        let mut lease = Lease::new(self, &hasher, is_large);
        started();
        let fields = [
            ("file", file.into()),
            ("from", JsValue::from_f64(segment.start as f64)),
            ("to", JsValue::from_f64(segment.end as f64)),
            ("sizeClass", JsValue::from_f64(u8::from(class).into())),
        ];
        let mut job = hasher.link.begin(&fields, &Array::new())?;
        lease.job = Some(job.number());
        loop {
            let said = job.next().await?;
            if let Some(bytes) = js::get_number(&said, "hashedBytes") {
                progress(bytes as u64);
                continue;
            }
            lease.job = None;
            if js::get_text(&said, "unreadable").is_some() {
                return Err(Failure::FileUnreadable);
            }
            let packed = js::get(&said, "blocks").dyn_into::<Uint8Array>().ok();
            let blocks = packed.and_then(|packed| unpack(&packed.to_vec()));
            return blocks.ok_or_else(|| {
                lease.discard();
                refused("a torn block list")
            });
        }
    }

    /// Starts a worker ahead of its use, so that files can be dropped when
    /// there is no network to load it any more.
    pub async fn warm_up(&self) {
        if self.0.started.get() == 0 {
            let _ = self.launch().await;
        }
    }

    /// Whether no worker has anything to do.
    pub fn is_idle(&self) -> bool {
        let workers = self.0.workers.borrow();
        workers.len() == self.0.started.get() && workers.iter().all(|one| one.jobs() == 0)
    }

    async fn take(&self, is_large: bool) -> Result<Rc<Hasher>, Failure> {
        loop {
            self.let_go_of_broken();
            if let Some(hasher) = self.least_busy(is_large) {
                return Ok(hasher);
            }
            if self.may_launch() {
                match self.launch().await {
                    // Others may have been faster.
                    Ok(()) => continue,
                    // One that runs already has to do.
                    Err(_) if self.0.started.get() > 0 => continue,
                    Err(failure) => return Err(failure),
                }
            }
            self.0.freed.next().await;
        }
    }

    /// A worker that broke while it had nothing to do would keep its place for ever.
    fn let_go_of_broken(&self) {
        let workers = self.0.workers.borrow().clone();
        let broken = workers.iter().filter(|one| one.link.is_broken());
        broken.for_each(|one| self.discard(one));
    }

    fn least_busy(&self, is_large: bool) -> Option<Rc<Hasher>> {
        let workers = self.0.workers.borrow();
        let free = workers.iter().filter(|one| one.may_take(is_large));
        free.min_by_key(|one| one.jobs()).cloned()
    }

    fn may_launch(&self) -> bool {
        match self.0.started.get() {
            0 => true,
            started => started < limit() && !self.0.launcher.failed_just_now(),
        }
    }

    async fn launch(&self) -> Result<(), Failure> {
        self.0.started.set(self.0.started.get() + 1);
        // Given back if the future is dropped or the worker fails.
        let mut place = Place(Some(self.clone()));
        let link = self.0.launcher.launch(PROGRAM).await?;
        place.0 = None;
        self.0.workers.borrow_mut().push(Hasher::new(link));
        // It has room for more than whoever has started it.
        self.0.freed.ring();
        Ok(())
    }

    /// Ends a worker that can't be relied on any more, once.
    fn discard(&self, hasher: &Rc<Hasher>) {
        let mut workers = self.0.workers.borrow_mut();
        let place = workers.iter().position(|one| Rc::ptr_eq(one, hasher));
        if let Some(place) = place {
            workers.swap_remove(place);
            drop(workers);
            self.one_less();
        }
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

/// A job of a worker.
struct Lease {
    pool: Pool,
    hasher: Rc<Hasher>,
    is_large: bool,
    /// What it works on.
    job: Option<u64>,
}

impl Lease {
    fn new(pool: &Pool, hasher: &Rc<Hasher>, is_large: bool) -> Self {
        let jobs = hasher.of(is_large);
        jobs.set(jobs.get() + 1);
        Self {
            pool: pool.clone(),
            hasher: hasher.clone(),
            is_large,
            job: None,
        }
    }

    fn discard(&self) {
        self.pool.discard(&self.hasher);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let link = &self.hasher.link;
        if link.is_broken() {
            self.discard();
        } else if let Some(job) = self.job {
            let _ = link.tell(&js::object(&[("cancel", JsValue::from_f64(job as f64))]));
        }
        let jobs = self.hasher.of(self.is_large);
        jobs.set(jobs.get().saturating_sub(1));
        self.pool.0.freed.ring();
    }
}
