//! What travels and what is stored, against a running server:
//! 1. an edit of a large file lacks few blocks, and only those are stored
//! 2. blocks that are there cost nothing
//! 3. a copy of a file costs no block
//! 4. the proposal speaks of each missing block once, in the file's order

use driftless_tests::client::{commit_of, manifest};
use driftless_tests::live::person;
use driftless_tests::random;
use shared::hash::BlockHash;
use shared::limits::TARGET_PACK_BYTES;
use shared::protocol::problem::Problem;

fn hashes(bytes: &[u8]) -> Vec<BlockHash> {
    manifest(bytes).blocks.iter().map(|b| b.hash).collect()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn an_edit_of_a_large_file_lacks_few_blocks() {
    let ann = person();
    let mut bytes = random::unseen_bytes(20 << 20);
    let file = ann.client.put_file(None, "large", &bytes).unwrap().item.id;
    let used = ann.client.me().unwrap().space.used_bytes;
    assert_eq!(used, 20 << 20);

    // An insertion near the front moves every byte behind it.
    bytes.splice(1_000..1_000, b"a hundred bytes or so".iter().copied());
    let blocks = hashes(&bytes);
    let missing = ann
        .client
        .propose(file, 1, blocks.clone())
        .unwrap()
        .missing_blocks;
    assert!(
        (1..=3).contains(&missing.len()),
        "{} of {} blocks are missing",
        missing.len(),
        blocks.len()
    );
    ann.client
        .upload(&bytes, &manifest(&bytes), &missing)
        .unwrap();
    let nothing = ann.client.propose(file, 1, blocks).unwrap();
    assert_eq!(nothing.missing_blocks, []);
    ann.client.commit(file, &commit_of(1, &bytes)).unwrap();
    assert!(ann.client.content(file, None).unwrap() == bytes);

    let lengths: u64 = manifest(&bytes)
        .blocks
        .iter()
        .filter(|block| missing.contains(&block.hash))
        .map(|block| u64::from(block.length))
        .sum();
    assert_eq!(
        ann.client.me().unwrap().space.used_bytes,
        used + lengths,
        "stored is what was missing and nothing else"
    );
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn blocks_that_are_there_cost_nothing() {
    let ann = person();
    let blocks = [
        random::unseen_bytes(1_000),
        random::unseen_bytes(2_000),
        random::unseen_bytes(3_000),
    ];
    let first = ann.client.store_blocks(&[&blocks[0], &blocks[1]]).unwrap();
    assert_eq!((first.stored, first.already_stored), (2, 0));
    let second = ann
        .client
        .store_blocks(&[&blocks[1], &blocks[2], &blocks[0]])
        .unwrap();
    assert_eq!((second.stored, second.already_stored), (1, 2));
    let third = ann.client.store_blocks(&[&blocks[2]]).unwrap();
    assert_eq!((third.stored, third.already_stored), (0, 1));
    assert_eq!(ann.client.me().unwrap().space.used_bytes, 6_000);
    for block in &blocks {
        assert!(ann.client.block(BlockHash::of(block)).unwrap() == *block);
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_block_twice_in_a_body_is_stored_once() {
    let ann = person();
    let block = random::unseen_bytes(5_000);
    let answer = ann.client.store_blocks(&[&block, &block]).unwrap();
    assert_eq!(answer.stored, 1);
    assert_eq!(ann.client.me().unwrap().space.used_bytes, 5_000);
    assert!(ann.client.block(BlockHash::of(&block)).unwrap() == block);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_copy_costs_no_block() {
    let ann = person();
    let bytes = random::unseen_bytes(1_500_000);
    ann.client.put_file(None, "original", &bytes).unwrap();
    let used = ann.client.me().unwrap().space.used_bytes;
    // The whole body of this request is the list of blocks.
    let copy = driftless_tests::client::new_file(None, "copy", Some(manifest(&bytes)));
    let copy = ann.client.new_file(&copy).unwrap().item.id;
    assert_eq!(ann.client.me().unwrap().space.used_bytes, used);
    assert!(ann.client.content(copy, None).unwrap() == bytes);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn missing_blocks_come_once_and_in_the_files_order() {
    let ann = person();
    let file = ann.client.new_empty_file(None, "file").unwrap().item.id;
    let stored = random::unseen_bytes(100);
    ann.client.store_blocks(&[&stored]).unwrap();
    let new: Vec<BlockHash> = (0..5)
        .map(|_| BlockHash::of(&random::unseen_bytes(100)))
        .collect();
    let there = BlockHash::of(&stored);
    let list = vec![
        new[3], there, new[1], new[3], new[0], there, new[4], new[0], new[2],
    ];
    let answer = ann.client.propose(file, 1, list).unwrap();
    assert_eq!(
        answer.missing_blocks,
        [new[3], new[1], new[0], new[4], new[2]]
    );
    assert_eq!(
        ann.client.propose(file, 1, vec![]).unwrap().missing_blocks,
        []
    );
}

/// A file of zeros: one block, many times over.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_file_may_repeat_a_block() {
    let ann = person();
    let bytes = vec![0; 5 << 20];
    let file = ann.client.put_file(None, "zeros", &bytes).unwrap().item.id;
    assert!(ann.client.content(file, None).unwrap() == bytes);
    assert_eq!(ann.client.me().unwrap().space.used_bytes, 1 << 20);
}

/// A proposal for a file that has many blocks, more than D1 binds parameters.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_long_list_is_proposed_at_once() {
    let ann = person();
    let file = ann.client.new_empty_file(None, "file").unwrap().item.id;
    let list: Vec<BlockHash> = (0_u64..8_192)
        .map(|i| BlockHash::of(&i.to_le_bytes()))
        .collect();
    let answer = ann.client.propose(file, 1, list.clone()).unwrap();
    assert_eq!(answer.missing_blocks, list);
}

/// Many versions of one file, each a small change: every one stays whole.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_small_edits_keep_every_version_whole() {
    let ann = person();
    let mut bytes = random::unseen_bytes(TARGET_PACK_BYTES);
    let file = ann.client.put_file(None, "file", &bytes).unwrap().item.id;
    let mut versions = vec![bytes.clone()];
    for base in 1..=8 {
        let at = (base as usize * 474_747) % bytes.len();
        match base % 3 {
            0 => bytes.truncate(bytes.len() - 300_000),
            1 => drop(bytes.splice(at..at, random::unseen_bytes(10_000))),
            _ => bytes[at] ^= 0xFF,
        }
        ann.client.put_version(file, base, &bytes).unwrap();
        versions.push(bytes.clone());
    }
    for (expected, version) in versions.iter().zip(1..) {
        let read = ann.client.content(file, Some(version)).unwrap();
        assert!(read == *expected, "version {version}");
    }
}

/// A block's length in a list must be the stored block's.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_list_that_lies_about_a_length_is_refused() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"12345").unwrap().item.id;
    let mut commit = commit_of(1, b"12345");
    commit.content.blocks[0].length = 6;
    commit.content.size = 6;
    let refused = ann.client.commit(file, &commit).unwrap_err().problem();
    assert!(
        matches!(
            refused,
            Problem::BadManifest { .. } | Problem::BlocksMissing { .. }
        ),
        "{refused:?}"
    );
    assert_eq!(ann.client.content(file, None).unwrap(), b"12345");
}
