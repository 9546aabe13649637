//! What is asked and told about what a person hands in.

mod left_out;
mod remembered;
mod taken;

pub use left_out::{LeftOutDialog, LeftOutLine};
pub use remembered::RememberedLine;
pub use taken::TakenDialog;
