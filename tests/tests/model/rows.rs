//! What a small edit of a file of 400 blocks writes, as D1 counts: a row for each
//! row, and one for its entry in an index.

use crate::stage::{Stage, THEN};
use driftless_tests::client::{commit_of, content, frames, new_file};
use driftless_tests::random;
use protocol::content::{Base, Content, Spliced};

const BLOCKS: u64 = 400;

/// Rows written so far, without those of indexes.
fn written(stage: &Stage) -> u64 {
    count(stage, "SELECT total_changes()")
}

fn count(stage: &Stage, sql: &str) -> u64 {
    let connection = stage.server.db.connection();
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    count as u64
}

#[test]
fn a_small_edit_writes_eight_rows_and_two_for_its_block() {
    let stage = Stage::new();
    let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|n| random::bytes(n + 1, 40)).collect();
    let slices: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    stage.store(&slices);
    let old = content(&blocks);
    let file = new_file(None, "file", Some(old.clone()));
    let made = stage.server.create_file(&stage.ann, THEN, file).unwrap();
    let item = made.item.id;

    blocks[200] = b"another block".to_vec();
    let new = content(&blocks);
    let base = Base { item, version: 1 };
    let spliced = Content::Spliced(Spliced::of(&new, base, &old.blocks));
    let commit = commit_of(1, b"").with_content(spliced);
    let carried = frames(&[&blocks[200]]);
    let before = written(&stage);
    let changed = stage
        .server
        .commit_carrying(&stage.ann, THEN, item, commit, carried)
        .unwrap();
    assert_eq!(changed.item.version(), 2);
    let rows = written(&stage) - before;
    // The only index that a commit grows.
    let entries = count(
        &stage,
        "SELECT count(*) FROM file_blocks WHERE since_version = 2",
    );
    // Its own, the space's, and its entry in `blocks_by_pack`.
    let of_the_block = 3;
    let all = rows + entries + 1;
    println!(
        "{} rows for the commit, {of_the_block} for its block",
        all - of_the_block
    );
    assert_eq!(all, 8 + of_the_block);
    stage.is_sound();
}
