//! Waiting for something that happens elsewhere in the program.

use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Wakes everyone who waits at this moment. If nobody waits, the ring is forgotten.
#[derive(Clone, Default)]
pub struct Bell(Rc<RefCell<Vec<oneshot::Sender<()>>>>);

impl Bell {
    pub fn ring(&self) {
        // Taken out first, because a woken task may wait again at once.
        for waiting in self.0.take() {
            let _ = waiting.send(());
        }
    }

    /// The next ring after this call, not after the first poll of the future.
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

/// A flag that is set once and stays set.
#[derive(Clone, Default)]
pub struct Latch {
    set: Rc<Cell<bool>>,
    bell: Bell,
}

impl Latch {
    pub fn set(&self) {
        self.set.set(true);
        self.bell.ring();
    }

    pub fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Returns when it is set, at once if it is already.
    pub async fn wait(&self) {
        while !self.set.get() {
            self.bell.next().await;
        }
    }
}
