//! Failures by appointment: what the next calls of a double come to.

use std::cell::RefCell;
use std::collections::VecDeque;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It never arrived, and nothing of it was done.
    Unreached,
    /// It was done, and the answer was lost.
    AnswerLost,
}

/// What the next calls come to; after those, every call goes well.
#[derive(Debug, Default)]
pub struct Lapses(RefCell<VecDeque<Option<Lapse>>>);

impl Lapses {
    /// Appends what the calls to come will meet: `None` is a call that goes well.
    pub fn plan(&self, lapses: impl IntoIterator<Item = Option<Lapse>>) {
        self.0.borrow_mut().extend(lapses);
    }

    /// Forgets what was planned.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// What the call that is about to be made meets.
    pub(super) fn take(&self) -> Option<Lapse> {
        self.0.borrow_mut().pop_front().flatten()
    }
}
