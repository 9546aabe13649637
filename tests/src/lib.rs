//! What the tests and benchmarks of a running server need: a client of the API
//! that hides nothing, and the small things around it.

pub mod client;
pub mod live;
pub mod random;
pub mod sign_in;
pub mod tree;
