//! One file on its way.

use super::content::Content;
use super::target::Target;
use crate::browser::bell::Latch;
use crate::browser::{clock, random};
use crate::state::uploads::{Progress, Stage, Upload, UploadId};
use leptos::prelude::Set;
use shared::hash::BlockHash;
use shared::ids::{ConflictId, ItemId, OperationId, UnixMillis, Version};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::File;

/// A row is redrawn at most this often, in milliseconds.
const REDRAW_MILLIS: u64 = 100;

pub struct Job {
    pub id: UploadId,
    pub row: Upload,
    pub file: File,
    pub target: RefCell<Target>,
    /// An earlier drop onto the same place in this page. Whoever drops a file
    /// twice has seen the first drop: the second is based on its outcome.
    pub after: Option<Rc<Job>>,
    pub cancelled: RefCell<Latch>,
    /// Set when nothing more will happen by itself.
    pub finished: RefCell<Latch>,
    /// Whether it waits for its turn.
    pub is_queued: Cell<bool>,
    /// Bytes that were sent and are stored, over all tries.
    pub acknowledged_bytes: Cell<u64>,
    /// The version that the file became, or was already.
    pub became: Cell<Option<(ItemId, Version)>>,
    pub intent: RefCell<Intent>,
    progress: RefCell<Progress>,
    drawn_at: Cell<UnixMillis>,
}

/// The ids of what is intended. They stay through every retry, so that a
/// repeat of what was done, but whose answer was lost, is answered with the
/// first answer.
#[derive(Clone)]
pub struct Intent {
    pub item: ItemId,
    pub create: OperationId,
    pub commit: OperationId,
    pub conflict: ConflictId,
    pub keep_conflict: OperationId,
    /// What is to be stored under these ids.
    hashes: Vec<BlockHash>,
}

impl Intent {
    pub fn new() -> Self {
        Self {
            item: ItemId::from_random(random::id_bytes()),
            create: OperationId::from_random(random::id_bytes()),
            commit: OperationId::from_random(random::id_bytes()),
            conflict: ConflictId::from_random(random::id_bytes()),
            keep_conflict: OperationId::from_random(random::id_bytes()),
            hashes: Vec::new(),
        }
    }
}

impl Job {
    pub fn new(
        id: UploadId,
        row: Upload,
        file: File,
        target: Target,
        after: Option<Rc<Job>>,
    ) -> Self {
        Self {
            id,
            row,
            file,
            target: RefCell::new(target),
            after,
            cancelled: RefCell::default(),
            finished: RefCell::default(),
            is_queued: Cell::new(true),
            acknowledged_bytes: Cell::new(0),
            became: Cell::new(None),
            intent: RefCell::new(Intent::new()),
            progress: RefCell::new(Progress::waiting()),
            drawn_at: Cell::new(0),
        }
    }

    /// Bytes when it was picked.
    pub fn size(&self) -> u64 {
        self.file.size() as u64
    }

    pub fn modified_at_ms(&self) -> UnixMillis {
        self.file.last_modified().max(0.0) as UnixMillis
    }

    /// The ids for this content: other content is another intention.
    pub fn intent_for(&self, content: &Content) -> Intent {
        let hashes = content.hashes();
        let mut intent = self.intent.borrow_mut();
        if intent.hashes != hashes {
            if !intent.hashes.is_empty() {
                *intent = Intent::new();
            }
            intent.hashes = hashes;
        }
        intent.clone()
    }

    pub fn stage(&self, stage: Stage) {
        self.progress.borrow_mut().stage = stage;
        self.draw();
    }

    pub fn has_finished(&self) -> bool {
        self.progress.borrow().stage.is_final()
    }

    /// Changes the numbers; shown now or with a later change.
    pub fn count(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.borrow_mut());
        if clock::now_ms().saturating_sub(self.drawn_at.get()) >= REDRAW_MILLIS {
            self.draw();
        }
    }

    pub fn with_progress<T>(&self, read: impl FnOnce(&Progress) -> T) -> T {
        read(&self.progress.borrow())
    }

    /// Back to the start.
    pub fn reset(&self) {
        *self.progress.borrow_mut() = Progress::waiting();
        self.is_queued.set(true);
        self.acknowledged_bytes.set(0);
        *self.cancelled.borrow_mut() = Latch::default();
        *self.finished.borrow_mut() = Latch::default();
        self.draw();
    }

    fn draw(&self) {
        self.drawn_at.set(clock::now_ms());
        let progress = self.progress.borrow().clone();
        self.row.progress.set(progress);
    }
}
