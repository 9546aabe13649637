//! Looks up block lists. This device knows at most one list of each file, as a base for
//! later versions; the server has all of them.

use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::ports::{HeldList, Platform};
use crate::tuning::Tuning;
use blocks::manifest::{BlockRef, Manifest};
use protocol::content::{Base, spliced};
use protocol::ids::{ItemId, Version};
use std::collections::BTreeMap;

/// How many files of its size a new file is compared with.
const MOST_COMPARED: usize = 4;

/// The lists in the local database, and those that the server has.
#[derive(Clone)]
pub struct Lists<P> {
    platform: P,
    engine: EngineCell,
    tuning: Tuning,
}

impl<P: Platform> Lists<P> {
    pub(crate) fn new(platform: P, engine: EngineCell, tuning: Tuning) -> Self {
        Self {
            platform,
            engine,
            tuning,
        }
    }

    /// Finds a version that has just this content, if its list is here. So a file that is
    /// dropped under another name, or into another folder, is made as a copy.
    pub async fn same(&self, content: &Manifest) -> Option<Base> {
        for base in self.of_size(content.size) {
            if self.get(base.item, base.version).await.as_ref() == Some(&content.blocks) {
                return Some(base);
            }
        }
        None
    }

    /// Finds the heads of this size that a new file is compared with.
    fn of_size(&self, size: u64) -> Vec<Base> {
        if size < self.tuning.compared_bytes {
            return Vec::new();
        }
        let engine = self.engine.read();
        let heads = engine.trees().entries().filter_map(|(item, entry)| {
            let head = entry.remote.as_ref()?.file.as_ref()?;
            let version = head.version;
            (head.size == size).then_some(Base { item, version })
        });
        heads.take(MOST_COMPARED).collect()
    }

    /// Gets the list of a version, if this device has it.
    pub async fn get(&self, item: ItemId, version: Version) -> Option<Vec<BlockRef>> {
        let held = self.held(item).await;
        let is_it = |held: &(Version, _)| held.0 == version;
        held.filter(is_it).map(|(_, list)| list)
    }

    /// Gets the list of the version that a file of so many blocks is based on. The server
    /// is asked only if the file is long enough for that to be worthwhile.
    pub async fn base(
        &self,
        item: ItemId,
        version: Version,
        blocks: usize,
    ) -> Option<Vec<BlockRef>> {
        if version == 0 {
            return None;
        }
        let here = self.get(item, version).await;
        if here.is_some() || blocks < self.tuning.listed_blocks {
            return here;
        }
        self.fetch(item, version).await.ok()
    }

    /// Gets the list of a file that is here, and says of which version it is.
    pub async fn held(&self, item: ItemId) -> Option<HeldList> {
        self.platform.held_list(item).await
    }

    /// Finds the list that is likely to be most like a file's: that of the file's version
    /// which is here, or else that of another file of the same size.
    async fn nearest(&self, item: ItemId) -> Option<(Base, Vec<BlockRef>)> {
        if let Some((version, list)) = self.held(item).await {
            return Some((Base { item, version }, list));
        }
        let size = {
            let engine = self.engine.read();
            engine.trees().remote(item)?.file.as_ref()?.size
        };
        for base in self.of_size(size) {
            if let Some(list) = self.get(base.item, base.version).await {
                return Some((base, list));
            }
        }
        None
    }

    /// Looks up the list of a version, here or at the server. The server sends only what
    /// differs from a list that is here, if there is one.
    ///
    /// # Errors
    /// The server does not tell.
    pub async fn look(&self, item: ItemId, version: Version) -> Result<Vec<BlockRef>, Failure> {
        if let Some((since, old)) = self.nearest(item).await {
            if since == (Base { item, version }) {
                return Ok(old);
            }
            let new = match self.platform.manifest_since(item, version, since).await {
                // Splices of another base than the one asked for make another list.
                Ok(new) if new.of.unwrap_or(item) == since.item => spliced(&old, &new.splices)
                    .ok()
                    .filter(|list| new.size == bytes(list)),
                Ok(_) => None,
                // The server does not have the version whose list is here.
                Err(Failure::Refused(_)) => None,
                Err(failure) => return Err(failure),
            };
            if let Some(list) = new {
                return Ok(list);
            }
        }
        Ok(self.platform.manifest(item, version).await?.blocks)
    }

    /// Looks up a list as [`Self::look`] does, and keeps it.
    ///
    /// # Errors
    /// The server does not tell.
    pub async fn fetch(&self, item: ItemId, version: Version) -> Result<Vec<BlockRef>, Failure> {
        let blocks = self.look(item, version).await?;
        self.put(item, version, &blocks).await;
        Ok(blocks)
    }

    /// Keeps the list of a version that was committed or fetched, in place of any other
    /// list of the file.
    pub async fn put(&self, item: ItemId, version: Version, blocks: &[BlockRef]) {
        self.note(item, Some((version, blocks.to_vec()))).await;
    }

    /// Lets go of a file's list, because the server has another one.
    pub async fn forget(&self, item: ItemId) {
        self.note(item, None).await;
    }

    async fn note(&self, item: ItemId, list: Option<HeldList>) {
        let news = BTreeMap::from([(item, list)]);
        self.platform.keep_lists(&news).await;
    }
}

fn bytes(list: &[BlockRef]) -> u64 {
    list.iter().map(|block| u64::from(block.length)).sum()
}
