//! What is found: in the dialog as somebody types, and on a page of its own; what is starred,
//! and searches that are saved.

mod acts;
mod chips;
mod finder;
mod hit;
mod palette;
mod palette_row;
mod results;
mod saved;
mod starred;
mod times;

pub use palette::Palette;
pub use results::ResultsView;
pub use starred::StarredView;
