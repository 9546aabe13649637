use super::home::{block, located};
use crate::ports::{Frame, Made};
use crate::weight::Weight;
use blocks::manifest::BlockRef;
use protocol::limits::{
    MAX_PACK_BASE_BYTES, MAX_PACK_BASES, MAX_PACK_BLOCKS, MAX_PACK_PLAIN_BYTES, TARGET_PACK_BYTES,
};

fn plain(block: BlockRef) -> Frame<()> {
    Frame::plain(located(&[block])[0])
}

fn patch(block: BlockRef, frame_bytes: u32, bases: &[BlockRef]) -> Frame<()> {
    let made = Made {
        hash: block.hash,
        frame_bytes,
        bases: bases.to_vec(),
    };
    Frame {
        located: located(&[block])[0],
        made: Some((made, ())),
    }
}

/// How many frames there is room for.
fn taken(frames: impl Iterator<Item = Frame<()>>) -> usize {
    let mut weight = Weight::default();
    frames.take_while(|frame| weight.takes(frame)).count()
}

#[test]
fn a_pack_is_as_large_as_it_should_be_and_no_larger() {
    let half = block(1, (TARGET_PACK_BYTES / 2) as u32);
    assert_eq!(taken((0..9).map(|_| plain(half))), 2);
}

#[test]
fn a_block_for_which_no_pack_has_room_is_not_left_out_for_ever() {
    let huge = block(1, TARGET_PACK_BYTES as u32 + 1);
    assert_eq!(taken((0..9).map(|_| plain(huge))), 1);
}

#[test]
fn the_server_refuses_no_pack_for_its_number_of_blocks() {
    let frames = (0..).map(|n| plain(block(n, 1)));
    assert_eq!(taken(frames.take(MAX_PACK_BLOCKS + 9)), MAX_PACK_BLOCKS);
}

#[test]
fn patches_count_with_what_the_server_makes_of_them() {
    let quarter = block(1, (MAX_PACK_PLAIN_BYTES / 4) as u32);
    let frames = (0..9).map(|_| patch(quarter, 100, &[]));
    assert_eq!(taken(frames), 4);
}

#[test]
fn a_base_that_patches_share_is_read_once_and_counts_once() {
    let base = block(0, (MAX_PACK_BASE_BYTES / 2 + 1) as u32);
    let many = MAX_PACK_BASES as u64 + 9;
    let shared = (1..=many).map(|n| patch(block(n, 10), 100, &[base]));
    assert_eq!(taken(shared), many as usize);
    let apart = (1..=many).map(|n| patch(block(n, 10), 100, &[block(1_000_000 + n, 10)]));
    assert_eq!(taken(apart), MAX_PACK_BASES);
}
