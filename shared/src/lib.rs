//! What the page and the edge must agree on to the byte: identities, limits,
//! names, block boundaries and hashes, block lists, frames, and every request
//! and response of the API.
//!
//! Nothing here does IO, reads a clock or draws random numbers: callers pass
//! time, seeds and jitter in. So the crate compiles natively and to wasm32, and
//! every test of it is repeatable.

pub use blocks::{chunk, frame, hash, lz4, manifest, number, patch, segment, splice};

pub mod backoff;
pub mod cursor;
pub mod day;
pub mod disks;
pub mod ids;
pub mod intake;
pub mod limits;
pub mod merge;
pub mod name;
pub mod opaque;
pub mod protocol;
pub mod seeded;
pub mod sync;
pub mod unicode;
pub mod units;
