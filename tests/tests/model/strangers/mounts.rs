//! Mounts: whose they are, what they take, and that nobody deletes anybody's files by
//! taking one away. Carl shares with ann, and ann with bob.

use super::attempt::{Attempt, Code, NO_ITEM};
use super::front::{Given, ask};
use super::one_folder::{copy_of, file as copied};
use super::shared::Drive;
use super::tries::{NO_ID, Tries};
use super::world::{ANNS, BROWSER, CARLS, OF_FOLDER};
use driftless_tests::client::{change_trashed, commit_of, item_id, name, new_file, operation_id};
use driftless_tests::drive::{change_place, new_conflict, new_folder, proposal};
use driftless_tests::model::audit::faults;
use protocol::accounts::Session;
use protocol::activity::Activity;
use protocol::changes::{Change, ChangePage};
use protocol::grants::{Grants, ROOT};
use protocol::ids::ItemId;
use protocol::items::{Item, ItemChanged, Mount};
use protocol::links::LINK;
use protocol::notifications::{Event, EventType};
use protocol::routes::Route;
use serde_json::{Value as Json, json};

const IS_A_MOUNT: Code = (409, "is_a_mount");
const NO_GRANT: Code = (404, "no_such_grant");

const ANN: (char, Option<ItemId>) = (ANNS, None);
const BOB: (char, Option<ItemId>) = (BROWSER, None);
const CARL: (char, Option<ItemId>) = (CARLS, None);

pub fn at_mounts(tries: &Tries<'_>) -> Vec<Attempt> {
    let hers = tries.world.ann.grant;
    vec![
        tries.sends(
            "what he shares himself",
            &tries.altered(json!({})),
            NO_GRANT,
        ),
        tries.alters(
            "what she shares with carl",
            json!({"grant": hers}),
            NO_GRANT,
        ),
        tries.alters("what nobody shares", json!({"grant": NO_ID}), NO_GRANT),
    ]
}

pub fn at_unmounting(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![tries.refused("a file of his", tries.honest(), (409, "not_a_mount"))]
}

/// All that somebody is told of since a cursor.
fn feed(drive: &Drive, by: (char, Option<ItemId>), since: Option<&str>) -> ChangePage {
    let text = asks(drive, by, Route::Changes, since);
    serde_json::from_str(&text).unwrap()
}

fn asks(
    drive: &Drive,
    (digit, root): (char, Option<ItemId>),
    route: Route,
    since: Option<&str>,
) -> String {
    let mut request = drive.request(digit, route, "", Vec::new());
    let since = since.map(|since| ("since_token", since.to_owned()));
    let root = root.map(|root| (ROOT, root.to_string()));
    request.query = since.into_iter().chain(root).collect();
    match ask(&drive.world, &request).unwrap() {
        Given::Text(text) => text,
        Given::Each(_) => panic!("one answer"),
    }
}

fn item(drive: &Drive, by: (char, Option<ItemId>), id: ItemId) -> Item {
    drive.gets(by, Route::Item, id, Json::Null)
}

fn shared_with_bob(drive: &Drive) -> Vec<ItemId> {
    let grants: Grants = drive.gets(BOB, Route::Grants, "", Json::Null);
    grants.with_me.into_iter().map(|grant| grant.item).collect()
}

/// Moved by whoever has it; the place version is that of `item`.
fn moved(
    drive: &Drive,
    by: (char, Option<ItemId>),
    item: &Item,
    parent: Option<ItemId>,
    name: &str,
) -> Item {
    let to = json!(change_place(item, parent, name));
    let moved: ItemChanged = drive.gets(by, Route::ChangePlace, item.id, to);
    moved.item
}

fn folder_of(drive: &Drive, by: (char, Option<ItemId>), name: &str) -> Item {
    let new = json!(new_folder(None, name));
    let made: ItemChanged = drive.gets(by, Route::CreateFolder, "", new);
    made.item
}

#[test]
fn a_mount_is_named_and_placed_by_whoever_has_it_and_the_owners_item_stays_as_it_is() {
    let drive = Drive::new();
    let plans = drive.folder(None);
    let before = drive.world.server.item(&drive.ann, plans).unwrap();
    let grant = drive.shares(plans, "viewer");
    let work = folder_of(&drive, BOB, "Work");
    let since = feed(&drive, BOB, None).next_token;
    let new = drive.mount(grant.id, None);
    let made: ItemChanged = drive.gets(BOB, Route::CreateMount, "", json!(new));
    let mount = made.item;
    let kind = (mount.mount, mount.is_folder(), mount.file.is_some());
    assert_eq!(kind, (Some(Mount { grant: grant.id }), false, false));
    // The same request again is the same mount.
    let again: ItemChanged = drive.gets(BOB, Route::CreateMount, "", json!(new));
    assert_eq!(again.item, mount);
    let renamed = moved(&drive, BOB, &mount, Some(work.id), "Ann's plans");
    assert_eq!(renamed.mount, mount.mount);
    // A change that has not seen this one is refused, as of any item.
    let late = json!(change_place(&mount, None, "late"));
    let refused = drive.asks(BOB, Route::ChangePlace, mount.id, late);
    drive.is_refused(refused, (409, "place_conflict"));
    // His other devices are told; ann's item is where it was, under its own name.
    let told = feed(&drive, BOB, Some(&since));
    assert_eq!(
        told.changes,
        [Change::Item {
            item: renamed.clone()
        }]
    );
    assert_eq!(drive.world.server.item(&drive.ann, plans).unwrap(), before);
    let seen = item(&drive, (BROWSER, Some(plans)), plans);
    assert_eq!(seen.name, before.name);
    // A name that is taken gives way.
    let other = drive.shares(drive.folder(None), "viewer");
    let mut new = drive.mount(other.id, Some(work.id));
    new.name = name("ANN'S PLANS");
    let made: ItemChanged = drive.gets(BOB, Route::CreateMount, "", json!(new));
    assert_eq!(made.item.name.as_str(), "ANN'S PLANS (2)");
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

#[test]
fn nobody_deletes_anybodys_files_by_taking_a_mount_away() {
    let drive = Drive::new();
    let plans = drive.folder(None);
    let file = drive.file(Some(plans));
    let grant = drive.shares(plans, "editor");
    let mount = drive.mounts(BOB, grant.id, None);
    let items = |session: Session| session.space.counts.items;
    let count = || items(drive.gets(BOB, Route::Me, "", Json::Null));
    let (with, since) = (count(), feed(&drive, BOB, None).next_token);
    // The verb that deletes does nothing; the one that removes takes the row.
    let bin = json!(change_trashed(&mount));
    drive.is_refused(drive.asks(BOB, Route::Trash, mount.id, bin), IS_A_MOUNT);
    drive
        .asks(BOB, Route::RemoveMount, mount.id, Json::Null)
        .unwrap();
    let told = feed(&drive, BOB, Some(&since));
    assert_eq!(told.changes, [Change::Deleted { item: mount.id }]);
    assert_eq!(count() + 1, with);
    let again = drive.asks(BOB, Route::RemoveMount, mount.id, Json::Null);
    drive.is_refused(again, NO_ITEM);
    // The share is where it was, and so are her files, live.
    assert!(shared_with_bob(&drive).contains(&plans));
    let seen = item(&drive, (BROWSER, Some(plans)), file.id);
    assert_eq!((seen.version(), seen.trashed_at_ms), (1, None));
    // An id is used once.
    let mut new = drive.mount(grant.id, None);
    new.id = mount.id;
    let refused = drive.asks(BOB, Route::CreateMount, "", json!(new));
    drive.is_refused(refused, (409, "deleted_for_good"));
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

#[test]
fn a_mount_goes_with_the_access_whoever_ends_it() {
    let drive = Drive::new();
    for (by, author) in [(ANN, "ann"), (BOB, "bob")] {
        let plans = drive.folder(None);
        let grant = drive.shares(plans, "editor");
        let mount = drive.mounts(BOB, grant.id, None);
        let since = feed(&drive, BOB, None).next_token;
        drive
            .asks(by, Route::TakeBack, grant.id, Json::Null)
            .unwrap();
        let told = feed(&drive, BOB, Some(&since));
        let gone = [Change::Deleted { item: mount.id }, Change::Shared];
        assert_eq!(told.changes, gone, "by {author}");
        assert!(drive.world.server.item(&drive.ann, plans).is_ok());
        // Given anew, it is another share, which has no mount.
        let anew = drive.shares(plans, "editor");
        drive.mounts(BOB, anew.id, None);
        // What ann takes back has no mount any more.
        let new = json!(drive.mount(grant.id, None));
        drive.is_refused(drive.asks(BOB, Route::CreateMount, "", new), NO_GRANT);
    }
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

#[test]
fn a_mount_goes_when_what_it_leads_to_is_deleted_for_good() {
    let drive = Drive::new();
    let around = drive.folder(None);
    let plans = drive.folder(Some(around));
    let grant = drive.shares(plans, "viewer");
    let mount = drive.mounts(BOB, grant.id, None);
    // Until then it is there, and may lead somewhere again.
    let trashed = drive.trash(around);
    assert_eq!(item(&drive, BOB, mount.id), mount);
    let since = feed(&drive, BOB, None).next_token;
    let told: Json = drive.gets(
        ANN,
        Route::DeleteItem,
        around,
        json!(change_trashed(&trashed)),
    );
    assert_eq!((&told["deleted"], &told["done"]), (&json!(2), &json!(true)));
    let told = feed(&drive, BOB, Some(&since));
    let gone = [Change::Deleted { item: mount.id }, Change::Shared];
    assert_eq!(told.changes, gone);
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

#[test]
fn only_what_is_shared_at_this_moment_can_be_mounted() {
    let drive = Drive::new();
    let tries = |grant: Json| {
        let mut new = json!(drive.mount(drive.world.ann.grant, None));
        new["grant"] = grant;
        drive.asks(BOB, Route::CreateMount, "", new)
    };
    let plans = drive.folder(None);
    let grant = drive.shares(plans, "viewer");
    let trashed = drive.trash(plans);
    drive.is_refused(tries(json!(grant.id)), NO_GRANT);
    drive.restore(&trashed);
    let end = "UPDATE grants SET ends_at = 1 WHERE id = ?1";
    let connection = drive.world.server.db.connection();
    let ended = connection.execute(end, [grant.id.to_string()]);
    assert_eq!(ended, Ok(1));
    drive.is_refused(tries(json!(grant.id)), NO_GRANT);
    let carls = drive.given("ann", "carl's");
    drive.is_refused(tries(json!(carls.id)), NO_GRANT);
}

#[test]
fn a_mount_takes_nothing_and_is_not_given_on() {
    let drive = Drive::new();
    let grant = drive.given("ann", "carl's");
    let mount = drive.mounts(ANN, grant.id, None);
    let (id, below) = (mount.id, Some(mount.id));
    let file = drive.file(None);
    let token = json!({"name": "backup", "scope": "full", "days": 30, "folder": id});
    let trashed = drive.trash(drive.file(None).id);
    let mut back = json!(change_trashed(&trashed));
    back["parent"] = json!(id);
    let new_grant = json!({"person": "bob", "role": "viewer"});
    let all = [
        (Route::Trash, id, json!(change_trashed(&mount))),
        (Route::CreateFolder, id, json!(new_folder(below, "in it"))),
        (Route::CreateFile, id, json!(new_file(below, "in it", None))),
        (
            Route::ChangePlace,
            file.id,
            json!(change_place(&file, below, "in it")),
        ),
        (Route::Restore, trashed.id, back),
        (Route::Commit, id, json!(commit_of(1, b""))),
        (Route::Propose, id, json!(proposal(1, Vec::new()))),
        (Route::KeepConflict, id, json!(new_conflict(b""))),
        (Route::FileContent, id, Json::Null),
        (Route::FileManifest, id, Json::Null),
        (Route::Give, id, new_grant),
        (Route::MakeLink, id, json!({"may": "view"})),
        (Route::CreateToken, id, token),
        (Route::CreateMount, id, {
            let other = drive.given("ann", "another of carl's");
            json!(drive.mount(other.id, below))
        }),
    ];
    // That a name was looked for is counted.
    let rows = || {
        let mut all = drive.world.everything();
        all.retain(|(table, _)| table != "guesses");
        all
    };
    for (route, id, body) in all {
        let before = rows();
        drive.is_refused(drive.asks(ANN, route, id, body), IS_A_MOUNT);
        assert!(rows() == before, "{route:?} has written something");
    }
    // It has nothing to be deleted for good, and what is no mount is not removed.
    let gone = json!({"operation_id": operation_id(), "base_place_version": 1});
    let refused = drive.asks(ANN, Route::DeleteItem, id, gone);
    drive.is_refused(refused, (409, "not_in_trash"));
    // A copy of it is a copy of nothing.
    let copy = copied(None, copy_of(id, 1));
    let refused = drive.asks(ANN, Route::CreateFile, "", copy);
    drive.is_refused(refused, (404, "no_such_base"));
}

#[test]
fn there_is_one_mount_of_a_share_and_one_in_the_trash_gives_way() {
    let drive = Drive::new();
    let grant = drive.given("ann", "carl's");
    let folder = drive.folder(None);
    let first = drive.mounts(ANN, grant.id, Some(folder));
    let new = json!(drive.mount(grant.id, None));
    let refused = drive.asks(ANN, Route::CreateMount, "", new);
    drive.is_refused(refused, (409, "already_mounted"));
    drive.trash(folder);
    let since = feed(&drive, ANN, None).next_token;
    let second = drive.mounts(ANN, grant.id, None);
    let told = feed(&drive, ANN, Some(&since));
    let made = Change::Item { item: second };
    assert_eq!(told.changes, [made, Change::Deleted { item: first.id }]);
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

#[test]
fn a_mount_goes_into_the_trash_with_its_folder_and_comes_back_with_it() {
    let drive = Drive::new();
    let plans = drive.folder(None);
    let file = drive.file(Some(plans));
    let grant = drive.shares(plans, "editor");
    let (work, inner) = (folder_of(&drive, BOB, "Work"), item_id());
    let mut new = new_folder(Some(work.id), "inner");
    new.id = inner;
    let _: ItemChanged = drive.gets(BOB, Route::CreateFolder, "", json!(new));
    let mount = drive.mounts(BOB, grant.id, Some(inner));
    let trash = |item: &Item| -> Item {
        let bin = json!(change_trashed(item));
        let gone: ItemChanged = drive.gets(BOB, Route::Trash, item.id, bin);
        gone.item
    };
    let gone = trash(&work);
    let back: ItemChanged = drive.gets(BOB, Route::Restore, work.id, json!(change_trashed(&gone)));
    assert_eq!(item(&drive, BOB, mount.id), mount);
    // Deleted for good, the folder takes the mount along, and nothing of ann's.
    let gone = trash(&back.item);
    let since = feed(&drive, BOB, None).next_token;
    let deleted = json!(change_trashed(&gone));
    let told: Json = drive.gets(BOB, Route::DeleteItem, work.id, deleted);
    assert_eq!((&told["deleted"], &told["done"]), (&json!(3), &json!(true)));
    let told = feed(&drive, BOB, Some(&since));
    let last = told.changes.first();
    assert_eq!(last, Some(&Change::Deleted { item: mount.id }));
    assert!(shared_with_bob(&drive).contains(&plans));
    assert_eq!(item(&drive, (BROWSER, Some(plans)), file.id).id, file.id);
    drive.mounts(BOB, grant.id, None);
    assert_eq!(faults(&drive.world.server), [""; 0]);
}

/// Carl shares with ann, who puts it into a folder that bob has, to which there is a link,
/// and for which there is a token.
#[test]
fn a_mount_in_what_is_shared_reaches_nobody_else() {
    let drive = Drive::new();
    let carls = drive.given("ann", "carl's secrets");
    // The folder of ann's token.
    let folder = drive.world.ann.folder;
    drive.shares(folder, "editor");
    let link = drive.link(folder, json!({"may": "view"}));
    let (bob, token) = ((BROWSER, Some(folder)), (OF_FOLDER, None));
    let since = feed(&drive, bob, None).next_token;
    let mut new = drive.mount(carls.id, None);
    new.name = name("a secret place");
    let made: ItemChanged = drive.gets(ANN, Route::CreateMount, "", json!(new));
    let poll = || -> Option<Event> {
        let told = asks(&drive, bob, Route::Poll, Some(&since));
        (!told.is_empty()).then(|| serde_json::from_str(&told).unwrap())
    };
    // It comes into the folder, is renamed there, and leaves it for a folder below.
    let mount = moved(&drive, ANN, &made.item, Some(folder), "a secret name");
    let below = drive.folder(Some(folder));
    let mount = moved(&drive, ANN, &mount, Some(below), "another secret");
    let told = poll().expect("the folder below is news");
    assert_eq!(
        (told.event_type, told.file_id),
        (EventType::FileCreate, below)
    );
    let hidden = |what: &str, text: &str| {
        let id = mount.id.to_string();
        for mark in [
            "secret",
            &id,
            &carls.id.to_string(),
            &carls.item.to_string(),
        ] {
            assert!(!text.contains(mark), "{what}: {mark} in {text}");
        }
    };
    for by in [bob, token] {
        for route in [Route::Changes, Route::Activity] {
            hidden(&format!("{route:?}"), &asks(&drive, by, route, None));
        }
        let told = asks(&drive, by, Route::Changes, Some(&since));
        hidden("since", &told);
        let page: ChangePage = serde_json::from_str(&told).unwrap();
        assert!(!page.reset, "nothing of theirs came in or went out");
        for (route, body) in [
            (Route::Item, Json::Null),
            (
                Route::ChangePlace,
                json!(change_place(&mount, Some(folder), "x")),
            ),
            (Route::Trash, json!(change_trashed(&mount))),
            (Route::FileContent, Json::Null),
        ] {
            drive.is_refused(drive.asks(by, route, mount.id, body), NO_ITEM);
        }
        let removed = drive.asks(by, Route::RemoveMount, mount.id, Json::Null);
        drive.is_refused(removed, (403, "one_folder"));
    }
    let mut visit = drive.request(BROWSER, Route::Changes, "", Vec::new());
    visit.query = vec![(LINK, link.key.to_string())];
    let Ok(Given::Text(told)) = ask(&drive.world, &visit) else {
        panic!("no list");
    };
    hidden("a visit", &told);
    hidden("the news", &asks(&drive, BOB, Route::News, None));
    // Nor does bob get at what it leads to.
    let carls_item = (BROWSER, Some(carls.item));
    let refused = drive.asks(carls_item, Route::Item, carls.item, Json::Null);
    drive.is_refused(refused, NO_ITEM);
    // Removed, it is no news either.
    let since = feed(&drive, bob, None).next_token;
    drive
        .asks(ANN, Route::RemoveMount, mount.id, Json::Null)
        .unwrap();
    assert_eq!(asks(&drive, bob, Route::Poll, Some(&since)), "");
    let told = feed(&drive, bob, Some(&since));
    assert!(told.changes.is_empty() && !told.reset, "{told:?}");
    // Ann is told all of it.
    let own: Activity = drive.gets(ANN, Route::Activity, "", Json::Null);
    let kinds = own.entries.iter().map(|done| done.event.event_type);
    let of_mounts = kinds.filter(|kind| *kind == EventType::Mount);
    assert_eq!(of_mounts.count(), 4);
    assert!(item(&drive, CARL, carls.item).is_folder());
}
