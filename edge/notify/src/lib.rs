//! The Notification Service. The API server parks polls here through its service
//! binding; the queue tells what was committed; hubs bring the two together.
//!
//! A Worker of its own, because a panic in a Worker ends every request in its
//! isolate: no fault of a handler that writes may reach the code that waits.

pub mod occasions;
#[cfg(feature = "worker")]
mod service;
pub mod sql;
pub mod waiters;
