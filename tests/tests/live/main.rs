//! The API on the local runtime. Each file has its steps in its head. Their people are
//! their own, and what they ask for is mostly waited for: many run at a time.
//!
//! What fills the server's memory is in `live_memory.rs`, and runs when these have ended.

mod accounts;
mod changes;
mod conflicts;
mod consistency;
mod cookies;
mod delta;
mod document;
mod ending;
mod errors;
mod files;
mod handover;
mod matrix;
mod names;
mod poll;
mod privacy;
mod settings;
mod suite;
mod tokens;
