//! Who has a file open: whom it is told, for how long, and by whom it is never said.

use super::attempt::{Attempt, BAD_JSON, NO_ITEM, NOT_FOR_TOKENS};
use super::front::Given;
use super::shared::Drive;
use super::tries::{NO_ID, Tries};
use super::world::{ANNS, BROWSER, CARLS, READ_ONLY, TOKEN};
use crate::stage::THEN;
use driftless_core::access::held::{SharedBy, SharedPart};
use driftless_core::access::reach::Reach;
use driftless_core::error::Failure;
use driftless_core::writes::Author;
use driftless_core::writes::openings::{self, Step};
use driftless_tests::model::legs::Device;
use driftless_tests::model::ready::ready;
use protocol::grants::Grant;
use protocol::ids::{ItemId, UnixMillis, UserId};
use protocol::limits::{
    MAX_OPENINGS_SAID, OPENING_HOLDS_MILLIS, OPENING_SAID_EVERY_MILLIS, OPENING_TOLD_MILLIS,
};
use protocol::openings::{Openings, Presence, SayOpen};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

type By = (char, Option<ItemId>);

const ANN: By = (ANNS, None);

pub fn at_openings(tries: &Tries<'_>) -> Vec<Attempt> {
    by_tokens(tries)
}

pub fn at_saying(tries: &Tries<'_>) -> Vec<Attempt> {
    let hers = tries.world.ann.file;
    let mut all = by_tokens(tries);
    all.extend([
        tries.alters("a file of hers", json!({"item": hers}), NO_ITEM),
        tries.alters("a file of nobody", json!({"item": NO_ID}), NO_ITEM),
        tries.alters(
            "a folder of his",
            json!({"item": tries.world.bob.folder}),
            (409, "not_a_file"),
        ),
        tries.alters("a word for yes", json!({"is_open": "yes"}), BAD_JSON),
    ]);
    all
}

pub fn at_telling(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS)]
}

fn by_tokens(tries: &Tries<'_>) -> Vec<Attempt> {
    let refused = |(what, digit)| tries.refused(what, tries.bearing(digit), NOT_FOR_TOKENS);
    [("a token", TOKEN), ("a token that only reads", READ_ONLY)]
        .map(refused)
        .into()
}

fn says(drive: &Drive, by: By, item: ItemId, is_open: bool) -> Result<(), Problem> {
    let said = json!({"item": item, "is_open": is_open});
    drive.asks(by, Route::SayOpen, "", said).map(drop)
}

/// What somebody is told: each name, file, and whether it is open.
fn told(drive: &Drive, by: By) -> Vec<(String, ItemId, bool)> {
    let told: Openings = drive.gets(by, Route::Openings, "", Json::Null);
    let openings = told.openings.into_iter();
    let all = openings.map(|one| (one.person.user_name, one.item, one.is_open));
    all.collect()
}

fn of(name: &str, item: ItemId, is_open: bool) -> (String, ItemId, bool) {
    (name.to_owned(), item, is_open)
}

/// Ann gives carl access.
fn shares_with_carl(drive: &Drive, item: ItemId, role: &str) -> Grant {
    let new = json!({"person": "carl", "role": role});
    drive.gets(ANN, Route::Give, item, new)
}

/// All that was said so far was said so much earlier.
fn passes(drive: &Drive, millis: u64) {
    let back =
        format!("UPDATE openings SET said_at = said_at - {millis}, told_at = told_at - {millis}");
    let connection = drive.world.server.db.connection();
    connection.execute_batch(&back).expect("some time");
}

fn rows(drive: &Drive) -> i64 {
    let count = "SELECT count(*) FROM openings";
    let connection = drive.world.server.db.connection();
    connection.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn whoever_has_a_file_too_is_told_who_has_it_open_and_nobody_else() {
    let drive = Drive::new();
    let (folder, other) = (drive.folder(None), drive.folder(None));
    let (file, elsewhere) = (drive.file(Some(folder)).id, drive.file(Some(other)).id);
    drive.shares(folder, "editor");
    shares_with_carl(&drive, other, "viewer");
    let (bob, carl) = ((BROWSER, Some(folder)), (CARLS, Some(other)));
    says(&drive, bob, file, true).unwrap();
    assert_eq!(told(&drive, ANN), [of("bob", file, true)]);
    // His own devices are not, nor is whoever has another folder, or none.
    assert_eq!(told(&drive, bob), []);
    assert_eq!(told(&drive, carl), []);
    assert_eq!(told(&drive, (BROWSER, None)), []);
    drive.is_refused(
        drive.asks((CARLS, Some(folder)), Route::Openings, "", Json::Null),
        NO_ITEM,
    );
    // What ann has open bob is told, as far as it is his to see.
    says(&drive, ANN, file, true).unwrap();
    says(&drive, ANN, elsewhere, true).unwrap();
    assert_eq!(told(&drive, bob), [of("ann", file, true)]);
    assert_eq!(told(&drive, carl), [of("ann", elsewhere, true)]);
    // He says nothing of what he may not see.
    assert_eq!(says(&drive, bob, elsewhere, true), Err(Problem::NoSuchItem));
    assert_eq!(says(&drive, carl, file, true), Err(Problem::NoSuchItem));
    says(&drive, bob, file, false).unwrap();
    assert_eq!(told(&drive, ANN), [of("bob", file, false)]);
}

#[test]
fn whoever_may_only_look_is_told_to_the_owner_alone() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "viewer");
    shares_with_carl(&drive, folder, "editor");
    let (bob, carl) = ((BROWSER, Some(folder)), (CARLS, Some(folder)));
    says(&drive, bob, file, true).unwrap();
    assert_eq!(told(&drive, ANN), [of("bob", file, true)]);
    // Who else has access is not carl's to know, until bob does something there.
    assert_eq!(told(&drive, carl), []);
    says(&drive, carl, file, true).unwrap();
    assert_eq!(told(&drive, bob), [of("carl", file, true)]);
}

#[test]
fn of_what_nobody_else_has_nothing_is_written_down() {
    let drive = Drive::new();
    let file = drive.file(None).id;
    says(&drive, ANN, file, true).unwrap();
    assert_eq!(rows(&drive), 0);
    let folder = drive.folder(None);
    let shared = drive.file(Some(folder)).id;
    drive.shares(folder, "viewer");
    let (head, _) = drive.world.server.newest(&drive.ann).unwrap();
    says(&drive, ANN, shared, true).unwrap();
    // Again, and once more later, it is the same row, and no news of the space.
    says(&drive, ANN, shared, true).unwrap();
    passes(&drive, 120_000);
    says(&drive, ANN, shared, true).unwrap();
    assert_eq!(rows(&drive), 1);
    assert_eq!(drive.world.server.newest(&drive.ann).unwrap().0, head);
}

#[test]
fn after_ten_minutes_nothing_is_told_and_the_row_goes_with_the_next_one() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let (file, next) = (drive.file(Some(folder)).id, drive.file(Some(folder)).id);
    drive.shares(folder, "editor");
    let bob = (BROWSER, Some(folder));
    says(&drive, bob, file, true).unwrap();
    passes(&drive, OPENING_HOLDS_MILLIS);
    let all: Openings = drive.gets(ANN, Route::Openings, "", Json::Null);
    let [one] = all.openings.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(one.ago_ms, OPENING_HOLDS_MILLIS);
    // He went without a word.
    assert_eq!(Presence::of(one.is_open, one.ago_ms), Some(Presence::Had));
    passes(&drive, OPENING_TOLD_MILLIS - OPENING_HOLDS_MILLIS);
    assert_eq!(told(&drive, ANN), []);
    says(&drive, bob, next, true).unwrap();
    assert_eq!(
        (rows(&drive), told(&drive, ANN)),
        (1, vec![of("bob", next, true)])
    );
    passes(&drive, OPENING_TOLD_MILLIS);
    let swept = ready(openings::sweep(&drive.world.server.db, THEN)).unwrap();
    assert_eq!((swept, rows(&drive)), (1, 0));
}

#[test]
fn it_ends_with_the_access_and_with_the_file() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder));
    let grant = drive.shares(folder, "editor");
    let bob = (BROWSER, Some(folder));
    says(&drive, bob, file.id, true).unwrap();
    says(&drive, ANN, file.id, true).unwrap();
    drive
        .asks(ANN, Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    // Of whoever has no access any more nothing is told, and to them nothing.
    assert_eq!(told(&drive, ANN), []);
    assert_eq!(says(&drive, bob, file.id, true), Err(Problem::NoSuchItem));
    drive.is_refused(drive.asks(bob, Route::Openings, "", Json::Null), NO_ITEM);
    drive.shares(folder, "editor");
    assert_eq!(told(&drive, bob), [of("ann", file.id, true)]);
    let trashed = drive.trash(file.id);
    let gone = json!({
        "operation_id": driftless_tests::client::operation_id(),
        "base_place_version": trashed.place_version,
    });
    drive.asks(ANN, Route::DeleteItem, file.id, gone).unwrap();
    assert_eq!((rows(&drive), told(&drive, bob)), (0, vec![]));
}

#[test]
fn whoever_tells_nothing_is_told_nothing() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "editor");
    let bob = (BROWSER, Some(folder));
    says(&drive, bob, file, true).unwrap();
    says(&drive, ANN, file, true).unwrap();
    let tells = |by: By, tells: bool| {
        let set = drive.asks(by, Route::TellOpenings, "", json!({"tells": tells}));
        set.unwrap();
    };
    tells((BROWSER, None), false);
    // What he has said is forgotten at once.
    assert_eq!(told(&drive, ANN), []);
    says(&drive, bob, file, true).unwrap();
    assert_eq!(told(&drive, ANN), []);
    let none: Openings = drive.gets(bob, Route::Openings, "", Json::Null);
    assert!(!none.tells && none.openings.is_empty(), "{none:?}");
    tells((BROWSER, None), true);
    says(&drive, bob, file, true).unwrap();
    assert_eq!(told(&drive, ANN), [of("bob", file, true)]);
    assert_eq!(told(&drive, bob), [of("ann", file, true)]);
}

#[test]
fn it_can_be_said_only_so_often() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "editor");
    let bob = (BROWSER, Some(folder));
    for number in 0..MAX_OPENINGS_SAID {
        says(&drive, bob, file, number % 2 == 0).unwrap();
    }
    let more = says(&drive, bob, file, true);
    assert!(
        matches!(more, Err(Problem::TooManyRequests { .. })),
        "{more:?}"
    );
    assert_eq!(rows(&drive), 1);
    // Ann's count is her own.
    says(&drive, ANN, file, true).unwrap();
}

/// What a device says, and who is told of it.
fn told_of(drive: &Drive, author: &Author, item: ItemId, is_open: bool) -> BTreeSet<UserId> {
    let db = &drive.world.server.db;
    let said = SayOpen { item, is_open };
    let step: Option<Step> = ready(openings::look(db, author, said)).unwrap();
    let told = step.map(|step| ready(openings::write(db, author, &step)));
    told.transpose().unwrap().unwrap_or_default()
}

fn holder(drive: &Drive, user: UserId, root: ItemId) -> Author {
    holder_at(drive, user, root, THEN)
}

fn holder_at(drive: &Drive, user: UserId, root: ItemId, now: UnixMillis) -> Author {
    let held = SharedPart {
        root,
        by: SharedBy::Grant(user),
        now,
        changes: false,
    };
    let device = Device {
        user,
        root: Some(root),
        ..drive.ann.clone()
    };
    Author {
        reach: Reach::of_held(held),
        ..device.at(now)
    }
}

#[test]
fn polls_of_those_who_may_know_are_woken_and_of_nobody_else() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "viewer");
    shares_with_carl(&drive, folder, "editor");
    let (ann, bob, carl) = (drive.world.ann.user, drive.world.bob.user, drive.world.carl);
    let people = |users: &[UserId]| BTreeSet::from_iter(users.iter().copied());
    let (viewer, editor) = (holder(&drive, bob, folder), holder(&drive, carl, folder));
    let owner = drive.ann.at(THEN);
    assert_eq!(told_of(&drive, &viewer, file, true), people(&[ann]));
    assert_eq!(told_of(&drive, &editor, file, true), people(&[ann, bob]));
    assert_eq!(told_of(&drive, &owner, file, true), people(&[bob, carl]));
    // It is no news that it is still open.
    assert_eq!(told_of(&drive, &owner, file, true), people(&[]));
    assert_eq!(told_of(&drive, &owner, file, false), people(&[bob, carl]));
    // Nor that it is opened again at once.
    assert_eq!(told_of(&drive, &owner, file, true), people(&[]));
}

#[test]
fn what_was_said_later_holds_whatever_is_written_first() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "editor");
    let by = (BROWSER, Some(folder));
    says(&drive, by, file, true).unwrap();
    passes(&drive, OPENING_SAID_EVERY_MILLIS);
    // He has it open still, and closes it before that is written.
    let bob = holder_at(&drive, drive.world.bob.user, folder, THEN - 1);
    let db = &drive.world.server.db;
    let said = SayOpen {
        item: file,
        is_open: true,
    };
    let step = ready(openings::look(db, &bob, said)).unwrap().unwrap();
    says(&drive, by, file, false).unwrap();
    let told_of_it = ready(openings::write(db, &bob, &step)).unwrap();
    assert_eq!(told_of_it, BTreeSet::new());
    assert_eq!(told(&drive, ANN), [of("bob", file, false)]);
}

#[test]
fn access_that_ends_after_the_look_lets_nobody_say_anything() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    let grant = drive.shares(folder, "editor");
    let bob = holder(&drive, drive.world.bob.user, folder);
    let db = &drive.world.server.db;
    let said = SayOpen {
        item: file,
        is_open: true,
    };
    let step = ready(openings::look(db, &bob, said)).unwrap().unwrap();
    drive
        .asks(ANN, Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    let refused = ready(openings::write(db, &bob, &step)).map_err(Failure::into_problem);
    assert_eq!(refused, Err(Problem::NoSuchItem));
    assert_eq!(rows(&drive), 0);
    // Nor does moving the file out.
    drive.shares(folder, "editor");
    let step = ready(openings::look(db, &bob, said)).unwrap().unwrap();
    drive.moves(file, None);
    let refused = ready(openings::write(db, &bob, &step)).map_err(Failure::into_problem);
    assert_eq!((refused, rows(&drive)), (Err(Problem::NoSuchItem), 0));
}

#[test]
fn a_visitor_neither_says_nor_is_told_who_has_what_open() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder)).id;
    drive.shares(folder, "editor");
    says(&drive, (BROWSER, Some(folder)), file, true).unwrap();
    let link = drive.link(folder, json!({"may": "view_and_upload"}));
    for (route, body) in [
        (Route::Openings, Vec::new()),
        (
            Route::SayOpen,
            json!({"item": file, "is_open": true})
                .to_string()
                .into_bytes(),
        ),
    ] {
        let mut request = drive.request(BROWSER, route, "", body);
        request.query = vec![(protocol::links::LINK, link.key.to_string())];
        let told: Result<Given, Problem> = super::front::ask(&drive.world, &request);
        drive.is_refused(told, (403, "one_folder"));
    }
    assert_eq!(rows(&drive), 1);
}
