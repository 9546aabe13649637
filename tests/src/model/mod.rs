//! The server, natively: the decisions and the SQL statements of the API server
//! on SQLite and in memory, for tests that need millions of requests or want to
//! say in which order two of them meet.
//!
//! It is not a second server. What answers is `driftless_core`; what stands in
//! here is the database ([`sqlite`]), the pack store ([`packs`]), and time and
//! randomness, which are arguments.

pub mod audit;
pub mod http;
pub mod lapses;
pub mod legs;
pub mod night;
pub mod orders;
pub mod packs;
pub mod ready;
pub mod server;
pub mod sqlite;
pub mod turns;
