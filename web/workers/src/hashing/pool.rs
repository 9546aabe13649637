//! The page's side: a few workers, each with one segment of a file at a time.

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
    loader: "/hasher_loader.js",
    name: "the hashing worker",
    number: "job",
};

/// More workers than this wait for the disk together.
const MAX_WORKERS: usize = 4;

/// Hashes files. Workers are started when there is work for them, and kept.
#[derive(Clone, Default)]
pub struct Pool(Rc<Inner>);

#[derive(Default)]
struct Inner {
    launcher: Launcher,
    idle: RefCell<Vec<Rc<WorkerLink>>>,
    started: Cell<usize>,
    freed: Bell,
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
        let hasher = self.take().await?;
        started();
        // Goes back whatever happens, unless it broke.
        let mut lease = Lease {
            pool: self.clone(),
            hasher: Some(hasher.clone()),
            job: None,
        };
        let fields = [
            ("file", file.into()),
            ("from", JsValue::from_f64(segment.start as f64)),
            ("to", JsValue::from_f64(segment.end as f64)),
            ("sizeClass", JsValue::from_f64(u8::from(class).into())),
        ];
        let mut job = hasher.begin(&fields, &Array::new())?;
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

    async fn take(&self) -> Result<Rc<WorkerLink>, Failure> {
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
        match self.0.started.get() {
            0 => true,
            started => started < limit() && !self.0.launcher.failed_just_now(),
        }
    }

    async fn launch(&self) -> Result<Rc<WorkerLink>, Failure> {
        self.0.started.set(self.0.started.get() + 1);
        // Given back if the future is dropped or the worker fails.
        let mut place = Place(Some(self.clone()));
        let hasher = self.0.launcher.launch(PROGRAM).await?;
        place.0 = None;
        Ok(Rc::new(hasher))
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
    hasher: Option<Rc<WorkerLink>>,
    /// What it works on.
    job: Option<u64>,
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
        let Some(hasher) = self.hasher.take() else {
            return;
        };
        if hasher.is_broken() {
            return self.discard();
        }
        if let Some(job) = self.job {
            let _ = hasher.tell(&js::object(&[("cancel", JsValue::from_f64(job as f64))]));
        }
        self.pool.0.idle.borrow_mut().push(hasher);
        self.pool.0.freed.ring();
    }
}
