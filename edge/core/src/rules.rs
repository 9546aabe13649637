//! The rules of versions and places that reads and writes share.

use crate::error::{Failure, bad_request};
use crate::store::rows::PathRow;
use protocol::ids::{ItemId, Version};
use protocol::items::{FileHead, Item};
use protocol::limits::{MAX_CHANGES_PER_PAGE, MAX_FOLDER_DEPTH};
use protocol::problem::Problem;

/// # Errors
/// There is no such item in the space.
pub fn there(item: Option<Item>) -> Result<Item, Failure> {
    Ok(item.ok_or(Problem::NoSuchItem)?)
}

/// # Errors
/// The item is a mount: what it leads to is not of this space.
pub fn check_own(item: &Item) -> Result<(), Problem> {
    item.mount.map_or(Ok(()), |_| Err(Problem::IsAMount))
}

/// # Errors
/// The item is a folder or a mount.
pub fn head(item: &Item) -> Result<&FileHead, Failure> {
    check_own(item)?;
    Ok(item.file.as_ref().ok_or(Problem::NotAFile)?)
}

/// # Errors
/// The head is another version. The problem tells which one, and who wrote it.
pub fn check_version(head: &FileHead, base: Version) -> Result<(), Failure> {
    if head.version == base {
        return Ok(());
    }
    Err(Problem::VersionConflict {
        current_version: head.version,
        committed: head.committed.clone(),
    }
    .into())
}

/// A way up with more rows than these was cut off; see `sql::items`.
const MOST_ABOVE: usize = 10_000;

/// Checks an item's own way up. A way that ends at a folder which is missing or can't
/// be read does not count as in the trash: an item there may be changed, and moved to
/// where it is found again.
///
/// # Errors
/// Something on the way is in the trash, or may be: the way is empty or was cut off.
pub fn check_way(path: &[PathRow]) -> Result<(), Failure> {
    if path.is_empty() || path.len() > MOST_ABOVE || path.iter().any(PathRow::is_trashed) {
        return Err(Problem::InTrash.into());
    }
    Ok(())
}

/// Checks that a new item may stand at a place: the parent, if it has one, is a live
/// folder that is not too deep, and the name is free there.
///
/// # Errors
/// Why it may not.
pub fn check_place(
    (parent, way): (Option<ItemId>, &[PathRow]),
    rival: Option<ItemId>,
    (id, is_folder): (ItemId, bool),
) -> Result<(), Failure> {
    if parent.is_some() {
        check_live(way, id)?;
        check_depth(way.len() as u64, u64::from(is_folder))?;
    }
    check_free(rival.filter(|rival| *rival != id))
}

/// Checks the way up from a folder that is to take an item.
///
/// # Errors
/// The folder is unknown, is no folder or a mount, is in the trash, or is the item itself or below
/// it. A folder whose way up does not end at the top of the space counts as in the
/// trash.
pub fn check_live(path: &[PathRow], id: ItemId) -> Result<(), Failure> {
    let folder = path.first().ok_or(Problem::NoSuchItem)?;
    if folder.is_mount() {
        return Err(Problem::IsAMount.into());
    }
    if !folder.is_folder() {
        return Err(Problem::NotAFolder.into());
    }
    if path.iter().any(|above| above.id == id) {
        return Err(Problem::MoveIntoItself.into());
    }
    if path.last().is_some_and(|top| !top.is_at_top()) {
        return Err(Problem::InTrash.into());
    }
    check_way(path)
}

/// # Errors
/// Folders would be nested too deeply: `above` counts those on the way up, `height`
/// those that come along.
pub fn check_depth(above: u64, height: u64) -> Result<(), Failure> {
    if above.saturating_add(height) <= MAX_FOLDER_DEPTH as u64 {
        return Ok(());
    }
    Err(Problem::TooDeep.into())
}

/// # Errors
/// Another item has the name.
pub fn check_free(rival: Option<ItemId>) -> Result<(), Failure> {
    match rival {
        Some(item) => Err(Problem::NameTaken { item }.into()),
        None => Ok(()),
    }
}

/// How many entries a page may have: as many as were asked for, or else `otherwise`.
///
/// # Errors
/// 400: the number that was asked for is not from 1 to [`MAX_CHANGES_PER_PAGE`].
pub fn page_limit(asked: Option<u64>, otherwise: u64) -> Result<u64, Failure> {
    let limit = asked.unwrap_or(otherwise);
    match (1..=MAX_CHANGES_PER_PAGE).contains(&limit) {
        true => Ok(limit),
        false => Err(bad_request("limit is not between 1 and 1000")),
    }
}
