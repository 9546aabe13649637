//! Every SQL statement of the API server, a file for each group of tables.
//! Hashes go in and come out as hexadecimal text and are stored as blobs; a
//! list of any length is one JSON parameter.
//!
//! `CROSS JOIN` fixes the order of a join: without statistics, SQLite may put a
//! space's whole table outside and scan the list for each of its rows.

pub mod blocks;
pub mod conflicts;
pub mod content;
pub mod directory;
pub mod garbage;
pub mod items;
pub mod journal;
pub mod seeded;
