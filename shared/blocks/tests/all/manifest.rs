#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::limits::{MAX_FILE_BLOCKS, MAX_FILE_BYTES};
use blocks::manifest::{BadManifest, BlockRef, Manifest};

fn class(bits: u8) -> SizeClass {
    bits.try_into().unwrap()
}

fn block(length: u32) -> BlockRef {
    BlockRef {
        hash: BlockHash::of(&length.to_le_bytes()),
        length,
    }
}

fn manifest(size: u64, blocks: Vec<BlockRef>) -> Manifest {
    Manifest {
        size,
        size_class: class(18),
        modified_at_ms: 0.into(),
        blocks,
    }
}

#[test]
fn what_the_chunker_makes_passes() {
    for length in [0, 1, 65_536, 300_000, 3_000_000] {
        let bytes = random::bytes(3, length);
        let manifest = Manifest::of(&bytes, SizeClass::for_size(length as u64), 9);
        assert_eq!(manifest.check(), Ok(()));
        assert_eq!(manifest.size, length as u64);
        assert_eq!(manifest.blocks.is_empty(), length == 0);
        let mut at = 0;
        for block in &manifest.blocks {
            let end = at + block.length as usize;
            assert_eq!(BlockHash::of(&bytes[at..end]), block.hash);
            at = end;
        }
        assert_eq!(at, length);
    }
}

#[test]
fn an_empty_file_has_one_manifest() {
    assert_eq!(Manifest::empty(9), Manifest::of(&[], class(18), 9));
    assert_eq!(Manifest::empty(9).check(), Ok(()));
}

#[test]
fn the_size_must_be_the_sum_of_the_blocks() {
    for size in [0, 299, 301, u64::from(u32::MAX)] {
        assert_eq!(
            manifest(size, vec![block(100), block(200)]).check(),
            Err(BadManifest::SizeDiffers { size, blocks: 300 })
        );
    }
    assert_eq!(manifest(300, vec![block(100), block(200)]).check(), Ok(()));
}

#[test]
fn a_block_has_a_length_that_its_class_allows() {
    let max_bytes = 1 << 20;
    assert_eq!(manifest(1 << 20, vec![block(1 << 20)]).check(), Ok(()));
    for length in [0, (1 << 20) + 1, u32::MAX] {
        assert_eq!(
            manifest(1 + u64::from(length), vec![block(1), block(length)]).check(),
            Err(BadManifest::BlockLength {
                index: 1,
                length,
                max_bytes
            })
        );
    }
}

#[test]
fn a_file_has_a_largest_size_and_a_most_blocks() {
    let most = vec![block(1); MAX_FILE_BLOCKS];
    assert_eq!(manifest(MAX_FILE_BLOCKS as u64, most).check(), Ok(()));
    let blocks = MAX_FILE_BLOCKS + 1;
    assert_eq!(
        manifest(blocks as u64, vec![block(1); blocks]).check(),
        Err(BadManifest::TooManyBlocks { blocks })
    );
    for size in [MAX_FILE_BYTES + 1, u64::MAX] {
        assert_eq!(
            manifest(size, vec![]).check(),
            Err(BadManifest::TooLarge { size })
        );
    }
    assert!(matches!(
        manifest(MAX_FILE_BYTES, vec![]).check(),
        Err(BadManifest::SizeDiffers { .. })
    ));
}

#[test]
fn on_the_wire_a_block_is_a_pair() {
    let json = serde_json::to_string(&block(5)).unwrap();
    assert_eq!(json, format!("[\"{}\",5]", block(5).hash));
    assert_eq!(serde_json::from_str::<BlockRef>(&json).unwrap(), block(5));
    let hash = block(5).hash;
    for bad in ["-1", "4294967296", "1.5", "\"5\""] {
        assert!(serde_json::from_str::<BlockRef>(&format!("[\"{hash}\",{bad}]")).is_err());
    }
}
