//! The collector, one run after another: what it removes, what it keeps, and
//! where it goes on after it was cut off.

use crate::stage::{GONE, LATE, STILL, Stage, THEN, owner};
use driftless_core::collect::{BOUNDS, CollectBounds, Collected};
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, frames, item_id, manifest, name, new_file, operation_id,
};
use driftless_tests::model::audit::{faults, strays};
use driftless_tests::model::lapses::Lapse::{self, AnswerLost, Unreached};
use protocol::conflicts::{Choice, NewConflict, Resolve};
use protocol::limits::OPERATION_RETENTION_MILLIS;
use protocol::problem::Problem;

#[test]
fn what_nothing_needs_goes_after_a_day() {
    let stage = Stage::new();
    stage.store(&[b"one", b"two"]);
    stage.store_at(THEN + 1, &[b"later"]);
    assert_eq!(stage.collect(STILL), Collected::default());
    assert!(stage.has(b"one"));
    let collected = stage.collect(LATE);
    assert_eq!((collected.blocks, collected.packs), (2, 0));
    assert!(!stage.has(b"one") && !stage.has(b"two") && stage.has(b"later"));
    assert_eq!(stage.server.space(&stage.ann).unwrap().stored_bytes, 5);
    stage.is_sound();
    assert_eq!(stage.collect(LATE), Collected::default());
    assert_eq!(stage.collect(LATE + 1).blocks, 1);
    assert_eq!(stage.server.space(&stage.ann).unwrap().stored_bytes, 0);
    stage.is_sound();
    // Until then somebody may be on the way to an object.
    assert_eq!(stage.collect(GONE - 1).packs, 0);
    assert_eq!(stage.collect(GONE).packs, 1);
    assert_eq!(stage.collect(GONE + 1).packs, 1);
    assert!(stage.server.packs.is_empty());
}

/// Every version is kept, in the trash too, and so is every side of a conflict,
/// decided or not.
#[test]
fn what_can_be_read_is_kept() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("file", b"first");
    for (base, bytes) in [(1, b"second"), (2, b"third!")] {
        stage.store(&[bytes]);
        let commit = commit_of(base, bytes);
        server.commit(ann, THEN, file, commit).unwrap();
    }
    let mut kept = Vec::new();
    for bytes in [b"open side", b"mine side", b"other one"] {
        stage.store(&[bytes]);
        let new = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 1,
            content: manifest(bytes),
        };
        kept.push((
            server.keep_conflict(ann, THEN, file, new).unwrap().id,
            bytes,
        ));
    }
    let resolve = |seen_version, choice| Resolve {
        operation_id: operation_id(),
        seen_version,
        choice,
    };
    server
        .resolve(ann, THEN, kept[1].0, resolve(3, Choice::KeepTheirs))
        .unwrap();
    let copy = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    server
        .resolve(ann, THEN, kept[2].0, resolve(3, copy))
        .unwrap();
    let item = server.item(ann, file).unwrap();
    server
        .trash(ann, THEN, file, change_trashed(&item))
        .unwrap();
    stage.store(&[b"garbage"]);

    let far = LATE + 10 * OPERATION_RETENTION_MILLIS;
    assert_eq!(stage.collect(far).blocks, 1);
    for (version, bytes) in [(1, &b"first"[..]), (2, b"second"), (3, b"third!")] {
        assert_eq!(server.content(ann, file, Some(version)).unwrap(), bytes);
    }
    for (id, bytes) in kept {
        assert_eq!(server.conflict_content(ann, id).unwrap(), bytes);
    }
    stage.is_sound();
}

#[test]
fn a_pack_is_kept_while_one_of_its_blocks_is_needed() {
    let stage = Stage::new();
    stage.store(&[b"needed", b"not needed"]);
    let content = Some(manifest(b"needed"));
    let made = stage
        .server
        .create_file(&stage.ann, THEN, new_file(None, "file", content));
    let collected = stage.collect(LATE);
    assert_eq!((collected.blocks, collected.packs), (1, 0));
    let file = made.unwrap().item.id;
    assert_eq!(
        stage.server.content(&stage.ann, file, None).unwrap(),
        b"needed"
    );
    stage.is_sound();
}

/// The same block in two spaces is two blocks.
#[test]
fn another_space_keeps_nothing() {
    let stage = Stage::new();
    let bob = owner(&stage.server, "bob");
    stage
        .server
        .store_blocks(&bob, THEN, frames(&[b"same"]))
        .unwrap();
    let file = stage.file("file", b"same");
    assert_eq!(stage.collect(LATE).blocks, 1);
    assert_eq!(
        stage.server.content(&stage.ann, file, None).unwrap(),
        b"same"
    );
    assert_eq!(stage.server.space(&bob).unwrap().stored_bytes, 0);
    stage.is_sound();
}

/// The collector's own look is no promise: where it is wrong, the database
/// refuses.
#[test]
fn the_foreign_key_refuses_to_remove_a_block_that_is_needed() {
    let stage = Stage::new();
    stage.file("file", b"needed");
    let db = stage.server.db.connection();
    let refused = db.execute("DELETE FROM blocks", []).unwrap_err();
    assert!(refused.to_string().contains("FOREIGN KEY"), "{refused}");
}

/// A few blocks at a time, over several spaces, and then from the start again.
#[test]
fn the_next_run_goes_on_where_one_left_off() {
    let stage = Stage::new();
    let bob = owner(&stage.server, "bob");
    let few = CollectBounds {
        blocks_per_page: 3,
        block_pages: 1,
        ..BOUNDS
    };
    let run = |now| stage.server.collect(now, &few).unwrap().blocks;
    let block = |n: u8| [b"block".as_slice(), &[n]].concat();
    for n in 0..10 {
        stage.store(&[&block(n)]);
        stage
            .server
            .store_blocks(&bob, THEN, frames(&[&block(n)]))
            .unwrap();
    }
    let kept = stage.file("file", &block(3));
    let mut runs = Vec::new();
    while runs.iter().sum::<u64>() < 19 {
        runs.push(run(LATE));
        assert!(runs.len() < 20, "{runs:?}");
        stage.is_sound();
    }
    run(GONE);
    assert_eq!(stage.server.packs.len(), 1);
    assert!(runs.iter().all(|&removed| removed <= 3), "{runs:?}");
    assert_eq!(
        stage.server.content(&stage.ann, kept, None).unwrap(),
        block(3)
    );

    // The last page began anew.
    while run(LATE) > 0 {}
    stage.store(&[&block(0), &block(9)]);
    let removed: u64 = (0..4).map(|_| run(LATE)).sum();
    assert_eq!(removed, 2);
    stage.is_sound();
}

/// Cut off at each of its calls, before and after the call did its work, a run
/// leaves nothing wrong, and the next one leaves what one run would have.
#[test]
fn a_run_may_be_cut_off_anywhere() {
    let mut cuts = 0;
    for lapse in [Unreached, AnswerLost] {
        for at in 0.. {
            let stage = Stage::new();
            let file = stage.file("file", b"kept");
            stage.store(&[b"one", b"two"]);
            stage.store(&[b"three"]);
            let lapses = (0..at).map(|_| None).chain([Some(lapse)]);
            stage.server.db.lapses.plan(lapses);
            let ended = stage.server.collect(LATE, &BOUNDS);
            let ended = ended.and_then(|_| stage.server.collect(GONE, &BOUNDS));
            stage.server.db.lapses.clear();
            if ended.is_ok() {
                break;
            }
            cuts += 1;
            assert_eq!(faults(&stage.server), Vec::<String>::new());
            stage.collect(LATE);
            stage.collect(GONE);
            assert_eq!(stage.server.packs.len(), 1, "{lapse:?} at call {at}");
            assert_eq!(stage.server.space(&stage.ann).unwrap().stored_bytes, 4);
            assert_eq!(
                stage.server.content(&stage.ann, file, None).unwrap(),
                b"kept"
            );
            stage.is_sound();
        }
    }
    assert!(cuts >= 16, "{cuts}");
}

/// Between row and object, the object is without rows, and is not forgotten.
#[test]
fn an_object_that_was_not_deleted_is_deleted_later() {
    for lapse in [Unreached, AnswerLost] {
        let stage = Stage::new();
        stage.store(&[b"one"]);
        stage.collect(LATE);
        stage.server.packs.lapses.plan([Some(lapse)]);
        let refused = stage.server.collect(GONE, &BOUNDS).unwrap_err();
        assert_eq!(refused, Problem::Unavailable);
        assert!(!stage.has(b"one"));
        assert_eq!(stage.server.packs.len(), usize::from(lapse == Unreached));
        stage.is_sound();
        assert_eq!(stage.collect(GONE).packs, 1);
        assert!(stage.server.packs.is_empty());
        assert_eq!(stage.collect(GONE).packs, 0);
    }
}

/// An upload that was cut off leaves no row that points nowhere, and what it
/// wrote is collected like all else.
#[test]
fn an_upload_that_was_cut_off_is_collected() {
    let cut = |db: Option<Lapse>| {
        let stage = Stage::new();
        // The first call looks what is missing; the write is tried three times.
        stage.server.db.lapses.plan([None, db, db, db]);
        let body = frames(&[b"one", b"two"]);
        let refused = stage
            .server
            .store_blocks(&stage.ann, THEN, body)
            .unwrap_err();
        assert_eq!(refused, Problem::Unavailable);
        assert_eq!(faults(&stage.server), Vec::<String>::new());
        stage
    };
    let written = cut(Some(AnswerLost));
    assert!(written.has(b"one"));
    assert_eq!(written.collect(LATE).blocks, 2);
    written.is_sound();
    // Without a row, only the rewriting finds the object; it is the price of not
    // writing a row before each upload.
    let unwritten = cut(Some(Unreached));
    assert_eq!(unwritten.collect(LATE), Collected::default());
    assert_eq!(strays(&unwritten.server).len(), 1);
}

#[test]
fn old_answers_are_forgotten_and_their_repeats_harm_nobody() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    stage.store(&[b"first", b"second"]);
    let file = new_file(None, "file", Some(manifest(b"first")));
    let made = server.create_file(ann, THEN, file.clone()).unwrap();
    let commit = commit_of(1, b"second");
    let committed = server
        .commit(ann, THEN + 1, file.id, commit.clone())
        .unwrap();
    let few = CollectBounds {
        operations_per_page: 1,
        operation_pages: 1,
        ..BOUNDS
    };
    let trim = |now| server.collect(now, &few).unwrap().operations;

    let expiry = THEN + OPERATION_RETENTION_MILLIS;
    assert_eq!((0..3).map(|_| trim(expiry)).sum::<u64>(), 0);
    assert_eq!(server.create_file(ann, LATE, file.clone()).unwrap(), made);
    // One of the two is older by a millisecond.
    assert_eq!((0..3).map(|_| trim(expiry + 1)).sum::<u64>(), 1);
    let repeated = server.create_file(ann, LATE, file.clone()).unwrap_err();
    assert_eq!(repeated, Problem::IdTaken);
    let repeated = server.commit(ann, LATE, file.id, commit.clone()).unwrap();
    assert_eq!(repeated, committed);
    assert_eq!((0..3).map(|_| trim(expiry + 2)).sum::<u64>(), 1);
    let repeated = server.commit(ann, LATE, file.id, commit).unwrap_err();
    assert!(matches!(
        repeated,
        Problem::VersionConflict {
            current_version: 2,
            ..
        }
    ));
    assert_eq!(server.item(ann, file.id).unwrap(), committed.item);
    assert_eq!(server.newest(ann).unwrap().0, 2);
}
