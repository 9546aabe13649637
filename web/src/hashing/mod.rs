//! Cutting and hashing files in web workers, so that the page's thread never
//! sees a file's bytes.
//!
//! [`pool`] is the page's side, [`worker`] what runs in the worker, [`read`]
//! the work itself, [`wire`] what travels between the two.

pub mod pool;
pub mod read;
pub mod wire;
pub mod worker;
