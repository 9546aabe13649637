#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{ItemId, OperationId};
use protocol::limits::*;

/// The relation between the longest list and the largest JSON body is what
/// `limits` promises in words; here the bodies are built and measured.
#[test]
fn the_longest_block_list_fits_into_a_json_body() {
    let hash = BlockHash::from_bytes([0xFF; 32]);
    let content = Manifest {
        size: u64::MAX,
        size_class: MAX_SIZE_CLASS.try_into().unwrap(),
        modified_at_ms: FileTime::nearest(i64::MIN),
        blocks: vec![
            BlockRef {
                hash,
                length: MAX_BLOCK_BYTES as u32
            };
            MAX_FILE_BLOCKS
        ],
    };
    let proposal = Proposal {
        current_version: u64::MAX,
        new_block_hashes: vec![hash; MAX_FILE_BLOCKS],
        new_bytes: None,
    };
    let commit = Commit {
        operation_id: OperationId::from_random([0xFF; 16]),
        base_version: u64::MAX,
        content: content.clone(),
    };
    let new_file = NewFile {
        operation_id: OperationId::from_random([0xFF; 16]),
        id: ItemId::from_random([0xFF; 16]),
        parent: Some(ItemId::from_random([0xFF; 16])),
        name: "\"".repeat(MAX_NAME_BYTES).parse_name(),
        content: Some(content),
    };
    assert!(serde_json::to_vec(&proposal).unwrap().len() <= MAX_JSON_BODY_BYTES);
    assert!(serde_json::to_vec(&commit).unwrap().len() <= MAX_JSON_BODY_BYTES);
    assert!(serde_json::to_vec(&new_file).unwrap().len() <= MAX_JSON_BODY_BYTES);
}

trait ParseName {
    fn parse_name(&self) -> protocol::name::Name;
}

impl ParseName for str {
    fn parse_name(&self) -> protocol::name::Name {
        protocol::name::Name::parse(self).unwrap()
    }
}
