//! Noticing that nothing more comes.

use crate::ports::Clock;
use std::cell::Cell;

#[derive(Default)]
pub struct Lull {
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
