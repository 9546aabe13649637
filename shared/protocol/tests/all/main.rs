//! The tests of what page and edge agree on, natively and, by
//! `wasm-bindgen-test`, on wasm32. Property tests are native only.

mod cursor;
mod ids;
mod limits;
mod name;
mod opaque;
mod positions;
// Of which some is for the tests of blocks alone.
#[expect(dead_code)]
#[path = "../../../blocks/tests/all/random.rs"]
mod random;
mod recovery;
mod routes;
mod splice;
mod wire;
