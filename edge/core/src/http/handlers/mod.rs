//! The handlers: each reads a request, calls a read or a write, and answers. There is a
//! file for each group of routes.

pub mod accounts;
pub mod activity;
pub mod administration;
pub mod blocks;
pub mod changes;
pub mod conflicts;
pub mod content;
pub mod devices;
pub mod ending;
pub mod files;
pub mod grants;
pub mod handover;
pub mod items;
pub mod links;
pub mod marks;
pub mod mounts;
pub mod news;
pub mod openings;
pub mod past;
pub mod poll;
mod poll_several;
pub mod recovery;
pub mod retention;
pub mod server;
pub mod sync;
pub mod thumbnails;
pub mod tokens;
