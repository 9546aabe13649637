//! Queries about thumbnails.
//!
//! A thumbnail is an entry in the list of its file that stands in no version: it ends with
//! the version that it begins with. So all that is about a file's entries (what blocks are
//! needed, what they are charged for, deletion for good, another owner, the end of an
//! account) is about its thumbnails as well, and no list that is read has one.

use super::sql::content;
use crate::ports::Statement;
use crate::query::Query;
use blocks::splice::{GAP, Ord};
use protocol::ids::{ItemId, SpaceId};
use protocol::limits::MAX_FILE_BLOCKS;
use protocol::thumbnails::Thumbnail;

/// Where thumbnails stand, behind every place that a block of content can have.
pub const PLACE: Ord = blocks::number::MAX_EXACT;

const _: () = assert!(GAP * (MAX_FILE_BLOCKS as u64 + 1) < PLACE);

/// The thumbnails that there are of the newest versions of some files.
///
/// # Errors
/// The list can't be written as JSON.
pub fn of_heads(space: SpaceId, files: &[ItemId]) -> serde_json::Result<Query<Vec<Thumbnail>>> {
    let thumbnails = Statement::new(content::THUMBNAILS).id(space);
    let thumbnails = thumbnails.bind(serde_json::to_string(files)?);
    Ok(thumbnails.bind(PLACE).readable(&["item"]))
}
