//! Somebody with whom something was shared, against the rest of the space that it is in:
//! what only they could try.

use super::attempt::{Attempt, BAD_NAME, BAD_REQUEST, Code, NO_ITEM};
use super::front::{Given, Request, ask, reply};
use super::tries::Tries;
use super::world::{ANNS, BROWSER, CARLS, World, secret};
use crate::stage::{InTurns, RacingLegs, THEN, owner};
use driftless_core::access::reach::Use;
use driftless_core::ports::{Database, Statement};
use driftless_core::store::sql::grants::HELD;
use driftless_core::writes::grants::{self, GrantTerms};
use driftless_core::writes::places;
use driftless_notify::sql::{WITH_ACCESS, WITH_ACCESS_BELOW};
use driftless_tests::client::{
    change_trashed, commit_of, item_id, manifest, name, new_file, operation_id,
};
use driftless_tests::drive::{change_place, new_conflict, new_folder, reopen, resolve};
use driftless_tests::model::legs::{Answered, Device};
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use driftless_tests::model::server::Server;
use protocol::accounts::NOBODY;
use protocol::activity::Activity;
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::Choice;
use protocol::grants::{Grant, Grants, ItemGrants, Person, ROOT, Role};
use protocol::headers::SESSION_COOKIE;
use protocol::ids::{ConflictId, GrantId, ItemId, UserId};
use protocol::items::{Item, ItemChanged, NewMount, PlaceChange};
use protocol::limits::MAX_ACCESS_CHANGES;
use protocol::links::Link;
use protocol::news::News;
use protocol::notifications::{Event, EventType};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use std::collections::BTreeSet;

const READS_ONLY: Code = (403, "read_only");
const ONE_FOLDER: Code = (403, "one_folder");
const NO_GRANT: Code = (404, "no_such_grant");

/// What is tried on the way of giving access.
pub fn at_giving(tries: &Tries<'_>) -> Vec<Attempt> {
    let guess = |what: &str, person: &str, end| Attempt {
        is_guess: true,
        ..tries.alters(what, json!({"person": person}), end)
    };
    vec![
        guess("half a name", "car", (404, "no_such_person")),
        guess("any name", "%", (404, "no_such_person")),
        guess("himself", "bob", (409, "shared_with_oneself")),
        tries.alters("nobody", json!({"person": ""}), BAD_NAME),
        tries.alters(
            "a role that nobody knows",
            json!({"role": "owner"}),
            BAD_REQUEST,
        ),
        tries.alters(
            "an end that has come",
            json!({"ends_at_ms": THEN}),
            BAD_REQUEST,
        ),
        tries.alters(
            "an end beyond all",
            json!({"ends_at_ms": u64::MAX}),
            BAD_REQUEST,
        ),
    ]
}

/// Ann's drive, of which she has shared some folders with bob.
pub struct Drive {
    pub world: World,
    pub ann: Device,
    names: Cell<u32>,
}

impl Drive {
    pub fn new() -> Self {
        let world = World::new();
        let ann = Device {
            space: world.ann.space,
            id: world.ann.device,
            user: world.ann.user,
            ..owner(&Server::new(), "ann")
        };
        Self {
            world,
            ann,
            names: Cell::new(0),
        }
    }

    pub fn name(&self) -> String {
        self.names.set(self.names.get() + 1);
        format!("number {}", self.names.get())
    }

    pub fn folder(&self, parent: Option<ItemId>) -> ItemId {
        let new = new_folder(parent, &self.name());
        let made = self.world.server.create_folder(&self.ann, THEN, new);
        made.unwrap().item.id
    }

    pub fn file(&self, parent: Option<ItemId>) -> Item {
        let new = new_file(parent, &self.name(), None);
        let made = self.world.server.create_file(&self.ann, THEN, new);
        made.unwrap().item
    }

    /// At version 2, with a conflict that came second.
    pub fn conflict(&self, parent: Option<ItemId>) -> (Item, ConflictId) {
        let (server, file) = (&self.world.server, self.file(parent));
        let commit = commit_of(1, b"");
        server.commit(&self.ann, THEN, file.id, commit).unwrap();
        let kept = server.keep_conflict(&self.ann, THEN, file.id, new_conflict(b""));
        (file, kept.unwrap().id)
    }

    pub fn trash(&self, id: ItemId) -> Item {
        let server = &self.world.server;
        let item = server.item(&self.ann, id).unwrap();
        let bin = change_trashed(&item);
        server.trash(&self.ann, THEN, id, bin).unwrap().item
    }

    pub fn restore(&self, item: &Item) {
        let back = change_trashed(item);
        let server = &self.world.server;
        server.restore(&self.ann, THEN, item.id, back).unwrap();
    }

    pub fn moves(&self, id: ItemId, parent: Option<ItemId>) {
        let server = &self.world.server;
        let item = server.item(&self.ann, id).unwrap();
        let to = change_place(&item, parent, &self.name());
        server.change_place(&self.ann, THEN, id, to).unwrap();
    }

    /// By somebody's session, or by a token.
    pub fn request(&self, digit: char, route: Route, id: &str, body: Vec<u8>) -> Request {
        let is_token = digit.is_ascii_digit();
        Request {
            method: route.method().name().to_owned(),
            path: route.of(id),
            authorization: is_token.then(|| format!("Bearer {}", secret(digit))),
            cookie: (!is_token).then(|| format!("{SESSION_COOKIE}={}", secret(digit))),
            has_client_header: true,
            sec_fetch_site: Some("same-origin"),
            body,
            ..Request::default()
        }
    }

    pub fn asks(
        &self,
        (digit, root): (char, Option<ItemId>),
        route: Route,
        id: impl ToString,
        body: Json,
    ) -> Result<Given, Problem> {
        let body = match body {
            Json::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let mut request = self.request(digit, route, &id.to_string(), body);
        request.query = root
            .map(|root| (ROOT, root.to_string()))
            .into_iter()
            .collect();
        ask(&self.world, &request)
    }

    pub fn gets<T: DeserializeOwned>(
        &self,
        by: (char, Option<ItemId>),
        route: Route,
        id: impl ToString,
        body: Json,
    ) -> T {
        match self.asks(by, route, id, body) {
            Ok(Given::Text(text)) => serde_json::from_str(&text).expect("an answer"),
            other => panic!("{route:?}: {other:?}"),
        }
    }

    /// Ann makes a link.
    pub fn link(&self, item: ItemId, new: Json) -> Link {
        self.gets((ANNS, None), Route::MakeLink, item, new)
    }

    pub fn is_refused(&self, told: Result<Given, Problem>, (status, code): Code) {
        let problem = match told {
            Err(problem) => problem,
            Ok(given) => panic!("{given:?} and not {code}"),
        };
        let told = serde_json::to_value(&problem).unwrap();
        let told = (problem.status(), told["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code));
    }

    /// Ann gives bob access.
    pub fn shares(&self, item: ItemId, role: &str) -> Grant {
        let new = json!({"person": "bob", "role": role});
        self.gets((ANNS, None), Route::Give, item, new)
    }

    /// Carl shares a folder of his with somebody.
    pub fn given(&self, to: &str, name: &str) -> Grant {
        let carl = (CARLS, None);
        let new = json!(new_folder(None, name));
        let made: ItemChanged = self.gets(carl, Route::CreateFolder, "", new);
        let new = json!({"person": to, "role": "editor"});
        self.gets(carl, Route::Give, made.item.id, new)
    }

    pub fn mount(&self, grant: GrantId, parent: Option<ItemId>) -> NewMount {
        NewMount {
            operation_id: operation_id(),
            id: item_id(),
            grant,
            parent,
            name: name(&self.name()),
        }
    }

    pub fn mounts(
        &self,
        by: (char, Option<ItemId>),
        grant: GrantId,
        parent: Option<ItemId>,
    ) -> Item {
        let new = json!(self.mount(grant, parent));
        let made: ItemChanged = self.gets(by, Route::CreateMount, "", new);
        made.item
    }
}

#[test]
fn only_its_two_people_know_a_grant() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let file = drive.file(Some(folder));
    let grant = drive.shares(folder, "viewer");
    assert_eq!(
        (&*grant.owner.user_name, &*grant.person.user_name),
        ("ann", "bob")
    );
    // It is one of the file, too, and both find it.
    let of_file: ItemGrants = drive.gets((ANNS, None), Route::ItemGrants, file.id, Json::Null);
    assert_eq!(of_file.grants, std::slice::from_ref(&grant));
    let own: Grants = drive.gets((ANNS, None), Route::Grants, "", Json::Null);
    assert!(own.by_me.contains(&grant) && !own.with_me.contains(&grant));
    let bobs: Grants = drive.gets((BROWSER, None), Route::Grants, "", Json::Null);
    assert!(bobs.with_me.contains(&grant) && !bobs.by_me.contains(&grant));
    let carls: Grants = drive.gets((CARLS, None), Route::Grants, "", Json::Null);
    let told = serde_json::to_string(&carls).unwrap();
    assert!(!told.contains(&grant.id.to_string()), "{told}");
    // Nobody else does anything with it, nor does bob make more of it.
    let more = json!({"role": "editor"});
    for digit in [CARLS, BROWSER] {
        let changed = drive.asks((digit, None), Route::ChangeGrant, grant.id, more.clone());
        drive.is_refused(changed, NO_GRANT);
    }
    let taken = drive.asks((CARLS, None), Route::TakeBack, grant.id, Json::Null);
    drive.is_refused(taken, NO_GRANT);
    let of_file = drive.asks((BROWSER, None), Route::ItemGrants, file.id, Json::Null);
    drive.is_refused(of_file, NO_ITEM);
    // Given again, it is the same one; ann changes it, and bob gives it up.
    let bobs = (BROWSER, Some(folder));
    let again = drive.shares(folder, "editor");
    assert_eq!((again.id, again.role), (grant.id, Role::Editor));
    let ending = json!({"ends_at_ms": THEN + 1});
    let changed: Grant = drive.gets((ANNS, None), Route::ChangeGrant, grant.id, ending);
    assert_eq!(
        (changed.role, changed.ends_at_ms),
        (Role::Editor, Some(THEN + 1))
    );
    let endless = json!({"ends_at_ms": null});
    let changed: Grant = drive.gets((ANNS, None), Route::ChangeGrant, grant.id, endless);
    assert_eq!(changed, again);
    let seen: Item = drive.gets(bobs, Route::Item, file.id, Json::Null);
    assert_eq!(seen.id, file.id);
    drive
        .asks((BROWSER, None), Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    drive.is_refused(drive.asks(bobs, Route::Item, file.id, Json::Null), NO_ITEM);
    let again = drive.asks((BROWSER, None), Route::TakeBack, grant.id, Json::Null);
    drive.is_refused(again, NO_GRANT);
    let own: Grants = drive.gets((ANNS, None), Route::Grants, "", Json::Null);
    assert!(!own.by_me.contains(&grant));
}

#[test]
fn a_file_that_is_shared_may_be_changed_where_it_stands() {
    let drive = Drive::new();
    let (file, conflict) = drive.conflict(Some(drive.folder(None)));
    drive.shares(file.id, "editor");
    let bob = (BROWSER, Some(file.id));
    let next = json!(commit_of(2, b""));
    let changed: ItemChanged = drive.gets(bob, Route::Commit, file.id, next);
    assert_eq!((changed.item.parent, changed.item.version()), (None, 3));
    let seen: Item = drive.gets(bob, Route::Item, file.id, Json::Null);
    assert_eq!(seen.parent, None);
    let to = json!(change_place(&file, None, "mine"));
    drive.is_refused(drive.asks(bob, Route::ChangePlace, file.id, to), ONE_FOLDER);
    let bin = json!(change_trashed(&file));
    drive.is_refused(drive.asks(bob, Route::Trash, file.id, bin), ONE_FOLDER);
    let both = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    let both = json!(resolve(3, both));
    drive.is_refused(drive.asks(bob, Route::Resolve, conflict, both), ONE_FOLDER);
    let beside = json!(new_file(None, "beside", Some(manifest(b""))));
    drive.is_refused(drive.asks(bob, Route::CreateFile, "", beside), ONE_FOLDER);
    // A choice of the owner's that made a copy beside it is not taken back either.
    let both = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    let server = &drive.world.server;
    server
        .resolve(&drive.ann, THEN, conflict, resolve(3, both))
        .unwrap();
    let opened = drive.asks(bob, Route::Reopen, conflict, json!(reopen(3)));
    drive.is_refused(opened, ONE_FOLDER);
}

#[test]
fn whoever_may_only_look_is_told_so_when_they_change_something() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let grant = drive.shares(folder, "viewer");
    let bob = (BROWSER, Some(folder));
    let new = || json!(new_folder(Some(folder), &drive.name()));
    let made = drive.asks(bob, Route::CreateFolder, "", new());
    drive.is_refused(made, READS_ONLY);
    let more = json!({"role": "editor"});
    let _: Grant = drive.gets((ANNS, None), Route::ChangeGrant, grant.id, more);
    let _: ItemChanged = drive.gets(bob, Route::CreateFolder, "", new());
    // Who has done it is bob, in ann's space.
    let done = drive.world.server.newest(&drive.ann).unwrap().1.unwrap();
    assert_eq!(done.by.map(|by| by.user_name), Some("bob".to_owned()));
}

#[test]
fn the_feed_and_the_poll_of_a_share_tell_of_it_and_of_nothing_around_it() {
    let drive = Drive::new();
    let above = drive.folder(None);
    let (folder, outside) = (drive.folder(Some(above)), drive.folder(Some(above)));
    let file = drive.file(Some(folder));
    drive.shares(folder, "viewer");
    let bob = (BROWSER, Some(folder));
    let asks = |route, since: Option<&str>| {
        let mut request = drive.request(BROWSER, route, "", Vec::new());
        request.query = vec![(ROOT, folder.to_string())];
        let since = since.map(|since| ("since_token", since.to_owned()));
        request.query.extend(since);
        match ask(&drive.world, &request).unwrap() {
            Given::Text(text) => text,
            Given::Each(_) => panic!("one answer"),
        }
    };
    let pull = |since: Option<&str>| -> ChangePage {
        serde_json::from_str(&asks(Route::Changes, since)).unwrap()
    };
    let poll = |since: &str| -> Option<Event> {
        let told = asks(Route::Poll, Some(since));
        (!told.is_empty()).then(|| serde_json::from_str(&told).unwrap())
    };
    let listed = pull(None);
    assert!(listed.reset && !listed.has_more);
    let parents = listed.changes.iter().map(|change| match change {
        Change::Item { item } => (item.id, item.parent),
        other => panic!("{other:?}"),
    });
    let mut parents: Vec<_> = parents.collect();
    parents.sort_unstable();
    let mut expected = vec![(folder, None), (file.id, Some(folder))];
    expected.sort_unstable();
    assert_eq!(parents, expected);
    // What happens around it is no news.
    let other = drive.file(Some(outside));
    assert_eq!(poll(&listed.next_token), None);
    let nothing = pull(Some(&listed.next_token));
    assert!(nothing.changes.is_empty() && !nothing.reset, "{nothing:?}");
    // What comes and goes is, and whoever has the folder is not told what it is called
    // elsewhere.
    drive.moves(other.id, Some(folder));
    let event = poll(&nothing.next_token).expect("news");
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::FileMove, other.id)
    );
    let more = pull(Some(&nothing.next_token));
    assert!(more.reset && more.changes.len() == 3, "{more:?}");
    let inside = event.name;
    drive.moves(other.id, Some(outside));
    let event = poll(&more.next_token).expect("news");
    assert_eq!((event.file_id, event.name), (other.id, inside));
    let less = pull(Some(&more.next_token));
    assert!(less.reset && less.changes.len() == 2, "{less:?}");
    // And once it is in the trash there is none of it.
    drive.trash(above);
    drive.is_refused(drive.asks(bob, Route::Changes, "", Json::Null), NO_ITEM);
    drive.is_refused(drive.asks(bob, Route::Poll, "", Json::Null), NO_ITEM);
}

/// One more statement for each poll would be one for each change that somebody hears of.
#[test]
fn until_when_a_share_lasts_is_asked_by_a_poll_that_waits_and_by_no_other() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    drive.shares(folder, "viewer");
    let listed: ChangePage = drive.gets((BROWSER, Some(folder)), Route::Changes, "", Json::Null);
    let looks = || {
        let mut request = drive.request(BROWSER, Route::Poll, "", Vec::new());
        request.query = vec![
            (ROOT, folder.to_string()),
            ("since_token", listed.next_token.clone()),
        ];
        let db = &drive.world.server.db;
        db.measure();
        let told = ask(&drive.world, &request).unwrap();
        let measured = db.measured();
        let is_news = matches!(told, Given::Text(text) if !text.is_empty());
        (is_news, measured.get(HELD).map_or(0, |work| work.times))
    };
    let (is_news, waiting) = looks();
    assert!(!is_news);
    drive.file(Some(folder));
    let (is_news, at_hand) = looks();
    assert!(is_news);
    // The one asks it at the door and before it waits, the other at the door and with what
    // it is told.
    assert_eq!((waiting, at_hand), (2, 2));
}

#[test]
fn what_was_done_in_a_share_is_told_by_the_names_that_it_had_there() {
    let drive = Drive::new();
    let (server, ann) = (&drive.world.server, &drive.ann);
    let named = |parent, name: &str, at| {
        let made = server.create_folder(ann, at, new_folder(parent, name));
        made.unwrap().item
    };
    let place = |item: &Item, parent, name: &str| {
        let item = server.item(ann, item.id).unwrap();
        let to = change_place(&item, parent, name);
        server.change_place(ann, THEN, item.id, to).unwrap()
    };
    let before = THEN - 1;
    let outside = named(None, "secret outside", before);
    let root = named(Some(outside.id), "secret before", before);
    let to = change_place(&root, Some(outside.id), "Plans");
    let root = server.change_place(ann, before, root.id, to).unwrap().item;
    drive.shares(root.id, "editor");
    // What happens inside; what comes in and leaves, and is called otherwise elsewhere.
    let inner = named(Some(root.id), "inner", THEN);
    let comes = named(Some(outside.id), "secret to come", THEN);
    place(&comes, Some(inner.id), "come");
    let leaves = named(Some(inner.id), "leaves", THEN);
    place(&leaves, Some(outside.id), "secret left");
    place(&leaves, Some(outside.id), "secret later");
    named(Some(outside.id), "secret beside", THEN);
    place(&root, None, "Plans");
    // And bob does something himself.
    let bob = (BROWSER, Some(root.id));
    let mine = json!(new_folder(Some(root.id), "mine"));
    let _: ItemChanged = drive.gets(bob, Route::CreateFolder, "", mine);
    let given = json!({"person": "carl", "role": "viewer"});
    let _: Grant = drive.gets((ANNS, None), Route::Give, inner.id, given);
    let asks = |query: &[(&'static str, String)]| {
        let mut request = drive.request(BROWSER, Route::Activity, "", Vec::new());
        request.query = vec![(ROOT, root.id.to_string())];
        request.query.extend(query.iter().cloned());
        match ask(&drive.world, &request).unwrap() {
            Given::Text(text) => text,
            Given::Each(_) => panic!("one answer"),
        }
    };
    let everything = asks(&[]);
    for hidden in ["secret", "carl", &outside.id.to_string()] {
        assert!(!everything.contains(hidden), "{hidden} in {everything}");
    }
    let names = |text: &str| {
        let told: Activity = serde_json::from_str(text).unwrap();
        let names = told.entries.into_iter().map(|done| done.event.name);
        names.map(Option::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&everything),
        ["mine", "leaves", "leaves", "come", "inner"]
    );
    assert_eq!(names(&asks(&[("by", "me".into())])), ["mine"]);
    let moves = asks(&[("kind", "file_move".into())]);
    assert_eq!(names(&moves), ["leaves", "come"]);
    let of = |item: ItemId| names(&asks(&[("item", item.to_string())]));
    assert_eq!(of(inner.id), ["leaves", "leaves", "come", "inner"]);
    assert!(of(outside.id).is_empty());
    for limit in ["1", "2"] {
        let first = asks(&[("limit", limit.into())]);
        assert_eq!(names(&first)[0], "mine");
    }
    // In the trash, it is not theirs.
    drive.trash(root.id);
    let refused = drive.asks(bob, Route::Activity, "", Json::Null);
    drive.is_refused(refused, NO_ITEM);
}

#[test]
fn what_others_did_is_news_until_it_is_seen_on_any_device() {
    let drive = Drive::new();
    let (root, outside) = (drive.folder(None), drive.folder(None));
    let news = |digit| -> News { drive.gets((digit, None), Route::News, "", Json::Null) };
    let sees = |digit, up_to: u64| {
        let seen = json!({"up_to_ms": up_to});
        drive.asks((digit, None), Route::SeeNews, "", seen).unwrap();
    };
    sees(BROWSER, THEN);
    sees(ANNS, THEN);
    assert_eq!((news(BROWSER).unseen, news(ANNS).unseen), (0, 0));
    // Later than all of that.
    let later = |item: Option<ItemId>, name: &str, by: &Device| {
        let new = new_folder(item, name);
        drive.world.server.create_folder(by, THEN + 1, new).unwrap();
    };
    drive.shares(root, "editor");
    later(Some(root), "for bob", &drive.ann);
    later(Some(outside), "secret", &drive.ann);
    let told = news(BROWSER);
    assert_eq!(told.unseen, 1, "{told:?}");
    let newest = told.entries.first().unwrap();
    assert_eq!(
        (newest.root, newest.done.event.name.as_deref()),
        (Some(root), Some("for bob"))
    );
    let whole = serde_json::to_string(&told).unwrap();
    assert!(!whole.contains("secret"), "{whole}");
    // That it was shared is told of his own drive.
    let shared = told.entries.iter().find(|one| one.root.is_none());
    let kind = shared.map(|one| one.done.event.event_type);
    assert_eq!(kind, Some(EventType::ShareGranted));
    // What bob does is news to ann, and not what she has done, with any device.
    let bob = Device {
        user: drive.world.bob.user,
        user_name: "bob".into(),
        root: Some(root),
        ..drive.ann.clone()
    };
    later(Some(root), "by bob", &bob);
    let told = news(ANNS);
    let names = told
        .entries
        .iter()
        .map(|one| one.done.event.name.as_deref());
    assert_eq!(names.collect::<Vec<_>>(), [Some("by bob")]);
    assert_eq!((told.unseen, news(BROWSER).unseen), (1, 1));
    // A time to come counts as now, and what was seen stays seen.
    sees(ANNS, u64::from(u32::MAX) * 1_000_000);
    assert_eq!(news(ANNS).seen_up_to_ms, THEN);
    sees(ANNS, 1);
    assert_eq!(news(ANNS).seen_up_to_ms, THEN);
    // What is not shared any more is nobody's news.
    drive.trash(root);
    let told = news(BROWSER);
    assert!(
        told.entries.iter().all(|one| one.root.is_none()),
        "{told:?}"
    );
}

#[test]
fn whoever_is_given_access_hears_of_it_in_their_own_drive() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let pull = |since: &str| -> ChangePage {
        let mut request = drive.request(BROWSER, Route::Changes, "", Vec::new());
        request.query = vec![("since_token", since.to_owned())];
        match ask(&drive.world, &request).unwrap() {
            Given::Text(text) => serde_json::from_str(&text).unwrap(),
            Given::Each(_) => panic!("one answer"),
        }
    };
    let before = pull(&drive.world.bob.cursor);
    let grant = drive.shares(folder, "viewer");
    let page = pull(&before.next_token);
    assert_eq!(page.changes, [Change::Shared]);
    let bob = Device {
        space: drive.world.bob.space,
        ..drive.ann.clone()
    };
    let newest = || drive.world.server.newest(&bob).unwrap().1.unwrap();
    let event = newest();
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::ShareGranted, folder)
    );
    assert_eq!(event.by.map(|by| by.user_name), Some("ann".to_owned()));
    // The same again is no news; the end is.
    drive.shares(folder, "viewer");
    assert!(pull(&page.next_token).changes.is_empty());
    drive
        .asks((ANNS, None), Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    assert_eq!(newest().event_type, EventType::ShareRevoked);
    assert_eq!(pull(&page.next_token).changes, [Change::Shared]);
}

#[test]
fn what_gave_access_to_an_item_is_forgotten_with_it_and_whoever_had_it_is_told() {
    let drive = Drive::new();
    let (folder, kept) = (drive.folder(None), drive.folder(None));
    let inner = drive.folder(Some(folder));
    let ann = (ANNS, None);
    for item in [folder, kept] {
        drive.shares(item, "viewer");
        drive.link(item, json!({"may": "view"}));
    }
    let carls = json!({"person": "carl", "role": "editor"});
    let _: Grant = drive.gets(ann, Route::Give, inner, carls);
    // One that is over already is nothing to tell of.
    let over = drive.shares(inner, "viewer");
    let connection = drive.world.server.db.connection();
    let end = "UPDATE grants SET ends_at = 1 WHERE id = ?1";
    assert_eq!(connection.execute(end, [over.id.to_string()]), Ok(1));
    let rows = |item: ItemId| {
        let count = |table: &str| -> i64 {
            let count = format!("SELECT count(*) FROM {table} WHERE item = ?1");
            let row = connection.query_row(&count, [item.to_string()], |row| row.get(0));
            row.unwrap()
        };
        ["grants", "shares", "links", "link_keys"].map(count)
    };
    assert_eq!([folder, inner].map(rows), [[1; 4], [2, 2, 0, 0]]);
    let news = |digit| -> Vec<(EventType, ItemId)> {
        let told: Activity = drive.gets((digit, None), Route::Activity, "", Json::Null);
        let entries = told.entries.into_iter().map(|done| done.event);
        let of_access = |event: &Event| event.event_type == EventType::ShareRevoked;
        let entries = entries.filter(of_access);
        entries
            .map(|event| (event.event_type, event.file_id))
            .collect()
    };
    assert!(news(BROWSER).is_empty() && news(CARLS).is_empty());
    let trashed = drive.trash(folder);
    let gone = json!({
        "operation_id": operation_id(), "base_place_version": trashed.place_version,
        "with_open_conflicts": true,
    });
    drive.asks(ann, Route::DeleteItem, folder, gone).unwrap();
    assert_eq!([folder, inner].map(rows), [[0; 4]; 2]);
    assert_eq!(rows(kept), [1; 4], "what is not deleted stays");
    assert_eq!(news(BROWSER), [(EventType::ShareRevoked, folder)]);
    assert_eq!(news(CARLS), [(EventType::ShareRevoked, inner)]);
    // So it is when the trash is emptied.
    drive.trash(kept);
    let all = json!({"operation_id": operation_id(), "with_open_conflicts": true});
    drive.asks(ann, Route::EmptyTrash, "", all).unwrap();
    assert_eq!(rows(kept), [0; 4]);
    assert_eq!(news(BROWSER)[0], (EventType::ShareRevoked, kept));
}

#[test]
fn an_item_of_the_same_id_does_not_take_the_place_of_one_that_is_shared() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    drive.shares(folder, "editor");
    // Carl makes a folder of his own of that id, and wants bob to work in it.
    let mut new = new_folder(None, "plans");
    new.id = folder;
    let _: ItemChanged = drive.gets((CARLS, None), Route::CreateFolder, "", json!(new));
    let given = json!({"person": "bob", "role": "editor"});
    let shared = drive.asks((CARLS, None), Route::Give, folder, given);
    drive.is_refused(shared, (409, "id_taken"));
    let seen: Item = drive.gets((BROWSER, Some(folder)), Route::Item, folder, Json::Null);
    assert_eq!(
        seen,
        Item {
            parent: None,
            ..drive.world.server.item(&drive.ann, folder).unwrap()
        }
    );
}

#[test]
fn names_can_be_looked_for_only_so_often() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let look = || {
        let nobody = json!({"person": "nobody", "role": "viewer"});
        drive.asks((ANNS, None), Route::Give, folder, nobody)
    };
    for _ in 0..protocol::limits::MAX_PEOPLE_LOOKED_FOR {
        drive.is_refused(look(), (404, "no_such_person"));
    }
    drive.is_refused(look(), (429, "too_many_requests"));
}

#[test]
fn nobody_is_told_without_end_that_what_they_have_has_changed() {
    let drive = Drive::new();
    let folder = drive.folder(None);
    let grant = drive.shares(folder, "viewer");
    let link = drive.link(folder, json!({"may": "view"}));
    let ann = (ANNS, None);
    let changes = |role: &str| drive.asks(ann, Route::ChangeGrant, grant.id, json!({"role": role}));
    let labels = |label: &str| {
        let body = json!({"label": label});
        drive.asks(ann, Route::ChangeLink, link.id, body)
    };
    for _ in 0..MAX_ACCESS_CHANGES / 4 {
        changes("editor").map(drop).unwrap();
        labels("Bills").map(drop).unwrap();
        changes("viewer").map(drop).unwrap();
        labels("Invoices").map(drop).unwrap();
    }
    for refused in [changes("editor"), labels("Bills")] {
        drive.is_refused(refused, (429, "too_many_requests"));
    }
    // What is given is taken back all the same.
    let bobs: Grants = drive.gets((BROWSER, None), Route::Grants, "", Json::Null);
    assert_eq!(bobs.with_me, std::slice::from_ref(&grant));
    for (route, id) in [
        (Route::TakeBack, grant.id.to_string()),
        (Route::RemoveLink, link.id.to_string()),
    ] {
        drive.asks(ann, route, id, Json::Null).map(drop).unwrap();
    }
    // Whoever changes what is not there is told just that, however often.
    for _ in 0..2 {
        drive.is_refused(changes("editor"), NO_GRANT);
    }
}

/// Ann takes access back while bob commits: whatever is written is written while he may.
#[test]
fn an_ended_grant_stops_a_commit_that_was_decided_on_before() {
    let (mut before, mut refused) = (0, 0);
    let orders = every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let new = new_file(None, "file", None);
        let item = server.create_file(&ann, THEN, new).unwrap().item.id;
        let (bob, grant) = given(&server, &ann, item);
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let author = ann.at(THEN);
        let (committed, taken) = order.run(
            legs.commit(&bob, THEN, item, commit_of(1, b"")),
            grants::take_back(legs.db, &author, grant),
        );
        let (_, taken) = taken.unwrap().news.expect("news");
        match committed {
            Ok(committed) => {
                assert!(committed.seq < taken, "changed after it was taken back");
                before += 1;
            }
            Err(failure) => {
                assert_eq!(failure.into_problem(), Problem::NoSuchItem);
                refused += 1;
            }
        }
    });
    assert!(
        before > 0 && refused > 0,
        "{before} and {refused} of {orders}"
    );
}

/// Bob, with whom ann shares an item, and his grant.
fn given(server: &Server, ann: &Device, item: ItemId) -> (Device, GrantId) {
    let bob = Device {
        user: UserId::from_random([2; 16]),
        user_name: "bob".into(),
        root: Some(item),
        ..ann.clone()
    };
    let wanted = GrantTerms {
        id: GrantId::from_random([3; 16]),
        item,
        person: Person {
            user_id: bob.user,
            user_name: bob.user_name.clone(),
        },
        role: Role::Editor,
        ends_at: None,
    };
    ready(grants::give(&server.db, &ann.at(THEN), &wanted)).unwrap();
    (bob, wanted.id)
}

#[test]
fn what_is_done_after_access_has_ended_is_on_no_page_that_was_under_way() {
    ends_while_bob(async |legs, bob, since| {
        let page = legs.changes(bob, Some(since), None).await?;
        Ok(format!("{page:?}"))
    });
}

#[test]
fn what_is_done_after_access_has_ended_is_told_to_no_poll_that_was_under_way() {
    ends_while_bob(async |legs, bob, since| {
        let start = legs.poll(bob, Some(since)).await?;
        Ok(format!("{start:?}"))
    });
}

/// Ann takes access back and works on, while bob, who was let in, reads.
fn ends_while_bob(reads: impl AsyncFn(&RacingLegs<'_, '_>, &Device, &str) -> Answered<String>) {
    let (mut told, mut refused) = (0, 0);
    every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let new = new_file(None, "file", None);
        let file = server.create_file(&ann, THEN, new).unwrap().item;
        let (bob, grant) = given(&server, &ann, file.id);
        let token = server.changes(&bob, None, None).unwrap().next_token;
        let renamed = change_place(&file, None, "before");
        let file = server.change_place(&ann, THEN, file.id, renamed);
        let file = file.unwrap().item;
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let (author, reach) = (ann.at(THEN), bob.reach());
        let (said, event) = order.run(
            async {
                reach.check_use(legs.db, bob.space, Use::Named).await?;
                reads(&legs, &bob, &token).await
            },
            async {
                grants::take_back(legs.db, &author, grant).await?;
                let renamed = change_place(&file, None, "after");
                legs.change_place(&ann, THEN, file.id, renamed).await
            },
        );
        event.unwrap();
        match said {
            Ok(said) => {
                assert!(said.contains("before") && !said.contains("after"), "{said}");
                told += 1;
            }
            Err(failure) => {
                assert_eq!(failure.into_problem(), Problem::NoSuchItem);
                refused += 1;
            }
        }
    });
    assert!(told > 0 && refused > 0, "{told} and {refused}");
}

/// Ann moves a file out of what bob has, while bob, who was let in, looks at it.
#[test]
fn where_a_file_goes_that_leaves_a_share_is_not_told_to_whoever_looks_at_it() {
    let (mut told, mut refused) = (0, 0);
    every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let folder = new_folder(None, "folder");
        let folder = server.create_folder(&ann, THEN, folder).unwrap().item.id;
        let new = new_file(Some(folder), "inside", None);
        let file = server.create_file(&ann, THEN, new).unwrap().item;
        let (bob, _) = given(&server, &ann, folder);
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let reach = bob.reach();
        let away = change_place(&file, None, "elsewhere");
        let (seen, moved) = order.run(
            async {
                let asked = Use::Item(file.id);
                reach.check_use(legs.db, bob.space, asked).await?;
                legs.item(&bob, file.id).await
            },
            legs.change_place(&ann, THEN, file.id, away),
        );
        moved.unwrap();
        match seen {
            Ok(item) => {
                assert_eq!(item.name.as_str(), "inside");
                told += 1;
            }
            Err(failure) => {
                assert_eq!(failure.into_problem(), Problem::NoSuchItem);
                refused += 1;
            }
        }
    });
    assert!(told > 0 && refused > 0, "{told} and {refused}");
}

#[derive(serde::Deserialize)]
struct Woken {
    user: UserId,
}

impl Drive {
    /// Whom a statement of the Notification Service finds for items of ann's.
    fn woken(&self, sql: &'static str, items: &[ItemId], now: u64) -> BTreeSet<UserId> {
        let items: Vec<_> = items.iter().map(|item| (self.ann.space, *item)).collect();
        let asked = Statement::new(sql)
            .bind(serde_json::to_string(&items).unwrap())
            .bind(now);
        let rows = ready(self.world.server.db.run(asked)).unwrap();
        let users = rows.all::<Woken>().unwrap().into_iter().map(|row| row.user);
        users.collect()
    }
}

/// Whoever has a folder waits for news of it, also while what is around it goes away.
#[test]
fn whoever_has_what_is_in_a_folder_is_woken_when_that_goes_into_the_trash_or_comes_back() {
    let drive = Drive::new();
    let around = drive.folder(None);
    let (folder, outside) = (drive.folder(Some(around)), drive.folder(None));
    let inner = drive.folder(Some(folder));
    let file = drive.file(Some(around));
    drive.shares(inner, "viewer");
    let ending = json!({"person": "carl", "role": "editor", "ends_at_ms": THEN + 1});
    let _: Grant = drive.gets((ANNS, None), Route::Give, folder, ending);
    let (bob, carl) = (drive.world.bob.user, drive.world.carl);
    let db = &drive.world.server.db;
    let told = |item: ItemId, change: PlaceChange| {
        let author = drive.ann.at(THEN);
        let changed = ready(places::change_item(db, &author, item, change));
        let news = changed.unwrap().news.expect("news");
        let below: Vec<ItemId> = news.below.into_iter().collect();
        drive.woken(WITH_ACCESS_BELOW, &below, THEN)
    };
    let now = |item| drive.world.server.item(&drive.ann, item).unwrap();
    let bin = |item| PlaceChange::Trash(change_trashed(&now(item)));
    let back = |item| PlaceChange::Restore(change_trashed(&now(item)));
    assert_eq!(told(around, bin(around)), [bob, carl].into());
    assert_eq!(told(around, back(around)), [bob, carl].into());
    assert_eq!(told(inner, bin(inner)), [bob].into());
    assert_eq!(told(inner, back(inner)), [bob].into());
    // Of nothing else that is done to it, or beside it.
    let renamed = change_place(&now(around), None, "renamed");
    assert!(told(around, PlaceChange::Move(renamed)).is_empty());
    assert!(told(outside, bin(outside)).is_empty());
    assert!(told(file.id, bin(file.id)).is_empty());
    let later = drive.woken(WITH_ACCESS_BELOW, &[around], THEN + 1);
    assert_eq!(later, [bob].into(), "carl's has ended");
}

/// A folder may have any number of items, and a space a thousand grants.
#[test]
fn finding_who_has_what_is_in_a_folder_is_as_much_work_as_there_are_grants() {
    let drive = Drive::new();
    let around = drive.folder(None);
    let work = |sql| {
        let db = &drive.world.server.db;
        db.measure();
        drive.woken(sql, &[around], THEN);
        db.measured()[sql].steps
    };
    let steps = || work(WITH_ACCESS_BELOW);
    let shares = |count: usize| {
        for _ in 0..count {
            drive.shares(drive.folder(Some(around)), "viewer");
        }
        steps()
    };
    let (few, many) = (shares(20), shares(60));
    assert!(many < few * 5, "{few} steps, then {many}");
    for _ in 0..100 {
        drive.file(Some(around));
    }
    assert_eq!(steps(), many);
    // And of an item, as there are of what it is in.
    let before = work(WITH_ACCESS);
    shares(20);
    assert_eq!(work(WITH_ACCESS), before);
}

/// The statement of the Notification Service.
#[test]
fn whoever_has_access_is_woken_for_what_is_in_it_and_for_nothing_else() {
    let drive = Drive::new();
    let (folder, outside) = (drive.folder(None), drive.folder(None));
    let inner = drive.folder(Some(folder));
    let file = drive.file(Some(inner)).id;
    let (bob, carl) = (drive.world.bob.user, drive.world.carl);
    let woken = |items: &[ItemId], now: u64| drive.woken(WITH_ACCESS, items, now);
    assert!(woken(&[folder, inner, file, outside], THEN).is_empty());
    let grant = drive.shares(folder, "viewer");
    let ending = json!({"person": "carl", "role": "editor", "ends_at_ms": THEN + 1});
    let _: Grant = drive.gets((ANNS, None), Route::Give, inner, ending);
    assert!(woken(&[outside], THEN).is_empty());
    assert_eq!(woken(&[folder, outside], THEN), [bob].into());
    assert_eq!(woken(&[file], THEN), [bob, carl].into());
    assert_eq!(woken(&[file], THEN + 1), [bob].into(), "carl's has ended");
    drive.trash(folder);
    let told = woken(&[folder], THEN + 1);
    assert_eq!(told, [bob].into(), "he learns that it is gone");
    drive
        .asks((ANNS, None), Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    assert!(woken(&[file], THEN + 1).is_empty());
}

#[test]
fn that_nobody_is_signed_in_is_no_error_where_it_is_asked() {
    let drive = Drive::new();
    let asks = |digit: Option<char>, nobody: Option<&str>| {
        let mut request = drive.request(digit.unwrap_or(ANNS), Route::Me, "", Vec::new());
        request.cookie = request.cookie.filter(|_| digit.is_some());
        let nobody = nobody.map(|nobody| (NOBODY, nobody.to_owned()));
        request.query = nobody.into_iter().collect();
        reply(&drive.world, &request, THEN)
    };
    let nobody = asks(None, Some("1"));
    assert_eq!((nobody.status, nobody.body.len()), (204, 0));
    // A page of an earlier release does not ask so.
    assert_eq!(asks(None, None).status, 401);
    assert_eq!(asks(None, Some("0")).status, 401);
    // Whoever is signed in is told who they are, and whose session has ended that it has.
    assert_eq!(asks(Some(ANNS), Some("1")).status, 200);
    assert_eq!(asks(Some('f'), Some("1")).status, 401);
}
