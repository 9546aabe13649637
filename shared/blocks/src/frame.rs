//! Many blocks in one body, up or down: frames one after another.
//!
//! A frame is a header of 40 bytes and a payload:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | codec, see [`Codec`] |
//! | 1–3 | zero |
//! | 4–7 | the payload's length in bytes, little-endian |
//! | 8–39 | the hash of the block's plain bytes, whatever the codec |
//!
//! | codec | payload |
//! | --- | --- |
//! | 0, plain | the block's bytes |
//! | 1, LZ4 | their length (4, little-endian), their LZ4 block |
//! | 2, patch | their length (4, little-endian), how many base blocks there are (1), the hash of each (32), the delta (see [`crate::patch`]) |
//!
//! A payload is stored as it is sent. The frames of one body may have different
//! codecs.

use crate::hash::BlockHash;
use crate::limits::{MAX_BLOCK_BYTES, MAX_PACK_BLOCKS, MAX_PACK_PLAIN_BYTES, MAX_PATCH_BASES};
use crate::lz4::{self, BadLz4};
use crate::manifest::BlockRef;
use crate::patch::Patch;
use serde::{Deserialize, Serialize};

/// Bytes of a frame's header.
pub const FRAME_HEADER_BYTES: usize = 40;

/// The content type of a body of frames.
pub const FRAMES_CONTENT_TYPE: &str = "application/vnd.driftless.frames";

/// The content type of a request that carries blocks: the length of its JSON in
/// bytes (4, little-endian), the JSON, and frames, of which there may be none. With the
/// parameter `json=deflate`, the JSON travels compressed by zlib.
pub const CARRYING_CONTENT_TYPE: &str = "application/vnd.driftless.carrying";

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// How a payload makes a block. The numbers are part of the wire format and of
/// what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Codec {
    /// The payload is the block.
    Plain = 0,
    /// The payload is the block as LZ4.
    Lz4 = 1,
    /// The payload is a patch that makes the block.
    Patch = 2,
}

/// The number is no codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no codec")]
pub struct BadCodec(pub u8);

impl TryFrom<u8> for Codec {
    type Error = BadCodec;

    fn try_from(number: u8) -> Result<Self, BadCodec> {
        match number {
            0 => Ok(Self::Plain),
            1 => Ok(Self::Lz4),
            2 => Ok(Self::Patch),
            other => Err(BadCodec(other)),
        }
    }
}

impl From<Codec> for u8 {
    fn from(codec: Codec) -> u8 {
        codec as u8
    }
}

/// One frame of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The hash that the sender claims.
    pub hash: BlockHash,
    /// The bytes as they travel and are stored.
    pub payload: &'a [u8],
    /// What the payload holds.
    pub content: Payload<'a>,
}

impl Frame<'_> {
    /// The block that it brings, as the sender claims.
    pub fn block(&self) -> BlockRef {
        BlockRef {
            hash: self.hash,
            length: self.content.length() as u32,
        }
    }
}

/// What a payload holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// The block's bytes.
    Plain(&'a [u8]),
    /// The block as LZ4.
    Lz4 {
        /// The block's length in bytes, as it claims.
        length: usize,
        /// The LZ4 block.
        bytes: &'a [u8],
    },
    /// A patch that makes the block.
    Patch {
        /// The block's length in bytes, as it claims.
        length: usize,
        /// The blocks that make up the patch's base, in order.
        bases: Vec<BlockHash>,
        /// The delta, not decoded.
        delta: &'a [u8],
    },
}

impl<'a> Payload<'a> {
    /// Takes a payload apart.
    ///
    /// # Errors
    /// It is not well formed, or its block is empty or too large.
    pub fn of(codec: Codec, payload: &'a [u8]) -> Result<Self, BadPayload> {
        let content = match codec {
            Codec::Plain => Self::Plain(payload),
            Codec::Lz4 => {
                let (length, bytes) = length_of(payload)?;
                Self::Lz4 { length, bytes }
            }
            Codec::Patch => {
                let (length, rest) = length_of(payload)?;
                let (&count, rest) = rest.split_first().ok_or(BadPayload::Short)?;
                let count = usize::from(count);
                if count > MAX_PATCH_BASES {
                    return Err(BadPayload::Bases { count });
                }
                let (hashes, delta) = rest
                    .split_at_checked(count * HASH_BYTES)
                    .ok_or(BadPayload::Short)?;
                let (hashes, _) = hashes.as_chunks();
                Self::Patch {
                    length,
                    bases: hashes.iter().copied().map(BlockHash::from_bytes).collect(),
                    delta,
                }
            }
        };
        match content.length() {
            0 => Err(BadPayload::Empty),
            length if length > MAX_BLOCK_BYTES => Err(BadPayload::TooLarge { length }),
            _ => Ok(content),
        }
    }

    /// The codec.
    pub fn codec(&self) -> Codec {
        match self {
            Self::Plain(_) => Codec::Plain,
            Self::Lz4 { .. } => Codec::Lz4,
            Self::Patch { .. } => Codec::Patch,
        }
    }

    /// The block's plain length in bytes, as the payload claims.
    pub fn length(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Lz4 { length, .. } | Self::Patch { length, .. } => *length,
        }
    }
}

fn length_of(payload: &[u8]) -> Result<(usize, &[u8]), BadPayload> {
    let (length, rest) = payload.split_first_chunk().ok_or(BadPayload::Short)?;
    Ok((u32::from_le_bytes(*length) as usize, rest))
}

/// Why a payload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadPayload {
    #[error("is empty")]
    Empty,
    #[error("is too short for its codec")]
    Short,
    #[error("holds {length} bytes, more than the {MAX_BLOCK_BYTES} of a block")]
    TooLarge { length: usize },
    #[error("names {count} base blocks, more than {MAX_PATCH_BASES}")]
    Bases { count: usize },
}

/// Why a body of frames was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadFrame {
    #[error("the body ends in the middle of frame {index}")]
    Torn { index: usize },
    #[error("frame {index} has the unknown codec {codec}")]
    Codec { index: usize, codec: u8 },
    #[error("frame {index} has bytes set that must be zero")]
    Reserved { index: usize },
    #[error("frame {index} {why}")]
    Payload { index: usize, why: BadPayload },
    #[error("a body may hold {MAX_PACK_BLOCKS} frames at most")]
    TooMany,
    #[error("the blocks have more than {most_plain_bytes} bytes together")]
    TooMuch { most_plain_bytes: usize },
    #[error("the body holds no frame")]
    None,
}

/// What stands before the frames in a body of [`CARRYING_CONTENT_TYPE`].
pub fn carrying_head(json: &[u8]) -> Vec<u8> {
    let mut head = (json.len() as u32).to_le_bytes().to_vec();
    head.extend_from_slice(json);
    head
}

/// A body of [`CARRYING_CONTENT_TYPE`] as its JSON and its frames; `None` where it
/// ends before its JSON does.
pub fn split_carrying(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = body.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// The header of a frame whose payload has `length` bytes.
pub fn header(codec: Codec, hash: BlockHash, length: u32) -> [u8; FRAME_HEADER_BYTES] {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[0] = codec.into();
    header[4..8].copy_from_slice(&length.to_le_bytes());
    header[8..].copy_from_slice(hash.as_bytes());
    header
}

/// The header of a plain frame for a block of `length` bytes.
pub fn plain_header(hash: BlockHash, length: u32) -> [u8; FRAME_HEADER_BYTES] {
    header(Codec::Plain, hash, length)
}

/// The payload of a block as LZ4; `None` unless that saves at least a tenth.
pub fn lz4_payload(plain: &[u8]) -> Option<Vec<u8>> {
    let compressed = lz4::compress(plain)?;
    let mut payload = (plain.len() as u32).to_le_bytes().to_vec();
    payload.extend_from_slice(&compressed);
    Some(payload)
}

/// The payload of a patch that makes a block of `length` bytes.
pub fn patch_payload(length: u32, patch: &Patch) -> Vec<u8> {
    patch_payload_of(length, &patch.bases, &patch.delta)
}

/// The same of a patch that is in parts.
pub(crate) fn patch_payload_of(length: u32, bases: &[BlockHash], delta: &[u8]) -> Vec<u8> {
    let mut payload = length.to_le_bytes().to_vec();
    payload.push(bases.len() as u8);
    for base in bases {
        payload.extend_from_slice(base.as_bytes());
    }
    payload.extend_from_slice(delta);
    payload
}

/// A frame that is smaller than its block would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallFrame {
    /// As it travels.
    pub bytes: Vec<u8>,
    /// The blocks that it is a patch of.
    pub bases: Vec<BlockHash>,
}

/// The smallest frame of a block, of its patch or as LZ4; `None` if the block itself is
/// as small, and travels plain.
pub fn small_frame(hash: BlockHash, plain: &[u8], patch: Option<Patch>) -> Option<SmallFrame> {
    let patch = patch.filter(|patch| !patch.bases.is_empty());
    let patch = patch.map(|patch| {
        (
            Codec::Patch,
            patch_payload(plain.len() as u32, &patch),
            patch.bases,
        )
    });
    // A patch that saves half is taken as it is: to compress takes its time.
    let saves_half = |payload: &[u8]| payload.len() < plain.len() / 2;
    let lz4 = match &patch {
        Some((_, payload, _)) if saves_half(payload) => None,
        _ => lz4_payload(plain),
    };
    let lz4 = lz4.map(|payload| (Codec::Lz4, payload, Vec::new()));
    // If both are as small, LZ4 comes first: it needs no other block.
    let frames = lz4.into_iter().chain(patch);
    let (codec, payload, bases) = frames.min_by_key(|(_, payload, _)| payload.len())?;
    if payload.len() >= plain.len() {
        return None;
    }
    // The length fits, because a block's does.
    let mut bytes = header(codec, hash, payload.len() as u32).to_vec();
    bytes.extend_from_slice(&payload);
    Some(SmallFrame { bytes, bases })
}

/// The plain bytes of a payload that [`lz4_payload`] has made.
///
/// # Errors
/// The bytes are damaged.
pub fn read_lz4(payload: &[u8]) -> Result<Vec<u8>, BadLz4> {
    match Payload::of(Codec::Lz4, payload) {
        Ok(Payload::Lz4 { length, bytes }) => lz4::decompress(bytes, length),
        _ => Err(BadLz4),
    }
}

/// How many bytes an LZ4 payload claims to decode to; 0 if it is too short to
/// claim anything.
pub fn lz4_length(payload: &[u8]) -> usize {
    match Payload::of(Codec::Lz4, payload) {
        Ok(content) => content.length(),
        Err(_) => 0,
    }
}

/// Takes a body apart. It decodes nothing and checks no hash, but refuses lengths
/// that claim more than a request may hold.
///
/// # Errors
/// Names the first frame that is not whole and well formed.
pub fn parse(body: &[u8]) -> Result<Vec<Frame<'_>>, BadFrame> {
    parse_within(body, MAX_PACK_PLAIN_BYTES)
}

/// The same for blocks of so many plain bytes at most.
///
/// # Errors
/// As above.
pub fn parse_within(body: &[u8], most_plain_bytes: usize) -> Result<Vec<Frame<'_>>, BadFrame> {
    let mut frames = Vec::new();
    let mut rest = body;
    let mut plain_bytes = 0;
    while !rest.is_empty() {
        let index = frames.len();
        if index == MAX_PACK_BLOCKS {
            return Err(BadFrame::TooMany);
        }
        let (frame, after) = first(rest, index)?;
        plain_bytes += frame.content.length();
        if plain_bytes > most_plain_bytes {
            return Err(BadFrame::TooMuch { most_plain_bytes });
        }
        frames.push(frame);
        rest = after;
    }
    if frames.is_empty() {
        return Err(BadFrame::None);
    }
    Ok(frames)
}

/// How many bytes the frame takes with which a body begins, header included, as it
/// claims; `None` if the body is shorter than a header.
pub(crate) fn first_bytes(body: &[u8]) -> Option<usize> {
    let header = body.first_chunk::<FRAME_HEADER_BYTES>()?;
    let [_, _, _, _, l0, l1, l2, l3, ..] = *header;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    length.checked_add(FRAME_HEADER_BYTES)
}

/// The frame with which `rest` begins, and what follows it.
fn first(rest: &[u8], index: usize) -> Result<(Frame<'_>, &[u8]), BadFrame> {
    let torn = BadFrame::Torn { index };
    let Some((header, after)) = rest.split_first_chunk::<FRAME_HEADER_BYTES>() else {
        return Err(torn);
    };
    let [codec, r1, r2, r3, l0, l1, l2, l3, hash @ ..] = *header;
    let codec = Codec::try_from(codec).map_err(|_| BadFrame::Codec { index, codec })?;
    if [r1, r2, r3] != [0; 3] {
        return Err(BadFrame::Reserved { index });
    }
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let bad = |why| BadFrame::Payload { index, why };
    // The header alone refuses it: nobody waits for the bytes.
    if length > MAX_BLOCK_BYTES {
        return Err(bad(BadPayload::TooLarge { length }));
    }
    let Some((payload, after)) = after.split_at_checked(length) else {
        return Err(torn);
    };
    let frame = Frame {
        hash: BlockHash::from_bytes(hash),
        payload,
        content: Payload::of(codec, payload).map_err(bad)?,
    };
    Ok((frame, after))
}
