//! The quota, under races: never passed, and what the collector removes is free
//! again.

use crate::stage::{InTurns, LATE, Stage, THEN};
use driftless_api::collect::BOUNDS;
use driftless_tests::client::frames;
use driftless_tests::model::legs::Device;
use driftless_tests::model::orders::every_order;
use shared::ids::PackId;
use shared::protocol::problem::Problem;

/// Ann's device in a space that holds few bytes.
fn tight(stage: &Stage, quota_bytes: u64) -> Device {
    Device {
        space: stage.server.new_space(quota_bytes),
        ..stage.ann.clone()
    }
}

#[test]
fn an_upload_over_the_quota_stores_nothing() {
    let stage = Stage::new();
    let ann = tight(&stage, 10);
    let store = |blocks: &[&[u8]]| stage.server.store_blocks(&ann, THEN, frames(blocks));
    store(&[b"six by"]).unwrap();
    let refused = store(&[b"two", b"more"]).unwrap_err();
    let (used_bytes, quota_bytes) = (6, 10);
    let expected = Problem::QuotaExceeded {
        used_bytes,
        quota_bytes,
        needed_bytes: None,
        trash_bytes: None,
    };
    assert_eq!(refused, expected);
    store(&[b"four", b"six by"]).unwrap();
    assert_eq!(stage.server.space(&ann).unwrap().used_bytes, 10);
    stage.is_sound();
}

/// Both fit alone and not together.
#[test]
fn two_uploads_at_a_time_do_not_pass_the_quota() {
    let mut refusals = 0;
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let ann = tight(&stage, 10);
        let [first, second] = [(); 2].map(|()| PackId::from_random(stage.server.fresh_id()));
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let (first, second) = order.run(
            legs.store_blocks(&ann, THEN, first, frames(&[b"six by"])),
            legs.store_blocks(&ann, THEN, second, frames(&[b"seven b"])),
        );
        for refused in [first.err(), second.err()].into_iter().flatten() {
            let problem = refused.into_problem();
            assert!(
                matches!(problem, Problem::QuotaExceeded { .. }),
                "{problem:?}"
            );
            refusals += 1;
        }
        assert!(stage.server.space(&ann).unwrap().used_bytes <= 10);
        stage.is_sound();
    });
    assert_eq!(refusals, orders, "one of the two each time");
}

/// The same blocks in two bodies count once, whoever is first, and the object
/// of whoever was too late is deleted.
#[test]
fn two_uploads_of_the_same_blocks_count_once() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let ann = tight(&stage, 10);
        let [first, second] = [(); 2].map(|()| PackId::from_random(stage.server.fresh_id()));
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let body = || frames(&[b"six by", b"four"]);
        let (first, second) = order.run(
            legs.store_blocks(&ann, THEN, first, body()),
            legs.store_blocks(&ann, THEN, second, body()),
        );
        assert_eq!(first.unwrap().stored + second.unwrap().stored, 2);
        assert_eq!(stage.server.space(&ann).unwrap().used_bytes, 10);
        assert_eq!(stage.server.packs.len(), 1);
        stage.is_sound();
    });
}

#[test]
fn what_is_collected_is_free_again() {
    let stage = Stage::new();
    let ann = tight(&stage, 10);
    let store = |now, block: &[u8]| stage.server.store_blocks(&ann, now, frames(&[block]));
    store(THEN, b"six by").unwrap();
    assert!(store(LATE, b"seven b").is_err());
    assert_eq!(stage.server.collect(LATE, &BOUNDS).unwrap().blocks, 1);
    store(LATE, b"seven b").unwrap();
    stage.is_sound();
}
