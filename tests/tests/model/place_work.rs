//! What a request of many changes of places costs the database: the same in a large
//! space as in a small one, and four times as much for four times as many.

use crate::stage::{Stage, THEN};
use driftless_core::store::sql::items;
use driftless_tests::client::new_file;
use driftless_tests::drive::new_folder;
use protocol::items::Item;
use rusqlite::types::Value;
use rusqlite::{StatementStatus, params_from_iter};
use serde_json::{Value as Json, json};

/// Steps of SQLite's machine, without what compiling takes.
fn steps(stage: &Stage, sql: &str, list: &Json, last: Option<i64>) -> i32 {
    let connection = stage.server.db.connection();
    let mut statement = connection.prepare(sql).unwrap();
    let space = Value::Text(stage.ann.space.to_string());
    let list = Value::Text(list.to_string());
    let params = [space, list].into_iter().chain(last.map(Value::Integer));
    let mut rows = statement.query(params_from_iter(params)).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

/// Folders at the top of the space, so many, and a hundred times as many files beside
/// them as a request may change at most.
fn folders(stage: &Stage, count: usize, files: usize) -> Vec<Item> {
    for batch in 0..files / 100 {
        let new = (0..100).map(|n| new_file(None, &format!("file {batch} {n}"), None).into());
        let made = stage.server.create_files(&stage.ann, THEN, new.collect());
        assert!(made.unwrap().iter().all(Result::is_ok));
    }
    let made = (0..count).map(|n| {
        let new = new_folder(None, &format!("folder {n}"));
        let made = stage.server.create_folder(&stage.ann, THEN, new);
        made.unwrap().item
    });
    made.collect()
}

/// What each statement takes for so many of the folders.
fn costs(stage: &Stage, folders: &[Item], count: usize) -> [(&'static str, i32); 5] {
    let (to, moved) = (&folders[0], &folders[1..=count]);
    let ids: Json = moved.iter().map(|item| json!(item.id)).collect();
    let rivals: Json = moved
        .iter()
        .map(|item| json!([item.id, item.name.key(), to.id]))
        .collect();
    let guarded: Json = moved
        .iter()
        .map(|item| json!([item.id, to.id, true]))
        .collect();
    let places: Json = moved
        .iter()
        .map(|item| json!([item.id, 0, to.id, item.name, item.name.key(), null]))
        .collect();
    [
        ("read", steps(stage, items::ITEMS_OF, &ids, None)),
        ("rivals", steps(stage, items::RIVALS, &rivals, None)),
        ("heights", steps(stage, items::HEIGHTS, &ids, None)),
        (
            "guard",
            steps(stage, items::GUARD_PLACES, &guarded, Some(128)),
        ),
        ("update", steps(stage, items::UPDATE_PLACES, &places, None)),
    ]
}

#[test]
fn many_changes_of_places_cost_what_they_are_and_not_what_the_space_is() {
    let (small, large) = (Stage::new(), Stage::new());
    let (in_small, in_large) = (folders(&small, 101, 0), folders(&large, 101, 3_000));
    let (few, many) = (costs(&small, &in_small, 25), costs(&small, &in_small, 100));
    let elsewhere = costs(&large, &in_large, 100);
    for (((what, few), (_, many)), (_, elsewhere)) in few.iter().zip(many).zip(elsewhere) {
        println!("{what}: {few} steps for 25, {many} for 100, {elsewhere} of 3,100");
        assert!(many < few * 5, "{what}: {few} steps for 25, {many} for 100");
        assert!(
            elsewhere < many + many / 4,
            "{what}: {many} steps, {elsewhere} in a large space"
        );
    }
}
