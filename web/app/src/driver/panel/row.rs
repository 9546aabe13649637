//! One file's row.

use crate::state::uploads::{Progress, Stage, Upload};
use leptos::prelude::Set;
use platform::browser::clock;
use protocol::ids::{ItemId, Version};
use std::cell::{Cell, RefCell};
use sync::edit::DraftId;
use web_sys::File;

/// A row is redrawn at most this often, in milliseconds.
const REDRAW_MILLIS: u64 = 100;

pub struct PanelRow {
    pub view: Upload,
    /// Bytes when it was picked.
    pub size: u64,
    pub origin: RowOrigin,
    /// What it is about, until that has ended.
    pub draft: Cell<Option<DraftId>>,
    /// The item that the draft was last seen at.
    pub item: Cell<Option<ItemId>>,
    /// The person has cancelled it, and it may still be stored.
    pub is_cancelled: Cell<bool>,
    /// Whether a worker reads it.
    pub is_reading: Cell<bool>,
    /// Bytes that were sent and are stored, over all tries.
    pub acknowledged_bytes: Cell<u64>,
    /// How it ends, once that is known.
    pub outcome: RefCell<Option<Stage>>,
    progress: RefCell<Progress>,
    drawn_at: Cell<u64>,
}

/// Where a row comes from.
pub enum RowOrigin {
    Dropped(Dropped),
    /// An edit that was not sent before the page was opened.
    Kept,
}

/// What was dropped where, for another try.
#[derive(Clone)]
pub struct Dropped {
    pub file: File,
    pub onto: Onto,
}

#[derive(Clone)]
pub enum Onto {
    /// A folder, and the folders below it that came with the file.
    Folder(Option<ItemId>, Vec<String>),
    /// A file, whose next version it is; based on this version of it, if not on the one
    /// that is shown.
    File(ItemId, Option<Version>),
}

impl PanelRow {
    pub fn new(view: Upload, size: u64, origin: RowOrigin) -> Self {
        Self {
            view,
            size,
            origin,
            draft: Cell::new(None),
            item: Cell::new(None),
            is_cancelled: Cell::new(false),
            is_reading: Cell::new(false),
            acknowledged_bytes: Cell::new(0),
            outcome: RefCell::new(None),
            progress: RefCell::new(Progress::waiting()),
            drawn_at: Cell::new(0),
        }
    }

    pub fn stage(&self, stage: Stage) {
        let is_other = self.progress.borrow().stage != stage;
        if is_other {
            self.progress.borrow_mut().stage = stage;
            self.draw();
        }
    }

    /// The last stage, with the numbers that belong to it.
    pub fn finish(&self, stage: Stage) {
        {
            let mut progress = self.progress.borrow_mut();
            let is_there = matches!(stage, Stage::Unchanged | Stage::Done { .. });
            if is_there && progress.to_send_bytes == 0 {
                progress.saved_bytes = self.size;
            }
            if is_there {
                progress.sent_bytes = progress.to_send_bytes;
            }
            progress.stage = stage;
        }
        self.draw();
    }

    pub fn has_finished(&self) -> bool {
        let is_final = self.progress.borrow().stage.is_final();
        // One that failed and can be tried again is still an edit.
        is_final && self.draft.get().is_none()
    }

    pub fn has_failed(&self) -> bool {
        matches!(self.progress.borrow().stage, Stage::Failed { .. })
    }

    /// Changes the numbers; shown now or with a later change.
    pub fn count(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.borrow_mut());
        if clock::running_ms().saturating_sub(self.drawn_at.get()) >= REDRAW_MILLIS {
            self.draw();
        }
    }

    pub fn with_progress<T>(&self, read: impl FnOnce(&Progress) -> T) -> T {
        read(&self.progress.borrow())
    }

    /// Back to the start.
    pub fn reset(&self) {
        *self.progress.borrow_mut() = Progress::waiting();
        self.is_cancelled.set(false);
        self.is_reading.set(false);
        self.acknowledged_bytes.set(0);
        self.outcome.take();
        self.draw();
    }

    fn draw(&self) {
        self.drawn_at.set(clock::running_ms());
        let progress = self.progress.borrow().clone();
        self.view.progress.set(progress);
    }
}
