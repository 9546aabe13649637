//! The quota and the limits: never passed, whoever is first, and not used up by what
//! nothing refers to.

use crate::stage::{InTurns, LATE, Stage, THEN};
use blocks::hash::BlockHash;
use driftless_core::collect::BOUNDS;
use driftless_core::room::Limits;
use driftless_tests::client::{commit_of, content, frames, manifest, new_file, operation_id};
use driftless_tests::model::legs::Device;
use driftless_tests::model::orders::every_order;
use driftless_tests::random;
use protocol::content::{Base, Content, Spliced};
use protocol::files::{NewFile, Proposal};
use protocol::ids::{PackId, UnixMillis};
use protocol::items::NewFolder;
use protocol::limits::{BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE};
use protocol::problem::{Limited, Problem};

/// What a new file of one new block is charged for, beside the block's bytes.
const FILE: u64 = ITEM_CHARGE + VERSION_CHARGE + LIST_ROW_CHARGE + BLOCK_CHARGE;

/// Ann's device in a space that holds few bytes.
fn tight(stage: &Stage, quota_bytes: u64) -> Device {
    Device {
        space: stage.server.new_space(quota_bytes),
        ..stage.ann.clone()
    }
}

/// Blocks of 1,000 bytes each, unlike those of any other seed.
fn blocks(seed: u64, count: u64) -> Vec<Vec<u8>> {
    let block = |n| random::bytes(seed * 1_000 + n + 1, 1_000);
    (0..count).map(block).collect()
}

fn upload(stage: &Stage, ann: &Device, blocks: &[Vec<u8>]) -> Result<(), Problem> {
    upload_at(THEN, stage, ann, blocks)
}

fn upload_at(
    now: UnixMillis,
    stage: &Stage,
    ann: &Device,
    blocks: &[Vec<u8>],
) -> Result<(), Problem> {
    for some in blocks.chunks(5) {
        let some: Vec<&[u8]> = some.iter().map(Vec::as_slice).collect();
        stage.server.store_blocks(ann, now, frames(&some))?;
    }
    Ok(())
}

/// Rows and objects: all that a request could leave behind.
fn everything(stage: &Stage) -> (Vec<i64>, Vec<String>) {
    (stage.rows(), stage.server.packs.keys())
}

/// 25 of 30 MB were sent and the upload was cancelled: the next 25 go through at once.
#[test]
fn a_cancelled_upload_leaves_room_for_the_next_one() {
    let stage = Stage::new();
    let ann = tight(
        &stage,
        30 * (1_000 + BLOCK_CHARGE + LIST_ROW_CHARGE) + 1_000,
    );
    for seed in 0..4 {
        upload_at(THEN + seed, &stage, &ann, &blocks(seed, 25)).unwrap();
        let space = stage.server.space(&ann).unwrap();
        assert_eq!(space.used_bytes, 0, "nothing refers to any of it");
        assert!(space.stored_bytes <= space.quota_bytes);
        stage.is_sound();
    }
    let last = blocks(3, 25);
    let file = new_file(None, "film", Some(content(&last)));
    stage.server.create_file(&ann, THEN, file.clone()).unwrap();
    let bytes = stage.server.content(&ann, file.id, None).unwrap();
    assert_eq!(bytes, last.concat());
    stage.is_sound();
}

/// The upload that is under way when others push its blocks out sends them again.
#[test]
fn what_makes_room_is_the_oldest_and_nothing_that_is_needed() {
    let stage = Stage::new();
    let ann = tight(&stage, 12 * (1_000 + BLOCK_CHARGE));
    let kept = blocks(9, 1);
    upload(&stage, &ann, &kept).unwrap();
    let file = new_file(None, "kept", Some(content(&kept)));
    stage.server.create_file(&ann, THEN, file.clone()).unwrap();
    upload(&stage, &ann, &blocks(1, 5)).unwrap();
    stage
        .server
        .store_blocks(&ann, THEN + 1, frames(&[b"younger"]))
        .unwrap();
    let next = blocks(2, 10);
    for block in &next {
        stage
            .server
            .store_blocks(&ann, THEN + 2, frames(&[block]))
            .unwrap();
    }
    let has = |block: &[u8]| stage.server.block(&ann, BlockHash::of(block)).is_ok();
    assert!(has(&kept[0]) && has(b"younger") && has(&next[9]));
    let oldest = blocks(1, 5);
    let left = oldest.iter().filter(|block| has(block)).count();
    assert_eq!(left, 1, "four of the oldest made room");
    assert_eq!(stage.server.content(&ann, file.id, None).unwrap(), kept[0]);
    stage.is_sound();
}

#[test]
fn an_upload_that_no_file_has_room_for_stores_nothing() {
    let stage = Stage::new();
    let ann = tight(&stage, FILE + 1_500);
    let first = blocks(1, 1);
    upload(&stage, &ann, &first).unwrap();
    let file = new_file(None, "a", Some(content(&first)));
    stage.server.create_file(&ann, THEN, file).unwrap();
    let before = everything(&stage);
    let refused = upload(&stage, &ann, &blocks(2, 1)).unwrap_err();
    let expected = Problem::QuotaExceeded {
        used_bytes: FILE + 1_000,
        quota_bytes: FILE + 1_500,
        needed_bytes: Some(1_000 + BLOCK_CHARGE),
        trash_bytes: Some(0),
    };
    assert_eq!(refused, expected);
    assert_eq!(everything(&stage), before);
    stage.is_sound();
}

/// Before any of its bytes travel.
#[test]
fn a_file_that_does_not_fit_is_refused_at_once() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, tight(&stage, FILE + 2_500));
    let large = content(&blocks(1, 4));
    let is_full = |end: Problem| matches!(end, Problem::QuotaExceeded { needed_bytes: Some(needed), .. } if needed >= 4_000);
    let file = new_file(None, "large", Some(large.clone()));
    assert!(is_full(
        server.create_file(&ann, THEN, file.clone()).unwrap_err()
    ));
    let ends = server.create_files(&ann, THEN, vec![file.into()]).unwrap();
    assert!(is_full(ends[0].clone().unwrap_err()));

    upload(&stage, &ann, &blocks(2, 1)).unwrap();
    let small = new_file(None, "small", Some(content(&blocks(2, 1))));
    server.create_file(&ann, THEN, small.clone()).unwrap();
    let commit = commit_of(1, b"").with_content(large.clone());
    let refused = server.commit(&ann, THEN, small.id, commit).unwrap_err();
    assert!(is_full(refused));
    let proposal = Proposal {
        current_version: 1,
        new_block_hashes: large.blocks.iter().map(|block| block.hash).collect(),
        new_bytes: Some(large.size),
    };
    let refused = server.propose(&ann, small.id, proposal).unwrap_err();
    assert!(is_full(refused));
    assert_eq!(server.space(&ann).unwrap().stored_bytes, 1_000);
}

/// Both fit alone and not together: one of them is made, whichever is first, and
/// nothing of the other counts.
#[test]
fn two_files_at_a_time_do_not_pass_the_quota() {
    let mut refusals = 0;
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let ann = tight(&stage, FILE + 100);
        let file = |name: &str, bytes: &[u8]| new_file(None, name, Some(manifest(bytes)));
        for block in [b"one", b"two"] {
            stage
                .server
                .store_blocks(&ann, THEN, frames(&[block]))
                .unwrap();
        }
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let (first, second) = order.run(
            legs.create_file(&ann, THEN, file("a", b"one")),
            legs.create_file(&ann, THEN, file("b", b"two")),
        );
        for refused in [first.err(), second.err()].into_iter().flatten() {
            let problem = refused.into_problem();
            assert!(
                matches!(problem, Problem::QuotaExceeded { .. }),
                "{problem:?}"
            );
            refusals += 1;
        }
        assert_eq!(stage.server.space(&ann).unwrap().used_bytes, FILE + 3);
        stage.is_sound();
    });
    assert_eq!(refusals, orders, "one of the two each time");
}

/// Neither is refused: one makes room for the other.
#[test]
fn two_uploads_at_a_time_store_no_more_than_there_may_be() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let quota = 2 * (1_000 + BLOCK_CHARGE) + 100;
        let ann = tight(&stage, quota);
        let [first, second] = [(); 2].map(|()| PackId::from_random(stage.server.fresh_id()));
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let body = |seed| {
            let blocks = blocks(seed, 2);
            let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
            frames(&blocks)
        };
        let (first, second) = order.run(
            legs.store_blocks(&ann, THEN, first, body(1)),
            legs.store_blocks(&ann, THEN, second, body(2)),
        );
        assert_eq!(first.unwrap().stored + second.unwrap().stored, 4);
        assert_eq!(stage.server.space(&ann).unwrap().stored_bytes, 2_000);
        stage.is_sound();
    });
}

/// The same blocks in two bodies count once, whoever is first, and the object
/// of whoever was too late is deleted.
#[test]
fn two_uploads_of_the_same_blocks_count_once() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let ann = tight(&stage, 1_000);
        let [first, second] = [(); 2].map(|()| PackId::from_random(stage.server.fresh_id()));
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let body = || frames(&[b"six by", b"four"]);
        let (first, second) = order.run(
            legs.store_blocks(&ann, THEN, first, body()),
            legs.store_blocks(&ann, THEN, second, body()),
        );
        assert_eq!(first.unwrap().stored + second.unwrap().stored, 2);
        assert_eq!(stage.server.space(&ann).unwrap().stored_bytes, 10);
        assert_eq!(stage.server.packs.len(), 1);
        stage.is_sound();
    });
}

/// A block counts once, however many lists have it, and whoever brought it into the
/// first one.
#[test]
fn a_block_counts_once() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        stage.store(&[b"both"]);
        let file = |name: &str| new_file(None, name, Some(manifest(b"both")));
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let (first, second) = order.run(
            legs.create_file(&stage.ann, THEN, file("a")),
            legs.create_file(&stage.ann, THEN, file("b")),
        );
        first.unwrap();
        second.unwrap();
        let used = stage.server.space(&stage.ann).unwrap().used_bytes;
        assert_eq!(used, 2 * FILE - BLOCK_CHARGE + 4);
        stage.is_sound();
    });
}

#[test]
fn of_many_files_those_are_made_that_fit() {
    let stage = Stage::new();
    let ann = tight(&stage, 3 * (FILE + 1_000) + 500);
    let all = blocks(1, 5);
    let files = all.iter().enumerate().map(|(n, block)| {
        let file = new_file(
            None,
            &n.to_string(),
            Some(content(std::slice::from_ref(block))),
        );
        file.into()
    });
    let files: Vec<NewFile<Content>> = files.collect();
    for block in &all {
        // Four fit as long as nothing refers to them.
        let _ = stage.server.store_blocks(&ann, THEN, frames(&[block]));
    }
    let ends = stage.server.create_files(&ann, THEN, files).unwrap();
    let made = ends.iter().filter(|end| end.is_ok()).count();
    assert_eq!(made, 3, "{ends:?}");
    for end in ends.into_iter().filter_map(Result::err) {
        assert!(
            matches!(
                end,
                Problem::QuotaExceeded { .. } | Problem::BlocksMissing { .. }
            ),
            "{end:?}"
        );
    }
    stage.is_sound();
}

/// Copies have no bytes of their own, and fill a space all the same.
#[test]
fn metadata_is_not_free() {
    let stage = Stage::new();
    let quota = 3 * FILE + 1_000;
    let (server, ann) = (&stage.server, tight(&stage, quota));
    let first = blocks(1, 1);
    upload(&stage, &ann, &first).unwrap();
    let file = new_file(None, "file", Some(content(&first)));
    server.create_file(&ann, THEN, file.clone()).unwrap();
    let base = Base {
        item: file.id,
        version: 1,
    };
    let copy = Content::Spliced(Spliced::of(&content(&first), base, &content(&first).blocks));
    let mut copies = 0;
    let refused = loop {
        let copy = new_file(None, &format!("{copies}"), None).with_content(Some(copy.clone()));
        match server.create_file(&ann, THEN, copy) {
            Ok(_) => copies += 1,
            Err(refused) => break refused,
        }
        assert!(copies < 9);
    };
    assert!(
        matches!(refused, Problem::QuotaExceeded { .. }),
        "{refused:?}"
    );
    let space = server.space(&ann).unwrap();
    assert_eq!(space.used_bytes, space.metadata_bytes + 1_000);
    assert!(space.used_bytes <= quota);
    // A full space still reads, renames and throws away.
    assert_eq!(server.content(&ann, file.id, None).unwrap(), first[0]);
    let item = server.item(&ann, file.id).unwrap();
    let trash = driftless_tests::client::change_trashed(&item);
    server.trash(&ann, THEN, file.id, trash).unwrap();
    stage.is_sound();
}

#[test]
fn a_space_has_only_so_many_items_versions_and_rows() {
    let stage = Stage::new();
    let server = &stage.server;
    let ann = Device {
        limits: Limits {
            items: 2,
            versions_of_a_file: 3,
            list_rows: 4,
        },
        ..stage.ann.clone()
    };
    let folder = |name: &str| NewFolder {
        operation_id: operation_id(),
        id: driftless_tests::client::item_id(),
        parent: None,
        name: driftless_tests::client::name(name),
    };
    let refused = |what, most| Problem::LimitReached { what, most };
    server.create_folder(&ann, THEN, folder("a")).unwrap();
    let file = stage.file("file", b"1");
    let before = everything(&stage);
    let third = server.create_folder(&ann, THEN, folder("b")).unwrap_err();
    assert_eq!(third, refused(Limited::Items, 2));
    assert_eq!(everything(&stage), before);

    stage.store(&[b"2", b"3", b"4"]);
    for (base, bytes) in [(1, b"2"), (2, b"3")] {
        let commit = commit_of(base, bytes);
        server.commit(&ann, THEN, file, commit).unwrap();
    }
    let before = everything(&stage);
    let fourth = server.commit(&ann, THEN, file, commit_of(3, b"4"));
    assert_eq!(fourth.unwrap_err(), refused(Limited::VersionsOfAFile, 3));
    let more = Device {
        limits: Limits {
            versions_of_a_file: 9,
            ..ann.limits
        },
        ..ann.clone()
    };
    let two = content(&[b"2".to_vec(), b"4".to_vec()]);
    let rows = server.commit(&more, THEN, file, commit_of(3, b"").with_content(two));
    assert_eq!(rows.unwrap_err(), refused(Limited::ListRows, 4));
    assert_eq!(everything(&stage), before);
    let counts = server.space(&ann).unwrap().counts;
    assert_eq!((counts.items, counts.versions, counts.list_rows), (2, 3, 3));
    assert_eq!((counts.most_items, counts.most_list_rows), (2, 4));
    stage.is_sound();
}

#[test]
fn what_is_collected_is_not_stored_any_more() {
    let stage = Stage::new();
    let ann = tight(&stage, 1_000);
    stage
        .server
        .store_blocks(&ann, THEN, frames(&[b"six by"]))
        .unwrap();
    assert_eq!(stage.server.collect(LATE, &BOUNDS).unwrap().blocks, 1);
    assert_eq!(stage.server.space(&ann).unwrap().stored_bytes, 0);
    stage.is_sound();
}
