//! Which bug is at work. The copy's crates ask it.

use std::cell::{Cell, RefCell};

thread_local! {
    static CHOSEN: RefCell<Option<String>> = const { RefCell::new(None) };
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Puts one bug, or none, into whatever runs on this thread.
pub fn choose(name: Option<&str>) {
    CHOSEN.set(name.map(str::to_owned));
    COUNT.set(0);
}

/// Whether this thread runs with the bug.
pub fn is(name: &str) -> bool {
    CHOSEN.with_borrow(|chosen| chosen.as_deref() == Some(name))
}

/// A number that this thread has not seen since the bug was chosen.
pub fn count() -> u64 {
    COUNT.set(COUNT.get() + 1);
    COUNT.get()
}
