//! What becomes of a file's bytes: where they are cut, the hashes of blocks, block
//! lists and what differs between two, patches, and the frames that all of it
//! travels in. A crate of its own, because this is compiled for speed in the web
//! workers, where the rest of `shared/` is compiled small for the page.

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
pub mod segment;
pub mod splice;
