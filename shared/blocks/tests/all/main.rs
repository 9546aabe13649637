//! The tests of what works on a file's bytes. All but the property tests run both
//! natively and, by `wasm-bindgen-test`, on wasm32: what the two sides must agree
//! on is computed there by two different compilations of one source.

mod chunk;
mod documents;
mod frame;
mod hash;
mod manifest;
mod patch;
mod random;
mod segment;
mod solid;
