//! Every SQL statement, the queries that are made of them, the types of their rows, and
//! where blocks are in packs.

pub mod blocks;
pub mod conflicts;
pub mod extents;
pub mod grants;
pub mod handover;
pub mod items;
pub mod journal;
pub mod links;
pub mod openings;
pub mod packs;
pub mod past;
pub mod places;
pub mod rows;
pub mod space;
pub mod sql;
pub mod stand_ins;
pub mod thumbnails;
pub mod versions;
