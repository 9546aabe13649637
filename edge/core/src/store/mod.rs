//! Every SQL statement there is, what its rows say, and where blocks are in packs.

pub mod extents;
pub mod places;
pub mod rows;
pub mod sql;
pub mod stand_ins;
