//! The adapters behind the ports, and every SQL statement there is.

pub mod d1;
pub mod extents;
pub mod places;
pub mod r2;
pub mod rows;
pub mod sql;
pub mod stand_ins;
pub mod streams;
