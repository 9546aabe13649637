//! A file's content as a list of blocks.

use crate::chunk::{Chunker, SizeClass};
use crate::hash::BlockHash;
use crate::limits::{MAX_FILE_BLOCKS, MAX_FILE_BYTES};
use crate::number::FileTime;
use serde::{Deserialize, Serialize};

/// One block of a file: its name and its length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "(BlockHash, u32)", into = "(BlockHash, u32)")]
pub struct BlockRef {
    /// The name: the hash of its plain bytes.
    pub hash: BlockHash,
    /// Plain bytes, at least 1.
    pub length: u32,
}

impl From<(BlockHash, u32)> for BlockRef {
    fn from((hash, length): (BlockHash, u32)) -> Self {
        Self { hash, length }
    }
}

impl From<BlockRef> for (BlockHash, u32) {
    fn from(block: BlockRef) -> Self {
        (block.hash, block.length)
    }
}

/// As serde writes it.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for BlockRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        crate::schema::hash_and_number("A block: its hash, and its length in bytes, at least 1.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for BlockRef {}

/// A file's whole content, in order. On the wire a block is `["hash", length]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manifest {
    /// Bytes: the sum of the blocks' lengths.
    pub size: u64,
    /// The class by which the file was cut.
    pub size_class: SizeClass,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// All blocks in order; none if the file is empty.
    pub blocks: Vec<BlockRef>,
}

/// Why a manifest was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadManifest {
    #[error("the blocks hold {blocks} bytes but the size says {size}")]
    SizeDiffers { size: u64, blocks: u64 },
    #[error("block {index} is {length} bytes long; this size class allows 1 to {max_bytes}")]
    BlockLength {
        index: usize,
        length: u32,
        max_bytes: usize,
    },
    #[error("{blocks} blocks are more than the {MAX_FILE_BLOCKS} that one file may have")]
    TooManyBlocks { blocks: usize },
    #[error("{size} bytes are more than the {MAX_FILE_BYTES} that one file may have")]
    TooLarge { size: u64 },
}

impl Manifest {
    /// The manifest of a file without content.
    pub fn empty(modified_at_ms: impl Into<FileTime>) -> Self {
        Self {
            size: 0,
            size_class: SizeClass::for_size(0),
            modified_at_ms: modified_at_ms.into(),
            blocks: Vec::new(),
        }
    }

    /// Cuts and hashes bytes that are at hand.
    pub fn of(bytes: &[u8], class: SizeClass, modified_at_ms: impl Into<FileTime>) -> Self {
        let mut blocks = Vec::new();
        let mut push = |block: &[u8]| {
            blocks.push(BlockRef {
                hash: BlockHash::of(block),
                length: block.len() as u32,
            });
        };
        let mut chunker = Chunker::new(class);
        chunker.feed(bytes, &mut push);
        chunker.finish(&mut push);
        Self {
            size: bytes.len() as u64,
            size_class: class,
            modified_at_ms: modified_at_ms.into(),
            blocks,
        }
    }

    /// Checks what can be checked without the blocks' bytes. Whether a block
    /// has the length that is claimed is checked against the stored block.
    ///
    /// # Errors
    /// Names the first thing found wrong.
    pub fn check(&self) -> Result<(), BadManifest> {
        if self.size > MAX_FILE_BYTES {
            return Err(BadManifest::TooLarge { size: self.size });
        }
        if self.blocks.len() > MAX_FILE_BLOCKS {
            return Err(BadManifest::TooManyBlocks {
                blocks: self.blocks.len(),
            });
        }
        let max_bytes = self.size_class.max_bytes();
        for (index, block) in self.blocks.iter().enumerate() {
            if block.length == 0 || block.length as usize > max_bytes {
                return Err(BadManifest::BlockLength {
                    index,
                    length: block.length,
                    max_bytes,
                });
            }
        }
        let blocks = self.blocks.iter().map(|b| u64::from(b.length)).sum();
        if blocks != self.size {
            return Err(BadManifest::SizeDiffers {
                size: self.size,
                blocks,
            });
        }
        Ok(())
    }
}
