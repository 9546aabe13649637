//! The API server, whatever it runs on: its handlers, who may come in and what they may
//! do, what a change of a space writes and what a read answers, with every statement
//! that the database is sent.
//!
//! Nothing here knows a platform. A request is the trait of [`http::runtime`], the
//! database and the packs are those of [`ports`]; the Worker in `edge/api` is behind
//! the first and puts D1 and R2 behind the others, and the tests a few lines, SQLite and
//! memory. The time is an argument.
//!
//! Nothing here may panic: it would reset the isolate and end every request in it.

#![warn(missing_docs)]

pub mod access;
pub mod collect;
pub mod conditions;
pub mod digits;
pub mod directory;
pub mod disposition;
pub mod error;
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
pub mod room;
pub mod rules;
pub mod scrub;
pub mod sign_in;
pub mod store;
pub mod writes;
