//! Files on their way in that have no row yet.

use client::bell::Latch;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Default)]
pub struct Coming {
    under_way: RefCell<Vec<Rc<Passage>>>,
    /// Files that were cancelled on their way, since the panel was cleared last.
    cancelled: Cell<usize>,
}

/// Files on their way together.
#[derive(Default)]
pub struct Passage {
    /// Files that are still to be taken in, or that a walk has found.
    pub files: Cell<usize>,
    pub is_walk: Cell<bool>,
    /// The person has cancelled it.
    pub stopped: Latch,
}

impl Coming {
    pub fn begin(&self, passage: Rc<Passage>) {
        self.under_way.borrow_mut().push(passage);
    }

    pub fn end(&self, passage: &Rc<Passage>) {
        let mut under_way = self.under_way.borrow_mut();
        under_way.retain(|other| !Rc::ptr_eq(other, passage));
    }

    pub fn is_empty(&self) -> bool {
        self.under_way.borrow().is_empty()
    }

    /// Files that are still to be taken in.
    pub fn files(&self) -> usize {
        let under_way = self.under_way.borrow();
        let passes = under_way.iter().filter(|one| !one.is_walk.get());
        passes.map(|one| one.files.get()).sum()
    }

    /// Files that walks have found so far, if there is a walk.
    pub fn found(&self) -> Option<usize> {
        let under_way = self.under_way.borrow();
        let walks = under_way.iter().filter(|one| one.is_walk.get());
        let found: Vec<usize> = walks.map(|one| one.files.get()).collect();
        (!found.is_empty()).then(|| found.iter().sum())
    }

    /// Ends all of it, and returns how many files that are.
    pub fn stop_all(&self) -> usize {
        let stopped = self.under_way.take();
        let files = stopped.iter().map(|passage| {
            passage.stopped.set();
            passage.files.get()
        });
        files.sum()
    }

    pub fn cancelled(&self) -> usize {
        self.cancelled.get()
    }

    pub fn add_cancelled(&self, files: usize) {
        self.cancelled.set(self.cancelled.get() + files);
    }

    pub fn clear_cancelled(&self) {
        self.cancelled.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Coming, Passage};
    use std::rc::Rc;

    fn passage(files: usize, is_walk: bool) -> Rc<Passage> {
        let passage = Passage::default();
        passage.files.set(files);
        passage.is_walk.set(is_walk);
        Rc::new(passage)
    }

    #[test]
    fn what_a_walk_finds_is_counted_apart_and_stopped_with_the_rest() {
        let coming = Coming::default();
        let (walk, pass) = (passage(5, true), passage(3, false));
        coming.begin(walk.clone());
        coming.begin(pass.clone());
        assert_eq!((coming.files(), coming.found()), (3, Some(5)));
        coming.end(&walk);
        assert_eq!((coming.files(), coming.found()), (3, None));
        assert_eq!(coming.stop_all(), 3);
        assert!(pass.stopped.is_set() && !walk.stopped.is_set());
        assert!(coming.is_empty());
    }
}
