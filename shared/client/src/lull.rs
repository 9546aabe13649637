//! Notices that nothing more comes, so that what came can travel together.

use crate::ports::Clock;
use std::cell::Cell;

/// A pause between things that come.
#[derive(Default)]
pub(crate) struct Lull {
    /// Counts what came.
    came: Cell<u64>,
    is_awaited: Cell<bool>,
}

impl Lull {
    /// Something came.
    pub fn put_off(&self) {
        self.came.set(self.came.get() + 1);
    }

    /// Waits until nothing has come for so many milliseconds. Only one caller waits: others
    /// hear `false` at once.
    pub async fn is_here(&self, clock: &impl Clock, millis: u64) -> bool {
        if self.is_awaited.replace(true) {
            return false;
        }
        loop {
            let came = self.came.get();
            clock.sleep(millis).await;
            if self.came.get() == came {
                self.is_awaited.set(false);
                return true;
            }
        }
    }
}
