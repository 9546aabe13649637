//! Every request and response of the API, a file for each leg.
//!
//! Unknown fields are ignored and enums that may grow have a variant for what
//! this build does not know, so that a page and a server of different ages
//! understand each other.

pub mod accounts;
pub mod blocks;
pub mod changes;
pub mod conflicts;
pub mod content;
pub mod devices;
pub mod files;
pub mod headers;
pub mod items;
pub mod notifications;
pub mod paths;
pub mod problem;
