//! Everything that is read of a space, on the traits of `ports`: what a handler
//! answers, without HTTP. Each read takes its space as an argument, and can't reach
//! anything of another one.

pub mod activity;
pub mod awaited;
pub mod below;
pub mod changes;
pub mod conflicts;
pub mod content;
pub mod files;
pub mod frames;
pub mod grants;
pub mod inside;
pub mod items;
pub mod links;
pub mod news;
pub mod openings;
pub mod past;
pub mod payloads;
pub mod proposal;
pub mod space;
pub mod thumbnails;
