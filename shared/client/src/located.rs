//! Finds blocks in the file that has them.

use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use std::collections::HashMap;

/// The blocks of a hashed file.
pub struct BlockMap {
    /// Where each block's first copy begins, in bytes from the file's start.
    places: HashMap<BlockHash, (u64, u32)>,
}

/// A block that is to be sent, and where it is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The block, with its length.
    pub block: BlockRef,
    /// Where the block begins, in bytes from the file's start.
    pub offset: u64,
}

impl BlockMap {
    /// A map of a file's blocks.
    pub fn new(manifest: &Manifest) -> Self {
        let mut places = HashMap::with_capacity(manifest.blocks.len());
        let mut offset = 0;
        for block in &manifest.blocks {
            places.entry(block.hash).or_insert((offset, block.length));
            offset += u64::from(block.length);
        }
        Self { places }
    }

    /// Finds blocks in the file, in the order asked for. Hashes that the file does not
    /// have are left out.
    pub fn locate(&self, hashes: &[BlockHash]) -> Vec<Located> {
        let find = |&hash: &BlockHash| {
            let &(offset, length) = self.places.get(&hash)?;
            let block = BlockRef { hash, length };
            Some(Located { block, offset })
        };
        hashes.iter().filter_map(find).collect()
    }
}
