//! What the page and the edge must agree on to the byte: identities, limits,
//! names, block boundaries and hashes, block lists, frames, and every request
//! and response of the API.
//!
//! Nothing here does IO, reads a clock or draws random numbers: callers pass
//! time, seeds and jitter in. So the crate compiles natively and to wasm32, and
//! every test of it is repeatable.

pub mod backoff;
pub mod chunk;
pub mod cursor;
mod diff;
pub mod frame;
mod gear;
pub mod hash;
pub mod ids;
pub mod limits;
pub mod lz4;
pub mod manifest;
pub mod merge;
pub mod name;
pub mod opaque;
pub mod patch;
pub mod protocol;
pub mod seeded;
pub mod segment;
pub mod splice;
pub mod sync;
