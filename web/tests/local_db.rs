//! The local database in a real browser: what is written is read back, cursor
//! and items move together, an old database is migrated, a wipe leaves nothing.

use shared::chunk::SizeClass;
use shared::ids::{ConflictId, DeviceId, ItemId, SpaceId, UserId};
use shared::manifest::Manifest;
use shared::name::Name;
use shared::protocol::accounts::{Session, Space, User};
use shared::protocol::conflicts::{Choice, Conflict, Resolved};
use shared::protocol::devices::{Device, DeviceKind};
use shared::protocol::items::{Committed, FileHead, Item};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web::local_db::{BlockList, CursorMove, LocalDb, Write, Written, schema};

wasm_bindgen_test_configure!(run_in_browser);

/// A database of its own for each test.
async fn open(test: &str) -> LocalDb {
    LocalDb::open(&format!("test-{test}-{}", js_sys::Math::random()))
        .await
        .unwrap()
}

fn committed() -> Committed {
    Committed {
        user_name: "ann".to_owned(),
        device_id: DeviceId::from_random([3; 16]),
        device_name: "Chrome on Linux".to_owned(),
        at_ms: 1,
    }
}

fn item(n: u8) -> Item {
    Item {
        id: ItemId::from_random([n; 16]),
        parent: None,
        name: Name::parse(&format!("file {n}")).unwrap(),
        place_version: 1,
        file: Some(FileHead {
            version: 1,
            size: 5,
            size_class: SizeClass::for_size(5),
            modified_at_ms: 1,
            committed: committed(),
        }),
        created_at_ms: 1,
        trashed_at_ms: None,
    }
}

fn conflict(resolved: bool) -> Conflict {
    Conflict {
        id: ConflictId::from_random([9; 16]),
        item: item(1).id,
        base_version: 1,
        size: 7,
        modified_at_ms: 1,
        committed: committed(),
        resolved: resolved.then_some(Resolved {
            choice: Choice::KeepTheirs,
            at_ms: 2,
        }),
    }
}

fn session() -> Session {
    Session {
        user: User {
            id: UserId::from_random([1; 16]),
            name: "ann".to_owned(),
        },
        device: Device {
            id: DeviceId::from_random([3; 16]),
            name: "Chrome on Linux".to_owned(),
            kind: DeviceKind::Browser,
            created_at_ms: 1,
            last_seen_at_ms: 1,
        },
        space: Space {
            id: SpaceId::from_random([2; 16]),
            used_bytes: 0,
            quota_bytes: 1,
        },
        token: None,
    }
}

fn page<'a>(items: &'a [Item], from: Option<&'a str>, to: &'a str) -> Write<'a> {
    Write {
        items,
        cursor: Some(CursorMove { from, to }),
        complete: true,
        ..Write::default()
    }
}

#[wasm_bindgen_test]
async fn what_is_written_is_read_back() {
    let database = open("round-trip").await;
    let kept = database.load().await.unwrap();
    assert!(kept.items.is_empty() && kept.cursor.is_none() && !kept.complete);

    let items = [item(1), item(2)];
    let conflicts = [conflict(false)];
    let write = Write {
        conflicts: &conflicts,
        ..page(&items, None, "one")
    };
    assert_eq!(database.write(&write).await.unwrap(), Written::Yes);
    database.set_session(&session()).await.unwrap();

    let mut kept = database.load().await.unwrap();
    kept.items.sort_by_key(|item| item.id);
    assert_eq!(kept.items, items);
    assert_eq!(kept.conflicts, conflicts);
    assert_eq!(kept.cursor.as_deref(), Some("one"));
    assert!(kept.complete);
    assert_eq!(database.session().await.unwrap(), Some(session()));
}

#[wasm_bindgen_test]
async fn a_page_that_does_not_follow_the_kept_cursor_is_not_written() {
    let database = open("cursor").await;
    let (one, two) = ([item(1)], [item(2)]);
    database.write(&page(&one, None, "one")).await.unwrap();
    let late = database.write(&page(&two, None, "two")).await.unwrap();
    assert_eq!(late, Written::CursorElsewhere);
    let kept = database.load().await.unwrap();
    assert_eq!(kept.items, one);
    assert_eq!(kept.cursor.as_deref(), Some("one"));
    let next = database
        .write(&page(&two, Some("one"), "two"))
        .await
        .unwrap();
    assert_eq!(next, Written::Yes);
    assert_eq!(database.load().await.unwrap().items.len(), 2);
}

#[wasm_bindgen_test]
async fn a_reset_replaces_everything_at_once() {
    let database = open("reset").await;
    let old = [item(1), item(2)];
    database.write(&page(&old, None, "old")).await.unwrap();
    let new = [item(3)];
    let reset = Write {
        replace: true,
        ..page(&new, None, "new")
    };
    assert_eq!(database.write(&reset).await.unwrap(), Written::Yes);
    let kept = database.load().await.unwrap();
    assert_eq!(kept.items, new);
    assert_eq!(kept.cursor.as_deref(), Some("new"));
}

#[wasm_bindgen_test]
async fn a_resolved_conflict_is_not_kept() {
    let database = open("conflicts").await;
    for resolved in [false, true] {
        let conflicts = [conflict(resolved)];
        let write = Write {
            conflicts: &conflicts,
            ..Write::default()
        };
        database.write(&write).await.unwrap();
        let kept = database.load().await.unwrap();
        assert_eq!(kept.conflicts.is_empty(), resolved);
    }
}

#[wasm_bindgen_test]
async fn a_block_list_is_kept_for_its_file() {
    let database = open("blocks").await;
    let list = BlockList {
        version: 4,
        size_class: SizeClass::for_size(9),
        blocks: Manifest::of(b"some bytes", SizeClass::for_size(9), 0).blocks,
    };
    database.set_block_list(item(1).id, &list).await.unwrap();
    assert_eq!(database.block_list(item(1).id).await.unwrap(), Some(list));
    assert_eq!(database.block_list(item(2).id).await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_wipe_leaves_nothing() {
    let database = open("wipe").await;
    let items = [item(1)];
    database.write(&page(&items, None, "one")).await.unwrap();
    database.set_session(&session()).await.unwrap();
    database.wipe().await.unwrap();
    let kept = database.load().await.unwrap();
    assert!(kept.items.is_empty() && kept.cursor.is_none() && !kept.complete);
    assert_eq!(database.session().await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_database_is_made_once_and_opened_again() {
    let name = format!("test-again-{}", js_sys::Math::random());
    let items = [item(1)];
    let database = LocalDb::open(&name).await.unwrap();
    database.write(&page(&items, None, "one")).await.unwrap();
    drop(database);
    let database = LocalDb::open(&name).await.unwrap();
    assert_eq!(database.load().await.unwrap().items, items);
}

#[wasm_bindgen_test]
async fn a_newer_page_in_another_tab_may_migrate() {
    let name = format!("test-newer-{}", js_sys::Math::random());
    let database = LocalDb::open(&name).await.unwrap();
    let newer = idb::Factory::new()
        .unwrap()
        .open(&name, Some(schema::VERSION + 1))
        .unwrap()
        .await;
    assert!(newer.is_ok(), "the old page must not block the new one");
    assert!(database.closed().is_set());
    assert!(database.load().await.is_err());
    newer.unwrap().close();
    // And the old page does not open what it can't read.
    assert!(LocalDb::open(&name).await.is_err());
}
