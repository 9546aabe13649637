//! What the page needs of the browser, in the shape that Rust wants it.

pub mod agent;
pub mod alerts;
pub mod clock;
pub mod collator;
pub mod console;
pub mod js;
pub mod locks;
pub mod opfs;
pub mod random;
pub mod save;
pub mod shelf;
