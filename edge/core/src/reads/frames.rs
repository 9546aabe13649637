//! Frames on their way down: payloads that were read from packs, with a header before
//! each. They are made piece by piece while the client takes them, so that the payloads
//! are in memory only once.

use crate::error::Failure;
use crate::memory::{self, PIECE_BYTES};
use crate::reads::content::lost;
use crate::store::extents::{Extent, ExtentBytes};
use blocks::frame::{self, Codec, FRAME_HEADER_BYTES};
use blocks::hash::BlockHash;
use blocks::{lz4, solid};
use protocol::limits::MAX_SOLID_BYTES;
use std::collections::VecDeque;

/// Patches of more bytes than this go one by one: what their names add to them is little,
/// and to deflate them takes longer than all else that the answer does.
const MOST_SOLID_PATCH_BYTES: u64 = 1 << 20;

/// What is sent of a block.
pub struct StoredPayload {
    /// The block.
    pub hash: BlockHash,
    /// How its stored bytes encode it.
    pub codec: Codec,
    /// Where its stored bytes are.
    pub extent: Extent,
}

/// Answers with fewer plain bytes are not worth compressing,
const LEAST_COMPRESSED_BYTES: u64 = 1 << 10;
/// and so many bytes from the middle of the largest block tell whether others are.
const SAMPLE_BYTES: usize = 64 << 10;

/// A body of frames, or a solid one. Each iteration makes a piece of it.
pub struct FrameBody {
    read: ExtentBytes,
    /// The beginning of a solid body, which has all patches.
    solid: Option<Vec<u8>>,
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
            solid: None,
            rest: payloads.into(),
            sent: None,
        })
    }

    /// The same as a solid body, if that is smaller and there is memory for it at this
    /// moment.
    pub fn solid(mut self) -> Self {
        let Some(beginning) = self.solid_beginning() else {
            return self;
        };
        self.solid = Some(beginning);
        self.rest.retain(|payload| payload.codec != Codec::Patch);
        self
    }

    fn solid_beginning(&self) -> Option<Vec<u8>> {
        let patches = self.rest.iter();
        let patches = patches.filter(|payload| payload.codec == Codec::Patch);
        let bytes = patches.map(|patch| {
            patch
                .extent
                .length
                .saturating_add(FRAME_HEADER_BYTES as u64)
        });
        let bytes = bytes.fold(0_u64, u64::saturating_add);
        if bytes == 0 || bytes > MOST_SOLID_PATCH_BYTES {
            return None;
        }
        // The columns, plain and deflated, and the frames that are put into them.
        let _held = memory::hold(3 * MAX_SOLID_BYTES).ok()?;
        let frames = self.rest.iter().map(|payload| match payload.codec {
            Codec::Patch => {
                let bytes = self.read.of(&payload.extent)?;
                let length = u32::try_from(bytes.len()).ok()?;
                let header = frame::header(payload.codec, payload.hash, length);
                Some(Some([&header, bytes].concat()))
            }
            _ => Some(None),
        });
        let frames: Option<Vec<Option<Vec<u8>>>> = frames.collect();
        let frames = frames?;
        let frames: Vec<Option<&[u8]>> = frames.iter().map(Option::as_deref).collect();
        let beginning = solid::beginning_of(&frames)?;
        ((beginning.len() as u64) < bytes).then_some(beginning)
    }

    /// Whether it would be much smaller compressed: blocks that are stored as they are may
    /// have come that way because each was small, or because a patch brought them.
    pub fn compress(&self) -> bool {
        let plain = self.rest.iter();
        let plain = plain.filter(|payload| payload.codec == Codec::Plain);
        let bytes = plain.clone().map(|payload| payload.extent.length);
        if bytes.fold(0, u64::saturating_add) < LEAST_COMPRESSED_BYTES {
            return false;
        }
        let largest = plain.max_by_key(|payload| payload.extent.length);
        let bytes = largest.and_then(|payload| self.read.of(&payload.extent));
        let bytes = bytes.unwrap_or_default();
        let before = bytes.len().saturating_sub(SAMPLE_BYTES) / 2;
        let sample = bytes.get(before..).unwrap_or_default();
        let sample = sample.get(..SAMPLE_BYTES).unwrap_or(sample);
        lz4::compress(sample).is_some()
    }

    /// Bytes of the whole body, before the first piece is taken.
    pub fn length(&self) -> u64 {
        let frames = self.rest.iter().map(|payload| {
            let header = FRAME_HEADER_BYTES as u64;
            payload.extent.length.saturating_add(header)
        });
        let solid = self.solid.as_ref().map_or(0, Vec::len);
        frames.fold(solid as u64, u64::saturating_add)
    }

    fn piece(&mut self) -> Result<Vec<u8>, Failure> {
        let left = usize::try_from(self.length()).unwrap_or(usize::MAX);
        let mut piece = self.solid.take().unwrap_or_default();
        piece.reserve(left.min(PIECE_BYTES).saturating_sub(piece.len()));
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
        if self.rest.is_empty() && self.solid.is_none() {
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
