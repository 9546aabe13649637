//! What page and edge must agree on: ids, names, limits, and every request and
//! response of the API, a file for each leg.
//!
//! Unknown fields are ignored and enums that may grow have a variant for what
//! this build does not know, so that a page and a server of different ages
//! understand each other. Nothing here does IO, reads a clock or draws random
//! numbers.

#![warn(missing_docs)]

pub mod accounts;
pub mod activity;
pub mod administration;
pub mod batches;
pub mod blocks;
pub mod changes;
pub mod conflicts;
pub mod content;
pub mod cursor;
pub mod day;
pub mod devices;
pub mod disks;
pub mod files;
pub mod grants;
pub mod handover;
pub mod headers;
pub mod ids;
pub mod items;
pub mod limits;
pub mod links;
pub mod marks;
pub mod name;
pub mod news;
pub mod notifications;
pub mod opaque;
pub mod openings;
pub mod past;
pub mod paths;
pub mod positions;
pub mod problem;
pub mod receipts;
pub mod recovery;
pub mod retention;
pub mod routes;
mod tagged;
pub mod thumbnails;
pub mod unicode;
pub mod units;
