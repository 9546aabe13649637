//! The server's decisions and statements on SQLite and in memory: what needs an
//! order of events, a failure or a time that a running server can't be given.

mod collector;
mod collector_races;
mod deletion;
mod patches;
mod quota;
mod refusals;
mod rows;
mod scrub;
mod stage;
mod suite;
