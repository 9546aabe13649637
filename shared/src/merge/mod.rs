//! Merging the two sides of a conflict in the page: text line by line, from the
//! version that both started from, and for what is no text a map of what each
//! side changed.
//!
//! The sides are called `first` (the version that won: the file as it is) and
//! `second` (the one that came second, kept as a conflict) everywhere.
//!
//! | file | does |
//! | --- | --- |
//! | [`text`] | bytes into lines and back, byte for byte |
//! | [`regions`] | where the two sides differ from their base, and from each other |
//! | [`session`] | a merge in progress: what was picked, undone, and what results |
//! | [`draft`] | the picks, to be put apart and applied again, or to a newer first version |
//! | [`rows`] | what a view shows of it, window by window |
//! | [`words`] | what changed within a line |
//! | [`ranges`] | the changed byte ranges of files that are no text, from block lists alone |
//!
//! Nothing here looks at the result's meaning: whatever is picked, the result's
//! bytes are the picked lines' bytes, in order, and nothing else. There is one
//! exception: a line is never glued to the next one. Where a part whose last
//! line has no end comes before another part, it gets one.

pub mod draft;
mod pairs;
pub mod ranges;
pub mod regions;
pub mod rows;
pub mod session;
pub mod text;
pub mod words;

pub use draft::{Applied, Draft, LostEdit};
pub use regions::{Kind, Region};
pub use rows::{Cell, ColumnRow, ResultRow, Side, SideRow, Source, View};
pub use session::{Counts, Merge, Merged, Pick, RegionText, Seek};
pub use text::{Encoding, LineEnd, NotText, Text};
