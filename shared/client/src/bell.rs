//! Bells and latches let tasks wait for what happens elsewhere in the program.

use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A bell wakes everyone who waits at this moment. A ring that nobody waits for is
/// forgotten. A clone is another handle of the same bell.
#[derive(Clone, Default)]
pub struct Bell(Rc<RefCell<Vec<oneshot::Sender<()>>>>);

impl Bell {
    /// Wakes all who wait.
    pub fn ring(&self) {
        // Taken out first, because a woken task may wait again at once.
        for waiting in self.0.take() {
            let _ = waiting.send(());
        }
    }

    /// Waits for the next ring after this call, even if the future is polled later.
    pub fn next(&self) -> impl Future<Output = ()> + use<> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.borrow_mut();
        waiting.retain(|other| !other.is_canceled());
        waiting.push(sender);
        async move {
            let _ = receiver.await;
        }
    }
}

/// A latch is set once and stays set. A clone is another handle of the same latch.
#[derive(Clone, Default)]
pub struct Latch {
    set: Rc<Cell<bool>>,
    bell: Bell,
}

impl Latch {
    /// Sets the latch, and wakes all who wait for that.
    pub fn set(&self) {
        self.set.set(true);
        self.bell.ring();
    }

    /// Whether the latch has been set.
    pub fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Returns once the latch is set; at once if it is set already.
    pub async fn wait(&self) {
        while !self.set.get() {
            self.bell.next().await;
        }
    }
}
