//! The local database in a real browser: what is written is read back, cursor
//! and items move together, each tab's edits are its own, an old database is
//! migrated, a wipe leaves nothing and a deletion is noticed.

use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use client::ports::Written;
use platform::browser::clock;
use platform::failure::Failure;
use platform::local_db::offline::OfflineFile;
use platform::local_db::texts::KeptText;
use platform::local_db::{LocalDb, Own, schema};
use protocol::accounts::{Counts, Session, Space, Trash, User};
use protocol::conflicts::{Choice, Conflict};
use protocol::devices::{Device, DeviceKind, Scope};
use protocol::ids::{ConflictId, DeviceId, ItemId, SpaceId, UserId, Version};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use std::collections::{BTreeMap, BTreeSet};
use sync::edit::{
    Aspect, ConflictDecision, Draft, DraftBytes, DraftId, Edit, Matter, Met, Resolution,
};
use sync::ids::{IdForm, Nonce};
use sync::message::{Record, StoredState};
use sync::place::Place;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

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
            modified_at_ms: 1.into(),
            committed: committed(),
            damaged: false,
        }),
        created_at_ms: 1,
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

fn conflict() -> Conflict {
    Conflict {
        id: ConflictId::from_random([9; 16]),
        item: item(1).id,
        base_version: 1,
        size: 7,
        modified_at_ms: 1.into(),
        committed: committed(),
        resolved: None,
        damaged: false,
    }
}

/// An edit with all that one can hold.
fn edit(n: u8) -> Edit {
    let nonce = Nonce([n; 16]);
    let mut edit = Edit::new(item(n).id, u64::from(n), true);
    let place = Place {
        parent: Some(item(7).id),
        name: item(n).name,
    };
    edit.place = Some(Aspect::new(nonce, 0, place));
    let draft = Draft {
        id: DraftId((1 << 53) - 1 - u64::from(n)),
        size: 5,
        modified_at_ms: 1.into(),
        file_name: "picked.txt".to_owned(),
        bytes: DraftBytes::Kept,
        copy_of: None,
        manifest: Some(Manifest::of(b"12345", SizeClass::for_size(5), 1)),
    };
    edit.content = Some(Aspect::new(nonce, 0, draft));
    edit
}

fn resolution() -> Resolution {
    Resolution {
        conflict: conflict().id,
        nonce: Nonce([8; 16]),
        id_form: IdForm::Fields,
        order: 3,
        seen_version: 2,
        wanted: ConflictDecision::Keep(Choice::KeepTheirs),
        trouble: None,
    }
}

fn matter() -> Matter {
    Matter {
        id: Nonce([9; 16]),
        item: item(1).id,
        at_ms: 4,
        by: None,
        what: Met::Deleted { new: item(2).id },
    }
}

fn session() -> Session {
    Session {
        is_administrator: false,
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
            ends_at_ms: None,
            scope: Scope::Full,
            is_token: false,
            folder: None,
        },
        space: Space {
            id: SpaceId::from_random([2; 16]),
            used_bytes: 0,
            quota_bytes: 1,
            metadata_bytes: 0,
            stored_bytes: 0,
            trash: Trash::default(),
            counts: Counts::default(),
        },
        token: None,
        renew_record: false,
        ends_at_ms: None,
        has_marks: false,
    }
}

const TAB: &str = "tab";
const OTHER: &str = "other";

fn page(items: &[Item], from: Option<&str>, to: &str) -> Vec<Record> {
    let mut records: Vec<Record> = items.iter().cloned().map(Record::Item).collect();
    records.push(cursor(from, to));
    records.push(Record::Complete);
    records
}

fn cursor(from: Option<&str>, to: &str) -> Record {
    Record::Cursor {
        from: from.map(str::to_owned),
        to: to.to_owned(),
    }
}

async fn write(database: &LocalDb, records: &[Record]) -> Written {
    database.write(TAB, records).await.unwrap()
}

#[wasm_bindgen_test]
async fn what_is_written_is_read_back() {
    let database = open("round-trip").await;
    assert_eq!(database.load(TAB).await.unwrap(), StoredState::default());

    let items = [item(1), item(2)];
    let mut records = page(&items, None, "one");
    records.push(Record::Conflict(conflict()));
    assert_eq!(write(&database, &records).await, Written::Yes);
    database.set_session(&session()).await.unwrap();

    let mut kept = database.load(TAB).await.unwrap();
    kept.items.sort_by_key(|item| item.id);
    assert_eq!(kept.items, items);
    assert_eq!(kept.conflicts, [conflict()]);
    assert_eq!(kept.cursor.as_deref(), Some("one"));
    assert!(kept.complete);
    assert_eq!(database.session().await.unwrap(), Some(session()));
    assert_eq!(database.owner().await.unwrap(), Some(session().user.id));
}

#[wasm_bindgen_test]
async fn a_page_that_does_not_follow_the_kept_cursor_is_not_written() {
    let database = open("cursor").await;
    let (one, two) = ([item(1)], [item(2)]);
    write(&database, &page(&one, None, "one")).await;
    let late = write(&database, &page(&two, None, "two")).await;
    assert_eq!(late, Written::CursorElsewhere);
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.items, one);
    assert_eq!(kept.cursor.as_deref(), Some("one"));
    let next = page(&two, Some("one"), "two");
    assert_eq!(write(&database, &next).await, Written::Yes);
    assert_eq!(database.load(TAB).await.unwrap().items.len(), 2);
}

#[wasm_bindgen_test]
async fn two_steps_in_one_transaction_are_two_moves_of_the_cursor() {
    let database = open("steps").await;
    let mut both = page(&[item(1)], None, "one");
    both.extend(page(&[item(2)], Some("one"), "two"));
    assert_eq!(write(&database, &both).await, Written::Yes);
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.cursor.as_deref(), Some("two"));
    let mut torn = page(&[item(3)], Some("two"), "three");
    torn.extend(page(&[item(4)], Some("elsewhere"), "four"));
    assert_eq!(write(&database, &torn).await, Written::CursorElsewhere);
    assert_eq!(database.load(TAB).await.unwrap().items.len(), 2);
}

#[wasm_bindgen_test]
async fn an_edit_is_kept_although_the_cursor_is_elsewhere() {
    let database = open("edit-and-cursor").await;
    write(&database, &page(&[item(1)], None, "one")).await;
    let mut late = page(&[item(2)], None, "two");
    late.push(Record::Edit(edit(3)));
    assert_eq!(write(&database, &late).await, Written::CursorElsewhere);
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.items, [item(1)]);
    assert_eq!(kept.edits, [edit(3)]);
}

#[wasm_bindgen_test]
async fn a_reset_replaces_everything_at_once() {
    let database = open("reset").await;
    let old = [item(1), item(2)];
    write(&database, &page(&old, None, "old")).await;
    write(&database, &[Record::Edit(edit(1))]).await;
    let mut reset = vec![Record::Replace];
    reset.extend(page(&[item(3)], Some("another"), "new"));
    assert_eq!(write(&database, &reset).await, Written::Yes);
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.items, [item(3)]);
    assert_eq!(kept.cursor.as_deref(), Some("new"));
    assert_eq!(kept.edits, [edit(1)]);
}

#[wasm_bindgen_test]
async fn what_is_done_is_not_kept() {
    let database = open("done").await;
    let begun = [
        Record::Conflict(conflict()),
        Record::Edit(edit(1)),
        Record::Edit(edit(2)),
        Record::Resolution(resolution()),
        Record::Matter(matter()),
    ];
    write(&database, &begun).await;
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.edits, [edit(1), edit(2)]);
    assert_eq!(kept.resolutions, [resolution()]);
    assert_eq!(kept.matters, [matter()]);
    let done = [
        Record::ConflictClosed(conflict().id),
        Record::EditDone(edit(1).item),
        Record::ResolutionDone(conflict().id),
        Record::MatterDone(matter().id),
    ];
    write(&database, &done).await;
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.edits, [edit(2)]);
    assert!(kept.conflicts.is_empty() && kept.resolutions.is_empty());
    assert!(kept.matters.is_empty());
}

#[wasm_bindgen_test]
async fn the_edits_of_a_tab_are_its_own_until_another_takes_them_over() {
    let database = open("tabs").await;
    let left = [
        Record::Edit(edit(1)),
        Record::Edit(edit(2)),
        Record::Resolution(resolution()),
        Record::Matter(matter()),
    ];
    database.write(OTHER, &left).await.unwrap();
    write(&database, &[Record::Edit(edit(3))]).await;
    assert_eq!(database.load(TAB).await.unwrap().edits, [edit(3)]);
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
    assert_eq!(database.tabs().await.unwrap(), names(&[TAB, OTHER]));
    let drafts = [1, 2, 3].map(|n| edit(n).draft().unwrap().id);
    assert_eq!(database.drafts().await.unwrap(), BTreeSet::from(drafts));

    // An edit of an item that is edited here as well stays where it is.
    let not = Own {
        items: BTreeSet::from([edit(2).item]),
        conflicts: BTreeSet::new(),
    };
    let some = database.inherit(OTHER, TAB, &not).await.unwrap();
    assert_eq!(some.edits, [edit(1)]);
    assert_eq!(some.resolutions, [resolution()]);
    assert_eq!(some.matters, [matter()]);
    assert!(!some.is_whole);
    let rest = database.inherit(OTHER, TAB, &Own::default()).await.unwrap();
    assert_eq!(rest.edits, [edit(2)]);
    assert!(rest.is_whole && rest.resolutions.is_empty());
    assert_eq!(database.tabs().await.unwrap(), names(&[TAB]));
    assert_eq!(database.load(TAB).await.unwrap().edits.len(), 3);
}

/// Even the same file is another one there: other people's changes arrive by another feed.
#[wasm_bindgen_test]
async fn what_is_shared_with_a_person_is_no_part_of_their_drive() {
    let drive = open("roots").await;
    let [shared, other] = [item(7), item(8)].map(|root| drive.of(Some(root.id)));
    drive.set_session(&session()).await.unwrap();
    write(&drive, &page(&[item(1), item(2)], None, "drive")).await;
    let mut of_shared = page(&[item(1)], None, "shared");
    of_shared.extend([Record::Conflict(conflict()), Record::Edit(edit(1))]);
    assert_eq!(write(&shared, &of_shared).await, Written::Yes);
    other.write(OTHER, &[Record::Edit(edit(2))]).await.unwrap();

    let kept = drive.load(TAB).await.unwrap();
    assert_eq!((kept.items.len(), kept.conflicts.len()), (2, 0));
    assert_eq!(
        (kept.cursor.as_deref(), kept.edits.len()),
        (Some("drive"), 0)
    );
    let kept = shared.load(TAB).await.unwrap();
    assert_eq!((kept.items, kept.edits), (vec![item(1)], vec![edit(1)]));
    assert_eq!(kept.cursor.as_deref(), Some("shared"));
    let kept = other.load(TAB).await.unwrap();
    assert_eq!(kept, StoredState::default());

    // The bytes of all of it are needed, and all of it is asked about at the sign-out.
    assert_eq!(drive.drafts().await.unwrap().len(), 2);
    assert_eq!(drive.unsent_of_others(TAB).await.unwrap(), 1);
    let unsent = drive.unsent_roots().await.unwrap();
    assert_eq!(unsent, BTreeSet::from([item(7).id, item(8).id]));
    assert_eq!(drive.tabs().await.unwrap(), BTreeSet::new());
    assert_eq!(
        shared.tabs().await.unwrap(),
        BTreeSet::from([TAB.to_owned()])
    );

    // A reset of the drive is none of what is shared, and the other way round.
    write(&drive, &[Record::Replace, cursor(Some("drive"), "anew")]).await;
    assert_eq!(shared.load(TAB).await.unwrap().items, [item(1)]);
    shared.forget_root().await.unwrap();
    let kept = shared.load(TAB).await.unwrap();
    assert_eq!((kept.items.len(), kept.conflicts.len()), (0, 0));
    assert_eq!((kept.cursor, kept.edits), (None, vec![edit(1)]));
    assert_eq!(
        drive.load(TAB).await.unwrap().cursor.as_deref(),
        Some("anew")
    );

    write(&shared, &page(&[item(1)], None, "shared")).await;
    drive.close_session().await.unwrap();
    let kept = shared.load(TAB).await.unwrap();
    assert_eq!((kept.items.len(), kept.cursor), (0, None));
    assert_eq!(
        kept.edits,
        [edit(1)],
        "what was not sent stays for its owner"
    );
    drive.wipe().await.unwrap();
    assert_eq!(shared.load(TAB).await.unwrap(), StoredState::default());
    assert_eq!(drive.unsent_roots().await.unwrap(), BTreeSet::new());
}

/// All items, and how many came at a time.
async fn in_pieces(database: &LocalDb) -> (Vec<Item>, Vec<usize>, bool) {
    let (kept, mut pieces) = database.load_in_pieces(TAB).await.unwrap();
    assert!(kept.items.is_empty());
    let (mut all, mut counts) = (Vec::new(), Vec::new());
    while let Some(items) = pieces.next().await.unwrap() {
        let before = all.len();
        all.extend(items);
        counts.push(all.len() - before);
    }
    (all, counts, pieces.are_one_state().await.unwrap())
}

#[wasm_bindgen_test]
async fn items_are_read_in_pieces_and_each_once() {
    let drive = open("pieces").await;
    let shared = drive.of(Some(item(200).id));
    assert_eq!(in_pieces(&shared).await, (Vec::new(), vec![0], true));
    let many = |count: u16| {
        let item = |n: u16| Item {
            id: ItemId::from_random([n.to_be_bytes(); 8].concat().try_into().unwrap()),
            ..item(1)
        };
        (0..count).map(item).collect::<Vec<_>>()
    };
    // Ids have six bits that say that they are random.
    let mut expected = many(1_000);
    expected.sort_by_key(|item| item.id);
    expected.dedup_by_key(|item| item.id);
    write(&drive, &page(&expected, None, "drive")).await;
    write(&shared, &page(&[item(201), item(202)], None, "shared")).await;
    let (items, counts, is_one) = in_pieces(&drive).await;
    assert_eq!(items, expected);
    assert_eq!(counts.iter().sum::<usize>(), expected.len());
    assert!(counts.iter().all(|count| *count <= 500), "{counts:?}");
    assert!(counts.len() > 1 && is_one);
    assert_eq!(in_pieces(&shared).await.1, [2]);
}

#[wasm_bindgen_test]
async fn pieces_of_two_states_are_known() {
    let drive = open("two-states").await;
    let shared = drive.of(Some(item(200).id));
    write(&drive, &page(&[item(1)], None, "one")).await;
    let (_, mut pieces) = drive.load_in_pieces(TAB).await.unwrap();
    // What is no part of it does not matter.
    write(&shared, &page(&[item(2)], None, "shared")).await;
    assert!(pieces.are_one_state().await.unwrap());
    write(&drive, &[Record::Replace, cursor(Some("one"), "two")]).await;
    while pieces.next().await.unwrap().is_some() {}
    assert!(!pieces.are_one_state().await.unwrap());
}

#[wasm_bindgen_test]
async fn what_another_tab_wrote_and_is_newer_stays() {
    let database = open("newer").await;
    let newer = Item {
        place_version: item(1).place_version + 1,
        ..item(1)
    };
    write(&database, &[Record::Item(newer.clone())]).await;
    write(&database, &[Record::Item(item(1)), Record::Item(item(2))]).await;
    let mut kept = database.load(TAB).await.unwrap().items;
    kept.sort_by_key(|item| item.id);
    assert_eq!(kept, [newer, item(2)]);
    // A listing is the truth, whatever was there.
    write(&database, &[Record::Replace, Record::Item(item(1))]).await;
    assert_eq!(database.load(TAB).await.unwrap().items, [item(1)]);
}

/// A browser is asked for many of them at once, or for each, by how many it knows.
#[wasm_bindgen_test]
async fn of_many_items_too_what_another_tab_wrote_and_is_newer_stays() {
    for known in [3, 150] {
        let database = open("many").await;
        let newer = |n: u8| Item {
            place_version: 2,
            ..item(n)
        };
        let of_another_tab: Vec<Item> = (20..20 + known).map(newer).collect();
        write(&database, &page(&of_another_tab, None, "1")).await;
        let all: Vec<Item> = (1..=200).map(item).collect();
        assert_eq!(
            write(&database, &page(&all, Some("1"), "2")).await,
            Written::Yes
        );
        let (kept, _, _) = in_pieces(&database).await;
        assert_eq!(kept.len(), 200, "{known} were known");
        let newest = kept.iter().filter(|item| item.place_version == 2);
        assert!(
            newest.eq(&of_another_tab),
            "of {known} that were known the newer ones stay"
        );
    }
}

#[wasm_bindgen_test]
async fn a_wipe_leaves_nothing_and_the_end_of_a_session_what_was_not_sent() {
    let database = open("wipe").await;
    write(&database, &page(&[item(1)], None, "one")).await;
    write(&database, &[Record::Edit(edit(1))]).await;
    database.set_session(&session()).await.unwrap();
    database.close_session().await.unwrap();
    let kept = database.load(TAB).await.unwrap();
    assert!(kept.items.is_empty() && kept.cursor.is_none() && !kept.complete);
    assert_eq!(kept.edits, [edit(1)]);
    assert_eq!(database.session().await.unwrap(), None);
    assert_eq!(database.owner().await.unwrap(), Some(session().user.id));
    // Its owner is known until everything is gone.
    database.empty().await.unwrap();
    assert_eq!(database.load(TAB).await.unwrap(), StoredState::default());
    assert_eq!(database.owner().await.unwrap(), Some(session().user.id));
    database.wipe().await.unwrap();
    assert_eq!(database.load(TAB).await.unwrap(), StoredState::default());
    assert_eq!(database.owner().await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn what_was_typed_is_kept_until_it_is_let_go_of_or_its_owner_signs_out() {
    let database = open("typed").await;
    database.set_session(&session()).await.unwrap();
    let file = item(1).id;
    let typed = |text: &str| KeptText {
        base: 3,
        text: text.to_owned(),
        at_ms: 5,
        draft: None,
    };
    assert_eq!(database.typed_text(file).await.unwrap(), None);
    database.keep_typed(file, &typed("a")).await.unwrap();
    database.keep_typed(file, &typed("ab\n☃")).await.unwrap();
    // Also of what is shared with its owner, once that is not known here any more.
    let shared = database.of(Some(item(7).id));
    shared.keep_typed(item(2).id, &typed("c")).await.unwrap();
    shared.forget_root().await.unwrap();
    database.close_session().await.unwrap();
    assert_eq!(database.typed_texts().await.unwrap(), 2);
    assert_eq!(
        database.typed_text(file).await.unwrap(),
        Some(typed("ab\n☃"))
    );

    // What is handed in is not counted, and not mixed up with what is typed after it.
    let handed_in = KeptText {
        draft: Some(DraftId(9)),
        ..typed("ab\n☃")
    };
    database.hand_in_typed(file, &handed_in).await.unwrap();
    assert_eq!(database.typed_texts().await.unwrap(), 1);
    assert_eq!(database.typed_text(file).await.unwrap(), None);
    database.keep_typed(file, &typed("more")).await.unwrap();
    assert_eq!(
        database.handed_in_text(file).await.unwrap(),
        Some(handed_in)
    );
    database.forget_handed_in(file).await.unwrap();
    assert_eq!(database.handed_in_text(file).await.unwrap(), None);
    assert_eq!(
        database.typed_text(file).await.unwrap(),
        Some(typed("more"))
    );
    database.forget_typed(file).await.unwrap();
    assert_eq!(database.typed_texts().await.unwrap(), 1);
    database.empty().await.unwrap();
    database.wipe().await.unwrap();
    assert_eq!(database.typed_texts().await.unwrap(), 0);
}

#[wasm_bindgen_test]
async fn what_is_kept_offline_is_of_one_person_and_goes_with_their_session() {
    let database = open("offline").await;
    database.set_session(&session()).await.unwrap();
    let (one, two) = (item(1).id, item(2).id);
    assert_eq!(database.chosen_offline().await.unwrap(), BTreeSet::new());
    database.choose_offline(&[one, two], true).await.unwrap();
    let left = database.choose_offline(&[two], false).await.unwrap();
    assert_eq!(left, BTreeSet::from([one]));
    assert_eq!(database.chosen_offline().await.unwrap(), left);

    let file = |version, n| OfflineFile {
        item: one,
        version,
        blocks: list(n),
    };
    database.put_offline_file(&file(1, 3)).await.unwrap();
    database.put_offline_file(&file(2, 4)).await.unwrap();
    let empty = OfflineFile {
        item: two,
        version: 1,
        blocks: Vec::new(),
    };
    database.put_offline_file(&empty).await.unwrap();
    // The lists that other versions are compared with are something else.
    let lists = news_of(one, 7, list(2));
    database.keep_lists(&lists).await.unwrap();
    let no_list = BTreeMap::from([(one, None)]);
    database.keep_lists(&no_list).await.unwrap();
    let kept = database.offline_file(one).await.unwrap();
    assert_eq!(kept, Some(file(2, 4)));
    assert_eq!(kept.unwrap().size(), 20);
    let all: Vec<ItemId> = database
        .offline_files()
        .await
        .unwrap()
        .iter()
        .map(|file| file.item)
        .collect();
    assert_eq!(BTreeSet::from_iter(all), BTreeSet::from([one, two]));
    database.forget_offline_files(&[one]).await.unwrap();
    assert_eq!(database.offline_files().await.unwrap(), [empty]);

    database.close_session().await.unwrap();
    assert_eq!(database.offline_files().await.unwrap(), []);
    assert_eq!(database.chosen_offline().await.unwrap(), BTreeSet::new());
}

/// Of two tabs, one sleeps while somebody else signs in.
#[wasm_bindgen_test]
async fn a_tab_that_slept_writes_nothing_of_its_person_beside_somebody_elses() {
    let name = format!("test-owner-{}", js_sys::Math::random());
    let asleep = LocalDb::open(&name).await.unwrap();
    asleep.set_session(&session()).await.unwrap();
    assert_eq!(write(&asleep, &[Record::Edit(edit(1))]).await, Written::Yes);
    assert_eq!(asleep.unsent_of_others(OTHER).await.unwrap(), 1);
    assert_eq!(asleep.unsent_of_others(TAB).await.unwrap(), 0);

    let other = LocalDb::open(&name).await.unwrap();
    let mut theirs = session();
    theirs.user.id = UserId::from_random([200; 16]);
    other.wipe().await.unwrap();
    // Nor where nobody has signed in yet.
    assert_eq!(
        write(&asleep, &[Record::Edit(edit(2))]).await,
        Written::NotOurs
    );
    other.set_session(&theirs).await.unwrap();
    assert_eq!(write(&other, &[Record::Edit(edit(3))]).await, Written::Yes);
    assert!(!asleep.is_ours().await.unwrap());
    let records = page(&[item(1)], None, "one");
    assert_eq!(write(&asleep, &records).await, Written::NotOurs);
    asleep
        .keep_lists(&news_of(item(1).id, 1, list(3)))
        .await
        .unwrap();
    assert_eq!(other.list(item(1).id, 1).await.unwrap(), None);
    let kept = other.load(TAB).await.unwrap();
    assert_eq!((kept.items.len(), kept.edits), (0, vec![edit(3)]));
}

#[wasm_bindgen_test]
async fn a_database_is_made_once_and_opened_again() {
    let name = format!("test-again-{}", js_sys::Math::random());
    let database = LocalDb::open(&name).await.unwrap();
    write(&database, &page(&[item(1)], None, "one")).await;
    drop(database);
    let database = LocalDb::open(&name).await.unwrap();
    assert_eq!(database.load(TAB).await.unwrap().items, [item(1)]);
}

/// The stores of the first schema, with one item, a cursor and a session.
async fn first_schema(name: &str) {
    let mut request = idb::Factory::new().unwrap().open(name, Some(1)).unwrap();
    request.on_upgrade_needed(|event| {
        use idb::DatabaseEvent;
        let database = event.database().unwrap();
        for store in ["items", "conflicts", "block_lists", "meta"] {
            let params = idb::ObjectStoreParams::new();
            database.create_object_store(store, params).unwrap();
        }
    });
    let database = request.await.unwrap();
    let stores = ["items", "meta"];
    let transaction = database
        .transaction(&stores, idb::TransactionMode::ReadWrite)
        .unwrap();
    let put = |store: &str, key: &str, value: String| {
        let store = transaction.object_store(store).unwrap();
        let key = JsValue::from_str(key);
        store.put(&JsValue::from(value), Some(&key)).unwrap();
    };
    let id = item(1).id.to_string();
    put("items", &id, serde_json::to_string(&item(1)).unwrap());
    put("meta", "cursor", "one".to_owned());
    put("meta", "complete", "true".to_owned());
    put(
        "meta",
        "session",
        serde_json::to_string(&session()).unwrap(),
    );
    transaction.commit().unwrap().await.unwrap();
    database.close();
}

#[wasm_bindgen_test]
async fn a_database_of_the_first_schema_is_migrated_with_what_is_in_it() {
    let name = format!("test-migrate-{}", js_sys::Math::random());
    first_schema(&name).await;
    let database = LocalDb::open(&name).await.unwrap();
    let kept = database.load(TAB).await.unwrap();
    assert_eq!(kept.items, [item(1)]);
    assert_eq!(kept.cursor.as_deref(), Some("one"));
    assert!(kept.complete && kept.edits.is_empty());
    assert_eq!(database.session().await.unwrap(), Some(session()));
    write(&database, &[Record::Edit(edit(1))]).await;
    assert_eq!(database.load(TAB).await.unwrap().edits, [edit(1)]);
}

fn list(n: u8) -> Vec<BlockRef> {
    let block = |i: u8| BlockRef {
        hash: BlockHash::of(&[n, i]),
        length: u32::from(n) + 1,
    };
    (0..n).map(block).collect()
}

fn news_of(
    item: ItemId,
    version: Version,
    list: Vec<BlockRef>,
) -> BTreeMap<ItemId, Option<(Version, Vec<BlockRef>)>> {
    BTreeMap::from([(item, Some((version, list)))])
}

#[wasm_bindgen_test]
async fn of_each_file_one_list_is_kept() {
    let database = open("lists").await;
    assert_eq!(database.list(item(1).id, 1).await.unwrap(), None);
    database
        .keep_lists(&news_of(item(1).id, 1, list(3)))
        .await
        .unwrap();
    database
        .keep_lists(&news_of(item(2).id, 7, vec![]))
        .await
        .unwrap();
    let kept = database.list(item(1).id, 1).await.unwrap();
    assert_eq!(kept, Some(list(3)));
    assert_eq!(database.list(item(2).id, 7).await.unwrap(), Some(vec![]));
    assert_eq!(database.list(item(1).id, 2).await.unwrap(), None);
    database
        .keep_lists(&news_of(item(1).id, 2, list(4)))
        .await
        .unwrap();
    assert_eq!(database.list(item(1).id, 1).await.unwrap(), None);
    let kept = database.list(item(1).id, 2).await.unwrap();
    assert_eq!(kept, Some(list(4)));
    // One is let go of and another one kept, at once.
    let mut news = news_of(item(2).id, 8, list(2));
    news.insert(item(1).id, None);
    database.keep_lists(&news).await.unwrap();
    let other = database.list(item(2).id, 8).await.unwrap();
    assert_eq!(other, Some(list(2)));
    assert_eq!(database.list(item(1).id, 2).await.unwrap(), None);
    database.wipe().await.unwrap();
    assert_eq!(database.list(item(2).id, 8).await.unwrap(), None);
}

/// The lists that were not used for long go, those used last stay.
#[wasm_bindgen_test]
async fn so_many_lists_are_kept() {
    let database = open("many-lists").await;
    let id = |n: u16| {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&n.to_le_bytes());
        ItemId::from_random(bytes)
    };
    for first in (0..4_300).step_by(100) {
        let news = (first..first + 100).flat_map(|n| news_of(id(n), 1, list(1)));
        database.keep_lists(&news.collect()).await.unwrap();
        // Which are the oldest is told by the clock.
        clock::sleep(2).await;
    }
    assert_eq!(database.list(id(0), 1).await.unwrap(), None);
    let kept = database.list(id(4_299), 1).await.unwrap();
    assert_eq!(kept, Some(list(1)));
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
    let newer = newer.expect("the old page does not block the new one");
    assert!(database.closed().is_set());
    assert!(database.load(TAB).await.is_err());
    newer.close();
    // And the old page does not open what it can't read, because of that and not
    // because it waits for a tab.
    let opened = LocalDb::open(&name).await.map(drop);
    let is_newer = |why: &str| why.contains("version");
    assert!(
        matches!(&opened, Err(Failure::Device(why)) if is_newer(why)),
        "{opened:?}"
    );
}

#[wasm_bindgen_test]
async fn a_deletion_is_noticed_and_the_database_can_be_made_anew() {
    let name = format!("test-deleted-{}", js_sys::Math::random());
    let database = LocalDb::open(&name).await.unwrap();
    write(&database, &[Record::Edit(edit(1))]).await;
    let deletion = idb::Factory::new().unwrap().delete(&name).unwrap();
    deletion.await.unwrap();
    assert!(database.closed().is_set());
    assert!(database.write(TAB, &[Record::Edit(edit(2))]).await.is_err());
    let anew = LocalDb::open(&name).await.unwrap();
    assert_eq!(anew.load(TAB).await.unwrap(), StoredState::default());
    write(&anew, &[Record::Edit(edit(2))]).await;
    assert_eq!(anew.load(TAB).await.unwrap().edits, [edit(2)]);
}

#[wasm_bindgen_test]
async fn the_first_rows_of_a_folder_are_what_is_still_in_it_and_sent() {
    let database = open("first-rows").await;
    database.set_session(&session()).await.unwrap();
    assert_eq!(database.first_rows(None).await.unwrap(), []);
    write(&database, &page(&[1, 2, 3, 4, 5].map(item), None, "one")).await;
    let rows = [4, 1, 6, 2, 3].map(|n| item(n).id);
    database.keep_first_rows(None, rows.to_vec()).await.unwrap();
    // In the order in which they were kept; the sixth is not known.
    let shown = database.first_rows(None).await.unwrap();
    assert_eq!(shown, [4, 1, 2, 3].map(item));
    assert_eq!(database.first_rows(Some(item(9).id)).await.unwrap(), []);

    let mut moved = item(1);
    moved.parent = Some(item(9).id);
    let mut trashed = item(2);
    trashed.trashed_at_ms = Some(2);
    let mut renamed = item(4);
    renamed.name = Name::parse("another").unwrap();
    let changed = [moved, trashed, renamed.clone()];
    write(&database, &page(&changed, Some("one"), "two")).await;
    database
        .write(OTHER, &[Record::Edit(edit(3))])
        .await
        .unwrap();
    assert_eq!(database.first_rows(None).await.unwrap(), [renamed]);

    database.close_session().await.unwrap();
    assert_eq!(database.first_rows(None).await.unwrap(), []);
}
