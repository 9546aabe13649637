//! Running the server for others: what administrators do, and what it is to everybody else.

use super::attempt::Attempt;
use super::front::{ORIGIN, reply};
use super::shared::Drive;
use super::tries::{NO_ID, Tries};
use super::world::{ANNS, BROWSER, CARLS, OF_FOLDER, READ_ONLY, TOKEN, UNCONFIRMED, World};
use crate::accounts::people::{Gate, SECRET};
use crate::stage::THEN;
use driftless_core::error::Failure;
use driftless_core::health;
use driftless_tests::client::{frames, manifest, new_file};
use driftless_tests::drive::change_place;
use driftless_tests::model::http::Host;
use driftless_tests::model::lapses::Lapse;
use driftless_tests::model::ready::ready;
use protocol::accounts::Session;
use protocol::administration::{
    Audit, AuditAct, Health, InviteMade, Invites, Job, ManagedPerson, People, ServerSettings,
    SignUpMode,
};
use protocol::ids::{ItemId, UserId};
use protocol::items::Item;
use protocol::limits::{AUDIT_MILLIS, MAX_AUDIT_ENTRIES, MAX_INVITES};
use protocol::notifications::Drop as EndedPoll;
use protocol::problem::{ErrorBody, Problem};
use protocol::routes::Route;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::cell::RefCell;

type By = (char, Option<ItemId>);

const ANN: By = (ANNS, None);
const BOB: By = (BROWSER, None);
const CARL: By = (CARLS, None);

/// To whoever is no administrator, and to every token, there is nothing.
pub fn at_administration(tries: &Tries<'_>) -> Vec<Attempt> {
    let nothing = (404, "no_such_route");
    let mut all = vec![
        tries.refused("a person", tries.honest(), nothing),
        tries.refused("a token", tries.bearing(TOKEN), nothing),
        tries.refused("a session", tries.with_cookie(UNCONFIRMED), nothing),
    ];
    if tries.method() == "GET" {
        for digit in [READ_ONLY, OF_FOLDER] {
            all.push(tries.refused("a part of it", tries.bearing(digit), nothing));
        }
    }
    all
}

/// Every route of this, with what is sent there.
fn routes(person: UserId) -> [(Route, String, Json); 9] {
    let none = || (String::new(), Json::Null);
    let with = |route, (id, body): (String, Json)| (route, id, body);
    [
        with(Route::People, none()),
        with(
            Route::ChangePerson,
            (person.to_string(), json!({"is_disabled": false})),
        ),
        with(Route::Settings, none()),
        with(
            Route::ChangeSettings,
            (String::new(), json!({"sign_up": "open"})),
        ),
        with(Route::Invites, none()),
        with(Route::MakeInvite, (String::new(), json!({"note": "Eve"}))),
        with(Route::RemoveInvite, (NO_ID.to_owned(), Json::Null)),
        with(Route::Audit, none()),
        with(Route::Health, none()),
    ]
}

/// A drive whose owner administers the server.
fn drive() -> Drive {
    let drive = Drive::new();
    run(
        &drive.world,
        "UPDATE users SET is_admin = 1 WHERE name = 'ann'",
    );
    drive
}

fn run(world: &World, sql: &str) {
    world.server.db.connection().execute_batch(sql).unwrap();
}

fn people(drive: &Drive) -> Vec<ManagedPerson> {
    let page: People = drive.gets(ANN, Route::People, "", Json::Null);
    assert_eq!(page.next_after, None);
    page.people
}

fn person(drive: &Drive, name: &str) -> ManagedPerson {
    let mut all = people(drive).into_iter();
    all.find(|person| person.name == name).unwrap()
}

fn change(drive: &Drive, by: By, of: UserId, to: Json) -> Result<(), Problem> {
    drive.asks(by, Route::ChangePerson, of, to).map(drop)
}

fn acts(drive: &Drive) -> Vec<(AuditAct, String, Option<String>, Option<String>)> {
    let audit: Audit = drive.gets(ANN, Route::Audit, "", Json::Null);
    let entries = audit.entries.into_iter().rev();
    entries
        .map(|entry| (entry.act, entry.by, entry.of, entry.detail))
        .collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn to_everybody_but_administrators_there_is_nothing() {
    let drive = drive();
    let (bob, before) = (drive.world.bob.user, drive.world.everything());
    for (route, id, body) in routes(bob) {
        // Neither to those of others, nor to a token of an administrator's folder.
        for by in [BOB, CARL, (TOKEN, None), (OF_FOLDER, None)] {
            let told = drive.asks(by, route, &id, body.clone());
            drive.is_refused(told, (404, "no_such_route"));
        }
    }
    assert_eq!(drive.world.everything(), before);
    for (route, id, body) in routes(bob) {
        let told = drive.asks(ANN, route, &id, body);
        match route {
            Route::RemoveInvite => drive.is_refused(told, (404, "no_such_invite")),
            _ => drop(told.unwrap()),
        }
    }
    // From the next request on, whoever is dismissed is nobody special.
    change(&drive, ANN, bob, json!({"is_administrator": true})).unwrap();
    let dismissed = json!({"is_administrator": false});
    change(&drive, BOB, drive.world.ann.user, dismissed).unwrap();
    for (route, id, body) in routes(bob) {
        let told = drive.asks(ANN, route, &id, body);
        drive.is_refused(told, (404, "no_such_route"));
    }
}

#[test]
fn what_a_stolen_session_of_an_administrator_must_not_do_takes_the_password() {
    let drive = drive();
    run(&drive.world, "UPDATE devices SET proven_at = 0");
    let (bob, before) = (drive.world.bob.user, drive.world.everything());
    for (route, id, body) in routes(bob) {
        let told = drive.asks(ANN, route, &id, body);
        match route {
            Route::ChangePerson | Route::ChangeSettings | Route::MakeInvite => {
                drive.is_refused(told, (403, "confirm_password"));
            }
            Route::RemoveInvite => drive.is_refused(told, (404, "no_such_invite")),
            _ => drop(told.unwrap()),
        }
    }
    assert_eq!(drive.world.everything(), before);
}

/// Let in as one, and none any more when the batch runs.
#[test]
fn an_administrator_who_was_dismissed_meanwhile_reads_and_changes_nothing() {
    use driftless_core::access::administrator::Administrator;
    use driftless_core::access::shown::Presented;
    use driftless_core::access::{Admitted, admit};
    use driftless_core::directory::administration::{audit, invites, settings};
    use driftless_core::directory::newcomers::SignUpTerms;
    use protocol::administration::{NewInvite, SettingsChange};
    let drive = drive();
    let db = &drive.world.server.db;
    let cookie = drive.request(ANNS, Route::Me, "", Vec::new()).cookie;
    let shown = Presented {
        authorization: None,
        cookies: cookie.as_deref(),
        user: None,
        is_own_page: true,
        changes_state: true,
        path: Route::Me.path(),
        root: None,
        link: None,
    };
    let Admitted::Person(who) = ready(admit(db, &shown, THEN)).unwrap() else {
        panic!("a visitor");
    };
    let by = Administrator::of(&who, THEN).unwrap();
    run(
        &drive.world,
        "UPDATE users SET disabled_at = 1 WHERE name = 'ann'",
    );
    let before = drive.world.everything();
    let terms = SignUpTerms::configured(None, None);
    let closed = SettingsChange {
        sign_up: Some(SignUpMode::Closed),
    };
    let ends: [Result<(), Failure>; 4] = [
        ready(audit::page(db, &by, None, None)).map(drop),
        ready(invites::list(db, &by)).map(drop),
        ready(invites::make(db, &by, &NewInvite::default())).map(drop),
        ready(settings::change(db, &by, &terms, &closed)).map(drop),
    ];
    for end in ends {
        assert_eq!(
            end.map_err(Failure::into_problem),
            Err(Problem::NoSuchRoute)
        );
    }
    assert_eq!(drive.world.everything(), before);
}

#[test]
fn people_are_listed_page_by_page_with_what_they_use() {
    let drive = drive();
    let me: Session = drive.gets(BOB, Route::Me, "", Json::Null);
    let all = people(&drive);
    let names: Vec<&str> = all.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["ann", "bob", "carl"]);
    let bob = &all[1];
    assert_eq!(bob.used_bytes, me.space.used_bytes);
    assert_eq!(bob.quota_bytes, me.space.quota_bytes);
    assert!(bob.used_bytes > 0 && all[0].is_administrator && !bob.is_administrator);
    // Those that can get in, and no others.
    let devices: protocol::devices::Devices = drive.gets(BOB, Route::Devices, "", Json::Null);
    assert_eq!(bob.devices, devices.devices.len() as u64);
    let page = |after: Option<&str>| -> People {
        let mut request = drive.request(ANNS, Route::People, "", Vec::new());
        request.query = vec![("limit", "2".to_owned())];
        request
            .query
            .extend(after.map(|after| ("after", after.to_owned())));
        serde_json::from_slice(&reply(&drive.world, &request, THEN).body).unwrap()
    };
    let first = page(None);
    assert_eq!(
        (first.people.len(), first.next_after.as_deref()),
        (2, Some("bob"))
    );
    let last = page(first.next_after.as_deref());
    assert_eq!((last.people, last.next_after), (vec![all[2].clone()], None));
    // Nothing of what they have is told.
    let told = serde_json::to_string(&all).unwrap();
    for mark in drive.world.bob.marks() {
        assert!(!told.contains(&mark), "{mark}");
    }
}

#[test]
fn the_last_administrator_stays_one() {
    let drive = drive();
    let (ann, bob) = (drive.world.ann.user, drive.world.bob.user);
    let last = Err(Problem::LastAdministrator);
    let ways_out = || {
        [
            json!({"is_administrator": false}),
            json!({"is_disabled": true}),
            json!({"is_administrator": false, "quota_bytes": 7}),
        ]
    };
    let before = drive.world.everything();
    for to in ways_out() {
        assert_eq!(change(&drive, ANN, ann, to), last);
    }
    assert_eq!(drive.world.everything(), before);
    // One who is shut out, or has ended their account, is none who could go on.
    change(
        &drive,
        ANN,
        bob,
        json!({"is_administrator": true, "is_disabled": true}),
    )
    .unwrap();
    for to in ways_out() {
        assert_eq!(change(&drive, ANN, ann, to), last);
    }
    change(&drive, ANN, bob, json!({"is_disabled": false})).unwrap();
    let end = format!("UPDATE users SET ends_at = {} WHERE name = 'bob'", THEN + 9);
    run(&drive.world, &end);
    assert_eq!(change(&drive, ANN, ann, json!({"is_disabled": true})), last);
    run(
        &drive.world,
        "UPDATE users SET ends_at = NULL WHERE name = 'bob'",
    );
    change(&drive, ANN, ann, json!({"is_administrator": false})).unwrap();
    let me: Session = drive.gets(ANN, Route::Me, "", Json::Null);
    assert!(!me.is_administrator);
    let me: Session = drive.gets(BOB, Route::Me, "", Json::Null);
    assert!(me.is_administrator);
    assert_eq!(
        change(&drive, BOB, bob, json!({"is_administrator": false})),
        last
    );
}

#[test]
fn whoever_is_shut_out_learns_why_after_the_password_and_has_all_again_afterwards() {
    let drive = drive();
    let (world, bob) = (&drive.world, drive.world.bob.user);
    let db = &world.server.db;
    let gate = {
        let mut gate = Gate::new(db, SECRET, None);
        gate.now = THEN;
        gate
    };
    let eve = gate.sign_up("eve", "a long password").unwrap().user;
    let shared = drive.folder(None);
    drive.shares(shared, "editor");
    let out = json!({"is_disabled": true});
    for person in [bob, eve] {
        change(&drive, ANN, person, out.clone()).unwrap();
    }
    assert_eq!(person(&drive, "eve").disabled_at_ms, Some(THEN));
    // Nothing is told to whoever does not know the password, and the rest after the proof.
    let refused = gate.sign_in("eve", "another password").map(drop);
    assert_eq!(refused, Err(Problem::SignInRefused));
    for _ in 0..30 {
        // However often: it was no guess.
        let refused = gate.sign_in("eve", "a long password").map(drop);
        assert_eq!(refused, Err(Problem::AccountDisabled));
    }
    for by in [BOB, (TOKEN, None), (READ_ONLY, None)] {
        for route in [Route::Me, Route::Changes, Route::Poll, Route::Marks] {
            let told = drive.asks(by, route, "", Json::Null);
            drive.is_refused(told, (401, "session_ended"));
        }
    }
    let inside = (BROWSER, Some(shared));
    let told = drive.asks(inside, Route::Changes, "", Json::Null);
    drive.is_refused(told, (401, "session_ended"));
    // A visitor of a link of his still comes in: nothing of his is gone.
    let mut visit = drive.request(UNCONFIRMED, Route::ShownLink, "", Vec::new());
    visit.query = vec![("link", world.bob.link.1.to_string())];
    assert_eq!(reply(world, &visit, THEN).status, 200);
    for person in [bob, eve] {
        change(&drive, ANN, person, json!({"is_disabled": false})).unwrap();
    }
    gate.sign_in("eve", "a long password").unwrap();
    for by in [BOB, (TOKEN, None), inside] {
        drive.asks(by, Route::Changes, "", Json::Null).unwrap();
    }
}

/// The poll that waits while somebody is shut out.
#[test]
fn the_polls_of_whoever_is_shut_out_end() {
    let drive = drive();
    let (world, ended) = (&drive.world, RefCell::new(Vec::new()));
    let host = Host {
        db: &world.server.db,
        packs: &world.server.packs,
        now: THEN,
        origin: ORIGIN,
        settings: &[("SIGN_IN_SECRET", SECRET)],
        ended_polls: Some(&ended),
    };
    let shut_out = |to: Json| {
        let body = to.to_string().into_bytes();
        let bob = world.bob.user.to_string();
        let request = drive.request(ANNS, Route::ChangePerson, &bob, body);
        assert_eq!(host.answer(&request.as_sent()).status, 200);
        ended.take()
    };
    assert_eq!(shut_out(json!({"quota_bytes": 9_000})), []);
    let polls = shut_out(json!({"is_disabled": true}));
    let of_browser = EndedPoll {
        user: world.bob.user,
        device: world.bob.device,
    };
    assert!(polls.contains(&of_browser), "{polls:?}");
    assert!(polls.iter().all(|poll| poll.user == world.bob.user));
    assert_eq!(shut_out(json!({"is_disabled": false})), []);
}

#[test]
fn a_quota_below_what_is_used_refuses_what_adds_and_nothing_else() {
    let drive = drive();
    let file = drive.file(None);
    let (ann, before) = (drive.world.ann.user, person(&drive, "ann"));
    let quota = before.used_bytes - 1;
    change(&drive, ANN, ann, json!({"quota_bytes": quota})).unwrap();
    let after = person(&drive, "ann");
    assert_eq!(
        (after.quota_bytes, after.used_bytes),
        (quota, before.used_bytes)
    );
    let me: Session = drive.gets(ANN, Route::Me, "", Json::Null);
    assert_eq!(me.space.quota_bytes, quota);
    let new = new_file(None, "another", Some(manifest(b"")));
    let refused = drive.asks(ANN, Route::CreateFile, "", json!(new));
    drive.is_refused(refused, (507, "quota_exceeded"));
    let server = &drive.world.server;
    // What is there is read, renamed, trashed and restored.
    let renamed = change_place(&file, None, &drive.name());
    drive
        .asks(ANN, Route::ChangePlace, file.id, json!(renamed))
        .unwrap();
    let trashed = drive.trash(file.id);
    drive.restore(&trashed);
    let now: Item = drive.gets(ANN, Route::Item, file.id, Json::Null);
    assert_eq!(now.trashed_at_ms, None);
    let content = server.content(&drive.ann, file.id, None).unwrap();
    assert_eq!(content, b"");
    change(&drive, ANN, ann, json!({"quota_bytes": 1 << 30})).unwrap();
    server
        .store_blocks(&drive.ann, THEN, frames(&[b"more"]))
        .unwrap();
    drive.asks(ANN, Route::CreateFile, "", json!(new)).unwrap();
    let too_much = json!({"quota_bytes": 1_u64 << 60});
    let refused = drive.asks(ANN, Route::ChangePerson, ann, too_much);
    drive.is_refused(refused, (400, "bad_request"));
    let none = drive.asks(ANN, Route::ChangePerson, NO_ID, json!({"quota_bytes": 1}));
    drive.is_refused(none, (404, "no_such_person"));
}

/// No batch has the directory and the space.
#[test]
fn a_quota_that_was_set_half_way_is_set_by_a_repeat_and_written_down_once() {
    for lapse in [Lapse::Unreached, Lapse::AnswerLost] {
        for calls in 0..8 {
            let drive = drive();
            let (db, bob) = (&drive.world.server.db, drive.world.bob.user);
            let to = json!({"quota_bytes": 12_345});
            let good = (0..calls).map(|_| None);
            db.lapses.plan(good.chain([Some(lapse)]));
            let _ = change(&drive, ANN, bob, to.clone());
            db.lapses.clear();
            change(&drive, ANN, bob, to).unwrap();
            assert_eq!(
                person(&drive, "bob").quota_bytes,
                12_345,
                "{lapse:?} {calls}"
            );
            let act = (
                AuditAct::QuotaChanged,
                "ann".to_owned(),
                text("bob"),
                text("12345"),
            );
            assert_eq!(acts(&drive), [act], "{lapse:?} {calls}");
        }
    }
}

#[test]
fn whatever_is_done_is_written_down_with_it_and_once() {
    let drive = drive();
    let (ann, bob) = (drive.world.ann.user, drive.world.bob.user);
    // What changes nothing is nothing that was done, however often it is asked for.
    for _ in 0..2 {
        change(
            &drive,
            ANN,
            bob,
            json!({"is_administrator": true, "quota_bytes": 5}),
        )
        .unwrap();
        change(&drive, ANN, bob, json!({"is_disabled": true})).unwrap();
        change(&drive, ANN, bob, json!({})).unwrap();
    }
    change(&drive, ANN, bob, json!({"is_disabled": false})).unwrap();
    change(&drive, BOB, ann, json!({"is_administrator": true})).unwrap();
    change(&drive, BOB, bob, json!({"is_administrator": false})).unwrap();
    for _ in 0..2 {
        let set: ServerSettings = drive.gets(
            ANN,
            Route::ChangeSettings,
            "",
            json!({"sign_up": "invited"}),
        );
        assert_eq!(set.sign_up, SignUpMode::Invited);
    }
    let odd = drive.asks(ANN, Route::ChangeSettings, "", json!({"sign_up": "maybe"}));
    drive.is_refused(odd, (400, "bad_request"));
    let made: InviteMade = drive.gets(ANN, Route::MakeInvite, "", json!({"note": " For Eve "}));
    assert_eq!(made.invite.note, "For Eve");
    let id = made.invite.id;
    drive
        .asks(ANN, Route::RemoveInvite, id, Json::Null)
        .unwrap();
    let again = drive.asks(ANN, Route::RemoveInvite, id, Json::Null);
    drive.is_refused(again, (404, "no_such_invite"));
    drive.asks(CARL, Route::EndAccount, "", Json::Null).unwrap();
    drive
        .asks(CARL, Route::KeepAccount, "", Json::Null)
        .unwrap();
    let did = |act, by: &str, of: Option<&str>, detail: Option<&str>| {
        (
            act,
            by.to_owned(),
            of.map(str::to_owned),
            detail.map(str::to_owned),
        )
    };
    assert_eq!(
        acts(&drive),
        [
            did(AuditAct::Appointed, "ann", Some("bob"), None),
            did(AuditAct::QuotaChanged, "ann", Some("bob"), Some("5")),
            did(AuditAct::Disabled, "ann", Some("bob"), None),
            did(AuditAct::Enabled, "ann", Some("bob"), None),
            did(AuditAct::Dismissed, "bob", None, None),
            did(AuditAct::SignUpChanged, "ann", None, Some("invited")),
            did(AuditAct::InviteMade, "ann", None, Some("For Eve")),
            did(AuditAct::InviteRemoved, "ann", None, Some("For Eve")),
            did(AuditAct::AccountEnded, "carl", None, None),
            did(AuditAct::AccountKept, "carl", None, None),
        ]
    );
}

/// Where a change is refused by the database, nothing is written down of it.
#[test]
fn what_is_not_done_is_not_written_down() {
    let drive = drive();
    let bob = drive.world.bob.user;
    let refuse = "CREATE TRIGGER refuses BEFORE UPDATE OF disabled_at ON users
        WHEN NEW.disabled_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'no'); END";
    run(&drive.world, refuse);
    let before = drive.world.everything();
    assert!(change(&drive, ANN, bob, json!({"is_disabled": true})).is_err());
    assert_eq!(drive.world.everything(), before);
}

#[test]
fn a_person_gets_in_with_the_invitation_that_an_administrator_has_made() {
    let drive = drive();
    let db = &drive.world.server.db;
    let set = json!({"sign_up": "invited"});
    drive.asks(ANN, Route::ChangeSettings, "", set).unwrap();
    let made: InviteMade = drive.gets(ANN, Route::MakeInvite, "", json!({}));
    let list: Invites = drive.gets(ANN, Route::Invites, "", Json::Null);
    assert_eq!(list.invites, [made.invite]);
    // The database does not know the secret.
    for (table, rows) in drive.world.everything() {
        assert!(!rows.concat().contains(&made.secret), "{table}");
    }
    let mut gate = Gate::new(db, SECRET, None);
    gate.now = THEN;
    let refused = gate.sign_up("eve", "a long password").map(drop);
    assert_eq!(refused, Err(Problem::InviteNeeded));
    gate.invite = Some(made.secret);
    gate.sign_up("eve", "a long password").unwrap();
    assert!(!person(&drive, "eve").is_administrator);
    let list: Invites = drive.gets(ANN, Route::Invites, "", Json::Null);
    assert_eq!(list, Invites::default());
    for _ in 0..MAX_INVITES {
        drive.asks(ANN, Route::MakeInvite, "", json!({})).unwrap();
    }
    let full = drive.asks(ANN, Route::MakeInvite, "", json!({}));
    drive.is_refused(full, (507, "limit_reached"));
    let long = json!({"note": "x".repeat(100)});
    drive.is_refused(
        drive.asks(ANN, Route::MakeInvite, "", long),
        (400, "bad_name"),
    );
}

#[test]
fn what_was_written_down_is_read_page_by_page_and_forgotten_in_time() {
    let drive = drive();
    let db = &drive.world.server.db;
    let fill = |from: u64, to: u64, at: u64| {
        let insert = format!(
            "INSERT INTO audit (n, at, act, by_name)
             WITH RECURSIVE c (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM c WHERE n < {to})
             SELECT n, {at}, 'an_act_of_the_future', 'ann' FROM c"
        );
        run(&drive.world, &insert);
    };
    fill(1, 3, THEN - AUDIT_MILLIS - 1);
    fill(4, MAX_AUDIT_ENTRIES + 10, THEN);
    let page = |before: Option<u64>| -> Audit {
        let mut request = drive.request(ANNS, Route::Audit, "", Vec::new());
        request.query = vec![("limit", "200".to_owned())];
        let before = before.map(|before| ("before", before.to_string()));
        request.query.extend(before);
        serde_json::from_slice(&reply(&drive.world, &request, THEN).body).unwrap()
    };
    let swept = ready(driftless_core::directory::sweep::run(db, THEN)).unwrap();
    assert_eq!(swept.audit, 10);
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let read = page(before);
        all.extend(read.entries);
        before = read.next_before;
        if before.is_none() {
            break;
        }
    }
    let told: Vec<u64> = all.iter().map(|entry| entry.n).collect();
    let kept: Vec<u64> = (11..=MAX_AUDIT_ENTRIES + 10).rev().collect();
    assert_eq!(told, kept);
    assert_eq!(all[0].act, AuditAct::Unknown);
    let swept = ready(driftless_core::directory::sweep::run(
        db,
        THEN + AUDIT_MILLIS + 1,
    ));
    assert_eq!(swept.unwrap().audit, MAX_AUDIT_ENTRIES);
}

#[test]
fn it_is_told_how_each_job_went_when_it_ran_last_and_what_is_damaged() {
    let drive = drive();
    let db = &drive.world.server.db;
    let told = || -> Health { drive.gets(ANN, Route::Health, "", Json::Null) };
    let none = told();
    assert_eq!(none.now_ms, THEN);
    assert!(none.jobs.len() == 7 && none.jobs.iter().all(|job| job.last.is_none()));
    assert_eq!((none.damaged_blocks, none.damaged_drives), (0, 0));
    ready(health::record(db, Job::Scrub, 5, Ok("read"))).unwrap();
    let fault = Failure::Platform("ä".repeat(1_000));
    ready(health::record(db, Job::Scrub, 7, Err(&fault))).unwrap();
    let mark = "UPDATE blocks SET damaged_at = 1 WHERE (space, hash) IN
        (SELECT space, hash FROM blocks LIMIT 2)";
    run(&drive.world, mark);
    let now = told();
    let scrub = now.jobs.into_iter().find(|job| job.job == Job::Scrub);
    let last = scrub.unwrap().last.unwrap();
    assert_eq!(
        (last.at_ms, last.is_done, last.done_at_ms),
        (7, false, Some(5))
    );
    assert!(last.detail.contains('ä') && last.detail.len() <= 500);
    assert!(now.damaged_blocks == 2 && now.damaged_drives >= 1);
    ready(health::record(db, Job::Scrub, 9, Ok("read"))).unwrap();
    let scrub = told().jobs.into_iter().find(|job| job.job == Job::Scrub);
    let last = scrub.unwrap().last.unwrap();
    assert_eq!(
        (last.at_ms, last.is_done, last.done_at_ms),
        (9, true, Some(9))
    );
    // As the Notification Service writes it.
    let delivered = driftless_notify::sql::DELIVERED;
    db.connection().execute(delivered, (11, "18 ms")).unwrap();
    let put_off = driftless_notify::sql::PUT_OFF;
    db.connection().execute(put_off, (12, "a hub")).unwrap();
    let delivery = told().jobs.into_iter().find(|job| job.job == Job::Delivery);
    let last = delivery.unwrap().last.unwrap();
    assert_eq!(
        (last.at_ms, last.is_done, last.done_at_ms),
        (12, false, Some(11))
    );
}

/// What anybody is told of it.
#[test]
fn anybody_is_told_who_may_make_an_account() {
    let world = World::new();
    let told = |sign_up: &str| -> (bool, Option<SignUpMode>) {
        let settings = [("SIGN_IN_SECRET", SECRET), ("SIGN_UP", sign_up)];
        let host = Host {
            db: &world.server.db,
            packs: &world.server.packs,
            now: THEN,
            origin: ORIGIN,
            settings: &settings,
            ended_polls: None,
        };
        let request = driftless_tests::model::http::Request {
            method: "GET".to_owned(),
            path: Route::Server.path().to_owned(),
            ..Default::default()
        };
        let server: protocol::accounts::Server = read(&host.answer(&request).body).unwrap();
        (server.sign_up_open, server.sign_up)
    };
    assert_eq!(told("open"), (true, Some(SignUpMode::Open)));
    assert_eq!(told("invited"), (false, Some(SignUpMode::Invited)));
    assert_eq!(told("closed"), (false, Some(SignUpMode::Closed)));
    run(
        &world,
        "INSERT INTO server_settings VALUES ('sign_up', 'invited')",
    );
    assert_eq!(told("open"), (false, Some(SignUpMode::Invited)));
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ErrorBody> {
    serde_json::from_slice(body).map_err(|_| serde_json::from_slice(body).unwrap())
}
