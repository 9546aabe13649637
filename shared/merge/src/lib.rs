//! Merging the two sides of a conflict in the page: text line by line, from the
//! version that both started from, and for what is no text a map of what each
//! side changed.
//!
//! The sides are called `first` (the version that won: the file as it is) and
//! `second` (the one that came second, kept as a conflict) everywhere.
//!
//! | file | does |
//! | --- | --- |
//! | [`text`] | bytes as lines of characters, beside the bytes |
//! | [`encoding`], `detect` | how bytes stand for characters, and which way these do |
//! | [`pieces`] | where lines end, and where long ones are cut |
//! | [`regions`] | where the two sides differ from their base, and from each other |
//! | [`session`] | a merge in progress: what was picked, and undone |
//! | [`ends`] | how the result's lines end |
//! | `typed` | what was typed, beside the lines that it was made of |
//! | [`result`] | what results, line by line, and its bytes |
//! | [`draft`] | the picks, to be put apart and applied again, or to a newer first version |
//! | [`rows`] | what a view shows of it, window by window |
//! | [`words`] | what changed within a line |
//! | [`ranges`] | the changed byte ranges of files that are no text, from block lists alone |
//!
//! Nothing here looks at the result's meaning: whatever is picked, the result's
//! lines are the picked lines, in order, and nothing else. Each keeps the bytes
//! that it has in its file, in whatever encoding that is; only a line that was
//! typed is written anew, and one of a file in another encoding than the
//! result's. A line is never glued to the next one: where a part whose last
//! line has no end comes before another part, it gets one.

#![warn(missing_docs)]

mod detect;
pub mod draft;
pub mod encoding;
pub mod ends;
mod pairs;
pub mod pieces;
pub mod ranges;
pub mod regions;
pub mod result;
pub mod rows;
pub mod session;
pub mod text;
mod typed;
pub mod words;

pub use draft::{Applied, Draft, LostEdit, Place, Typed};
pub use encoding::Encoding;
pub use ends::Ends;
pub use regions::{Kind, Region};
pub use result::{Lacking, Merged, Unwritable};
pub use rows::{Cell, ColumnRow, ResultRow, Side, SideRow, Source, View};
pub use session::{Counts, Merge, Pick, RegionText, Seek};
pub use text::{LineEnd, NotText, Text};
