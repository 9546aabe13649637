//! How long the past is kept: versions are thinned, the older the more, and what has been in
//! the trash for long is deleted for good. A scheduled event runs [`thin`] and [`trash`].
//! Each run does a bounded amount of work, and the next one goes on where it left off.
//!
//! What a space keeps is [set](settings) by its owner, or else by the operator. Which
//! versions go is a [`rule`]: a pure function of their times.

pub mod rule;
pub mod settings;
pub mod thin;
pub mod trash;
