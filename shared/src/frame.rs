//! Many blocks in one upload: a body is frames one after another.
//!
//! A frame is a header of 40 bytes and the block's stored bytes:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | codec: 0 = the block's plain bytes |
//! | 1–3 | zero |
//! | 4–7 | stored length in bytes, little-endian |
//! | 8–39 | the block's hash |

use crate::hash::BlockHash;
use crate::limits::{MAX_BLOCK_BYTES, MAX_PACK_BLOCKS};

/// Bytes of a frame's header.
pub const FRAME_HEADER_BYTES: usize = 40;

/// The content type of a body of frames.
pub const FRAMES_CONTENT_TYPE: &str = "application/vnd.driftless.frames";

const CODEC_PLAIN: u8 = 0;

/// One frame of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The hash that the sender claims.
    pub hash: BlockHash,
    /// The block's plain bytes.
    pub bytes: &'a [u8],
}

/// Why a body of frames was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("the body ends in the middle of frame {index}")]
    Torn { index: usize },
    #[error("frame {index} has the unknown codec {codec}")]
    Codec { index: usize, codec: u8 },
    #[error("frame {index} has bytes set that must be zero")]
    Reserved { index: usize },
    #[error("frame {index} is empty")]
    Empty { index: usize },
    #[error("frame {index} holds {length} bytes, more than the {MAX_BLOCK_BYTES} of a block")]
    TooLarge { index: usize, length: usize },
    #[error("a body may hold {MAX_PACK_BLOCKS} frames at most")]
    TooMany,
    #[error("the body holds no frame")]
    None,
}

/// The header of a plain frame for a block of `length` bytes.
pub fn plain_header(hash: BlockHash, length: u32) -> [u8; FRAME_HEADER_BYTES] {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[0] = CODEC_PLAIN;
    header[4..8].copy_from_slice(&length.to_le_bytes());
    header[8..].copy_from_slice(hash.as_bytes());
    header
}

/// Takes a body apart. The hashes are not checked here.
///
/// # Errors
/// The first frame that is not whole and well formed.
pub fn parse(body: &[u8]) -> Result<Vec<Frame<'_>>, BadFrame> {
    let mut frames = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let index = frames.len();
        if index == MAX_PACK_BLOCKS {
            return Err(BadFrame::TooMany);
        }
        let torn = BadFrame::Torn { index };
        let Some((header, after)) = rest.split_first_chunk::<FRAME_HEADER_BYTES>() else {
            return Err(torn);
        };
        let [codec, r1, r2, r3, l0, l1, l2, l3, hash @ ..] = *header;
        if codec != CODEC_PLAIN {
            return Err(BadFrame::Codec { index, codec });
        }
        if [r1, r2, r3] != [0; 3] {
            return Err(BadFrame::Reserved { index });
        }
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if length == 0 {
            return Err(BadFrame::Empty { index });
        }
        if length > MAX_BLOCK_BYTES {
            return Err(BadFrame::TooLarge { index, length });
        }
        let Some((bytes, after)) = after.split_at_checked(length) else {
            return Err(torn);
        };
        frames.push(Frame {
            hash: BlockHash::from_bytes(hash),
            bytes,
        });
        rest = after;
    }
    if frames.is_empty() {
        return Err(BadFrame::None);
    }
    Ok(frames)
}
