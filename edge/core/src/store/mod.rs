//! Every SQL statement there is, the queries that are made of them, what their rows say,
//! and where blocks are in packs.

pub mod blocks;
pub mod conflicts;
pub mod extents;
pub mod items;
pub mod journal;
pub mod packs;
pub mod places;
pub mod rows;
pub mod space;
pub mod sql;
pub mod stand_ins;
pub mod versions;
