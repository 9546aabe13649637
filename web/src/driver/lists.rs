//! Block lists as bases: what this device knows of versions, so that a request
//! tells only what is different. From the local database, or asked of the server
//! where that saves more than it costs. Nothing here can fail: without a list,
//! the whole one is sent.

use crate::failure::Failure;
use crate::state::Drive;
use shared::ids::{ItemId, Version};
use shared::manifest::BlockRef;

/// From so many blocks on, a base's list is asked for: it comes down once, where
/// the hashes of a proposal and the list of a commit would go up.
const WORTH_ASKING_BLOCKS: usize = 64;

/// The list of a version, if this device has it.
pub async fn get(drive: Drive, item: ItemId, version: Version) -> Option<Vec<BlockRef>> {
    let database = drive.driver().store.database()?;
    database.list(item, version).await.ok().flatten()
}

/// The list of the version that a file of so many blocks is based on.
pub async fn base(
    drive: Drive,
    item: ItemId,
    version: Version,
    blocks: usize,
) -> Option<Vec<BlockRef>> {
    if version == 0 {
        return None;
    }
    let here = get(drive, item, version).await;
    if here.is_some() || blocks < WORTH_ASKING_BLOCKS {
        return here;
    }
    fetch(drive, item, version).await.ok()
}

/// The list of a version, from here or from the server.
///
/// # Errors
/// The server does not tell.
pub async fn fetch(drive: Drive, item: ItemId, version: Version) -> Result<Vec<BlockRef>, Failure> {
    if let Some(blocks) = get(drive, item, version).await {
        return Ok(blocks);
    }
    let blocks = drive.driver().client.manifest(item, version).await?.blocks;
    put(drive, item, version, &blocks).await;
    Ok(blocks)
}

/// Keeps a version's list: what was committed, or has been fetched.
pub async fn put(drive: Drive, item: ItemId, version: Version, blocks: &[BlockRef]) {
    if let Some(database) = drive.driver().store.database() {
        // A list less is no loss.
        let _ = database.put_list(item, version, blocks).await;
    }
}

/// Lets go of a file's list: the server knows another one.
pub async fn forget(drive: Drive, item: ItemId) {
    if let Some(database) = drive.driver().store.database() {
        let _ = database.forget_list(item).await;
    }
}
