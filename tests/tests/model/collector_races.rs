//! The collector meets an upload or a commit: in each order in which their
//! calls of database and pack store can follow one another.
//!
//! Elsewhere, a block that was live was removed, or one that was sent again was
//! deleted with the old one (seafile#1547, #1884, #1929).

use crate::stage::{GONE, InTurns, LATE, Stage, THEN};
use blocks::hash::BlockHash;
use driftless_core::collect::packs::READER_GRACE_MILLIS;
use driftless_core::collect::{BOUNDS, CollectBounds, Collected};
use driftless_core::error::Failure;
use driftless_tests::client::{commit_of, conflict_id, frames, manifest, new_file, operation_id};
use driftless_tests::model::orders::every_order;
use protocol::conflicts::NewConflict;
use protocol::files::Proposal;
use protocol::problem::Problem;
use std::collections::BTreeSet;

/// The blocks that a refused change asks for.
fn asked_for(refused: Failure) -> Vec<BlockHash> {
    match refused.into_problem() {
        Problem::BlocksMissing { missing_blocks } => missing_blocks,
        other => panic!("{other:?}"),
    }
}

/// Counts how the races ended: in both ways, or the test proves nothing.
#[derive(Default)]
struct Ends {
    kept: usize,
    removed: usize,
}

impl Ends {
    fn count(&mut self, removed: u64) {
        match removed {
            0 => self.kept += 1,
            _ => self.removed += 1,
        }
    }

    fn says(&self, orders: usize) {
        assert_eq!(self.kept + self.removed, orders);
        assert!(
            self.kept > 0 && self.removed > 0,
            "{} of {orders}",
            self.kept
        );
    }
}

/// seafile#1547, #1884: collection and a commit race for a block. Either the
/// block stays, or the commit is refused, told which block to send again, and
/// then accepted.
#[test]
fn a_commit_never_refers_to_a_block_that_is_collected() {
    let mut ends = Ends::default();
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let file = stage.file("file", b"first");
        stage.store(&[b"second", b"in the same pack"]);
        let commit = commit_of(1, b"second");
        let legs = in_turns.legs();
        let (committed, collected) = order.run(
            legs.commit(ann, LATE, file, commit.clone()),
            legs.collect(LATE, &BOUNDS),
        );
        let Collected { blocks, .. } = collected.unwrap();
        ends.count(blocks - 1);
        stage.is_sound();
        if let Err(refused) = committed {
            assert_eq!(asked_for(refused), [BlockHash::of(b"second")]);
            assert_eq!(blocks, 2);
            stage.store_at(LATE, &[b"second"]);
            stage
                .server
                .commit(ann, LATE, file, commit.clone())
                .unwrap();
        }
        stage.collect(LATE);
        assert_eq!(stage.server.content(ann, file, Some(2)).unwrap(), b"second");
        assert_eq!(stage.server.content(ann, file, Some(1)).unwrap(), b"first");
        // However it ended, it happened once.
        let again = stage.server.commit(ann, LATE, file, commit).unwrap();
        assert_eq!(again.seq, 2);
        stage.is_sound();
    });
    ends.says(orders);
}

#[test]
fn neither_does_a_new_file() {
    let mut ends = Ends::default();
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let in_turns = InTurns::of(&stage.server);
        stage.store(&[b"first"]);
        let file = new_file(None, "file", Some(manifest(b"first")));
        let legs = in_turns.legs();
        let (made, collected) = order.run(
            legs.create_file(&stage.ann, LATE, file.clone()),
            legs.collect(LATE, &BOUNDS),
        );
        ends.count(collected.unwrap().blocks);
        stage.is_sound();
        if let Err(refused) = made {
            assert_eq!(asked_for(refused), [BlockHash::of(b"first")]);
            stage.store_at(LATE, &[b"first"]);
            stage
                .server
                .create_file(&stage.ann, LATE, file.clone())
                .unwrap();
        }
        let content = stage.server.content(&stage.ann, file.id, None);
        assert_eq!(content.unwrap(), b"first");
        stage.is_sound();
    });
    ends.says(orders);
}

#[test]
fn neither_does_a_version_that_came_second() {
    let mut ends = Ends::default();
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let file = stage.file("file", b"first");
        stage.store(&[b"theirs"]);
        stage
            .server
            .commit(ann, THEN, file, commit_of(1, b"theirs"))
            .unwrap();
        stage.store(&[b"mine"]);
        let new = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 1,
            content: manifest(b"mine"),
        };
        let legs = in_turns.legs();
        let (kept, collected) = order.run(
            legs.keep_conflict(ann, LATE, file, new.clone()),
            legs.collect(LATE, &BOUNDS),
        );
        ends.count(collected.unwrap().blocks);
        stage.is_sound();
        if let Err(refused) = kept {
            assert_eq!(asked_for(refused), [BlockHash::of(b"mine")]);
            stage.store_at(LATE, &[b"mine"]);
            stage
                .server
                .keep_conflict(ann, LATE, file, new.clone())
                .unwrap();
        }
        assert_eq!(stage.server.conflict_content(ann, new.id).unwrap(), b"mine");
        stage.is_sound();
    });
    ends.says(orders);
}

/// A proposal's answer is no promise: what was there then may be collected
/// before the commit, which says so.
#[test]
fn a_commit_of_what_a_proposal_did_not_ask_for() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("file", b"first");
    stage.store(&[b"second"]);
    let proposal = Proposal {
        current_version: 1,
        new_block_hashes: vec![BlockHash::of(b"second")],
        new_bytes: None,
    };
    let answer = server.propose(ann, file, proposal).unwrap();
    assert_eq!(answer.missing_blocks, []);
    assert_eq!(stage.collect(LATE).blocks, 1);
    let commit = commit_of(1, b"second");
    let refused = server.commit(ann, LATE, file, commit.clone()).unwrap_err();
    assert_eq!(asked_for(refused.into()), [BlockHash::of(b"second")]);
    stage.store_at(LATE, &[b"second"]);
    server.commit(ann, LATE, file, commit).unwrap();
    assert_eq!(server.content(ann, file, None).unwrap(), b"second");
    stage.is_sound();
}

/// seafile#1929: a block is sent again while it is collected. Either it was
/// there still, and a commit asks for it, or it is in a pack of its own that
/// nothing of the old one can take away.
#[test]
fn a_block_is_sent_again_while_it_is_collected() {
    let (mut ends, mut keys) = (Ends::default(), BTreeSet::new());
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let file = stage.file("file", b"first");
        stage.store(&[b"second"]);
        let old: BTreeSet<String> = stage.server.packs.keys().into_iter().collect();
        let pack = protocol::ids::PackId::from_random(stage.server.fresh_id());
        let legs = in_turns.legs();
        let (stored, collected) = order.run(
            legs.store_blocks(ann, LATE, pack, frames(&[b"second"])),
            legs.collect(LATE, &BOUNDS),
        );
        assert_eq!(collected.unwrap().blocks, 1);
        ends.count(u64::from(stored.unwrap().already_stored));
        stage.is_sound();
        keys.extend(
            stage
                .server
                .packs
                .keys()
                .into_iter()
                .filter(|key| !old.contains(key)),
        );
        let commit = commit_of(1, b"second");
        if let Err(refused) = stage.server.commit(ann, LATE, file, commit.clone()) {
            assert_eq!(asked_for(refused.into()), [BlockHash::of(b"second")]);
            stage.store_at(LATE, &[b"second"]);
            stage.server.commit(ann, LATE, file, commit).unwrap();
        }
        // A later run deletes what the first one condemned, and nothing else.
        stage.collect(GONE);
        assert_eq!(stage.server.content(ann, file, None).unwrap(), b"second");
        stage.is_sound();
    });
    ends.says(orders);
    assert!(!keys.is_empty());
}

#[test]
fn two_collectors_at_a_time_are_as_one() {
    // Without what these have no part in: each of its calls doubles the orders.
    let bounds = CollectBounds {
        patch_pages: 0,
        operation_pages: 0,
        ..BOUNDS
    };
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let in_turns = InTurns::of(&stage.server);
        let file = stage.file("file", b"first");
        stage.store(&[b"one", b"two"]);
        let legs = in_turns.legs();
        let (first, second) = order.run(legs.collect(LATE, &bounds), legs.collect(GONE, &bounds));
        assert_eq!(first.unwrap().blocks + second.unwrap().blocks, 2);
        stage.collect(GONE + READER_GRACE_MILLIS);
        assert_eq!(stage.server.packs.len(), 1);
        assert_eq!(stage.server.space(&stage.ann).unwrap().stored_bytes, 5);
        assert_eq!(
            stage.server.content(&stage.ann, file, None).unwrap(),
            b"first"
        );
        stage.is_sound();
    });
    assert!(orders > 100, "{orders}");
}
