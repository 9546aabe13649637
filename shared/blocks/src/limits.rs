//! The limits of files, blocks and frames, with their units in their names.
//! "Hard" means that going over it is refused; "target" means that the client
//! aims for it.

/// Hard. The smallest average that a size class has, as a power of two: 256 KiB.
pub const MIN_SIZE_CLASS: u8 = 18;
/// Hard. The largest average that a size class has, as a power of two: 4 MiB, which
/// is the maximum of `fastcdc`.
pub const MAX_SIZE_CLASS: u8 = 22;
/// A block is at least a quarter of its class's average (but for a file's last)…
pub const BLOCK_MIN_DIVISOR: usize = 4;
/// …and at most four times it.
pub const BLOCK_MAX_FACTOR: usize = 4;
/// Target. A file's size class is the smallest that gives it no more blocks
/// than this, so a list's hashes stay under about half a megabyte of JSON.
pub const TARGET_FILE_BLOCKS: u64 = 8_192;
/// Hard. The largest block of the largest class: 16 MiB.
pub const MAX_BLOCK_BYTES: usize = (1 << MAX_SIZE_CLASS) * BLOCK_MAX_FACTOR;
/// Hard. Blocks of one file. A list of this many, written as JSON for the
/// database, stays under D1's 2 MB for one value.
pub const MAX_FILE_BLOCKS: usize = 20_000;
/// Hard. The largest file: 32 GiB, which is [`TARGET_FILE_BLOCKS`] average blocks of
/// the largest class.
pub const MAX_FILE_BYTES: u64 = TARGET_FILE_BLOCKS << MAX_SIZE_CLASS;

/// Target. The payload of one upload request. Hashing 4 MiB takes the server
/// about 3 ms of CPU, which leaves room within the free plan's 10 ms.
pub const TARGET_PACK_BYTES: usize = 4 << 20;
/// Hard. The body of one upload request: one block of the largest size or many
/// small ones, and room for their headers.
pub const MAX_PACK_BODY_BYTES: usize = MAX_BLOCK_BYTES + (64 << 10);
/// Hard. The columns of a solid body together, plain, and all that stands before the frames
/// behind them: what is decoded and made of one stays far below the memory of a request.
pub const MAX_SOLID_BYTES: usize = TARGET_PACK_BYTES + (64 << 10);
/// Hard. Blocks in one upload request.
pub const MAX_PACK_BLOCKS: usize = 1_024;
/// Hard. Plain bytes of the blocks in one upload request, which is what the
/// server may have to decode: as much as a plain body can hold.
pub const MAX_PACK_PLAIN_BYTES: usize = MAX_PACK_BODY_BYTES;
/// Hard. Distinct base blocks of all patches in one upload request. Each may
/// cost the server a call of R2; the free plan has 50 for a request, and the
/// rest of the upload takes up to 12.
pub const MAX_PACK_BASES: usize = 32;
/// Hard. Plain bytes of all these base blocks together. With the body, the decoded
/// blocks and the pack, they stay under half of a Worker's 128 MB.
pub const MAX_PACK_BASE_BYTES: usize = MAX_BLOCK_BYTES;
/// Hard. Base blocks of one patch.
pub const MAX_PATCH_BASES: usize = MAX_PACK_BASES;
/// Target. The old bytes that a new block is compared with.
pub const TARGET_BASE_RUN_BYTES: u64 = 8 << 20;
/// Target. An old file of more bytes is not searched as a whole: the block cache has none
/// that is larger.
pub const MAX_SEARCHED_BYTES: u64 = 1 << 30;
/// Hard. The part of a block that has a tag of its own in a signature: 1 KiB,
/// which costs 7 bytes. 2 and 4 KiB made more bytes in all on edits of
/// databases and of text.
pub const SUB_BLOCK_BYTES: usize = 1 << 10;
