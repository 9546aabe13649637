//! The handlers: HTTP in, types through, HTTP out. A file for each leg.

pub mod accounts;
pub mod activity;
pub mod blocks;
pub mod changes;
pub mod conflicts;
pub mod content;
pub mod devices;
pub mod files;
pub mod items;
pub mod poll;
pub mod server;
pub mod sync;
pub mod tokens;
