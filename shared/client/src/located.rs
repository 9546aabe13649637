//! Where the blocks of a file are in it.

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
    pub block: BlockRef,
    pub offset: u64,
}

impl BlockMap {
    pub fn new(manifest: &Manifest) -> Self {
        let mut places = HashMap::with_capacity(manifest.blocks.len());
        let mut offset = 0;
        for block in &manifest.blocks {
            places.entry(block.hash).or_insert((offset, block.length));
            offset += u64::from(block.length);
        }
        Self { places }
    }

    /// Finds blocks in the file. It leaves out hashes that the file does not have.
    pub fn locate(&self, hashes: &[BlockHash]) -> Vec<Located> {
        let find = |&hash: &BlockHash| {
            let &(offset, length) = self.places.get(&hash)?;
            let block = BlockRef { hash, length };
            Some(Located { block, offset })
        };
        hashes.iter().filter_map(find).collect()
    }
}
