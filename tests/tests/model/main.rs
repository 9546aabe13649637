//! The server's decisions and statements on SQLite and in memory: what needs an
//! order of events, a failure or a time that a running server can't be given.

mod accounts;
mod collector;
mod collector_races;
mod patches;
mod quota;
mod rows;
mod scrub;
mod stage;
mod suite;
