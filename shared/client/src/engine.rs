//! The engine's cell: every part of the client reads it, and the runner alone writes.

use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;
use sync::Engine;

/// One engine. Only the runner hands inputs to it. A clone is another handle of the same
/// engine.
#[derive(Clone)]
pub struct EngineCell(Rc<RefCell<Engine>>);

impl EngineCell {
    pub fn new(engine: Engine) -> Self {
        Self(Rc::new(RefCell::new(engine)))
    }

    /// The engine, to be read. The caller must not hold it across an `await`.
    pub fn read(&self) -> Ref<'_, Engine> {
        self.0.borrow()
    }

    pub(crate) fn write(&self) -> RefMut<'_, Engine> {
        self.0.borrow_mut()
    }

    /// Whether at most one edit is on its way: then its blocks need not wait for those of
    /// others.
    pub fn is_about_one_edit(&self) -> bool {
        self.read().trees().edits().nth(1).is_none()
    }
}
