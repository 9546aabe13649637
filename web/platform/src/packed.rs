//! A list of blocks in few bytes, as it is stored and as it travels to a worker.

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;

/// A block in a packed list: 32 bytes of hash and its length, little-endian.
pub const PACKED_BLOCK_BYTES: usize = 36;

/// Appends a block to a packed list.
pub fn pack_block(list: &mut Vec<u8>, block: &[u8]) {
    list.extend_from_slice(BlockHash::of(block).as_bytes());
    // A block's length fits: the largest is 16 MiB.
    list.extend_from_slice(&(block.len() as u32).to_le_bytes());
}

/// Packs a list.
pub fn pack(blocks: &[BlockRef]) -> Vec<u8> {
    let mut list = Vec::with_capacity(blocks.len() * PACKED_BLOCK_BYTES);
    for block in blocks {
        list.extend_from_slice(block.hash.as_bytes());
        list.extend_from_slice(&block.length.to_le_bytes());
    }
    list
}

/// Unpacks a list; `None` where it is torn.
pub fn unpack(list: &[u8]) -> Option<Vec<BlockRef>> {
    let (blocks, rest) = list.as_chunks::<PACKED_BLOCK_BYTES>();
    if !rest.is_empty() {
        return None;
    }
    let read = |packed: &[u8; PACKED_BLOCK_BYTES]| {
        let (hash, length) = packed.split_first_chunk::<32>()?;
        Some(BlockRef {
            hash: BlockHash::from_bytes(*hash),
            length: u32::from_le_bytes(length.try_into().ok()?),
        })
    };
    blocks.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::{pack, pack_block, unpack};
    use blocks::chunk::SizeClass;
    use blocks::manifest::Manifest;

    #[test]
    fn a_list_survives_packing() {
        let bytes: Vec<u8> = (0..3_000_000u32)
            .map(|i| (i.wrapping_mul(i) >> 7) as u8)
            .collect();
        let manifest = Manifest::of(&bytes, SizeClass::for_size(0), 0);
        let mut packed = Vec::new();
        let mut rest = bytes.as_slice();
        for block in &manifest.blocks {
            let (block, after) = rest.split_at(block.length as usize);
            pack_block(&mut packed, block);
            rest = after;
        }
        assert_eq!(unpack(&packed).unwrap(), manifest.blocks);
        assert_eq!(pack(&manifest.blocks), packed);
        assert_eq!(unpack(&packed[1..]), None);
    }
}
