//! Which blocks are the thumbnails of files.

use crate::access::reach::Reach;
use crate::error::{Failure, bad_request};
use crate::ports::Database;
use crate::query;
use crate::store::items::ways;
use crate::store::thumbnails;
use protocol::ids::{ItemId, SpaceId};
use protocol::limits::MAX_THUMBNAILS_ASKED;
use protocol::thumbnails::Thumbnail;
use std::collections::BTreeSet;

/// The thumbnails of those of some files that the caller may see, in one batch with whether
/// they may. Files that have none, or are not the caller's to see, are left out.
///
/// 1. 400 `bad_request`: they are more than [`MAX_THUMBNAILS_ASKED`].
/// 2. As [`OneFolder::reached`](crate::access::reach::OneFolder::reached).
///
/// # Errors
/// These, or the database fails.
pub async fn of_files(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    files: &[ItemId],
) -> Result<Vec<Thumbnail>, Failure> {
    // 1
    if files.len() > MAX_THUMBNAILS_ASKED {
        let detail = format!("of names more than {MAX_THUMBNAILS_ASKED} files");
        return Err(bad_request(detail));
    }
    let found = thumbnails::of_heads(space, files)?;
    let Some(part) = reach.part() else {
        return Ok(query::one(db, found).await?);
    };
    // 2
    let starts: BTreeSet<ItemId> = files.iter().copied().chain([part.id()]).collect();
    let looks = (ways(space, &starts)?, part.looks(space), found);
    let (ways, row, found) = query::all(db, looks).await?;
    let reached = part.held_still(ways?, row)?;
    let mut found = found?;
    found.retain(|thumbnail| reached.has(thumbnail.item));
    Ok(found)
}
