//! The API as it is spoken: a request goes through [`router`] to its handler, which
//! reads it with [`call`], decides with the rest of this crate, and gives an [`answer`].
//! Whatever fails on the way becomes an answer there and nowhere else.
//!
//! What runs a handler is a [`runtime::Runtime`]: the Worker in `edge/api`, and in the
//! tests a few lines around SQLite and memory. So the handlers that are tried by
//! strangers without a network are those that are deployed.

pub mod answer;
mod auth;
mod caching;
pub mod call;
mod handlers;
pub mod router;
pub mod runtime;
