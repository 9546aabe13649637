//! Frames on their way down: payloads that were read from packs, with a header before
//! each. They are made piece by piece while the client takes them, so that the payloads
//! are in memory only once.

use crate::error::Failure;
use crate::memory::PIECE_BYTES;
use crate::reads::content::lost;
use crate::store::extents::{Extent, ExtentBytes};
use blocks::frame::{self, Codec, FRAME_HEADER_BYTES};
use blocks::hash::BlockHash;
use std::collections::VecDeque;

/// What is sent of a block.
pub struct StoredPayload {
    /// The block.
    pub hash: BlockHash,
    /// How its stored bytes encode it.
    pub codec: Codec,
    /// Where its stored bytes are.
    pub extent: Extent,
}

/// A body of frames. Each iteration makes a piece of it.
pub struct FrameBody {
    read: ExtentBytes,
    rest: VecDeque<StoredPayload>,
    /// How many bytes of the first payload are sent; `None` if its header is not sent
    /// yet.
    sent: Option<usize>,
}

impl FrameBody {
    /// # Errors
    /// A payload was not read, because its pack is lost.
    pub fn of(read: ExtentBytes, payloads: Vec<StoredPayload>) -> Result<Self, Failure> {
        for payload in &payloads {
            bytes_of(&read, &payload.extent)?;
        }
        Ok(Self {
            read,
            rest: payloads.into(),
            sent: None,
        })
    }

    /// Bytes of the whole body, before the first piece is taken.
    pub fn length(&self) -> u64 {
        let frames = self.rest.iter().map(|payload| {
            let header = FRAME_HEADER_BYTES as u64;
            payload.extent.length.saturating_add(header)
        });
        frames.sum()
    }

    fn piece(&mut self) -> Result<Vec<u8>, Failure> {
        let left = usize::try_from(self.length()).unwrap_or(usize::MAX);
        let mut piece = Vec::with_capacity(left.min(PIECE_BYTES));
        while let Some(payload) = self.rest.front() {
            let bytes = bytes_of(&self.read, &payload.extent)?;
            let sent = match self.sent {
                Some(sent) => sent,
                None => {
                    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                    piece.extend_from_slice(&frame::header(payload.codec, payload.hash, length));
                    0
                }
            };
            let rest = bytes.get(sent..).unwrap_or_default();
            let room = PIECE_BYTES.saturating_sub(piece.len());
            match rest.split_at_checked(room) {
                Some((some, more)) if !more.is_empty() => {
                    piece.extend_from_slice(some);
                    self.sent = Some(sent.saturating_add(some.len()));
                    break;
                }
                _ => {
                    piece.extend_from_slice(rest);
                    self.rest.pop_front();
                    self.sent = None;
                }
            }
        }
        Ok(piece)
    }
}

impl Iterator for FrameBody {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        Some(self.piece())
    }
}

/// # Errors
/// The pack is gone or shorter.
pub fn bytes_of<'a>(read: &'a ExtentBytes, extent: &Extent) -> Result<&'a [u8], Failure> {
    let bytes = read.of(extent);
    Ok(bytes.ok_or_else(|| lost(&extent.pack.to_string()))?)
}
