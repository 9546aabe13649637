//! Rows that can't be read, column by column: no feed, list or job ends with one,
//! what they are about is told as damaged, and the ordinary calls repair or remove
//! it.

use crate::stage::{LATE, Stage, THEN};
use driftless_tests::client::{change_trashed, commit_of, manifest, new_file};
use driftless_tests::drive::{change_place, new_conflict, new_folder, resolve};
use protocol::changes::Change;
use protocol::conflicts::{Choice, Conflict};
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{Item, ItemChanged};
use protocol::problem::Problem;
use rusqlite::Connection;

/// What nobody should have written into a column of numbers.
const BAD_NUMBERS: [&str; 6] = [
    "9007199254740992",
    "9223372036854775807",
    "1e300",
    "0.5",
    "-1e300",
    "'text'",
];

/// What nobody should have written into a column of words.
const BAD_TEXTS: [&str; 3] = ["x'ff00'", "'a/b'", "''"];

fn spoil(stage: &Stage, table: &str, column: &str, value: &str, key: &str) {
    let db = stage.server.db.connection();
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE {key}");
    assert_eq!(db.execute(&sql, []).unwrap(), 1, "{sql}");
}

/// The whole feed, however many pages it takes.
fn feed(stage: &Stage, limit: Option<u64>) -> (Vec<Item>, Vec<Conflict>) {
    let (mut items, mut conflicts, mut since) = (Vec::new(), Vec::new(), None);
    loop {
        let page = stage.server.changes(&stage.ann, since.as_deref(), limit);
        let page = page.unwrap_or_else(|_| panic!("{:?}", stage.server.last_fault()));
        for change in page.changes {
            match change {
                Change::Item { item } => items.push(item),
                Change::Conflict { conflict } => conflicts.push(conflict),
                Change::Deleted { .. } | Change::Shared | Change::Unknown => {}
            }
        }
        if !page.has_more {
            return (items, conflicts);
        }
        since = Some(page.next_token);
    }
}

fn listed(stage: &Stage, id: ItemId) -> Item {
    let (items, _) = feed(stage, None);
    let item = items.into_iter().find(|item| item.id == id);
    item.expect("the damaged item is listed")
}

/// Renames it, writes to it, moves it into the trash and takes it out again; it is
/// as whole as any other one then.
fn repair(stage: &Stage, id: ItemId, case: &str) {
    let (server, ann) = (&stage.server, &stage.ann);
    let made = |answer: Result<ItemChanged, Problem>| match answer {
        Ok(changed) => changed.item,
        Err(problem) => panic!("{case}: {problem}: {:?}", server.last_fault()),
    };
    let item = server.item(ann, id).unwrap();
    let renamed = change_place(&item, None, "repaired");
    let item = made(server.change_place(ann, THEN, id, renamed));
    let commit = commit_of(item.version(), b"repair");
    let item = made(server.commit(ann, THEN, id, commit));
    let item = made(server.trash(ann, THEN, id, change_trashed(&item)));
    let item = made(server.restore(ann, THEN, id, change_trashed(&item)));
    assert!(!item.is_damaged(), "{case}: {item:?}");
    assert_eq!(listed(stage, id), item, "{case}");
    assert_eq!(server.content(ann, id, None).unwrap(), b"repair", "{case}");
}

fn with_a_file() -> (Stage, ItemId) {
    let stage = Stage::new();
    stage.file("other", b"other");
    let id = stage.file("file", b"bytes");
    stage
        .server
        .create_folder(&stage.ann, THEN, new_folder(None, "folder"))
        .unwrap();
    stage.store(&[b"repair"]);
    (stage, id)
}

#[test]
fn an_item_that_cant_be_read_is_told_as_damaged_and_can_be_repaired() {
    let numbers = [
        ("items", "place_version"),
        ("items", "version"),
        ("items", "created_at"),
        ("versions", "size"),
        ("versions", "size_class"),
        ("versions", "modified_at"),
        ("versions", "at"),
    ];
    let texts = [
        ("items", "name"),
        ("items", "parent"),
        ("versions", "device"),
    ];
    let numbers = numbers
        .iter()
        .flat_map(|of| BAD_NUMBERS.map(|bad| (of, bad)));
    let texts = texts.iter().flat_map(|of| BAD_TEXTS.map(|bad| (of, bad)));
    for ((table, column), bad) in numbers.chain(texts) {
        let case = format!("{table}.{column} = {bad}");
        let (stage, id) = with_a_file();
        let key = match *table {
            "items" => format!("id = '{id}'"),
            _ => format!("item = '{id}'"),
        };
        spoil(&stage, table, column, bad, &key);
        for limit in [None, Some(1)] {
            assert_eq!(feed(&stage, limit).0.len(), 3, "{case}");
        }
        let item = listed(&stage, id);
        assert!(item.is_damaged(), "{case}: {item:?}");
        assert!(!item.is_folder(), "{case}");
        let bytes = stage.server.content(&stage.ann, id, None);
        assert_eq!(bytes.unwrap(), b"bytes", "{case}");
        repair(&stage, id, &case);
    }
}

/// The head is a version of which the row is gone.
#[test]
fn a_file_without_its_newest_version_is_no_folder() {
    let (stage, id) = with_a_file();
    let db = stage.server.db.connection();
    db.execute("DELETE FROM versions WHERE item = ?1", [id.to_string()])
        .unwrap();
    let item = listed(&stage, id);
    assert!(item.is_damaged() && !item.is_folder());
    repair(&stage, id, "no version");
}

#[test]
fn an_item_that_nobody_can_name_is_passed_over() {
    let (stage, id) = with_a_file();
    spoil(&stage, "items", "id", "'!'", &format!("id = '{id}'"));
    for limit in [None, Some(1)] {
        assert_eq!(feed(&stage, limit).0.len(), 2);
    }
}

fn with_a_conflict() -> (Stage, ItemId, ConflictId) {
    let (stage, id) = with_a_file();
    let (server, ann) = (&stage.server, &stage.ann);
    stage.store(&[b"mine"]);
    server
        .commit(ann, THEN, id, commit_of(1, b"other"))
        .unwrap();
    let conflict = server.keep_conflict(ann, THEN, id, new_conflict(b"mine"));
    (stage, id, conflict.unwrap().id)
}

#[test]
fn a_conflict_that_cant_be_read_is_told_as_damaged_and_can_be_decided() {
    let numbers = ["base_version", "size", "size_class", "modified_at", "at"];
    let numbers = numbers
        .iter()
        .flat_map(|of| BAD_NUMBERS.map(|bad| (of, bad)));
    for (column, bad) in numbers.chain([(&"device", "'nobody'"), (&"user_name", "x'ff00'")]) {
        let case = format!("{column} = {bad}");
        let (stage, file, id) = with_a_conflict();
        let (server, ann) = (&stage.server, &stage.ann);
        spoil(&stage, "conflicts", column, bad, "true");
        let (items, conflicts) = feed(&stage, None);
        assert_eq!((items.len(), conflicts.len()), (3, 1), "{case}");
        assert!(conflicts[0].damaged, "{case}");
        assert_eq!(server.conflicts(ann).unwrap(), conflicts, "{case}");
        assert_eq!(server.conflict_content(ann, id).unwrap(), b"mine", "{case}");
        let resolved = server.resolve(ann, THEN, id, resolve(2, Choice::KeepMine));
        resolved.unwrap_or_else(|_| panic!("{case}: {:?}", server.last_fault()));
        assert_eq!(server.content(ann, file, None).unwrap(), b"mine", "{case}");
        let resolved = server.resolved_conflicts(ann, None, None).unwrap();
        assert_eq!(resolved.conflicts.len(), 1, "{case}");
        assert!(!listed(&stage, file).is_damaged(), "{case}");
    }
}

#[test]
fn a_resolution_that_cant_be_read_is_listed() {
    for (column, bad) in [("choice", "'?'"), ("resolved_at", "9007199254740992")] {
        let (stage, _, id) = with_a_conflict();
        let (server, ann) = (&stage.server, &stage.ann);
        server
            .resolve(ann, THEN, id, resolve(2, Choice::KeepTheirs))
            .unwrap();
        spoil(&stage, "conflicts", column, bad, "true");
        let listed = server.resolved_conflicts(ann, None, Some(1)).unwrap();
        assert!(listed.conflicts[0].resolved.is_some(), "{column}");
    }
}

#[test]
fn a_repeat_whose_answer_cant_be_read_is_told_what_there_is() {
    let (stage, _) = with_a_file();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = new_file(None, "again", Some(manifest(b"bytes")));
    let made = server.create_file(ann, THEN, file.clone()).unwrap();
    for (column, bad) in [("answer", "'{}'"), ("answer", "''"), ("seq", "1e300")] {
        spoil(
            &stage,
            "operations",
            column,
            bad,
            &format!("id = '{}'", file.operation_id),
        );
        let again = server.create_file(ann, LATE, file.clone()).unwrap();
        assert_eq!(again.item, made.item);
        let many = server
            .create_files(ann, LATE, vec![file.clone().into()])
            .unwrap();
        assert_eq!(many[0].as_ref().unwrap().item, made.item);
    }
}

#[test]
fn a_space_whose_counts_cant_be_read_opens() {
    for column in ["used_bytes", "quota_bytes"] {
        for bad in BAD_NUMBERS {
            let (stage, _) = with_a_file();
            let key = format!("id = '{}'", stage.ann.space);
            spoil(&stage, "spaces", column, bad, &key);
            stage.server.space(&stage.ann).unwrap();
            assert_eq!(feed(&stage, None).0.len(), 3);
        }
    }
}

#[test]
fn the_jobs_pass_over_what_they_cant_read() {
    for (column, bad) in [
        ("offset", "1e300"),
        ("codec", "77"),
        ("length", "-1"),
        ("pack", "'?'"),
    ] {
        let (stage, id) = with_a_file();
        spoil(&stage, "blocks", column, bad, "length = 6");
        stage.store(&[b"garbage"]);
        stage
            .server
            .collect(LATE, &driftless_core::collect::BOUNDS)
            .unwrap();
        assert!(!stage.has(b"garbage"), "{column}");
        assert!(
            stage
                .server
                .scrub(LATE, &driftless_core::scrub::BOUNDS)
                .is_ok(),
            "{column}"
        );
        assert_eq!(
            stage.server.content(&stage.ann, id, None).unwrap(),
            b"bytes"
        );
    }
}

/// What stood in the database before numbers had bounds.
#[test]
fn existing_rows_are_mended() {
    let (stage, id) = with_a_file();
    let db = stage.server.db.connection();
    let of = |table: &str, column: &str| {
        let sql = format!("SELECT {column} FROM {table} LIMIT 1");
        db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    for bad in ["9007199254740992", "1e300", "-1e300", "'text'"] {
        db.execute_batch(&format!(
            "UPDATE versions SET modified_at = {bad}, size = {bad}, at = {bad};
             UPDATE items SET place_version = {bad}, version = {bad}, created_at = {bad}
             WHERE version IS NOT NULL;
             UPDATE spaces SET quota_bytes = {bad}, used_bytes = {bad};
             UPDATE operations SET answer =
               json_set(answer, '$.item.file.modified_at_ms', 9007199254740992)
             WHERE answer ->> '$.item.file.version' IS NOT NULL;"
        ))
        .unwrap();
        migrate(db);
        let (items, _) = feed(&stage, None);
        assert!(
            items.iter().all(|item| !item.is_damaged()),
            "{bad}: {items:?}"
        );
        assert_eq!(
            stage.server.content(&stage.ann, id, None).unwrap(),
            b"bytes"
        );
        assert_eq!(of("spaces", "used_bytes"), 16, "{bad}");
        let answers = "SELECT max(answer ->> '$.item.file.modified_at_ms') FROM operations";
        let newest: i64 = db.query_row(answers, [], |row| row.get(0)).unwrap();
        assert_eq!(newest, 8_640_000_000_000_000);
    }
}

fn migrate(db: &Connection) {
    let migration = include_str!("../../../edge/migrations/0006_exact_numbers.sql");
    db.execute_batch(migration).unwrap();
}
