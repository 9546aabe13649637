//! The sizes from which on an effort is worthwhile. A simulation has smaller files, and
//! smaller sizes.

use protocol::limits::TARGET_PACK_BYTES;

/// The sizes, in bytes unless their name says blocks. The default is what a page has.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// From so many blocks on, the client asks for the list of a base. The list comes down
    /// once, instead of going up in a proposal and in a commit.
    pub listed_blocks: usize,
    /// From this size on (16 blocks and more), a new file is compared with known files.
    pub compared_bytes: u64,
    /// A worker makes patches of blocks that have a base from so many bytes on.
    pub patched_bytes: u64,
    /// A worker compresses blocks without a base from so many bytes on.
    pub compressed_bytes: u64,
    /// Signatures are worth a round trip from so many bytes on.
    pub signed_bytes: u64,
    /// Fewer bytes than this do not set out while another pack travels or while more is
    /// handed in. Small files join them meanwhile, and each request costs the server the
    /// same.
    pub trip_bytes: u64,
    /// A smaller file is not kept in the block cache, because it travels whole as fast as a
    /// patch of it.
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
