//! Futures without an executor. Those of the doubles are ready when they are
//! asked; those that take [`turns`](super::turns) are as soon as they had theirs.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// The end of a future that never waits.
///
/// # Panics
/// If it waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    step(pin!(future)).expect("the doubles never wait")
}

/// Lets a future go on until it waits or ends; `None` while it waits. After its
/// end it must not be asked again.
pub fn step<F: Future + ?Sized>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(end) => Some(end),
        Poll::Pending => None,
    }
}
