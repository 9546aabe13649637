//! What is worth which effort, by size. A simulation has smaller files.

use protocol::limits::TARGET_PACK_BYTES;

/// Sizes in bytes, but for blocks.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// From so many blocks on, a base's list is asked for: it comes down once, where
    /// the hashes of a proposal and the list of a commit would go up.
    pub listed_blocks: usize,
    /// A file of this size, 16 blocks and more, is compared with those that there are.
    pub compared_bytes: u64,
    /// Less than this is not worth a worker's time: with a base…
    pub patched_bytes: u64,
    /// …and without one.
    pub compressed_bytes: u64,
    /// Less than this is not worth a round trip for signatures.
    pub signed_bytes: u64,
    /// Less than this does not set out while another pack travels, or while more is
    /// handed in: small files join it meanwhile, and each request costs the server
    /// the same.
    pub trip_bytes: u64,
    /// A file that is smaller travels whole as fast as a patch of it.
    pub cached_bytes: u64,
    /// Frames of at most so many bytes travel with the request that needs them.
    pub carried_bytes: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            listed_blocks: 64,
            compared_bytes: 4 << 20,
            patched_bytes: 4 << 10,
            compressed_bytes: 64 << 10,
            signed_bytes: 16 << 10,
            trip_bytes: 512 << 10,
            cached_bytes: 4 << 10,
            carried_bytes: TARGET_PACK_BYTES as u64,
        }
    }
}
