//! The tests of what page and edge share. All but the property tests run both
//! natively and, by `wasm-bindgen-test`, on wasm32: what the two sides must
//! agree on is computed there by two different compilations of one source.

mod backoff;
mod chunk;
mod cursor;
mod frame;
mod hash;
mod ids;
mod intake;
mod limits;
mod manifest;
mod merge;
mod name;
mod opaque;
mod patch;
mod random;
mod segment;
mod splice;
mod sync;
mod wire;
