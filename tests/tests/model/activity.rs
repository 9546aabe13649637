//! What the journal tells of what was done: who, from which device, to what, from where
//! and to where.

use crate::stage::{Stage, THEN};
use driftless_core::reads::activity::activity;
use driftless_core::writes::deletion::BOUNDS;
use driftless_tests::client::{change_trashed, commit_of, new_file, operation_id};
use driftless_tests::drive::{change_place, new_folder};
use driftless_tests::model::ready::ready;
use protocol::activity::{Activity, Done, Spot};
use protocol::ids::ItemId;
use protocol::items::{DeleteForGood, Item};
use protocol::notifications::EventType;

/// Some pages, of so many entries at most.
fn pages(stage: &Stage, of: Option<ItemId>, limit: u64) -> Vec<Activity> {
    let (db, space) = (&stage.server.db, stage.ann.space);
    let mut pages: Vec<Activity> = Vec::new();
    loop {
        let before = pages.last().and_then(|page| page.next_before);
        let page = ready(activity(db, space, before, Some(limit), of)).unwrap();
        let is_last = page.next_before.is_none();
        pages.push(page);
        if is_last {
            return pages;
        }
    }
}

fn all(stage: &Stage, of: Option<ItemId>) -> Vec<Done> {
    let pages = pages(stage, of, 1_000);
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
        let told = pages(&stage, None, limit)
            .into_iter()
            .flat_map(|page| page.entries);
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
