//! The API server without its platform: its handlers, the rules of who may come in and
//! what they may do, what a change of a space writes, what a read answers, and every
//! SQL statement.
//!
//! Nothing here knows a platform. A request comes through the trait of
//! [`http::runtime`], the database and the packs come through those of [`ports`], and
//! the time is an argument. The Worker in `edge/api` implements the traits with D1 and
//! R2, the tests with SQLite and memory.
//!
//! Nothing here may panic: it would reset the isolate and end every request in it.

#![warn(missing_docs)]

pub mod access;
pub mod collect;
pub mod conditions;
pub mod digits;
pub mod directory;
pub mod disposition;
pub mod ending;
pub mod error;
pub mod handover;
pub mod health;
pub mod http;
pub mod json;
pub mod labels;
pub mod log;
pub mod memory;
pub mod ports;
pub mod query;
pub mod random;
pub mod range;
pub mod reads;
pub mod regroup;
pub mod repack;
pub mod retention;
pub mod rewrite;
pub mod room;
pub mod rules;
pub mod scrub;
pub mod services;
pub mod sign_in;
pub mod store;
pub mod writes;
