//! The API in HTTP: a request goes through [`router`] to its handler, which reads it
//! with [`call`], decides with the rest of this crate, and gives an [`answer`]. A
//! failure on the way becomes an answer in [`answer`] and nowhere else.
//!
//! A [`runtime::Runtime`] runs the handlers: it is the Worker in `edge/api`, and in the
//! tests a few lines around SQLite and memory. So the handlers that the tests call
//! without a network are those that are deployed.

pub mod answer;
mod auth;
mod caching;
pub mod call;
mod handlers;
pub mod router;
pub mod runtime;
