//! Weighs frames, to see how many go into one request.

use crate::ports::Frame;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::limits::{
    MAX_PACK_BASE_BYTES, MAX_PACK_BASES, MAX_PACK_BLOCKS, MAX_PACK_BODY_BYTES,
    MAX_PACK_PLAIN_BYTES, TARGET_PACK_BYTES,
};
use std::collections::HashSet;

/// What a pack has in it so far. The limits are the server's.
#[derive(Default)]
pub struct Weight {
    blocks: usize,
    payload_bytes: usize,
    plain_bytes: usize,
    bases: HashSet<BlockHash>,
    base_bytes: usize,
}

impl Weight {
    /// Adds a frame if there is room for it; there always is for the first.
    pub fn takes<B>(&mut self, frame: &Frame<B>) -> bool {
        let blocks = self.blocks + 1;
        let payload_bytes = self.payload_bytes + frame.payload_bytes() as usize;
        let plain_bytes = self.plain_bytes + frame.located.block.length as usize;
        let new = |base: &&BlockRef| !self.bases.contains(&base.hash);
        let new: Vec<BlockRef> = frame.bases().iter().filter(new).copied().collect();
        let base_bytes =
            self.base_bytes + new.iter().map(|base| base.length as usize).sum::<usize>();
        let fits = payload_bytes <= TARGET_PACK_BYTES
            && payload_bytes + blocks * FRAME_HEADER_BYTES <= MAX_PACK_BODY_BYTES
            && plain_bytes <= MAX_PACK_PLAIN_BYTES
            && blocks <= MAX_PACK_BLOCKS
            && self.bases.len() + new.len() <= MAX_PACK_BASES
            && base_bytes <= MAX_PACK_BASE_BYTES;
        if self.blocks > 0 && !fits {
            return false;
        }
        (self.blocks, self.payload_bytes, self.plain_bytes) = (blocks, payload_bytes, plain_bytes);
        self.base_bytes = base_bytes;
        self.bases.extend(new.iter().map(|base| base.hash));
        true
    }
}
