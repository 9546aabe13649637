//! What the tests and benchmarks need: a client of a running server's API that
//! hides nothing, the server itself as a native model, and the small things
//! around them.

pub mod client;
pub mod drive;
pub mod history;
pub mod live;
pub mod load;
pub mod matrix;
pub mod model;
pub mod random;
pub mod sign_in;
pub mod simulation;
pub mod suite;
pub mod tree;
