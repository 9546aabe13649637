//! Stars and saved searches: how many there may be, that they are one person's own, and what
//! a repeat does.

use super::attempt::{Attempt, BAD_JSON, BAD_NAME, BAD_REQUEST, ID_TAKEN, OLD_PLACE};
use super::shared::Drive;
use super::tries::{NO_ID, Tries};
use super::world::{ANNS, BROWSER};
use crate::stage::THEN;
use driftless_core::directory::marks as rows;
use driftless_core::error::Failure;
use driftless_tests::client::item_id;
use driftless_tests::model::ready::ready;
use protocol::accounts::Session;
use protocol::ids::{ItemId, SearchId};
use protocol::limits::{
    MAX_BATCH_STARS, MAX_SAVED_SEARCHES, MAX_SEARCH_CHARS, MAX_SEARCH_NAME_CHARS, MAX_STARS,
};
use protocol::marks::{ChangeStars, Marks, NewStar, SavedSearch};
use protocol::problem::{Limited, Problem};
use protocol::routes::Route;
use serde_json::{Value as Json, json};

type By = (char, Option<ItemId>);

const ANN: By = (ANNS, None);
const BOB: By = (BROWSER, None);

pub fn at_stars(tries: &Tries<'_>) -> Vec<Attempt> {
    let many: Vec<_> = (0..=MAX_BATCH_STARS)
        .map(|_| json!({"item": item_id()}))
        .collect();
    let both = tries.world.bob.file;
    vec![
        tries.alters("more than at one time", json!({"star": many}), BAD_REQUEST),
        tries.alters("both at one time", json!({"unstar": [both]}), BAD_REQUEST),
        tries.alters(
            "a star on no id",
            json!({"star": [{"item": "x"}]}),
            BAD_JSON,
        ),
        tries.alters("a star off no id", json!({"unstar": ["x"]}), BAD_JSON),
    ]
}

pub fn at_saving(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = with_other_texts(tries);
    let known = json!({"id": tries.world.bob.search});
    all.push(tries.alters("another under the id of one", known, ID_TAKEN));
    all
}

pub fn at_a_search(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = with_other_texts(tries);
    all.push(tries.alters("of an old version", json!({"base_version": 0}), OLD_PLACE));
    all
}

fn with_other_texts(tries: &Tries<'_>) -> Vec<Attempt> {
    let long_name = "ä".repeat(MAX_SEARCH_NAME_CHARS + 1);
    let long = "x".repeat(MAX_SEARCH_CHARS + 1);
    vec![
        tries.alters("no name", json!({"name": "  "}), BAD_NAME),
        tries.alters("a long name", json!({"name": long_name}), BAD_NAME),
        tries.alters("a name of two lines", json!({"name": "a\nb"}), BAD_NAME),
        tries.alters("a turned name", json!({"name": "a\u{202e}b"}), BAD_NAME),
        tries.alters("no query", json!({"query": " "}), BAD_REQUEST),
        tries.alters("a long query", json!({"query": long}), BAD_REQUEST),
        tries.alters(
            "a query of two lines",
            json!({"query": "a\nb"}),
            BAD_REQUEST,
        ),
    ]
}

fn marks(drive: &Drive, by: By) -> Marks {
    drive.gets(by, Route::Marks, "", Json::Null)
}

fn stars(drive: &Drive, by: By) -> Vec<(ItemId, Option<ItemId>)> {
    let stars = marks(drive, by).stars.into_iter();
    stars.map(|star| (star.item, star.root)).collect()
}

fn change(drive: &Drive, by: By, body: Json) -> Result<(), Problem> {
    drive.asks(by, Route::ChangeStars, "", body).map(drop)
}

/// The searches of somebody that the world has not made.
fn saved(drive: &Drive, by: By) -> Vec<SavedSearch> {
    let known = [drive.world.ann.search, drive.world.bob.search];
    let mut all = marks(drive, by).searches;
    all.retain(|search| !known.contains(&search.id));
    all
}

fn save(drive: &Drive, by: By, id: SearchId, name: &str) -> SavedSearch {
    let new = json!({"id": id, "name": name, "query": "kind:picture"});
    drive.gets(by, Route::SaveSearch, "", new)
}

fn new_id() -> SearchId {
    SearchId::from_random(driftless_tests::random::id_bytes())
}

#[test]
fn a_star_is_ones_own_and_given_once_however_often_it_is_asked_for() {
    let drive = Drive::new();
    let (file, shared) = (drive.file(None).id, drive.folder(None));
    drive.shares(shared, "viewer");
    for _ in 0..2 {
        change(&drive, ANN, json!({"star": [{"item": file}]})).unwrap();
        let through = json!({"star": [{"item": shared, "root": shared}]});
        change(&drive, BOB, through).unwrap();
    }
    assert_eq!(stars(&drive, ANN), [(file, None)]);
    assert_eq!(stars(&drive, BOB), [(shared, Some(shared))]);
    // It is the same star when it is found elsewhere.
    change(&drive, BOB, json!({"star": [{"item": shared}]})).unwrap();
    assert_eq!(stars(&drive, BOB), [(shared, None)]);
    // What is taken away and given at one time: both are so, and again.
    for _ in 0..2 {
        let both = json!({"star": [{"item": shared}], "unstar": [file]});
        change(&drive, ANN, both).unwrap();
        assert_eq!(stars(&drive, ANN), [(shared, None)]);
    }
    // Neither is told of by whoever has no marks, nor told to anybody else.
    assert_eq!(stars(&drive, BOB), [(shared, None)]);
}

#[test]
fn whoever_has_marks_is_told_so_when_they_come_in() {
    let drive = Drive::new();
    let has = || -> bool {
        let me: Session = drive.gets(ANN, Route::Me, "", Json::Null);
        me.has_marks
    };
    let world_has = drive.world.ann.search;
    drive
        .asks(ANN, Route::RemoveSearch, world_has, Json::Null)
        .unwrap();
    assert!(!has());
    change(&drive, ANN, json!({"star": [{"item": item_id()}]})).unwrap();
    assert!(has());
    let item = stars(&drive, ANN)[0].0;
    change(&drive, ANN, json!({"unstar": [item]})).unwrap();
    assert!(!has());
    save(&drive, ANN, new_id(), "Pictures");
    assert!(has());
}

#[test]
fn there_are_so_many_stars_and_a_request_beyond_changes_nothing_at_all() {
    let drive = Drive::new();
    let per_request = u64::try_from(MAX_BATCH_STARS).unwrap();
    assert_eq!(MAX_STARS % per_request, 0);
    let mut first = Vec::new();
    for _ in 0..MAX_STARS / per_request {
        first = (0..MAX_BATCH_STARS).map(|_| item_id()).collect();
        let star: Vec<_> = first.iter().map(|item| json!({"item": item})).collect();
        change(&drive, ANN, json!({"star": star})).unwrap();
    }
    let all = stars(&drive, ANN);
    let most = usize::try_from(MAX_STARS).unwrap();
    assert_eq!(all.len(), most);
    let refused = Err(Problem::LimitReached {
        what: Limited::Stars,
        most: MAX_STARS,
    });
    let [one, two] = [item_id(), item_id()];
    let star = json!([{"item": one}, {"item": two}]);
    // One is taken away and two are given: neither.
    let beyond = json!({"star": star, "unstar": [first[0]]});
    assert_eq!(change(&drive, ANN, beyond), refused);
    assert_eq!(stars(&drive, ANN), all);
    // As many as are taken away fit, and so does what is there already.
    let even = json!({"star": star, "unstar": [first[0], first[1]]});
    change(&drive, ANN, even.clone()).unwrap();
    change(&drive, ANN, even).unwrap();
    change(&drive, ANN, json!({"star": [{"item": first[2]}]})).unwrap();
    assert_eq!(stars(&drive, ANN).len(), most);
    // Those of one person are not counted with another's.
    change(&drive, BOB, json!({"star": [{"item": one}]})).unwrap();
}

#[test]
fn an_account_that_has_ended_since_the_request_came_in_gets_no_marks() {
    let drive = Drive::new();
    let (db, ann) = (&drive.world.server.db, drive.world.ann.user);
    let end = format!("UPDATE users SET ends_at = {THEN} WHERE id = '{ann}'");
    db.connection().execute_batch(&end).unwrap();
    let star = ChangeStars {
        star: vec![NewStar {
            item: item_id(),
            root: None,
        }],
        unstar: Vec::new(),
    };
    let refused = ready(rows::change_stars(db, ann, &star, THEN)).map_err(Failure::into_problem);
    assert_eq!(refused, Err(Problem::SessionEnded));
    assert_eq!(ready(rows::all(db, ann)).unwrap().stars, []);
}

#[test]
fn a_search_is_saved_once_renamed_by_whoever_saw_it_and_removed() {
    let drive = Drive::new();
    let id = new_id();
    let first = save(&drive, ANN, id, " Pictures ");
    assert_eq!((first.name.as_str(), first.version), ("Pictures", 1));
    assert_eq!(save(&drive, ANN, id, "Pictures"), first);
    assert_eq!(saved(&drive, ANN), [first]);
    assert_eq!(saved(&drive, BOB), []);

    let renames = |base: u64, name: &str| {
        let body = json!({"base_version": base, "name": name});
        drive.asks(ANN, Route::ChangeSearch, id, body).map(drop)
    };
    for _ in 0..2 {
        renames(1, "Photos").unwrap();
    }
    // Another device has not seen that: the first comer wins.
    let met = Err(Problem::PlaceConflict {
        current_place_version: 2,
    });
    assert_eq!(renames(1, "Images"), met);
    assert_eq!(renames(3, "Images"), met);
    let now = saved(&drive, ANN);
    assert_eq!((now[0].name.as_str(), now[0].version), ("Photos", 2));
    assert_eq!(now[0].query, "kind:picture");
    let requery = json!({"base_version": 2, "query": "kind:video"});
    let queried: SavedSearch = drive.gets(ANN, Route::ChangeSearch, id, requery);
    assert_eq!(
        (queried.name.as_str(), queried.query.as_str()),
        ("Photos", "kind:video")
    );

    // Under the same id, bob has another one, and removes his own only.
    save(&drive, BOB, id, "Bob's");
    drive
        .asks(BOB, Route::RemoveSearch, id, Json::Null)
        .unwrap();
    assert_eq!(saved(&drive, ANN), [queried]);
    drive
        .asks(ANN, Route::RemoveSearch, id, Json::Null)
        .unwrap();
    let again = drive.asks(ANN, Route::RemoveSearch, id, Json::Null);
    assert_eq!(again.map(drop), Err(Problem::NoSuchSearch));
    assert_eq!(saved(&drive, ANN), []);
}

#[test]
fn there_are_so_many_saved_searches() {
    let drive = Drive::new();
    let there = marks(&drive, ANN).searches.len() as u64;
    let mut last = new_id();
    for number in there..MAX_SAVED_SEARCHES {
        last = new_id();
        save(&drive, ANN, last, &format!("Search {number}"));
    }
    let beyond = json!({"id": new_id(), "name": "One more", "query": "x"});
    let refused = drive.asks(ANN, Route::SaveSearch, "", beyond.clone());
    let full = Problem::LimitReached {
        what: Limited::Searches,
        most: MAX_SAVED_SEARCHES,
    };
    assert_eq!(refused.map(drop), Err(full));
    // A repeat is none more, and there is room for one once one is gone.
    let repeated = marks(&drive, ANN).searches.into_iter();
    let repeated = repeated.last().unwrap();
    assert_eq!(save(&drive, ANN, repeated.id, &repeated.name), repeated);
    drive
        .asks(ANN, Route::RemoveSearch, last, Json::Null)
        .unwrap();
    drive.asks(ANN, Route::SaveSearch, "", beyond).unwrap();
}

#[test]
fn whoever_has_a_part_of_the_drive_or_names_a_root_has_no_marks() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    drive.shares(folder, "editor");
    for (route, body) in [
        (Route::Marks, Json::Null),
        (Route::ChangeStars, json!({"star": [{"item": folder}]})),
        (
            Route::SaveSearch,
            json!({"id": NO_ID, "name": "x", "query": "x"}),
        ),
    ] {
        let told = drive.asks((BROWSER, Some(folder)), route, "", body);
        drive.is_refused(told, (403, "one_folder"));
    }
}
