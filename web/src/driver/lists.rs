//! Block lists of versions that this device knows: what a next version is
//! compared with.

use crate::failure::Failure;
use crate::state::Drive;
use shared::ids::{ItemId, Version};
use shared::manifest::BlockRef;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Of so many files a list is kept, of each the newest. A list has 36 bytes for a
/// block of 256 KiB.
const MOST: usize = 64;

/// A file, its version, and that one's list.
type Known = (ItemId, Version, Rc<[BlockRef]>);

/// Those last written are at the end.
#[derive(Default)]
pub struct Lists(RefCell<VecDeque<Known>>);

/// The version of a file that this device knows, with its list.
pub fn held(drive: Drive, item: ItemId) -> Option<(Version, Rc<[BlockRef]>)> {
    let driver = drive.driver();
    let lists = driver.lists.0.borrow();
    let (_, version, blocks) = lists.iter().find(|(id, ..)| *id == item)?;
    Some((*version, blocks.clone()))
}

/// The list of a version, from here or from the server.
///
/// # Errors
/// The server does not tell.
pub async fn fetch(
    drive: Drive,
    item: ItemId,
    version: Version,
) -> Result<Rc<[BlockRef]>, Failure> {
    match held(drive, item) {
        Some((known, blocks)) if known == version => Ok(blocks),
        _ => {
            let list = drive.driver().client.manifest(item, version).await?;
            Ok(list.blocks.into())
        }
    }
}

/// Keeps a version's list: what was committed, or has been downloaded.
pub fn put(drive: Drive, item: ItemId, version: Version, blocks: Rc<[BlockRef]>) {
    let driver = drive.driver();
    let mut lists = driver.lists.0.borrow_mut();
    lists.retain(|(id, ..)| *id != item);
    lists.push_back((item, version, blocks));
    if lists.len() > MOST {
        lists.pop_front();
    }
}

/// Forgets all of them.
pub fn clear(drive: Drive) {
    drive.driver().lists.0.take();
}
