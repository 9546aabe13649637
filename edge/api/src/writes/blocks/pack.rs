//! What a request's frames become: one object, and the rows that tell where in it
//! everything is.

use crate::error::Failure;
use crate::ports::DbError;
use shared::frame::{Codec, Content, Frame, lz4_payload};
use shared::hash::BlockHash;
use shared::ids::PackId;
use std::collections::VecDeque;

/// Bytes of blocks that the server compresses itself for one request, which takes
/// it some milliseconds. What comes plain from a client is stored plain.
const MAX_COMPRESSED_BYTES: usize = 1 << 20;

/// Blocks one after another, then the patches that some of them came as.
pub struct Pack {
    pub id: PackId,
    pub bytes: Vec<u8>,
    /// `[hash, offset, length, codec, stored length or null]`
    pub blocks: Vec<(BlockHash, usize, usize, Codec, Option<usize>)>,
    /// `[hash, offset, length, [base…]]`
    pub patches: Vec<(BlockHash, usize, usize, Vec<BlockHash>)>,
}

/// A block that was made of a patch.
pub struct Rebuilt {
    pub plain: Vec<u8>,
    /// A block of its base is stored as LZ4, so this one probably pays too.
    pub may_compress: bool,
}

impl Pack {
    /// `rebuilt` are the blocks of the patches among the frames, in order.
    ///
    /// # Errors
    /// One of them is missing.
    pub fn of(
        id: PackId,
        frames: &[Frame<'_>],
        mut rebuilt: VecDeque<Rebuilt>,
    ) -> Result<Self, Failure> {
        let most_bytes = frames.iter().map(|frame| match &frame.content {
            Content::Patch { length, .. } => length.saturating_add(frame.payload.len()),
            _ => frame.payload.len(),
        });
        let mut pack = Self {
            id,
            // Growing would take up to three times as much, of memory that is never
            // given back.
            bytes: Vec::with_capacity(most_bytes.sum()),
            blocks: Vec::with_capacity(frames.len()),
            patches: Vec::new(),
        };
        let mut may_compress_bytes = MAX_COMPRESSED_BYTES;
        for frame in frames {
            let codec = frame.content.codec();
            if codec != Codec::Patch {
                pack.append(frame.hash, frame.content.length(), codec, frame.payload);
                continue;
            }
            let Some(block) = rebuilt.pop_front() else {
                return Err(DbError::Fault("a patch was not applied".into()).into());
            };
            let length = block.plain.len();
            let left = may_compress_bytes.checked_sub(length);
            let compressed = left.filter(|_| block.may_compress).and_then(|left| {
                may_compress_bytes = left;
                lz4_payload(&block.plain)
            });
            match compressed {
                Some(payload) => pack.append(frame.hash, length, Codec::Lz4, &payload),
                None => pack.append(frame.hash, length, Codec::Plain, &block.plain),
            }
        }
        for frame in frames {
            if let Content::Patch { bases, .. } = &frame.content {
                let (at, length) = (pack.bytes.len(), frame.payload.len());
                pack.patches.push((frame.hash, at, length, bases.clone()));
                pack.bytes.extend_from_slice(frame.payload);
            }
        }
        Ok(pack)
    }

    fn append(&mut self, hash: BlockHash, length: usize, codec: Codec, payload: &[u8]) {
        let stored_length = (codec != Codec::Plain).then_some(payload.len());
        let at = self.bytes.len();
        self.blocks.push((hash, at, length, codec, stored_length));
        self.bytes.extend_from_slice(payload);
    }
}
