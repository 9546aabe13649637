//! What a request's frames become: one object, and the rows that tell where in it
//! everything is.

use crate::error::Failure;
use crate::memory::{self, Hold};
use crate::ports::DbError;
use blocks::frame::{Codec, Frame, Payload, lz4_payload};
use blocks::hash::BlockHash;
use blocks::patch::has_streams;
use protocol::ids::PackId;
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
    /// `[hash, offset, length, [base…], is by symbols]`
    pub patches: Vec<(BlockHash, usize, usize, Vec<BlockHash>, bool)>,
}

/// A payload that becomes part of a pack as it came, and where it stands in the body.
pub struct SentPayload {
    hash: BlockHash,
    /// The block's plain bytes.
    length: usize,
    codec: Codec,
    at: usize,
    bytes: usize,
}

/// The payloads of frames of this body; `None` if patches are among them.
pub fn payloads(body: &[u8], frames: &[Frame<'_>]) -> Option<Vec<SentPayload>> {
    let of = |frame: &Frame<'_>| {
        let start = frame.payload.as_ptr().addr();
        Some(SentPayload {
            hash: frame.hash,
            length: frame.content.length(),
            codec: match frame.content.codec() {
                Codec::Patch => return None,
                codec => codec,
            },
            at: start.checked_sub(body.as_ptr().addr())?,
            bytes: frame.payload.len(),
        })
    };
    frames.iter().map(of).collect()
}

/// A block that was made of a patch.
pub struct Rebuilt {
    pub hash: BlockHash,
    pub plain: Vec<u8>,
    /// A block of its base is stored as LZ4, so this one probably pays too.
    pub may_compress: bool,
}

impl Pack {
    /// Makes the pack of the body itself: the payloads move together over what stood
    /// between them, and no second copy is in memory.
    ///
    /// # Errors
    /// They are not those of the body, in their order.
    pub fn within(
        id: PackId,
        mut body: Vec<u8>,
        payloads: Vec<SentPayload>,
    ) -> Result<Self, Failure> {
        let mut blocks = Vec::with_capacity(payloads.len());
        let mut end = 0_usize;
        for payload in payloads {
            let from = payload.at..payload.at.saturating_add(payload.bytes);
            if from.end > body.len() || end > from.start {
                return Err(DbError::Fault("a payload is not where it was".into()).into());
            }
            body.copy_within(from, end);
            let stored_length = (payload.codec != Codec::Plain).then_some(payload.bytes);
            blocks.push((
                payload.hash,
                end,
                payload.length,
                payload.codec,
                stored_length,
            ));
            end = end.saturating_add(payload.bytes);
        }
        body.truncate(end);
        Ok(Self {
            id,
            bytes: body,
            blocks,
            patches: Vec::new(),
        })
    }

    /// Makes the pack beside the body. `rebuilt` are the blocks of the patches among the
    /// frames, in order; there may be others between them.
    ///
    /// # Errors
    /// One of them is missing. 503 `hands_full`.
    pub fn of(
        id: PackId,
        frames: &[Frame<'_>],
        mut rebuilt: VecDeque<Rebuilt>,
    ) -> Result<(Self, Hold), Failure> {
        let most_bytes = frames.iter().map(|frame| match &frame.content {
            Payload::Patch { length, .. } => length.saturating_add(frame.payload.len()),
            _ => frame.payload.len(),
        });
        let most_bytes = most_bytes.sum();
        let held = memory::hold(most_bytes)?;
        let mut pack = Self {
            id,
            // Growing would take up to three times as much, of memory that is never
            // given back.
            bytes: Vec::with_capacity(most_bytes),
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
            let mut rebuilt = std::iter::from_fn(|| rebuilt.pop_front());
            let Some(block) = rebuilt.find(|block| block.hash == frame.hash) else {
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
            if let Payload::Patch { bases, delta, .. } = &frame.content {
                let (at, length) = (pack.bytes.len(), frame.payload.len());
                let by_symbols = has_streams(delta);
                pack.patches
                    .push((frame.hash, at, length, bases.clone(), by_symbols));
                pack.bytes.extend_from_slice(frame.payload);
            }
        }
        Ok((pack, held))
    }

    fn append(&mut self, hash: BlockHash, length: usize, codec: Codec, payload: &[u8]) {
        let stored_length = (codec != Codec::Plain).then_some(payload.len());
        let at = self.bytes.len();
        self.blocks.push((hash, at, length, codec, stored_length));
        self.bytes.extend_from_slice(payload);
    }
}
