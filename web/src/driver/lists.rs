//! Block lists as bases: what this device knows of versions, so that a request
//! tells only what is different. From the local database, or asked of the server
//! where that saves more than it costs. Nothing here can fail: without a list,
//! the whole one is sent.

use crate::failure::Failure;
use crate::state::Drive;
use blocks::manifest::{BlockRef, Manifest};
use protocol::content::{Base, spliced};
use protocol::ids::{ItemId, Version};

/// From so many blocks on, a base's list is asked for: it comes down once, where
/// the hashes of a proposal and the list of a commit would go up.
const WORTH_ASKING_BLOCKS: usize = 64;

/// A file of so many bytes, 16 blocks and more, is compared with those that there are…
const WORTH_COMPARING_BYTES: u64 = 4 << 20;
/// …of which so many of its size.
const MOST_COMPARED: usize = 4;

/// A version that has just this content, if its list is here: what is dropped
/// under another name, or into another folder, is a copy.
pub async fn same(drive: Drive, content: &Manifest) -> Option<Base> {
    for base in of_size(drive, content.size) {
        if get(drive, base.item, base.version).await.as_ref() == Some(&content.blocks) {
            return Some(base);
        }
    }
    None
}

/// The heads that have this size, those that are compared.
fn of_size(drive: Drive, size: u64) -> Vec<Base> {
    let runner = drive.driver().runner();
    let Some(runner) = runner.filter(|_| size >= WORTH_COMPARING_BYTES) else {
        return Vec::new();
    };
    let engine = runner.engine();
    let heads = engine.trees().entries().filter_map(|(item, entry)| {
        let head = entry.remote.as_ref()?.file.as_ref()?;
        let version = head.version;
        (head.size == size).then_some(Base { item, version })
    });
    heads.take(MOST_COMPARED).collect()
}

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

/// The version of a file whose list is here, and the list.
pub async fn held(drive: Drive, item: ItemId) -> Option<(Version, Vec<BlockRef>)> {
    let database = drive.driver().store.database()?;
    database.held_list(item).await.ok().flatten()
}

/// A list to compare that of a file with: of the version of it that is here, else of
/// another file that has its size, which may be the same.
async fn nearest(drive: Drive, item: ItemId) -> Option<(Base, Vec<BlockRef>)> {
    if let Some((version, list)) = held(drive, item).await {
        return Some((Base { item, version }, list));
    }
    let size = {
        let runner = drive.driver().runner()?;
        let engine = runner.engine();
        engine.trees().remote(item)?.file.as_ref()?.size
    };
    for base in of_size(drive, size) {
        if let Some(list) = get(drive, base.item, base.version).await {
            return Some((base, list));
        }
    }
    None
}

/// The list of a version, from here or from the server: of that one as little as
/// it takes.
///
/// # Errors
/// The server does not tell.
pub async fn look(drive: Drive, item: ItemId, version: Version) -> Result<Vec<BlockRef>, Failure> {
    let client = drive.driver().client();
    if let Some((since, old)) = nearest(drive, item).await {
        if since == (Base { item, version }) {
            return Ok(old);
        }
        let new = match client.manifest_since(item, version, since).await {
            // Of another base than it was asked of, it would be another list.
            Ok(new) if new.of.unwrap_or(item) == since.item => spliced(&old, &new.splices)
                .ok()
                .filter(|list| new.size == bytes(list)),
            Ok(_) => None,
            // What is here is of a version that the server does not have.
            Err(Failure::Refused(_)) => None,
            Err(failure) => return Err(failure),
        };
        if let Some(list) = new {
            return Ok(list);
        }
    }
    Ok(client.manifest(item, version).await?.blocks)
}

fn bytes(list: &[BlockRef]) -> u64 {
    list.iter().map(|block| u64::from(block.length)).sum()
}

/// The same, and keeps it.
///
/// # Errors
/// The server does not tell.
pub async fn fetch(drive: Drive, item: ItemId, version: Version) -> Result<Vec<BlockRef>, Failure> {
    let blocks = look(drive, item, version).await?;
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
