//! The engine, for all to read.

use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;
use sync::Engine;

/// One engine. Only the runner hands inputs in.
#[derive(Clone)]
pub struct EngineCell(Rc<RefCell<Engine>>);

impl EngineCell {
    pub fn new(engine: Engine) -> Self {
        Self(Rc::new(RefCell::new(engine)))
    }

    /// The engine, to be read. Not held while anything is waited for.
    pub fn read(&self) -> Ref<'_, Engine> {
        self.0.borrow()
    }

    pub(crate) fn write(&self) -> RefMut<'_, Engine> {
        self.0.borrow_mut()
    }

    /// Whether at most one edit is on its way: what it sends need not wait for what
    /// others bring.
    pub fn is_about_one_edit(&self) -> bool {
        self.read().trees().edits().nth(1).is_none()
    }
}
