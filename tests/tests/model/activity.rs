//! What the journal tells of what was done: who, from which device, to what, from where
//! and to where.

use crate::stage::{Stage, THEN};
use driftless_core::reads::activity::{ActivityFilter, DoneBy, activity};
use driftless_core::writes::deletion::BOUNDS;
use driftless_tests::client::{change_trashed, commit_of, manifest, new_file, operation_id};
use driftless_tests::drive::{change_place, new_folder};
use driftless_tests::model::legs::Device;
use driftless_tests::model::ready::ready;
use protocol::activity::{Activity, Done, Spot};
use protocol::content::{Base, Content, Spliced};
use protocol::files::Commit;
use protocol::ids::{ItemId, UserId};
use protocol::items::{DeleteForGood, Item};
use protocol::notifications::EventType;
use protocol::problem::Problem;

/// Some pages, of so many entries at most.
fn pages(stage: &Stage, wanted: &ActivityFilter, limit: u64) -> Vec<Activity> {
    let (db, space) = (&stage.server.db, stage.ann.space);
    let mut pages: Vec<Activity> = Vec::new();
    loop {
        let before = pages.last().and_then(|page| page.next_before);
        let page = ready(activity(db, space, None, before, Some(limit), wanted)).unwrap();
        let is_last = page.next_before.is_none();
        pages.push(page);
        if is_last {
            return pages;
        }
    }
}

fn all(stage: &Stage, of: Option<ItemId>) -> Vec<Done> {
    let of_item = ActivityFilter {
        of,
        ..ActivityFilter::default()
    };
    told(stage, &of_item, 1_000)
}

fn told(stage: &Stage, wanted: &ActivityFilter, limit: u64) -> Vec<Done> {
    let pages = pages(stage, wanted, limit);
    pages.into_iter().flat_map(|page| page.entries).collect()
}

fn spot(parent: Option<ItemId>, name: &str) -> Option<Spot> {
    Some(Spot {
        parent,
        name: name.into(),
    })
}

fn folder(stage: &Stage, parent: Option<ItemId>, name: &str) -> ItemId {
    let new = new_folder(parent, name);
    let made = stage.server.create_folder(&stage.ann, THEN, new);
    made.unwrap().item.id
}

fn moved(stage: &Stage, item: &Item, parent: Option<ItemId>, name: &str) -> Item {
    let to = change_place(item, parent, name);
    let moved = stage.server.change_place(&stage.ann, THEN, item.id, to);
    moved.unwrap().item
}

fn trashed(stage: &Stage, item: &Item) -> Item {
    let change = change_trashed(item);
    let trashed = stage.server.trash(&stage.ann, THEN, item.id, change);
    trashed.unwrap().item
}

#[test]
fn each_entry_says_who_did_what_and_from_where_to_where() {
    let stage = Stage::new();
    let plans = folder(&stage, None, "Plans");
    let file = stage.file("draft", b"first");
    let item = stage.server.item(&stage.ann, file).unwrap();
    let item = moved(&stage, &item, Some(plans), "plan");
    stage.store(&[b"second"]);
    let commit = commit_of(1, b"second");
    stage.server.commit(&stage.ann, THEN, file, commit).unwrap();
    let item = trashed(&stage, &item);
    let request = DeleteForGood {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        with_open_conflicts: false,
    };
    let deleted = stage
        .server
        .delete(&stage.ann, THEN, file, request, &BOUNDS);
    deleted.unwrap();
    let told = all(&stage, Some(file));
    let brief = |done: &Done| {
        let Done {
            event,
            from,
            at,
            version,
            ..
        } = done.clone();
        (event.event_type, from, at, version)
    };
    let (draft, plan) = (spot(None, "draft"), spot(Some(plans), "plan"));
    let told_so: Vec<_> = told.iter().map(brief).collect();
    let expected = [
        (EventType::FileDelete, plan.clone(), None, None),
        (EventType::FileDelete, None, plan.clone(), Some(2)),
        (EventType::FileUpdate, None, plan.clone(), Some(2)),
        (EventType::FileMove, draft.clone(), plan, Some(1)),
        (EventType::FileCreate, None, draft, Some(1)),
    ];
    assert_eq!(told_so, expected);
    for done in told {
        let by = done.event.by.expect("who");
        assert_eq!((by.user_name, by.device_id), ("ann".into(), stage.ann.id));
        assert!(done.event.name.is_some() && done.event.timestamp == THEN);
    }
}

#[test]
fn a_folder_tells_of_what_is_in_it_and_of_what_came_and_went() {
    let stage = Stage::new();
    let plans = folder(&stage, None, "Plans");
    let inner = folder(&stage, Some(plans), "inner");
    let new = new_file(Some(inner), "deep", None);
    let deep = stage
        .server
        .create_file(&stage.ann, THEN, new)
        .unwrap()
        .item;
    let other = stage.file("elsewhere", b"first");
    let gone = moved(&stage, &deep, None, "gone");
    moved(&stage, &gone, None, "renamed elsewhere");
    let names = |of| {
        let told = all(&stage, of).into_iter();
        told.map(|done| done.event.name.unwrap_or_default())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(Some(plans)), ["gone", "deep", "inner", "Plans"]);
    assert_eq!(names(Some(other)), ["elsewhere"]);
    let everything = names(None);
    assert_eq!(everything.len(), 6);
    // However it is cut into pages.
    for limit in 1..=7 {
        let told = told(&stage, &ActivityFilter::default(), limit).into_iter();
        let told: Vec<_> = told.filter_map(|done| done.event.name).collect();
        assert_eq!(told, everything, "{limit} at a time");
    }
}

#[test]
fn entries_from_before_names_were_kept_are_told_without() {
    let stage = Stage::new();
    let file = stage.file("file", b"first");
    let forget = "UPDATE changes SET user = NULL, user_name = NULL, device = NULL,
        device_name = NULL, detail = NULL, event = NULL";
    stage.server.db.connection().execute_batch(forget).unwrap();
    let told = all(&stage, None);
    let event = &told[0].event;
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::FileUpdate, file)
    );
    assert!(event.by.is_none() && event.name.is_none() && told[0].at.is_none());
    let damage = "UPDATE changes SET detail = '{', user = 'nobody'";
    stage.server.db.connection().execute_batch(damage).unwrap();
    // What can't be read of an entry ends no page.
    assert!(all(&stage, None).len() <= 1);
}

#[test]
fn what_somebody_wants_to_see_is_what_they_see_however_it_is_cut_into_pages() {
    let stage = Stage::new();
    let bob = Device {
        user: UserId::from_random([7; 16]),
        user_name: "bob".into(),
        ..stage.ann.clone()
    };
    let plans = folder(&stage, None, "Plans");
    let file = stage.file("file", b"first");
    let item = stage.server.item(&stage.ann, file).unwrap();
    for version in 1..=8 {
        stage.store(&[b"next"]);
        let by = if version % 2 == 0 { &bob } else { &stage.ann };
        let commit = commit_of(version, b"next");
        stage.server.commit(by, THEN, file, commit).unwrap();
    }
    let item = moved(&stage, &item, Some(plans), "file");
    trashed(&stage, &item);
    let count = |kinds: &[EventType], by, limit| {
        let wanted = ActivityFilter {
            of: None,
            kinds: kinds.to_vec(),
            by,
        };
        told(&stage, &wanted, limit).len()
    };
    let (ann, bob) = (stage.ann.user, bob.user);
    for limit in [1, 2, 3, 1_000] {
        let count = |kinds: &[EventType], by| count(kinds, by, limit);
        let edits = [EventType::FileUpdate];
        assert_eq!(count(&edits, None), 8);
        assert_eq!(count(&edits, Some(DoneBy::Person(ann))), 4);
        assert_eq!(count(&edits, Some(DoneBy::AllBut(ann))), 4);
        assert_eq!(count(&[], Some(DoneBy::Person(bob))), 4);
        assert_eq!(count(&[], None), 12);
        let places = [EventType::FileMove, EventType::FileDelete];
        assert_eq!(count(&places, None), 2);
        assert_eq!(count(&places, Some(DoneBy::Person(bob))), 0);
    }
}

/// The wish names the version before the edit and carries no bytes.
fn as_before(base: u64, file: ItemId, version: u64, then: &[u8]) -> Commit<Content> {
    let base_of = Base {
        item: file,
        version,
    };
    let manifest = manifest(then);
    let spliced = Spliced::of(&manifest, base_of, &manifest.blocks);
    assert!(spliced.splices.is_empty());
    commit_of(base, then).with_content(Content::Spliced(spliced))
}

#[test]
fn an_edit_that_is_undone_is_a_new_version_with_the_old_content() {
    let stage = Stage::new();
    let file = stage.file("plan", b"first");
    stage.store(&[b"second"]);
    let commit = commit_of(1, b"second");
    stage.server.commit(&stage.ann, THEN, file, commit).unwrap();
    let undone = as_before(2, file, 1, b"first");
    let undone = stage.server.commit(&stage.ann, THEN, file, undone).unwrap();
    assert_eq!(undone.item.version(), 3);
    let content = |version| {
        let told = stage.server.manifest(&stage.ann, file, Some(version));
        told.unwrap().blocks
    };
    assert_eq!(content(3), content(1));
    assert_ne!(content(3), content(2));
}

#[test]
fn an_undo_does_not_write_over_what_somebody_saved_meanwhile() {
    let stage = Stage::new();
    let file = stage.file("plan", b"first");
    for (base, bytes) in [(1, b"second"), (2, b"others")] {
        stage.store(&[bytes]);
        let commit = commit_of(base, bytes);
        stage.server.commit(&stage.ann, THEN, file, commit).unwrap();
    }
    // Whoever wants version 1 back has seen version 2, and not the third.
    let undone = as_before(2, file, 1, b"first");
    let refused = stage.server.commit(&stage.ann, THEN, file, undone);
    match refused.unwrap_err() {
        Problem::VersionConflict {
            current_version, ..
        } => assert_eq!(current_version, 3),
        other => panic!("{other:?}"),
    }
}
