//! A file's bytes as blocks: what is sent instead of them.

use shared::chunk::SizeClass;
use shared::hash::BlockHash;
use shared::ids::UnixMillis;
use shared::limits::{MAX_PACK_BLOCKS, TARGET_PACK_BYTES};
use shared::manifest::{BlockRef, Manifest};
use std::collections::HashMap;

/// A hashed file.
pub struct Content {
    pub manifest: Manifest,
    /// Where each block's first copy begins, in bytes from the file's start.
    places: HashMap<BlockHash, (u64, u32)>,
}

/// A block that is to be sent, and where it is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    pub block: BlockRef,
    pub offset: u64,
}

impl Content {
    pub fn new(blocks: Vec<BlockRef>, size_class: SizeClass, modified_at_ms: UnixMillis) -> Self {
        let mut places = HashMap::with_capacity(blocks.len());
        let mut size = 0;
        for block in &blocks {
            places.entry(block.hash).or_insert((size, block.length));
            size += u64::from(block.length);
        }
        Self {
            manifest: Manifest {
                size,
                size_class,
                modified_at_ms,
                blocks,
            },
            places,
        }
    }

    pub fn hashes(&self) -> Vec<BlockHash> {
        self.manifest.blocks.iter().map(|b| b.hash).collect()
    }

    /// Finds blocks in the file; what is not of this file is left out.
    pub fn locate(&self, hashes: &[BlockHash]) -> Vec<Located> {
        let find = |&hash: &BlockHash| {
            let &(offset, length) = self.places.get(&hash)?;
            let block = BlockRef { hash, length };
            Some(Located { block, offset })
        };
        hashes.iter().filter_map(find).collect()
    }

    /// All blocks, each once, in order.
    pub fn all(&self) -> Vec<Located> {
        let mut all: Vec<Located> = self
            .places
            .iter()
            .map(|(&hash, &(offset, length))| Located {
                block: BlockRef { hash, length },
                offset,
            })
            .collect();
        all.sort_by_key(|located| located.offset);
        all
    }

    /// Whether all of it fits into one request, so that asking first what is
    /// missing would cost more than it saves.
    pub fn fits_one_pack(&self) -> bool {
        let bytes: u64 = self.places.values().map(|&(_, n)| u64::from(n)).sum();
        bytes <= TARGET_PACK_BYTES as u64 && self.places.len() <= MAX_PACK_BLOCKS
    }
}

#[cfg(test)]
mod tests {
    use super::Content;
    use shared::chunk::SizeClass;
    use shared::hash::BlockHash;
    use shared::manifest::BlockRef;

    #[test]
    fn a_repeated_block_travels_once_from_its_first_place() {
        let block = |bytes: &[u8]| BlockRef {
            hash: BlockHash::of(bytes),
            length: bytes.len() as u32,
        };
        let (a, b) = (block(b"aaaa"), block(b"bb"));
        let content = Content::new(vec![b, a, b, a], SizeClass::for_size(0), 7);
        assert_eq!(content.manifest.size, 12);
        assert!(content.manifest.check().is_ok());
        let offsets: Vec<u64> = content.all().iter().map(|l| l.offset).collect();
        assert_eq!(offsets, [0, 2]);
        let found = content.locate(&[a.hash, BlockHash::of(b"else")]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].offset, found[0].block), (2, a));
        assert!(content.fits_one_pack());
    }
}
