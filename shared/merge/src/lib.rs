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
//! | [`encoding`], [`detect`] | how bytes stand for characters, and which way these do |
//! | [`pieces`] | where lines end, and where long ones are cut |
//! | [`regions`] | where the two sides differ from their base, and from each other |
//! | [`pick`] | what was picked for a region, and what stands in the result for it |
//! | [`session`] | a merge in progress: what was picked, and undone |
//! | [`ends`] | how the result's lines end |
//! | [`edited`] | one text as a text field takes it, and back |
//! | `typed` | what was typed, beside the lines that it was made of |
//! | [`result`] | what results, line by line, and its bytes |
//! | [`draft`] | the picks, to be put apart and applied again, or to a newer first version |
//! | [`rows`], `index` | what a view shows of it, window by window |
//! | `region_text` | a region as an editor takes it |
//! | [`words`] | what changed within a line |
//! | [`changed_lines`] | how many lines changed |
//! | [`ranges`] | the changed byte ranges of files that are no text, from block lists alone |
//!
//! Nothing here looks at the result's meaning: whatever is picked, the result's
//! lines are the picked lines, in order, and nothing else. Each keeps the bytes
//! that it has in its file, in whatever encoding that is; only a line that was
//! typed is written anew, and one of a file in another encoding than the
//! result's. A line is never glued to the next one: where a part whose last
//! line has no end comes before another part, it gets one.

#![warn(missing_docs)]

pub mod changed_lines;
pub mod detect;
pub mod draft;
pub mod edited;
pub mod encoding;
pub mod ends;
mod index;
mod pairs;
pub mod pick;
pub mod pieces;
pub mod ranges;
mod region_text;
pub mod regions;
pub mod result;
pub mod rows;
pub mod session;
pub mod text;
mod typed;
pub mod words;

pub use changed_lines::ChangedLines;
pub use detect::NotText;
pub use draft::{AppliedDraft, LostEdit, MergeDraft, RegionKey, Typed};
pub use edited::Unwritten;
pub use encoding::Encoding;
pub use ends::Ends;
pub use pick::Pick;
pub use pieces::LineEnd;
pub use region_text::RegionText;
pub use regions::{Region, RegionKind};
pub use result::{Lacking, Merged, Unwritable};
pub use rows::{Cell, ColumnRow, ResultRow, RowSource, Side, SideRow, View};
pub use session::{Merge, MergeCounts, Seek};
pub use text::Text;
