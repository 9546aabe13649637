//! Every SQL statement of the API server, a file for each group of tables.
//! Hashes go in and come out as hexadecimal text and are stored as blobs; a
//! list of any length is one JSON parameter.
//!
//! `CROSS JOIN` fixes the order of a join: without statistics, SQLite may put a
//! space's whole table outside and scan the list for each of its rows.

/// The columns that say where the block `b` is stored, and how.
macro_rules! select_place {
    () => {
        "b.pack, b.offset, b.length, b.codec, coalesce(b.stored_length, b.length) AS stored_length,
    b.damaged_at IS NOT NULL AS is_damaged"
    };
}

/// The same as one JSON list.
macro_rules! place_list {
    () => {
        "json_array(pack, offset, length, codec, stored_length, is_damaged)"
    };
}

pub mod blocks;
pub mod conflicts;
pub mod content;
pub mod directory;
pub mod garbage;
pub mod items;
pub mod journal;
pub mod patches;
pub mod scrub;
pub mod seeded;
