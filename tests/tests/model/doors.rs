//! What comes out of a space and what is told of it: events, names, and the answers to
//! many new files of which some can't be read.

use crate::stage::{Stage, THEN};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::access::reach::Reach;
use driftless_core::reads::content::{of_conflict, of_file};
use driftless_core::writes::creates::create_files;
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, item_id, manifest, name, new_file, operation_id,
};
use driftless_tests::drive::resolve;
use driftless_tests::model::ready::ready;
use protocol::conflicts::{Choice, NewConflict, Reopen};
use protocol::content::{Base, Content, Spliced};
use protocol::items::{ChangePlace, Item, NewFolder};
use protocol::limits::MAX_BATCH_BLOCKS;
use protocol::notifications::EventType;
use protocol::problem::Problem;

/// What a poll from behind is told now.
fn newest(stage: &Stage) -> EventType {
    let (_, event) = stage.server.newest(&stage.ann).unwrap();
    event.expect("an entry").event_type
}

fn placed(stage: &Stage, item: &Item, to: &str) -> Item {
    let change = ChangePlace {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        parent: None,
        name: name(to),
    };
    let changed = stage.server.change_place(&stage.ann, THEN, item.id, change);
    changed.unwrap().item
}

#[test]
fn each_kind_of_change_says_what_it_is() {
    let stage = Stage::new();
    let id = stage.file("file", b"first");
    assert_eq!(newest(&stage), EventType::FileCreate);
    let item = stage.server.item(&stage.ann, id).unwrap();
    let item = placed(&stage, &item, "renamed");
    assert_eq!(newest(&stage), EventType::FileMove);
    let trash = change_trashed(&item);
    let item = stage
        .server
        .trash(&stage.ann, THEN, id, trash)
        .unwrap()
        .item;
    assert_eq!(newest(&stage), EventType::FileDelete);
    let restore = change_trashed(&item);
    stage.server.restore(&stage.ann, THEN, id, restore).unwrap();
    assert_eq!(newest(&stage), EventType::FileRestore);
    stage.store(&[b"second"]);
    let commit = commit_of(1, b"second");
    stage.server.commit(&stage.ann, THEN, id, commit).unwrap();
    assert_eq!(newest(&stage), EventType::FileUpdate);
    let folder = NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent: None,
        name: name("folder"),
    };
    stage
        .server
        .create_folder(&stage.ann, THEN, folder)
        .unwrap();
    assert_eq!(newest(&stage), EventType::FileCreate);
    stage.is_sound();
}

fn conflict(stage: &Stage, file: protocol::ids::ItemId, bytes: &[u8]) -> protocol::ids::ConflictId {
    stage.store(&[bytes]);
    let new = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 0,
        content: manifest(bytes),
    };
    let kept = stage.server.keep_conflict(&stage.ann, THEN, file, new);
    kept.unwrap().id
}

/// A copy that goes into the trash again is a deletion; what is told of the change as a
/// whole is its last entry.
#[test]
fn what_a_choice_does_to_files_is_told_by_its_entries() {
    let stage = Stage::new();
    let file = stage.file("file", b"first");
    let conflict = conflict(&stage, file, b"mine");
    let choice = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    let resolved = resolve(1, choice);
    stage
        .server
        .resolve(&stage.ann, THEN, conflict, resolved)
        .unwrap();
    let reopen = Reopen {
        operation_id: operation_id(),
        seen_version: 1,
    };
    stage
        .server
        .reopen(&stage.ann, THEN, conflict, reopen)
        .unwrap();
    assert_eq!(newest(&stage), EventType::Conflict);
    let deletions: i64 = stage
        .server
        .db
        .connection()
        .query_row(
            "SELECT count(*) FROM changes WHERE event = 'file_delete'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap();
    assert_eq!(deletions, 1);
}

#[test]
fn the_side_that_came_second_is_not_saved_under_the_firsts_name() {
    let stage = Stage::new();
    let file = stage.file("report.pdf", b"first");
    let conflict = conflict(&stage, file, b"mine");
    let (db, space) = (&stage.server.db, stage.ann.space);
    let (_, first) = ready(of_file(db, space, &Reach::Whole, file, None)).unwrap();
    assert_eq!(first.name, Some(name("report.pdf")));
    let second = ready(of_conflict(db, space, &Reach::Whole, conflict)).unwrap();
    let marked = "report (conflicted copy, Laptop, 2026-11-23).pdf";
    assert_eq!(second.name, Some(name(marked)));
    assert_eq!((first.at, second.at), (Some(THEN), Some(THEN)));
}

#[test]
fn a_file_that_cannot_be_read_refuses_no_other() {
    let stage = Stage::new();
    let bad = |detail: &str| {
        Err(Problem::BadName {
            detail: detail.into(),
        })
    };
    let good = |n: u8| Ok(new_file(None, &format!("file {n}"), None).into());
    let files = vec![bad("first"), good(1), bad("second"), good(2)];
    let author = stage.ann.at(THEN);
    let ends = ready(create_files(&stage.server.db, &author, files)).unwrap();
    let ends: Vec<_> = ends
        .into_iter()
        .map(|end| {
            end.map(|applied| applied.seq)
                .map_err(|failure| failure.into_problem())
        })
        .collect();
    let refused = |detail: &str| {
        Err(Problem::BadName {
            detail: detail.into(),
        })
    };
    assert_eq!(ends, [refused("first"), Ok(1), refused("second"), Ok(2)]);
    stage.is_sound();
}

/// The copies can be looked at only once the file is there, and have too many blocks
/// together: what was made by then must not be told as refused.
#[test]
fn copies_of_a_file_that_the_same_request_makes_are_made_however_many_blocks_they_have() {
    let stage = Stage::new();
    let blocks: Vec<[u8; 2]> = (0..5_000_u16).map(u16::to_le_bytes).collect();
    for pack in blocks.chunks(1_000) {
        let pack: Vec<&[u8]> = pack.iter().map(<[u8; 2]>::as_slice).collect();
        stage.store(&pack);
    }
    let listed = blocks.iter().map(|block| BlockRef {
        hash: BlockHash::of(block),
        length: 2,
    });
    let content = Manifest {
        size: 10_000,
        blocks: listed.collect(),
        ..manifest(b"")
    };
    let first = new_file(None, "first", Some(content.clone()));
    let base = Base {
        item: first.id,
        version: 1,
    };
    let copy = |name: &str| {
        let spliced = Spliced::of(&content, base, &content.blocks);
        new_file(None, name, None).with_content(Some(Content::Spliced(spliced)))
    };
    assert!(2 * content.blocks.len() > MAX_BATCH_BLOCKS);
    let files = vec![first.into(), copy("second"), copy("third")];
    let ends = stage.server.create_files(&stage.ann, THEN, files).unwrap();
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    stage.is_sound();
}
