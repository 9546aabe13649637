//! 1. blocks that are there cost nothing, and a copy of a file costs no block
//! 2. no block is stored that is not what its hash says
//! 3. the proposal speaks of each missing block once, in the file's order

use crate::client::{commit_of, frames, manifest, new_file};
use crate::drive::{Drive, Site, proposal};
use crate::random;
use blocks::frame::plain_header;
use blocks::hash::BlockHash;
use protocol::problem::Problem;

pub fn blocks_that_are_there_cost_nothing(site: &impl Site) {
    let ann = site.person();
    let blocks = [1_000, 2_000, 3_000].map(random::unseen_bytes);
    let first = ann.store(&[&blocks[0], &blocks[1]]).unwrap();
    assert_eq!((first.stored, first.already_stored), (2, 0));
    let second = ann.store(&[&blocks[1], &blocks[2], &blocks[0]]).unwrap();
    assert_eq!((second.stored, second.already_stored), (1, 2));
    let third = ann.store(&[&blocks[2]]).unwrap();
    assert_eq!((third.stored, third.already_stored), (0, 1));
    assert_eq!(ann.used(), 6_000);
    for block in &blocks {
        assert!(ann.block(BlockHash::of(block)).unwrap() == *block);
    }
}

pub fn one_block_twice_in_a_body_is_stored_once(site: &impl Site) {
    let ann = site.person();
    let block = random::unseen_bytes(5_000);
    let answer = ann.store(&[&block, &block]).unwrap();
    assert_eq!(answer.stored, 1);
    assert_eq!(ann.used(), 5_000);
    assert!(ann.block(BlockHash::of(&block)).unwrap() == block);
}

pub fn a_body_with_a_wrong_hash_stores_nothing(site: &impl Site) {
    let ann = site.person();
    let good = random::unseen_bytes(500);
    let (claimed, actual) = (BlockHash::of(b"claimed"), BlockHash::of(b"sent"));
    let mut body = frames(&[&good]);
    body.extend(plain_header(claimed, 4));
    body.extend(b"sent");
    let refused = ann.store_frames(&body).unwrap_err();
    assert_eq!(refused, Problem::HashMismatch { claimed, actual });
    body.truncate(body.len() - 1);
    let refused = ann.store_frames(&body).unwrap_err();
    assert!(matches!(refused, Problem::BadFrames { .. }), "{refused:?}");
    assert_eq!(ann.used(), 0);
    for hash in [BlockHash::of(&good), claimed, actual] {
        assert_eq!(ann.block(hash).unwrap_err(), Problem::NoSuchBlock);
    }
}

pub fn a_copy_costs_no_block(site: &impl Site) {
    let ann = site.person();
    let bytes = random::unseen_bytes(900_000);
    ann.put_file(None, "original", &bytes).unwrap();
    let used = ann.used();
    // The whole body of this request is the list of blocks.
    let copy = new_file(None, "copy", Some(manifest(&bytes)));
    let copy = ann.create_file(&copy).unwrap().item.id;
    assert_eq!(ann.used(), used);
    assert!(ann.content(copy, None).unwrap() == bytes);
}

pub fn missing_blocks_come_once_and_in_the_files_order(site: &impl Site) {
    let ann = site.person();
    let file = ann.new_empty_file(None, "file").unwrap().item.id;
    let stored = random::unseen_bytes(100);
    ann.store(&[&stored]).unwrap();
    let new = [(); 5].map(|()| BlockHash::of(&random::unseen_bytes(100)));
    let there = BlockHash::of(&stored);
    let list = vec![
        new[3], there, new[1], new[3], new[0], there, new[4], new[0], new[2],
    ];
    let missing = |list| {
        ann.propose(file, &proposal(1, list))
            .unwrap()
            .missing_blocks
    };
    assert_eq!(missing(list), [new[3], new[1], new[0], new[4], new[2]]);
    assert_eq!(missing(vec![]), []);
}

/// A file of zeros: one block, many times over.
pub fn a_file_may_repeat_a_block(site: &impl Site) {
    let ann = site.person();
    let bytes = vec![0; 3 << 20];
    let file = ann.put_file(None, "zeros", &bytes).unwrap().item.id;
    assert!(ann.content(file, None).unwrap() == bytes);
    assert_eq!(ann.used(), 1 << 20);
}

/// A proposal for a file that has many blocks, more than D1 binds parameters.
pub fn a_long_list_is_proposed_at_once(site: &impl Site) {
    let ann = site.person();
    let file = ann.new_empty_file(None, "file").unwrap().item.id;
    let hash = |i: u64| BlockHash::of(&i.to_le_bytes());
    let list: Vec<BlockHash> = (0..8_192).map(hash).collect();
    let answer = ann.propose(file, &proposal(1, list.clone())).unwrap();
    assert_eq!(answer.missing_blocks, list);
}

/// A block's length in a list must be the stored block's.
pub fn a_list_that_lies_about_a_length_is_refused(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"12345").unwrap().item.id;
    let mut commit = commit_of(1, b"12345");
    commit.content.blocks[0].length = 6;
    commit.content.size = 6;
    let refused = ann.commit(file, &commit).unwrap_err();
    assert!(
        matches!(refused, Problem::BadManifest { .. }),
        "{refused:?}"
    );
    assert_eq!(ann.content(file, None).unwrap(), b"12345");
}

pub fn a_proposal_on_another_base_is_refused(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"first").unwrap().item;
    ann.put_version(file.id, 1, b"second").unwrap();
    for base in [0, 1, 3] {
        match ann.propose(file.id, &proposal(base, vec![])) {
            Err(Problem::VersionConflict {
                current_version, ..
            }) => {
                assert_eq!(current_version, 2);
            }
            other => panic!("{base}: {other:?}"),
        }
    }
    let now = ann.item(file.id).unwrap();
    ann.put_in_trash(&now).unwrap();
    let refused = ann.propose(file.id, &proposal(2, vec![])).unwrap_err();
    assert_eq!(refused, Problem::InTrash);
}
