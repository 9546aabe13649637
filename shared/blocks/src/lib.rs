//! Everything that works on a file's bytes: cutting them into blocks, hashing blocks,
//! comparing block lists, making patches, and the frames in which blocks travel.
//!
//! This is a crate of its own because it is compiled for speed, while the rest of
//! `shared/` is compiled small for the page.

#![warn(missing_docs)]

pub mod chunk;
pub mod diff;
pub mod frame;
mod gear;
pub mod hash;
pub mod limits;
pub mod lz4;
pub mod manifest;
pub mod number;
pub mod patch;
#[cfg(feature = "openapi")]
pub mod schema;
pub mod segment;
pub mod solid;
pub mod splice;
mod varint;
