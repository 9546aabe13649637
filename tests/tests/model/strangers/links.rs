//! Whoever has the address of a link, and no account: what becomes of a link that is no
//! more, passwords, drop boxes and counts.

use super::accounts::only_ones_own;
use super::attempt::{Attempt, BAD_NAME, BAD_REQUEST, BAD_SIGN_IN, End};
use super::front::{Given, Request, ask, reply};
use super::shared::Drive;
use super::tries::{NO_ID, Tries};
use super::world::{ANNS, BROWSER, READ_ONLY};
use crate::accounts::people::SECRET;
use crate::stage::{InTurns, THEN, owner};
use driftless_core::access::Visitor;
use driftless_core::access::held::{self, Aim, SharedBy as HeldBy, SharedPart};
use driftless_core::access::passes::PassBook;
use driftless_core::access::reach::Reach;
use driftless_core::directory::keys;
use driftless_core::error::Failure;
use driftless_core::query;
use driftless_core::store::links::visited;
use driftless_core::writes::create::Create;
use driftless_core::writes::links::{self as writes, LinkTerms};
use driftless_core::writes::{Author, Contributor, apply};
use driftless_tests::client::{commit_of, frames, item_id, manifest, name, new_file, operation_id};
use driftless_tests::drive::new_folder;
use driftless_tests::model::http::Reply;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use driftless_tests::model::server::Server;
use driftless_tests::sign_in::{Registering, prepare};
use protocol::accounts::{SignInStarted, SignUpStarted};
use protocol::activity::{Activity, BY, ME, OTHERS};
use protocol::changes::{Change, ChangePage};
use protocol::content::{Content, Receipted};
use protocol::files::{BlocksStored, NewFile};
use protocol::grants::{Grants, ROOT};
use protocol::headers::{REST, SESSION_COOKIE};
use protocol::ids::{ItemId, LinkId, UnixMillis};
use protocol::items::Item;
use protocol::limits::{MAX_GUESSES_PER_LINK_AND_NETWORK, PASS_MILLIS};
use protocol::links::{LINK, Link, LinkKey, LinkShown, Links, May, OPENED, Pass, PutIn};
use protocol::notifications::EventType;
use protocol::opaque::Message;
use protocol::problem::{ErrorBody, Problem};
use protocol::routes::Route;
use serde::Serialize;
use serde_json::{Value as Json, json};

pub fn at_the_list_of_links(tries: &Tries<'_>) -> Vec<Attempt> {
    let hers = tries.world.ann.file.to_string();
    let none = End::Refused((404, "no_such_item"));
    let mut all = only_ones_own(tries);
    all.push(tries.asks("those of hers", &[("item", &hers)], none));
    let bad = End::Refused(BAD_REQUEST);
    all.push(tries.asks("those of no id", &[("item", "x")], bad));
    all
}

pub fn at_a_new_link(tries: &Tries<'_>) -> Vec<Attempt> {
    let forged = json!({"message": "AAAA", "registration": "x.y"});
    vec![
        tries.alters("what nobody knows", json!({"may": "own"}), BAD_REQUEST),
        tries.alters(
            "an end that has come",
            json!({"ends_at_ms": THEN}),
            BAD_REQUEST,
        ),
        tries.alters("no downloads", json!({"most_downloads": 0}), BAD_REQUEST),
        tries.alters(
            "a name with a line's end",
            json!({"label": "a\nb"}),
            BAD_NAME,
        ),
        tries.alters(
            "a forged password",
            json!({"password": forged}),
            BAD_SIGN_IN,
        ),
        tries.alters(
            "a drop box of a file",
            json!({"may": "upload"}),
            (409, "not_a_folder"),
        ),
    ]
}

pub fn at_a_password(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![tries.refused("a message that is none", tries.honest(), BAD_SIGN_IN)]
}

pub fn at_the_door(tries: &Tries<'_>) -> Vec<Attempt> {
    let none = (404, "no_such_link");
    let hers = tries.world.ann.link.1.to_string();
    let over = |key: &str| Request {
        query: vec![(LINK, key.to_owned())],
        ..tries.honest()
    };
    let nowhere = Request {
        query: Vec::new(),
        ..tries.honest()
    };
    let twice = Request {
        query: vec![(LINK, hers.clone()), (LINK, hers.clone())],
        ..tries.honest()
    };
    let with_root = Request {
        query: vec![(LINK, hers.clone()), (ROOT, NO_ID.to_owned())],
        ..tries.honest()
    };
    vec![
        tries.refused("no link", nowhere, none),
        tries.refused("half a key", over(&hers[..16]), none),
        tries.refused("a key in capitals", over(&hers.to_uppercase()), none),
        tries.refused("any key", over(&"0".repeat(32)), none),
        tries.refused("SQL", over("' OR 1=1--"), none),
        tries.refused("two keys", twice, BAD_REQUEST),
        tries.refused("a link and a root", with_root, BAD_REQUEST),
    ]
}

pub fn at_a_pass(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = at_the_door(tries);
    // His own link has none.
    all.push(tries.refused("a link without a password", tries.honest(), BAD_REQUEST));
    all
}

/// A visitor's request.
struct Visit {
    key: LinkKey,
    pass: Option<String>,
}

impl Drive {
    fn visit(&self, key: LinkKey) -> Visit {
        Visit { key, pass: None }
    }

    /// What a visitor asks.
    fn request_over(&self, visit: &Visit, route: Route, id: &str, body: Vec<u8>) -> Request {
        Request {
            method: route.method().name().to_owned(),
            path: route.of(id),
            query: vec![(LINK, visit.key.to_string())],
            pass: visit.pass.clone(),
            body,
            ..Request::default()
        }
    }

    fn over(
        &self,
        visit: &Visit,
        route: Route,
        id: impl ToString,
        body: impl Serialize,
    ) -> Result<Given, Problem> {
        let body = serde_json::to_vec(&body).unwrap();
        let body = if body == b"null" { Vec::new() } else { body };
        ask(
            &self.world,
            &self.request_over(visit, route, &id.to_string(), body),
        )
    }

    fn over_at(&self, visit: &Visit, route: Route, id: impl ToString, now: UnixMillis) -> Reply {
        let request = self.request_over(visit, route, &id.to_string(), Vec::new());
        reply(&self.world, &request, now)
    }

    fn changes_over(&self, visit: &Visit) -> Vec<Item> {
        let told = read::<ChangePage>(self.over(visit, Route::Changes, "", ()));
        assert!(told.reset && !told.has_more);
        let items = told.changes.into_iter().map(|change| match change {
            Change::Item { item } => item,
            other => panic!("{other:?}"),
        });
        items.collect()
    }

    fn shown(&self, visit: &Visit) -> LinkShown {
        read(self.over(visit, Route::ShownLink, "", ()))
    }

    /// A registration as the owner's page makes it.
    fn password(&self, password: &str) -> Json {
        let (registering, message) = Registering::new(password);
        let body = json!({ "message": message });
        let started: SignUpStarted = self.gets((ANNS, None), Route::LinkPasswordStart, "", body);
        let registration = started.registration.clone().unwrap();
        let message = registering.finish(&started);
        json!({"message": message, "registration": registration})
    }

    /// Both requests of a visitor who gives a password, and who need not know it.
    fn gives(&self, visit: &Visit, password: &str) -> Result<Given, Problem> {
        let begun = prepare(password);
        let body = json!({ "message": begun.message });
        let started: SignInStarted = read(Ok(self.over(visit, Route::PassStart, "", body)?));
        // Whoever has the wrong one sends what belongs to another attempt.
        let message = begun.proof(password, &started);
        let message = message.unwrap_or(Message(vec![1; 64]));
        let body = json!({"attempt": started.attempt, "message": message});
        self.over(visit, Route::PassFinish, "", body)
    }

    fn unlocked(&self, key: LinkKey, password: &str) -> Visit {
        let pass: Pass = read(self.gives(&self.visit(key), password));
        Visit {
            key,
            pass: Some(pass.pass),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(told: Result<Given, Problem>) -> T {
    match told {
        Ok(Given::Text(text)) => serde_json::from_str(&text).expect("an answer"),
        other => panic!("{other:?}"),
    }
}

fn text(told: Result<Given, Problem>) -> String {
    match told {
        Ok(Given::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn problem_of(reply: &Reply) -> Problem {
    serde_json::from_slice::<ErrorBody>(&reply.body)
        .expect("an error")
        .problem
}

#[test]
fn what_a_link_is_no_more_is_told_like_what_never_was() {
    let drive = Drive::new();
    let both = || json!({"may": "view_and_upload"});
    let gone = |end: &dyn Fn(&Link, ItemId)| {
        let root = drive.folder(None);
        let link = drive.link(root, both());
        assert!(drive.shown(&drive.visit(link.key)).item.is_some());
        end(&link, root);
        link.key.to_string()
    };
    let sets = |link: &Link, what: &str| {
        let connection = drive.world.server.db.connection();
        let set = format!("UPDATE links SET {what} WHERE id = '{}'", link.id);
        assert_eq!(connection.execute(&set, []), Ok(1));
    };
    let locked = json!({"may": "view", "password": drive.password("open sesame")});
    let locked_root = drive.folder(None);
    let locked = drive.link(locked_root, locked);
    drive.trash(locked_root);
    let keys = [
        "0".repeat(32),
        "no key".to_owned(),
        gone(&|link, _| {
            drive
                .asks((ANNS, None), Route::RemoveLink, link.id, Json::Null)
                .map(drop)
                .unwrap();
        }),
        gone(&|link, _| sets(link, &format!("ends_at = {THEN}"))),
        gone(&|link, _| sets(link, "most_downloads = 2, downloaded = 2")),
        gone(&|link, _| sets(link, "may = 'of_the_future'")),
        gone(&|_, root| drop(drive.trash(root))),
        locked.key.to_string(),
    ];
    let file = drive.file(None).id.to_string();
    let new = serde_json::to_vec(&new_file(Some(item_id()), "x", None)).unwrap();
    for (route, body) in [
        (Route::ShownLink, Vec::new()),
        (Route::PassStart, b"{}".to_vec()),
        (Route::Changes, Vec::new()),
        (Route::FileContent, Vec::new()),
        (Route::CreateFile, new),
        (Route::Activity, Vec::new()),
    ] {
        let told = |key: &String| {
            let visit = drive.visit(LinkKey::from_random([0; 16]));
            let mut request = drive.request_over(&visit, route, &file, body.clone());
            request.query = vec![(LINK, key.clone())];
            let told = reply(&drive.world, &request, THEN);
            (told.status, told.headers, told.body)
        };
        let never = told(&keys[0]);
        assert_eq!(never.0, 404, "{route:?}");
        for key in &keys {
            assert_eq!(told(key), never, "{route:?} {key}");
        }
    }
}

#[test]
fn a_password_is_asked_for_and_opens_the_link() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let file = drive.file(Some(root));
    let new = json!({"may": "view_and_upload", "password": drive.password("open sesame")});
    let link = drive.link(root, new);
    assert!(link.has_password);
    let stranger = drive.visit(link.key);
    let door = drive.shown(&stranger);
    assert_eq!((door.needs_password, &door.item), (true, &None));
    assert_eq!(
        drive.over(&stranger, Route::Item, file.id, ()).map(drop),
        Err(Problem::LinkPassword)
    );
    let wrong = drive.gives(&stranger, "open barley").map(drop);
    assert_eq!(wrong, Err(Problem::WrongPassword));
    let visitor = drive.unlocked(link.key, "open sesame");
    let inside = drive.shown(&visitor);
    assert!(!inside.needs_password);
    assert_eq!(inside.item.map(|item| item.id), Some(root));
    assert_eq!(drive.changes_over(&visitor).len(), 2);
    // It lasts for half a day.
    let late = THEN + PASS_MILLIS;
    assert_eq!(
        drive
            .over_at(&visitor, Route::Item, file.id, late - 1)
            .status,
        200
    );
    let ended = drive.over_at(&visitor, Route::Item, file.id, late);
    assert_eq!(problem_of(&ended), Problem::LinkPassword);
    // In a cookie it counts for what changes nothing.
    let secret = keys::secret(Some(SECRET)).unwrap();
    let pass = PassBook::new(&secret, link.key).give(1, THEN);
    let cookie = driftless_core::access::passes::cookie(link.key, &pass);
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let with_cookie = |route, id: String, body| Request {
        cookie: Some(cookie.clone()),
        ..drive.request_over(&stranger, route, &id, body)
    };
    let got = with_cookie(Route::FileContent, file.id.to_string(), Vec::new());
    assert!(ask(&drive.world, &got).is_ok());
    let body = serde_json::to_vec(&new_file(Some(root), "mine", None)).unwrap();
    let put = with_cookie(Route::CreateFile, String::new(), body);
    assert_eq!(
        ask(&drive.world, &put).map(drop),
        Err(Problem::LinkPassword)
    );
    // It is for this link only.
    let other = json!({"may": "view", "password": drive.password("open sesame")});
    let other = Visit {
        key: drive.link(root, other).key,
        ..Visit {
            pass: visitor.pass.clone(),
            key: link.key,
        }
    };
    assert_eq!(
        drive.over(&other, Route::Item, file.id, ()).map(drop),
        Err(Problem::LinkPassword)
    );
    // Another password ends it, also if it is the same word.
    let again = json!({"password": drive.password("open sesame")});
    let changed: Link = drive.gets((ANNS, None), Route::ChangeLink, link.id, again);
    assert!(changed.has_password);
    assert_eq!(
        drive.over(&visitor, Route::Item, file.id, ()).map(drop),
        Err(Problem::LinkPassword)
    );
    let anew = drive.unlocked(link.key, "open sesame");
    assert!(drive.over(&anew, Route::Item, file.id, ()).is_ok());
    // And without one, nobody is asked.
    let open = json!({"password": null});
    let changed: Link = drive.gets((ANNS, None), Route::ChangeLink, link.id, open);
    assert!(!changed.has_password);
    assert!(drive.over(&stranger, Route::Item, file.id, ()).is_ok());
    assert!(drive.over(&anew, Route::Item, file.id, ()).is_ok());
}

#[test]
fn a_password_can_be_tried_only_so_often() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let new = json!({"may": "view", "password": drive.password("open sesame")});
    let link = drive.link(root, new);
    let visit = drive.visit(link.key);
    for _ in 1..MAX_GUESSES_PER_LINK_AND_NETWORK {
        assert_eq!(
            drive.gives(&visit, "a guess").map(drop),
            Err(Problem::WrongPassword)
        );
    }
    // Whoever knows it does not use tries up.
    for _ in 0..3 {
        drive.unlocked(link.key, "open sesame");
    }
    assert_eq!(
        drive.gives(&visit, "a guess").map(drop),
        Err(Problem::WrongPassword)
    );
    let refused = drive.gives(&visit, "open sesame");
    assert!(
        matches!(refused, Err(Problem::TooManyRequests { .. })),
        "{refused:?}"
    );
    // At another link nobody has tried.
    let new = json!({"may": "view", "password": drive.password("open sesame")});
    drive.unlocked(drive.link(root, new).key, "open sesame");
}

#[test]
fn an_attempt_at_one_link_opens_no_other_and_no_account() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let new = || json!({"may": "view", "password": drive.password("open sesame")});
    let (one, other) = (drive.link(root, new()), drive.link(root, new()));
    let begun = prepare("open sesame");
    let body = json!({ "message": begun.message });
    let started = drive.over(&drive.visit(one.key), Route::PassStart, "", body);
    let started: SignInStarted = read(started);
    let message = begun.proof("open sesame", &started);
    let body = json!({"attempt": started.attempt, "message": message});
    let elsewhere = drive.over(&drive.visit(other.key), Route::PassFinish, "", body.clone());
    assert_eq!(elsewhere.map(drop), Err(Problem::WrongPassword));
    // It is still good where it began, and once.
    let here = || drive.over(&drive.visit(one.key), Route::PassFinish, "", body.clone());
    assert!(here().is_ok());
    assert_eq!(here().map(drop), Err(Problem::WrongPassword));
}

#[test]
fn a_drop_box_shows_nothing() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let (inner, file) = (drive.folder(Some(root)), drive.file(Some(root)));
    let link = drive.link(root, json!({"may": "upload", "label": "Invoices"}));
    let visit = drive.visit(link.key);
    let puts = |name: &str| {
        let body = serde_json::to_vec(&new_file(Some(root), name, None)).unwrap();
        let request = drive.request_over(&visit, Route::CreateFile, "", body);
        let told = reply(&drive.world, &request, THEN);
        (told.status, told.headers, told.body)
    };
    // The answer is the same to the last byte, whether the name is free or not.
    let free = puts("scan.pdf");
    assert_eq!(free.0, 201);
    let told: PutIn = serde_json::from_slice(&free.2).unwrap();
    assert!(told.stored);
    for _ in 0..3 {
        assert_eq!(puts("Scan.pdf"), free);
    }
    assert_eq!(puts(file.name.as_str()), free);
    let names = || {
        let page = drive.world.server.changes(&drive.ann, None, None).unwrap();
        let items = page.changes.into_iter().filter_map(|change| match change {
            Change::Item { item } if item.parent == Some(root) => Some(item.name.to_string()),
            _ => None,
        });
        let mut names: Vec<String> = items.collect();
        names.sort_unstable();
        names
    };
    let all = names();
    for name in ["scan.pdf", "Scan (2).pdf", "Scan (3).pdf", "Scan (4).pdf"] {
        assert!(all.iter().any(|is| is == name), "{name} is not in {all:?}");
    }
    // A repeat is the same file.
    let new = new_file(Some(root), "once.txt", None);
    for _ in 0..2 {
        let told: PutIn = read(drive.over(&visit, Route::CreateFile, "", &new));
        assert!(told.stored);
    }
    assert_eq!(names().len(), all.len() + 1);
    // Nothing else there can be named, by any id.
    for parent in [inner, file.id, item_id()] {
        let into = new_file(Some(parent), "x", None);
        let told = drive.over(&visit, Route::CreateFile, "", into).map(drop);
        assert_eq!(told, Err(Problem::NoSuchItem));
    }
    let beside = new_file(None, "x", None);
    let told = drive.over(&visit, Route::CreateFile, "", beside).map(drop);
    assert_eq!(told, Err(Problem::OneFolder));
    let told = drive.over(&visit, Route::Item, root, ()).map(drop);
    assert_eq!(told, Err(Problem::UploadOnly));
    // The block of a file that is there is missing, as any other.
    let known = manifest(b"two of ann");
    let held = new_file(Some(root), "of ann", Some(known.clone()));
    drive
        .world
        .server
        .create_file(&drive.ann, THEN, held)
        .unwrap();
    let missing = |content| {
        let new = new_file(Some(root), "x", Some(content));
        match drive.over(&visit, Route::CreateFile, "", new) {
            Err(Problem::BlocksMissing { missing_blocks }) => missing_blocks.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(missing(known), 1);
    assert_eq!(missing(manifest(b"of nobody")), 1);
}

#[test]
fn many_files_of_one_name_all_arrive() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let link = drive.link(root, json!({"may": "upload"}));
    let visit = drive.visit(link.key);
    for _ in 0..104 {
        let new = new_file(Some(root), "scan.pdf", None);
        let told: PutIn = read(drive.over(&visit, Route::CreateFile, "", new));
        assert!(told.stored);
    }
    let view = drive.link(root, json!({"may": "view"}));
    assert_eq!(drive.changes_over(&drive.visit(view.key)).len(), 105);
}

/// As the page sends a file: its blocks first, then the file with the receipts for them.
fn sends(
    drive: &Drive,
    stored_over: &Visit,
    made_over: &Visit,
    root: ItemId,
    bytes: &[u8],
) -> Result<Given, Problem> {
    let body = frames(&[bytes]);
    let request = drive.request_over(stored_over, Route::StoreBlocks, "", body);
    let stored: BlocksStored = read(ask(&drive.world, &request));
    let content = Receipted {
        content: manifest(bytes).into(),
        receipts: stored.receipts,
    };
    let new: NewFile<Receipted> = NewFile {
        operation_id: operation_id(),
        id: item_id(),
        parent: Some(root),
        name: name("sent"),
        content: Some(content),
    };
    drive.over(made_over, Route::CreateFile, "", new)
}

#[test]
fn receipts_of_one_link_are_not_taken_on_another() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let link = || drive.visit(drive.link(root, json!({"may": "upload"})).key);
    let (one, other) = (link(), link());
    assert!(sends(&drive, &one, &one, root, b"mine").is_ok());
    let told = sends(&drive, &one, &other, root, b"mine as well");
    assert!(
        matches!(told, Err(Problem::BlocksMissing { .. })),
        "{told:?}"
    );
}

#[test]
fn what_is_moved_out_of_a_link_or_into_the_trash_is_not_there() {
    let drive = Drive::new();
    let (root, outside) = (drive.folder(None), drive.folder(None));
    let inner = drive.folder(Some(root));
    let file = drive.file(Some(inner));
    let visit = drive.visit(drive.link(root, json!({"may": "view_and_upload"})).key);
    let sees = || {
        let told = drive.over(&visit, Route::Item, file.id, ()).map(drop);
        let listed = drive.changes_over(&visit);
        assert_eq!(told.is_ok(), listed.iter().any(|item| item.id == file.id));
        let content = drive
            .over(&visit, Route::FileContent, file.id, ())
            .map(drop);
        assert_eq!(content, told);
        told
    };
    assert_eq!(sees(), Ok(()));
    drive.moves(inner, Some(outside));
    assert_eq!(sees(), Err(Problem::NoSuchItem));
    let into = new_file(Some(inner), "x", None);
    let told = drive.over(&visit, Route::CreateFile, "", into).map(drop);
    assert_eq!(told, Err(Problem::NoSuchItem));
    drive.moves(inner, Some(root));
    assert_eq!(sees(), Ok(()));
    // In the trash of the owner, by itself or with the folder around it.
    let trashed = drive.trash(inner);
    assert_eq!(sees(), Err(Problem::NoSuchItem));
    drive.restore(&trashed);
    let trashed = drive.trash(file.id);
    assert_eq!(sees(), Err(Problem::NoSuchItem));
    drive.restore(&trashed);
    assert_eq!(sees(), Ok(()));
    // The link moves with its root.
    drive.moves(root, Some(outside));
    assert_eq!(sees(), Ok(()));
}

#[test]
fn a_visitor_sees_what_there_is_and_nothing_of_those_who_made_it() {
    let drive = Drive::new();
    let root = drive.folder(Some(drive.folder(None)));
    let (file, conflict) = drive.conflict(Some(root));
    let visit = drive.visit(drive.link(root, json!({"may": "view"})).key);
    let listed = drive.changes_over(&visit);
    assert_eq!(listed.len(), 2, "no conflicts");
    let told = text(drive.over(&visit, Route::Changes, "", ()));
    let told = told + &text(drive.over(&visit, Route::Item, file.id, ()));
    let told = told + &format!("{:?}", drive.shown(&visit).item);
    for secret in [
        "Laptop".to_owned(),
        drive.ann.id.to_string(),
        drive.ann.user.to_string(),
        conflict.to_string(),
    ] {
        assert!(!told.contains(&secret), "{secret} in {told}");
    }
    let top = listed.iter().find(|item| item.id == root).unwrap();
    assert_eq!(top.parent, None);
    // Only the newest version, of which the file has two.
    for route in [Route::FileContent, Route::FileManifest] {
        let asks = |query: &[(&'static str, &str)]| {
            let mut request = drive.request_over(&visit, route, &file.id.to_string(), Vec::new());
            let query = query.iter().map(|(name, is)| (*name, (*is).to_owned()));
            request.query.extend(query);
            ask(&drive.world, &request).map(drop)
        };
        assert_eq!(asks(&[]), Ok(()));
        assert_eq!(asks(&[("version", "2")]), Ok(()));
        assert_eq!(asks(&[("version", "1")]), Err(Problem::NoSuchVersion));
        if route == Route::FileManifest {
            let since = [("version", "2"), ("since", "1")];
            assert_eq!(asks(&since), Err(Problem::NoSuchVersion));
        }
    }
    // Nor does a copy of what was there bring it back.
    let both = drive.visit(drive.link(root, json!({"may": "view_and_upload"})).key);
    for version in [1, 2] {
        let content = json!({
            "size": 0, "size_class": 18, "modified_at_ms": 0,
            "base": {"item": file.id, "version": version}, "splices": [],
        });
        let mut copy = serde_json::to_value(new_file(Some(root), "copy", None)).unwrap();
        copy["content"] = content;
        let told = drive.over(&both, Route::CreateFile, "", copy).map(drop);
        assert_eq!(told, Err(Problem::NoSuchBase));
    }
    // The listing goes on in pages, and begins anew each time.
    let page = |since: Option<&str>| -> ChangePage {
        let mut request = drive.request_over(&visit, Route::Changes, "", Vec::new());
        request.query.push(("limit", "1".to_owned()));
        request
            .query
            .extend(since.map(|since| ("since_token", since.to_owned())));
        read(ask(&drive.world, &request))
    };
    let first = page(None);
    assert!(first.reset && first.has_more);
    let second = page(Some(&first.next_token));
    assert!(!second.reset && !second.has_more);
    assert!(page(Some(&second.next_token)).reset);
}

#[test]
fn whoever_is_signed_in_is_a_visitor_over_a_link() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let link = drive.link(root, json!({"may": "view"}));
    let visit = drive.visit(link.key);
    let elsewhere = drive.file(None);
    for digit in [ANNS, BROWSER] {
        let by = |route, id: ItemId| Request {
            cookie: Some(format!("{SESSION_COOKIE}={}", super::world::secret(digit))),
            has_client_header: true,
            ..drive.request_over(&visit, route, &id.to_string(), Vec::new())
        };
        assert!(ask(&drive.world, &by(Route::Item, root)).is_ok());
        let told = ask(&drive.world, &by(Route::Item, elsewhere.id)).map(drop);
        assert_eq!(told, Err(Problem::NoSuchItem));
        let told = ask(&drive.world, &by(Route::Activity, root)).map(drop);
        assert_eq!(told, Err(Problem::OneFolder));
    }
}

#[test]
fn the_last_download_is_had_once() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let content = manifest(b"two of ann");
    let new = new_file(Some(root), "file", Some(content));
    let file = drive
        .world
        .server
        .create_file(&drive.ann, THEN, new)
        .unwrap()
        .item
        .id;
    let link = drive.link(root, json!({"may": "view", "most_downloads": 2}));
    let visit = drive.visit(link.key);
    assert!(drive.shown(&visit).counts_downloads);
    let counted = || {
        let told: Links = drive.gets((ANNS, None), Route::Links, "", Json::Null);
        let found = told.links.into_iter().find(|one| one.id == link.id);
        found.expect("listed").downloaded
    };
    // Looking is no download, and there is no other way to the bytes.
    drive.changes_over(&visit);
    let head = Request {
        method: "HEAD".to_owned(),
        ..drive.request_over(&visit, Route::FileContent, &file.to_string(), Vec::new())
    };
    assert_eq!(reply(&drive.world, &head, THEN).status, 200);
    let fetch = json!({"want": [drive.world.ann.block], "of": [file]});
    let told = drive
        .over(&visit, Route::FetchBlocks, "", fetch.clone())
        .map(drop);
    assert_eq!(told, Err(Problem::DownloadsCounted));
    assert_eq!(counted(), 0);
    let gets = |headers: &[(&'static str, String)], version: bool| {
        let mut request = drive
            .request_over(&visit, Route::FileContent, &file.to_string(), Vec::new())
            .as_sent();
        request.headers.extend(headers.iter().cloned());
        if version {
            request.query.push(("version", "1".to_owned()));
        }
        super::front::send(&drive.world, &request, THEN)
    };
    // A part is all of it, and counts.
    let told = gets(&[("range", "bytes=3-5".to_owned())], false);
    assert_eq!((told.status, &*told.body), (200, &b"two of ann"[..]));
    assert_eq!(counted(), 1);
    // What the client has is not sent, and does not count.
    let etag = format!("\"{file}.1\"");
    assert_eq!(gets(&[("if-none-match", etag)], false).status, 304);
    assert_eq!(counted(), 1);
    let last = drive.over(&visit, Route::FileContent, file, ());
    assert_eq!(text(last), "two of ann");
    assert_eq!(counted(), 2);
    let told = drive.over(&visit, Route::FileContent, file, ()).map(drop);
    assert_eq!(told, Err(Problem::NoSuchLink));
    // The server has the rest of what was counted, part by part, and nobody else has.
    let secret = keys::secret(Some(SECRET)).unwrap();
    let ticket = PassBook::new(&secret, link.key).ticket(file, 1, THEN);
    let part = ("range", "bytes=0-2".to_owned());
    let rest = gets(&[part.clone(), (REST, ticket)], true);
    assert_eq!((rest.status, &*rest.body), (206, &b"two"[..]));
    assert_eq!(gets(&[part, (REST, "1.0".to_owned())], true).status, 404);
    assert_eq!(counted(), 2);
    // Without a limit, a part counts if it is the first.
    let free = drive.visit(drive.link(root, json!({"may": "view"})).key);
    assert!(drive.over(&free, Route::FetchBlocks, "", fetch).is_ok());
}

/// Two visitors ask for the last download at the same moment.
#[test]
fn two_last_downloads_are_never_both_had() {
    let orders = every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let item = server
            .create_folder(&ann, THEN, new_folder(None, "folder"))
            .unwrap();
        let id = LinkId::from_random([3; 16]);
        let wanted = LinkTerms {
            label: String::new(),
            may: May::View,
            ends_at: None,
            most_downloads: Some(1),
            password: None,
        };
        let ids = (id, LinkKey::from_random([4; 16]), item.item.id);
        let author = ann.at(THEN);
        let made = writes::make(&server.db, &author, ids, &wanted, async || Ok(()));
        ready(made).unwrap();
        let held = held_over(id, item.item.id);
        let link = ready(query::one(&server.db, visited(ann.space, id))).unwrap();
        let visitor = Visitor {
            space: ann.space,
            held,
            link: link.unwrap(),
        };
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let (one, other) = order.run(
            writes::count_download(legs.db, &visitor),
            writes::count_download(legs.db, &visitor),
        );
        let ends = [one, other].map(|end| end.map_err(Failure::into_problem));
        let had = ends.iter().filter(|end| end.is_ok()).count();
        assert_eq!(had, 1, "{ends:?}");
        assert!(ends.contains(&Err(Problem::NoSuchLink)));
    });
    assert!(orders > 1, "{orders}");
}

/// A file that a visitor puts in.
fn scan(root: ItemId) -> Create {
    let new: NewFile<Content> = new_file(Some(root), "scan", None).into();
    Create::from(new).under_a_free_name()
}

fn held_over(link: LinkId, root: ItemId) -> SharedPart {
    SharedPart {
        root,
        by: HeldBy::Link(held::LinkVisit {
            link,
            password: None,
            aim: Aim::Inside,
        }),
        now: THEN,
        changes: true,
    }
}

/// Ann takes a link back while a visitor puts something in: what is written is written
/// while the link is there.
#[test]
fn a_link_that_was_taken_back_stops_an_upload_that_was_decided_on_before() {
    let (mut before, mut refused) = (0, 0);
    let orders = every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let folder = new_folder(None, "folder");
        let root = server.create_folder(&ann, THEN, folder).unwrap().item.id;
        let id = LinkId::from_random([3; 16]);
        let wanted = LinkTerms {
            label: "Invoices".into(),
            may: May::Upload,
            ends_at: None,
            most_downloads: None,
            password: None,
        };
        let author = ann.at(THEN);
        let ids = (id, LinkKey::from_random([4; 16]), root);
        let made = writes::make(&server.db, &author, ids, &wanted, async || Ok(()));
        ready(made).unwrap();
        let visitor = Author {
            by: Contributor::Visitor("Invoices".into()),
            reach: Reach::of_held(held_over(id, root)),
            ..author.clone()
        };
        let create = scan(root);
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let (put, taken) = order.run(
            apply(legs.db, &visitor, &create),
            writes::remove(legs.db, &author, id),
        );
        let (_, taken) = taken.unwrap().news.expect("news");
        match put {
            Ok(put) => {
                assert!(put.seq < taken, "put in after it was taken back");
                before += 1;
            }
            Err(failure) => {
                assert_eq!(failure.into_problem(), Problem::NoSuchLink);
                refused += 1;
            }
        }
    });
    assert!(
        before > 0 && refused > 0,
        "{before} and {refused} of {orders}"
    );
}

/// Two visitors put in a file of one name at the same moment.
#[test]
fn two_files_of_one_name_at_one_moment_are_both_kept() {
    every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let folder = new_folder(None, "folder");
        let root = server.create_folder(&ann, THEN, folder).unwrap().item.id;
        let (one, other) = (scan(root), scan(root));
        let author = ann.at(THEN);
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let (one, other) = order.run(
            apply(legs.db, &author, &one),
            apply(legs.db, &author, &other),
        );
        let name = |end: Result<driftless_core::writes::Applied, Failure>| {
            end.unwrap().item_changed().unwrap().item.name.to_string()
        };
        let mut names = [name(one), name(other)];
        names.sort_unstable();
        assert_eq!(names, ["scan", "scan (2)"]);
    });
}

#[test]
fn what_came_over_a_link_is_told_as_such_and_as_nobodys() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let link = drive.link(root, json!({"may": "upload", "label": "Invoices"}));
    let visit = drive.visit(link.key);
    let new = new_file(Some(root), "scan.pdf", None);
    let id = new.id;
    drive
        .over(&visit, Route::CreateFile, "", &new)
        .map(drop)
        .unwrap();
    let told: Activity = drive.gets((ANNS, None), Route::Activity, "", Json::Null);
    let [put, made, ..] = &told.entries[..] else {
        panic!("{told:?}");
    };
    // Of all that, it is what others did, and not what ann did.
    let by = |who: &str| -> Vec<ItemId> {
        let mut request = drive.request(ANNS, Route::Activity, "", Vec::new());
        request.query = vec![(BY, who.to_owned())];
        let told = read::<Activity>(ask(&drive.world, &request));
        let entries = told.entries.into_iter();
        entries.map(|done| done.event.file_id).collect()
    };
    assert_eq!(by(OTHERS), [id]);
    assert!(!by(ME).contains(&id) && by(ME).contains(&root));
    assert_eq!(
        (put.event.event_type, put.event.file_id),
        (EventType::FileCreate, id)
    );
    assert_eq!(
        (&put.event.by, put.link.as_deref()),
        (&None, Some("Invoices"))
    );
    assert_eq!(made.event.event_type, EventType::ShareGranted);
    assert_eq!(made.link.as_deref(), Some("Invoices"));
    let by = made.event.by.as_ref().expect("somebody");
    assert_eq!(by.user_id, drive.ann.user);
    assert_eq!((&made.person, made.role), (&None, None));
    // So is the version that it is.
    let item = drive.world.server.item(&drive.ann, id).unwrap();
    let committed = item.file.unwrap().committed;
    let by = (&*committed.user_name, &*committed.device_name);
    assert_eq!(by, ("Somebody", "the link “Invoices”"));
    // What is told has no key, and the end of the link is told, too.
    drive
        .asks((ANNS, None), Route::RemoveLink, link.id, Json::Null)
        .map(drop)
        .unwrap();
    let told: Activity = drive.gets((ANNS, None), Route::Activity, "", Json::Null);
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains(&link.key.to_string()), "{text}");
    assert_eq!(told.entries[0].event.event_type, EventType::ShareRevoked);
    assert_eq!(told.entries[0].link.as_deref(), Some("Invoices"));
}

#[test]
fn nobody_is_told_how_full_the_drive_is() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let visit = drive.visit(drive.link(root, json!({"may": "upload"})).key);
    let full = "UPDATE spaces SET quota_bytes = 1 WHERE id = ?1";
    let space = drive.ann.space.to_string();
    let connection = drive.world.server.db.connection();
    assert_eq!(connection.execute(full, [space]), Ok(1));
    let new = new_file(Some(root), "scan.pdf", None);
    let told = drive.over(&visit, Route::CreateFile, "", new).map(drop);
    assert_eq!(told, Err(Problem::NoRoom));
    let body = frames(&[b"more"]);
    let request = drive.request_over(&visit, Route::StoreBlocks, "", body);
    assert_eq!(ask(&drive.world, &request).map(drop), Err(Problem::NoRoom));
}

#[test]
fn the_owner_counts_changes_and_takes_back_links() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let file = drive.file(Some(root));
    let link = drive.link(root, json!({"may": "view", "label": " Invoices "}));
    assert_eq!((&*link.label, link.may), ("Invoices", May::View));
    let visit = drive.visit(link.key);
    let opens = |opened: &str| {
        let mut request = drive.request_over(&visit, Route::ShownLink, "", Vec::new());
        request.query.push((OPENED, opened.to_owned()));
        ask(&drive.world, &request).map(drop).unwrap();
    };
    opens("1");
    opens("0");
    drive.shown(&visit);
    for _ in 0..2 {
        let got = drive.over(&visit, Route::FileContent, file.id, ());
        got.map(drop).unwrap();
    }
    let listed: Links = drive.gets((ANNS, None), Route::Links, "", Json::Null);
    let counted = Link {
        opened: 1,
        downloaded: 2,
        ..link.clone()
    };
    assert!(listed.links.contains(&counted), "{listed:?}");
    let of = |item: ItemId| {
        let mut request = drive.request(ANNS, Route::Links, "", Vec::new());
        request.query = vec![("item", item.to_string())];
        read::<Links>(ask(&drive.world, &request)).links
    };
    assert_eq!(of(root), std::slice::from_ref(&counted));
    assert_eq!(of(file.id), []);
    let linked = || {
        let shared: Grants = drive.gets((ANNS, None), Route::Grants, "", Json::Null);
        shared.linked
    };
    assert!(linked().contains(&root));
    // Each field changes by itself.
    let changes =
        |body: Json| -> Link { drive.gets((ANNS, None), Route::ChangeLink, link.id, body) };
    let bills = changes(json!({"label": "Bills", "most_downloads": 3}));
    assert_eq!((&*bills.label, bills.most_downloads), ("Bills", Some(3)));
    assert_eq!(bills.downloaded, 2, "counts go on");
    let both = changes(json!({"may": "view_and_upload", "ends_at_ms": THEN + 1}));
    assert_eq!(
        (both.may, both.ends_at_ms),
        (May::ViewAndUpload, Some(THEN + 1))
    );
    let endless = changes(json!({"ends_at_ms": null, "most_downloads": null}));
    assert_eq!((endless.ends_at_ms, endless.most_downloads), (None, None));
    assert_eq!(endless.may, May::ViewAndUpload);
    // A drop box of a file there can't be.
    let of_file = drive.link(file.id, json!({"may": "view"}));
    let told = drive.asks(
        (ANNS, None),
        Route::ChangeLink,
        of_file.id,
        json!({"may": "upload"}),
    );
    assert_eq!(told.map(drop), Err(Problem::NotAFolder));
    // Whoever may only look at a drive is told no key, and changes none.
    let told = drive.asks((READ_ONLY, None), Route::Links, "", Json::Null);
    assert_eq!(told.map(drop), Err(Problem::ReadOnly));
    // It is of the drive that it is in.
    let told = drive.asks((BROWSER, None), Route::RemoveLink, link.id, Json::Null);
    assert_eq!(told.map(drop), Err(Problem::NoSuchLink));
    drive
        .asks((ANNS, None), Route::RemoveLink, link.id, Json::Null)
        .map(drop)
        .unwrap();
    assert!(!linked().contains(&root) && linked().contains(&file.id));
    let told = drive.over(&visit, Route::Item, root, ()).map(drop);
    assert_eq!(told, Err(Problem::NoSuchLink));
    let again = drive.asks((ANNS, None), Route::RemoveLink, link.id, Json::Null);
    assert_eq!(again.map(drop), Err(Problem::NoSuchLink));
}

#[test]
fn a_link_of_a_file_is_of_that_file() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let (file, beside) = (drive.file(Some(folder)), drive.file(Some(folder)));
    let visit = drive.visit(drive.link(file.id, json!({"may": "view"})).key);
    let shown = drive.shown(&visit).item.expect("it is there");
    assert_eq!((shown.id, shown.is_folder), (file.id, false));
    let listed = drive.changes_over(&visit);
    let [only] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!((only.id, only.parent), (file.id, None));
    for other in [beside.id, folder] {
        let told = drive.over(&visit, Route::Item, other, ()).map(drop);
        assert_eq!(told, Err(Problem::NoSuchItem));
    }
    // What is new of it is there.
    let server = &drive.world.server;
    server
        .commit(&drive.ann, THEN, file.id, commit_of(1, b""))
        .unwrap();
    let item: Item = read(drive.over(&visit, Route::Item, file.id, ()));
    assert_eq!(item.version(), 2);
}

#[test]
fn answers_over_a_link_are_for_no_search_engine_and_no_other_site() {
    let drive = Drive::new();
    let root = drive.folder(None);
    let visit = drive.visit(drive.link(root, json!({"may": "view"})).key);
    let told = drive.over_at(&visit, Route::ShownLink, "", THEN);
    for header in [
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        let has = told
            .headers
            .iter()
            .any(|(name, is)| (*name, &**is) == header);
        assert!(has, "{header:?} is not in {:?}", told.headers);
    }
}
