//! A person ends their account: who is told, what ends when, and what is left.

use super::front::reply;
use super::shared::Drive;
use super::world::{ANNS, BROWSER, CARLS, OF_FOLDER, World};
use crate::accounts::people::{Gate, SECRET};
use crate::stage::{THEN, owner};
use driftless_core::access::held::{Aim, LinkVisit, SharedBy, SharedPart};
use driftless_core::access::shown::Presented;
use driftless_core::access::{Admitted, admit};
use driftless_core::directory::ends;
use driftless_core::ending::announced::{begin, keep};
use driftless_core::ending::due::{self, EndingBounds, EndingRun};
use driftless_core::ending::removal::StepBounds;
use driftless_core::error::Failure;
use driftless_core::ports::{Database, Statement};
use driftless_core::query;
use driftless_core::services::Services;
use driftless_core::writes::ending as writes;
use driftless_notify::sql::{WITH_ACCESS, WITH_ACCESS_BELOW};
use driftless_tests::client::{commit_of, frames, manifest, new_file};
use driftless_tests::drive::new_folder;
use driftless_tests::model::audit::{faults, strays};
use driftless_tests::model::lapses::Lapse;
use driftless_tests::model::night::Night;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::ready::ready;
use driftless_tests::model::server::Server;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::model::turns::Turns;
use protocol::accounts::{AccountEnd, Session};
use protocol::changes::{Change, ChangePage};
use protocol::grants::{Grant, Grants, ROOT};
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use protocol::items::{Item, ItemChanged};
use protocol::limits::ACCOUNT_END_MILLIS;
use protocol::links::{LINK, Link, LinkShown, Links};
use protocol::news::News;
use protocol::notifications::{EventType, JournalGrew};
use protocol::problem::{ErrorBody, Problem};
use protocol::routes::Route;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

const END: UnixMillis = THEN + ACCOUNT_END_MILLIS;
const DAY: u64 = 24 * 60 * 60 * 1_000;
/// When the job begins with what has ended.
const NIGHT: UnixMillis = END + DAY;
/// More steps than anything here takes.
const ALL: EndingBounds = EndingBounds {
    accounts: 10,
    steps: 1_000,
    ..due::BOUNDS
};

type By = (char, Option<ItemId>);

const ANN: By = (ANNS, None);
const BOB: By = (BROWSER, None);
const CARL: By = (CARLS, None);

/// A drive whose people stay signed in beyond the end of the account.
fn drive() -> Drive {
    let drive = Drive::new();
    let longer = format!(
        "UPDATE devices SET ends_at = {} WHERE ends_at > {THEN}",
        2 * END
    );
    run(&drive.world, &longer);
    drive
}

fn run(world: &World, sql: &str) {
    world.server.db.connection().execute_batch(sql).unwrap();
}

fn count(world: &World, sql: &str) -> i64 {
    let connection = world.server.db.connection();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Asks at a time.
fn at<T: DeserializeOwned>(
    drive: &Drive,
    now: UnixMillis,
    (digit, root): By,
    route: Route,
    id: impl ToString,
    body: Json,
) -> Result<T, Problem> {
    let body = match body {
        Json::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let mut request = drive.request(digit, route, &id.to_string(), body);
    request.query = root
        .map(|root| (ROOT, root.to_string()))
        .into_iter()
        .collect();
    read(reply(&drive.world, &request, now))
}

fn read<T: DeserializeOwned>(reply: driftless_tests::model::http::Reply) -> Result<T, Problem> {
    if reply.status >= 400 {
        let told: ErrorBody = serde_json::from_slice(&reply.body).unwrap();
        return Err(told.problem);
    }
    let body = match reply.body.is_empty() {
        true => b"null".to_vec(),
        false => reply.body,
    };
    Ok(serde_json::from_slice(&body).unwrap())
}

fn end_account(drive: &Drive, now: UnixMillis) -> Result<AccountEnd, Problem> {
    at(drive, now, ANN, Route::EndAccount, "", Json::Null)
}

fn keep_account(drive: &Drive, now: UnixMillis) -> Result<(), Problem> {
    at(drive, now, ANN, Route::KeepAccount, "", Json::Null)
}

fn me(drive: &Drive, now: UnixMillis) -> Result<Session, Problem> {
    at(drive, now, ANN, Route::Me, "", Json::Null)
}

fn grants(drive: &Drive, now: UnixMillis, by: By) -> Grants {
    at(drive, now, by, Route::Grants, "", Json::Null).unwrap()
}

fn feed(drive: &Drive, now: UnixMillis, by: By, since: Option<&str>) -> ChangePage {
    let mut request = drive.request(by.0, Route::Changes, "", Vec::new());
    let since = since.map(|since| ("since_token", since.to_owned()));
    request.query = since.into_iter().collect();
    read(reply(&drive.world, &request, now)).unwrap()
}

/// What the person's newest news says of an account, and whose.
fn told(drive: &Drive, now: UnixMillis, by: By) -> Option<(EventType, String, Option<u64>)> {
    let news: News = at(drive, now, by, Route::News, "", Json::Null).unwrap();
    let of_account = news
        .entries
        .into_iter()
        .find(|one| one.done.account.is_some())?;
    let done = of_account.done;
    let by = done.event.by.unwrap().user_name;
    Some((done.event.event_type, by, done.account.unwrap().ends_at_ms))
}

fn visit(drive: &Drive, now: UnixMillis, link: &Link) -> Result<LinkShown, Problem> {
    let mut request = drive.request(BROWSER, Route::ShownLink, "", Vec::new());
    request.cookie = None;
    request.query = vec![(LINK, link.key.to_string())];
    read(reply(&drive.world, &request, now))
}

/// The two rows that say when ann's account ends.
fn both_ends(drive: &Drive) -> (Option<UnixMillis>, Option<UnixMillis>) {
    let (db, ann) = (&drive.world.server.db, &drive.world.ann);
    let of_space = ready(query::one(db, writes::end_of(ann.space))).unwrap();
    let of_user = ready(ends::owners(db, &[ann.space])).unwrap();
    (of_space, of_user.first().and_then(|one| one.ends_at))
}

#[test]
fn everybody_with_access_is_told_at_once_when_an_account_is_to_end_and_when_it_is_kept() {
    let drive = drive();
    let (plans, other) = (drive.folder(None), drive.folder(None));
    drive.shares(plans, "editor");
    let soon = json!({"person": "bob", "role": "viewer", "ends_at_ms": THEN + DAY});
    let _: Grant = at(&drive, THEN, ANN, Route::Give, other, soon).unwrap();
    let before = [ANN, BOB, CARL].map(|by| json!(grants(&drive, THEN, by)));
    let since = [BOB, CARL, ANN].map(|by| feed(&drive, THEN, by, None).next_token);

    assert_eq!(
        end_account(&drive, THEN + 1),
        Ok(AccountEnd {
            ends_at_ms: END + 1
        })
    );
    let end = END + 1;
    assert_eq!(both_ends(&drive), (Some(end), Some(end)));
    assert_eq!(me(&drive, THEN + 1).unwrap().ends_at_ms, Some(end));
    for (by, since) in [BOB, CARL, ANN].into_iter().zip(&since) {
        let page = feed(&drive, THEN + 1, by, Some(since));
        assert_eq!(page.changes, [Change::Shared], "{by:?}");
    }
    for by in [BOB, CARL] {
        let ends = Some((EventType::ShareChanged, "ann".to_owned(), Some(end)));
        assert_eq!(told(&drive, THEN + 1, by), ends);
    }
    assert_eq!(
        told(&drive, THEN + 1, ANN),
        None,
        "it is no news to herself"
    );
    // Once more, the first end stays, and nobody is told again.
    let heads = || count(&drive.world, "SELECT sum(head_seq) FROM spaces");
    let told_once = heads();
    assert_eq!(
        end_account(&drive, THEN + 5),
        Ok(AccountEnd { ends_at_ms: end })
    );
    assert_eq!(heads(), told_once);

    // What lasts longer ends then, what ends sooner does not.
    let ends = |now, by, of: ItemId| {
        let all = grants(&drive, now, by);
        let mut all = all.with_me.into_iter().chain(all.by_me);
        let one = all.find(|one| one.item == of).unwrap();
        (one.ends_at_ms, one.account_ends_at_ms)
    };
    for by in [ANN, BOB] {
        assert_eq!(ends(THEN + 5, by, plans), (Some(end), Some(end)));
        assert_eq!(ends(THEN + 5, by, other), (Some(THEN + DAY), Some(end)));
    }
    // New access and links can be given, and last no longer either.
    let (third, fourth) = (drive.folder(None), drive.folder(None));
    let give = |of: ItemId, ends_at: Option<u64>| -> Grant {
        let new = json!({"person": "bob", "role": "viewer", "ends_at_ms": ends_at});
        at(&drive, THEN + 5, ANN, Route::Give, of, new).unwrap()
    };
    assert_eq!(give(third, None).ends_at_ms, Some(end));
    assert_eq!(give(third, Some(end + 1)).ends_at_ms, Some(end));
    assert_eq!(give(fourth, Some(end - 1)).ends_at_ms, Some(end - 1));
    let linked = |ends_at: Option<u64>| -> Link {
        let new = json!({"may": "view", "ends_at_ms": ends_at});
        at(&drive, THEN + 5, ANN, Route::MakeLink, third, new).unwrap()
    };
    let (link, later) = (linked(None), linked(Some(end + 1)));
    assert_eq!((link.ends_at_ms, later.ends_at_ms), (Some(end), Some(end)));
    let links: Links = at(&drive, THEN + 5, ANN, Route::Links, "", Json::Null).unwrap();
    assert!(
        links.links.iter().all(|link| link.ends_at_ms == Some(end)),
        "{links:?}"
    );
    let shown = visit(&drive, THEN + 5, &link).unwrap();
    assert_eq!(shown.ends_at_ms, Some(end));
    // Another role, or another label, gives no end of its own to what has none.
    // Nor does it to send back the end that was told.
    let role = json!({"role": "viewer", "ends_at_ms": end});
    let changed: Grant = at(
        &drive,
        THEN + 5,
        ANN,
        Route::ChangeGrant,
        grant_of(&drive, plans),
        role,
    )
    .unwrap();
    assert_eq!(changed.ends_at_ms, Some(end));
    let label = json!({"label": "Bills", "ends_at_ms": end});
    let changed: Link = at(&drive, THEN + 5, ANN, Route::ChangeLink, link.id, label).unwrap();
    assert_eq!(changed.ends_at_ms, Some(end));

    // Kept, all is as it was given.
    let since = [BOB, CARL, ANN].map(|by| feed(&drive, THEN + 6, by, None).next_token);
    assert_eq!(keep_account(&drive, THEN + 6), Ok(()));
    assert_eq!(both_ends(&drive), (None, None));
    assert_eq!(me(&drive, THEN + 6).unwrap().ends_at_ms, None);
    for (by, since) in [BOB, CARL, ANN].into_iter().zip(&since) {
        let page = feed(&drive, THEN + 6, by, Some(since));
        assert_eq!(page.changes, [Change::Shared], "{by:?}");
    }
    for by in [BOB, CARL] {
        let kept = Some((EventType::ShareChanged, "ann".to_owned(), None));
        assert_eq!(told(&drive, THEN + 6, by), kept);
    }
    assert_eq!(ends(THEN + 6, BOB, third), (Some(end + 1), None));
    assert_eq!(visit(&drive, THEN + 6, &link).unwrap().ends_at_ms, None);
    assert_eq!(
        visit(&drive, THEN + 6, &later).unwrap().ends_at_ms,
        Some(end + 1)
    );
    let editor = json!({"role": "editor"});
    let _: Grant = at(
        &drive,
        THEN + 6,
        ANN,
        Route::ChangeGrant,
        grant_of(&drive, plans),
        editor,
    )
    .unwrap();
    for of in [third, fourth] {
        let id = grant_of(&drive, of);
        let () = at(&drive, THEN + 6, ANN, Route::TakeBack, id, Json::Null).unwrap();
    }
    for link in [link, later] {
        let () = at(
            &drive,
            THEN + 6,
            ANN,
            Route::RemoveLink,
            link.id,
            Json::Null,
        )
        .unwrap();
    }
    let after = [ANN, BOB, CARL].map(|by| json!(grants(&drive, THEN + 6, by)));
    assert_eq!(after, before);
    // And once more that changes nothing.
    let told_again = heads();
    assert_eq!(keep_account(&drive, THEN + 7), Ok(()));
    assert_eq!(heads(), told_again);
    // Nothing of it goes, however late it is.
    let night = Night::over(&drive.world.server);
    assert_eq!(night.run(2 * END, &ALL).unwrap(), EndingRun::default());
}

fn grant_of(drive: &Drive, item: ItemId) -> String {
    let all = grants(drive, THEN, ANN).by_me;
    let one = all.into_iter().find(|one| one.item == item);
    one.unwrap().id.to_string()
}

#[test]
fn from_the_end_of_an_account_on_nobody_has_anything_of_it() {
    let drive = drive();
    let root = drive.folder(None);
    let file = drive.file(Some(root));
    drive.shares(root, "editor");
    let link: Link = at(
        &drive,
        THEN,
        ANN,
        Route::MakeLink,
        root,
        json!({"may": "upload"}),
    )
    .unwrap();
    end_account(&drive, THEN).unwrap();
    let bob = (BROWSER, Some(root));
    let token = (OF_FOLDER, None);
    let reads = |now, by| at::<Item>(&drive, now, by, Route::Item, file.id, Json::Null);
    let own = |now, by| at::<ChangePage>(&drive, now, by, Route::Changes, "", Json::Null);
    let commits = |now, base| {
        at::<ItemChanged>(
            &drive,
            now,
            bob,
            Route::Commit,
            file.id,
            json!(commit_of(base, b"")),
        )
    };
    // Until then everything works.
    let still = END - 1;
    assert!(reads(still, bob).is_ok() && commits(still, 1).is_ok());
    assert!(own(still, ANN).is_ok() && own(still, token).is_ok());
    assert!(visit(&drive, still, &link).is_ok());
    assert!(drive.world.server.item(&drive.ann, file.id).is_ok());
    // A poll that waits ends when it comes.
    let over_at = |digit, root| {
        let secret = super::world::secret(digit);
        let cookie = format!("{}={secret}", protocol::headers::SESSION_COOKIE);
        let shown = Presented {
            authorization: None,
            cookies: Some(&cookie),
            user: None,
            is_own_page: true,
            changes_state: false,
            path: Route::Poll.path(),
            root,
            link: None,
        };
        let db = &drive.world.server.db;
        match ready(admit(db, &shown, still)).unwrap() {
            Admitted::Person(who) => ready(who.over_at(db)).unwrap(),
            Admitted::Visitor(..) => panic!("a visitor"),
        }
    };
    assert_eq!(over_at(ANNS, None), Some(END));
    assert_eq!(over_at(BROWSER, Some(root)), Some(END));

    // And from then on nothing does, whether a job has run or not.
    let over = Some(Problem::SessionEnded);
    assert_eq!(own(END, ANN).err(), over);
    assert_eq!(own(END, token).err(), over);
    assert_eq!(end_account(&drive, END).err(), over);
    assert_eq!(keep_account(&drive, END).err(), over);
    assert_eq!(reads(END, bob).err(), Some(Problem::NoSuchItem));
    assert_eq!(commits(END, 2).err(), Some(Problem::NoSuchItem));
    assert_eq!(visit(&drive, END, &link).err(), Some(Problem::NoSuchLink));
    let of_root = |one: &Grant| one.item == root;
    assert!(grants(&drive, still, BOB).with_me.iter().any(of_root));
    assert!(!grants(&drive, END, BOB).with_me.iter().any(of_root));
    // Nobody gives her anything any more.
    let carls = at::<ItemChanged>(
        &drive,
        still,
        CARL,
        Route::CreateFolder,
        "",
        json!(new_folder(None, "carl's")),
    );
    let carls = carls.unwrap().item.id;
    let to_ann = json!({"person": "ann", "role": "viewer"});
    let gives = |now| at::<Grant>(&drive, now, CARL, Route::Give, carls, to_ann.clone());
    assert!(gives(still).is_ok());
    assert_eq!(gives(END).err(), Some(Problem::NoSuchPerson));

    // What was decided on before is not written, and nobody else is woken.
    let db = &drive.world.server.db;
    let guarded = |by, now| {
        let held = SharedPart {
            root,
            by,
            now,
            changes: true,
        };
        ready(db.run(held.guard(drive.world.ann.space))).is_ok()
    };
    let over_link = SharedBy::Link(LinkVisit {
        link: link.id,
        password: None,
        aim: Aim::Inside,
    });
    for by in [SharedBy::Grant(drive.world.bob.user), over_link] {
        assert_eq!(
            (guarded(by, still), guarded(by, END)),
            (true, false),
            "{by:?}"
        );
    }
    let woken = |sql, of: ItemId, now: UnixMillis| {
        let list = json!([[drive.world.ann.space, of]]).to_string();
        let rows = ready(db.run(Statement::new(sql).bind(list).bind(now)))
            .unwrap()
            .rows;
        let is_bobs = |row: &Json| row["user"] == json!(drive.world.bob.user);
        rows.iter().any(is_bobs)
    };
    for (sql, of) in [(WITH_ACCESS, file.id), (WITH_ACCESS_BELOW, root)] {
        assert_eq!((woken(sql, of, still), woken(sql, of, END)), (true, false));
    }
}

/// A drive with one of everything, of which bob has something among his own files, and of
/// others of which ann has: with a file that she has written there, and bob's mount.
fn full() -> (Drive, ItemId, ItemId) {
    let drive = drive();
    let server = &drive.world.server;
    let root = drive.folder(None);
    drive.conflict(Some(root));
    let grant = drive.shares(root, "editor");
    let mount = drive.mounts(BOB, grant.id, None).id;
    let (block, spare) = (b"a block that a file needs", b"and one that nothing needs");
    let body = frames(&[&block[..], &spare[..]]);
    server.store_blocks(&drive.ann, THEN, body).unwrap();
    let file = new_file(Some(root), "of a block", Some(manifest(block)));
    let file = server.create_file(&drive.ann, THEN, file).unwrap().item.id;
    // Carl shares with her; she has it among her files, and has written in it.
    let carls = drive.given("ann", "of carl");
    drive.mounts(ANN, carls.id, None);
    let inside = json!(new_file(Some(carls.item), "by ann", None));
    let by_ann: ItemChanged = at(
        &drive,
        THEN,
        (ANNS, Some(carls.item)),
        Route::CreateFile,
        "",
        inside,
    )
    .unwrap();
    // Each has a file open that the other knows.
    for (by, item) in [
        ((BROWSER, Some(root)), file),
        ((ANNS, Some(carls.item)), by_ann.item.id),
    ] {
        let open = json!({"item": item, "is_open": true});
        drive.asks(by, Route::SayOpen, "", open).map(drop).unwrap();
    }
    assert_eq!(count(&drive.world, "SELECT count(*) FROM openings"), 2);
    // Each has starred something of the other's, beside their saved searches.
    for (by, item) in [(ANN, carls.item), (BOB, root)] {
        let star = json!({"star": [{"item": item, "root": item}]});
        drive
            .asks(by, Route::ChangeStars, "", star)
            .map(drop)
            .unwrap();
    }
    (drive, by_ann.item.id, mount)
}

/// Every row of every table, and every object.
fn everything(drive: &Drive) -> Vec<(String, Vec<String>)> {
    let job = ["collector", "guards", "guesses"];
    let all = drive.world.everything().into_iter();
    all.filter(|(table, _)| !job.contains(&table.as_str()))
        .collect()
}

#[test]
fn nothing_is_left_of_an_account_that_has_ended_wherever_the_job_was_cut_off() {
    let smallest = EndingBounds {
        steps: 1,
        step: StepBounds { access: 1, rows: 2 },
        ..ALL
    };
    let mut runs = 0;
    for lapse in [None, Some(Lapse::Unreached), Some(Lapse::AnswerLost)] {
        let (drive, by_ann, mount) = full();
        let (server, ann) = (&drive.world.server, &drive.world.ann);
        end_account(&drive, THEN).unwrap();
        let since = feed(&drive, END, BOB, None).next_token;
        let before = everything(&drive);
        // Not yet, and not at the very end, when a request may be under way.
        let night = Night::over(server);
        assert_eq!(night.run(END, &ALL).unwrap(), EndingRun::default());
        assert_eq!(everything(&drive), before);
        let mut gone = false;
        for run in 0..2_000 {
            // One call more goes well each time, and then all do.
            let fails = lapse.filter(|_| run % 2 == 0);
            let good = (0..(run / 2) % 12).map(|_| None);
            server.db.lapses.plan(good.chain([fails]));
            let done = night.run(NIGHT, &smallest);
            server.db.lapses.clear();
            runs += 1;
            assert_eq!(faults(server), [""; 0], "run {run}");
            let users = "SELECT count(*) FROM users WHERE name = 'ann'";
            let spaces = format!("SELECT count(*) FROM spaces WHERE id = '{}'", ann.space);
            let is_there = (count(&drive.world, users), count(&drive.world, &spaces));
            assert_ne!(is_there, (0, 1), "the name is free, and something is left");
            gone = is_there.0 == 0;
            assert!(done.is_ok() || fails.is_some(), "{done:?}");
            if gone {
                break;
            }
        }
        assert!(gone, "it never ends");
        assert_eq!(strays(server), Default::default());

        // No row is of her space, and none names her but what she did in others' spaces.
        let (space, user) = (ann.space.to_string(), ann.user.to_string());
        let after = everything(&drive);
        for (table, rows) in &after {
            for row in rows {
                assert!(!row.contains(&space), "{table}: {row}");
                assert!(!row.contains(&user) || table == "changes", "{table}: {row}");
            }
        }
        // What others have is as it was, but for the journals, in which they were told, and
        // the place that what she shared had.
        let tells = |table: &str| ["changes", "spaces", "deleted_items"].contains(&table);
        let mount = mount.to_string();
        let others = |all: &[(String, Vec<String>)]| {
            let rest = all.iter().filter(|(table, _)| !tells(table));
            let of_others =
                |row: &&String| ![&space, &user, &mount].iter().any(|id| row.contains(*id));
            rest.map(|(table, rows)| {
                let rows = rows.iter().filter(of_others).cloned().collect::<Vec<_>>();
                (table.clone(), rows)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(others(&after), others(&before));
        let page = feed(&drive, NIGHT, BOB, Some(&since));
        assert!(page.changes.contains(&Change::Shared), "{page:?}");
        let is_gone = |change: &&Change| matches!(change, Change::Deleted { .. });
        assert_eq!(page.changes.iter().filter(is_gone).count(), 1, "the mount");
        for by in [BOB, CARL] {
            let ended = Some((EventType::ShareRevoked, "ann".to_owned(), Some(END)));
            assert_eq!(told(&drive, NIGHT, by), ended, "{by:?}");
        }
        let announced = night.announced.borrow();
        let mut homes = [drive.world.bob.space, carl_space(&drive)].into_iter();
        assert!(homes.all(|home| announced.iter().any(|news| news.space == home)));
        // Carl shares with nobody of that name, and has what she wrote, by her name.
        assert!(
            grants(&drive, NIGHT, CARL)
                .by_me
                .iter()
                .all(|one| one.person.user_name != "ann")
        );
        let written: Item = at(&drive, NIGHT, CARL, Route::Item, by_ann, Json::Null).unwrap();
        assert_eq!(written.file.unwrap().committed.user_name, "ann");
        // The name is free for another one, who has nothing of hers.
        let mut gate = Gate::new(&server.db, SECRET, None);
        gate.now = NIGHT;
        let anew = gate.sign_up("ann", "correct horse battery staple").unwrap();
        assert_ne!(anew.user, ann.user);
    }
    assert!(runs > 60, "only {runs}");
}

fn carl_space(drive: &Drive) -> SpaceId {
    let sql = "SELECT home_space FROM users WHERE name = 'carl'";
    let connection = drive.world.server.db.connection();
    let space: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    space.parse().unwrap()
}

/// The person who wants to keep it, and was not told that it is kept, ends it once more.
#[test]
fn an_account_ends_again_after_a_request_to_keep_it_broke_off() {
    let mut broken = 0;
    for call in 0..20 {
        let drive = drive();
        let root = drive.folder(None);
        drive.shares(root, "editor");
        end_account(&drive, THEN).unwrap();
        let lapses = &drive.world.server.db.lapses;
        let good = (0..call).map(|_| None);
        let fails = vec![Some(Lapse::Unreached); 6];
        lapses.plan(good.chain(fails).collect::<Vec<_>>());
        let kept = keep_account(&drive, THEN + 1);
        lapses.clear();
        broken += u32::from(kept.is_err() && both_ends(&drive).0.is_none());
        let end = Some(end_account(&drive, THEN + 2).unwrap().ends_at_ms);
        assert_eq!(both_ends(&drive), (end, end), "call {call}");
        assert_eq!(told(&drive, THEN + 3, BOB).unwrap().2, end);
        let night = Night::over(&drive.world.server);
        assert_eq!(night.run(THEN + 4, &ALL).unwrap(), EndingRun::default());
    }
    assert!(broken > 0);
}

/// The request breaks off after any of its calls, and is made again, or never.
#[test]
fn what_a_request_has_left_half_done_is_finished_by_the_next_one_or_by_the_job() {
    for again in [true, false] {
        for lapse in [Lapse::Unreached, Lapse::AnswerLost] {
            for call in 0..20 {
                let drive = drive();
                let root = drive.folder(None);
                drive.shares(root, "editor");
                let db = &drive.world.server.db;
                // Six times in a row is more than any batch is tried.
                let fails = vec![Some(lapse); 6];
                let plan = |fails: Vec<Option<Lapse>>| {
                    let good = (0..call).map(|_| None);
                    db.lapses.plan(good.chain(fails).collect::<Vec<_>>());
                };
                plan(fails.clone());
                let asked = end_account(&drive, THEN);
                db.lapses.clear();
                let was_set = both_ends(&drive).0;
                if again {
                    assert!(end_account(&drive, THEN + 1).is_ok());
                }
                let night = Night::over(&drive.world.server);
                night.run(THEN + 2, &ALL).unwrap();
                let (space, user) = both_ends(&drive);
                assert_eq!(space, user, "call {call} of {lapse:?}");
                assert_eq!(space.is_some(), again || was_set.is_some());
                assert!(asked.is_err() || space == asked.ok().map(|end| end.ends_at_ms));
                if let Some(end) = space {
                    assert_eq!(told(&drive, THEN + 2, BOB).unwrap().2, Some(end));
                    plan(fails);
                    let kept = keep_account(&drive, THEN + 3);
                    db.lapses.clear();
                    if again {
                        assert_eq!(keep_account(&drive, THEN + 4), Ok(()));
                    }
                    night.run(THEN + 5, &ALL).unwrap();
                    let (space, user) = both_ends(&drive);
                    assert_eq!(space, user, "call {call} of {lapse:?}");
                    assert!(kept.is_err() || space.is_none());
                    assert!(!again || space.is_none());
                }
                // Nobody has lost anything.
                assert!(me(&drive, THEN + 6).is_ok());
                assert_eq!(grants(&drive, THEN + 6, BOB).with_me.len(), 1);
            }
        }
    }
}

/// An end of which nobody was told in time is none.
#[test]
fn an_account_does_not_end_because_a_request_broke_off_long_ago() {
    let drive = drive();
    let root = drive.folder(None);
    drive.shares(root, "editor");
    let db = &drive.world.server.db;
    ready(writes::set(db, &drive.ann.at(THEN), END)).unwrap();
    assert_eq!(both_ends(&drive), (Some(END), None));
    let night = Night::over(&drive.world.server);
    let done = night.run(NIGHT, &ALL).unwrap();
    assert_eq!((done.mended, done.steps), (1, 0));
    assert_eq!(both_ends(&drive), (None, None));
    assert!(me(&drive, NIGHT).is_ok());
    assert_eq!(grants(&drive, NIGHT, BOB).with_me.len(), 1);
    // Nor because only the directory says so.
    let user = drive.world.ann.user;
    assert!(ready(ends::put(db, user, None, Some(END), THEN)).unwrap());
    assert_eq!(me(&drive, NIGHT).err(), Some(Problem::SessionEnded));
    let done = night.run(NIGHT, &ALL).unwrap();
    assert_eq!((done.mended, done.steps), (1, 0));
    assert!(me(&drive, NIGHT).is_ok());
}

/// Ann ends her account in one tab and keeps it in another: in each order of what either
/// does, the two rows say the same in the end.
#[test]
fn an_end_and_its_withdrawal_at_once_leave_two_rows_that_agree() {
    struct InTurns<'a>(&'a Server);
    impl<'a> Services for InTurns<'a> {
        type Db = Turns<'a, Sqlite>;
        type Packs = Turns<'a, MemoryPacks>;

        fn directory(&self) -> Result<Self::Db, Failure> {
            Ok(Turns(&self.0.db))
        }

        fn database_of(&self, _: SpaceId) -> Result<Self::Db, Failure> {
            Ok(Turns(&self.0.db))
        }

        fn space_databases(&self) -> Result<Vec<Self::Db>, Failure> {
            Ok(vec![Turns(&self.0.db)])
        }

        fn packs(&self) -> Result<Self::Packs, Failure> {
            Ok(Turns(&self.0.packs))
        }

        fn announce(&self, _: JournalGrew) {}
    }
    let server = Server::new();
    let (mut ended, mut kept) = (0, 0);
    let orders = every_order(|order| {
        server.clear();
        let ann = owner(&server, "ann");
        let insert = format!(
            "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
             VALUES ('{}', 'ann', 'ann', '{}', x'00', 0)",
            ann.user, ann.space
        );
        server.db.connection().execute_batch(&insert).unwrap();
        let (services, author) = (InTurns(&server), ann.at(THEN));
        let (begun, taken) = order.run(
            begin(&services, &author, END, None),
            keep(&services, &author, None),
        );
        assert_eq!(begun.unwrap(), END);
        taken.unwrap();
        let of_space = ready(query::one(&server.db, writes::end_of(ann.space))).unwrap();
        let of_user = ready(ends::owners(&server.db, &[ann.space])).unwrap();
        let of_user: Vec<(UserId, _)> = of_user
            .into_iter()
            .map(|one| (one.id, one.ends_at))
            .collect();
        assert_eq!(of_user, [(ann.user, of_space)]);
        match of_space {
            Some(_) => ended += 1,
            None => kept += 1,
        }
    });
    assert!(ended > 0 && kept > 0, "{ended} and {kept} of {orders}");
}
