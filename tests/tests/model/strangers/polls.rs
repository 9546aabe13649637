//! One poll for several drives: what it is told of in each order of calls, what it takes of
//! the database, and that it tells nobody of what a poll of one would not tell them.
//!
//! Bob has two folders of ann's and waits for them and for his own drive. The hub is the
//! Notification Service's own table.

use super::attempt::{BAD_REQUEST, Code};
use super::shared::Drive;
use super::world::{ANNS, BOBS_FOLDER, BROWSER, TOKEN, World};
use crate::accounts::people::SECRET;
use crate::stage::{InTurns, THEN};
use driftless_core::error::Failure;
use driftless_core::http::answer::Body;
use driftless_core::http::call::Call;
use driftless_core::http::router;
use driftless_core::http::runtime::Runtime;
use driftless_core::ports::{Database, DbError, Rows, Statement};
use driftless_core::services::Services;
use driftless_core::writes::grants::{self, GrantTerms};
use driftless_notify::waiters::{Outcome, SeatBounds, Waiters};
use driftless_tests::drive::new_folder;
use driftless_tests::model::http::Request;
use driftless_tests::model::legs::Device;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::ready::{ready, step};
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::model::turns::turn;
use driftless_tests::random::id_bytes;
use futures_channel::oneshot;
use protocol::changes::SINCE_TOKEN;
use protocol::cursor::Cursor;
use protocol::grants::{Person, ROOT, Role};
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis};
use protocol::limits::MAX_POLL_SECONDS;
use protocol::notifications::{Drop, Event, EventType, JournalGrew, Park, PollEvent};
use protocol::positions::{Position, Positions};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::{Value as Json, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

const BAD_CURSOR: Code = (400, "bad_cursor");
const ONE_FOLDER: Code = (403, "one_folder");

/// So often a poll is looked after before its time is up.
const PATIENCE: u32 = 1;

/// A server whose polls wait in a hub.
struct Desk<'a> {
    world: &'a World,
    now: Cell<UnixMillis>,
    hub: RefCell<Waiters<oneshot::Sender<PollEvent>>>,
    /// What the Notification Service answers next, whatever it is asked.
    says: RefCell<VecDeque<Option<PollEvent>>>,
    parked: RefCell<Vec<Park>>,
    /// Calls to the databases.
    calls: Cell<u32>,
    /// Whether all that happens has happened.
    is_done: Cell<bool>,
    /// Whether a poll's time was up after that.
    slept: Cell<bool>,
}

impl<'a> Desk<'a> {
    fn of(world: &'a World) -> Self {
        let bounds = SeatBounds {
            per_user: 9,
            per_hub: 9,
        };
        Self {
            world,
            now: Cell::new(THEN),
            hub: RefCell::new(Waiters::new(bounds)),
            says: RefCell::default(),
            parked: RefCell::default(),
            calls: Cell::new(0),
            is_done: Cell::new(false),
            slept: Cell::new(false),
        }
    }

    async fn poll(&self, request: Request) -> Result<Option<PollEvent>, Problem> {
        let mut call = Call::new(Asked {
            desk: self,
            request,
        });
        let answered = router::answer(&mut call).await;
        let response = answered.map_err(Failure::into_problem)?;
        match response.body {
            Body::Empty => Ok(None),
            Body::Bytes(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap())),
            _ => panic!("another answer than a poll's"),
        }
    }

    /// Polls where nothing happens meanwhile, and counts the calls to the databases.
    fn told(&self, request: Request) -> (Result<Option<PollEvent>, Problem>, u32) {
        self.calls.set(0);
        let mut poll = pin!(self.poll(request));
        let told = loop {
            if let Some(told) = step(poll.as_mut()) {
                break told;
            }
        };
        (told, self.calls.get())
    }

    /// The queue delivers a message about ann's journal, or about bob's.
    fn delivers(&self, space: SpaceId, seq: u64) {
        let event = Event {
            event_type: EventType::FileCreate,
            file_id: ItemId::from_random([0; 16]),
            timestamp: THEN,
            name: Some("what the queue says".to_owned()),
            by: None,
        };
        let news = JournalGrew {
            space,
            owner: None,
            seq,
            event: event.clone(),
            about: Vec::new(),
            below: Vec::new(),
            also: Vec::new(),
        };
        let bob = self.world.bob.user;
        for handle in self.hub.borrow_mut().wake(bob, &news, THEN) {
            let _ = handle.send(PollEvent::of_space(space, event.clone()));
        }
        self.is_done.set(true);
    }
}

struct Asked<'a> {
    desk: &'a Desk<'a>,
    request: Request,
}

/// A database that counts, one call a turn.
struct Counting<'a>(&'a Sqlite, &'a Cell<u32>);

impl Database for Counting<'_> {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DbError> {
        turn().await;
        self.1.set(self.1.get() + 1);
        self.0.batch(statements).await
    }
}

impl<'a> Services for Asked<'a> {
    type Db = Counting<'a>;
    type Packs = &'a MemoryPacks;

    fn directory(&self) -> Result<Counting<'a>, Failure> {
        Ok(Counting(&self.desk.world.server.db, &self.desk.calls))
    }

    fn database_of(&self, _: SpaceId) -> Result<Counting<'a>, Failure> {
        self.directory()
    }

    fn space_databases(&self) -> Result<Vec<Counting<'a>>, Failure> {
        Ok(vec![self.directory()?])
    }

    fn packs(&self) -> Result<&'a MemoryPacks, Failure> {
        Ok(&self.desk.world.server.packs)
    }

    fn announce(&self, _: JournalGrew) {}
}

impl Runtime for Asked<'_> {
    fn method(&self) -> String {
        self.request.method.clone()
    }

    fn path(&self) -> &str {
        &self.request.path
    }

    fn origin(&self) -> String {
        "https://drive.example".to_owned()
    }

    fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut headers = self.request.headers.iter();
        let found = headers.find(|(other, _)| *other == name);
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn parameters(&self, name: &str) -> Vec<String> {
        let query = self.request.query.iter();
        let values = query.filter(|(other, _)| *other == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    fn has_body(&self) -> bool {
        false
    }

    async fn body(&mut self, _: usize) -> Result<Vec<u8>, Failure> {
        Ok(Vec::new())
    }

    fn now(&self) -> UnixMillis {
        self.desk.now.get()
    }

    fn setting(&self, name: &str) -> Option<String> {
        (name == "SIGN_IN_SECRET").then(|| SECRET.to_owned())
    }

    async fn is_within_rate(&self, _: String) -> Result<bool, Failure> {
        Ok(true)
    }

    fn regroup_later(&self, _: SpaceId, _: ItemId) {}

    async fn park(&self, poll: &Park) -> Result<Option<PollEvent>, Failure> {
        let desk = self.desk;
        // It is on its way.
        turn().await;
        desk.parked.borrow_mut().push(poll.clone());
        if let Some(told) = desk.says.borrow_mut().pop_front() {
            return Ok(told);
        }
        let (handle, mut woken) = oneshot::channel();
        match desk.hub.borrow_mut().park(poll, handle) {
            Outcome::Answered(news) => return Ok(Some(news)),
            Outcome::Parked(_) => {}
            refused => panic!("{refused:?}"),
        }
        let mut left = PATIENCE;
        Ok(poll_fn(|_| match woken.try_recv() {
            Ok(Some(news)) => Poll::Ready(Some(news)),
            _ if left == 0 => {
                desk.slept.set(desk.is_done.get());
                Poll::Ready(None)
            }
            _ => {
                left -= 1;
                Poll::Pending
            }
        })
        .await)
    }

    fn end_poll(&self, _: &Drop) -> Result<(), Failure> {
        Ok(())
    }
}

/// Bob, who has two folders of ann's.
struct Bob {
    drive: Drive,
    one: ItemId,
    two: ItemId,
}

impl Bob {
    fn new() -> Self {
        let drive = Drive::new();
        let (one, two) = (drive.folder(None), drive.folder(None));
        drive.shares(one, "viewer");
        drive.shares(two, "editor");
        Self { drive, one, two }
    }

    /// All of a drive is seen by now.
    fn seen(&self, root: Option<ItemId>) -> Position {
        let who = match root {
            Some(_) => self.drive.ann.clone(),
            None => self.himself(),
        };
        let cursor = Cursor {
            space: who.space,
            seq: self.drive.world.server.newest(&who).unwrap().0,
            listed_to: None,
        };
        let cursor = cursor.to_string();
        Position { root, cursor }
    }

    fn all(&self) -> Vec<Position> {
        let roots = [None, Some(self.one), Some(self.two)];
        roots.map(|root| self.seen(root)).to_vec()
    }

    fn token(&self, by: char, token: &str) -> Request {
        let mut request = self.drive.request(by, Route::Poll, "", Vec::new());
        request.query = vec![(SINCE_TOKEN, token.to_owned())];
        request.as_sent()
    }

    fn request(&self, all: &[Position]) -> Request {
        let token = Positions::new(all.to_vec()).unwrap().to_string();
        self.token(BROWSER, &token)
    }

    fn desk(&self) -> Desk<'_> {
        Desk::of(&self.drive.world)
    }

    /// Ann gives him access once more, past the bound on how often she does.
    fn given(&self, item: ItemId) -> GrantId {
        let terms = GrantTerms {
            id: GrantId::from_random(id_bytes()),
            item,
            person: Person {
                user_id: self.drive.world.bob.user,
                user_name: "bob".to_owned(),
            },
            role: Role::Viewer,
            ends_at: None,
        };
        let (db, author) = (&self.drive.world.server.db, self.drive.ann.at(THEN));
        ready(grants::give(db, &author, &terms)).unwrap();
        terms.id
    }

    fn himself(&self) -> Device {
        let bob = &self.drive.world.bob;
        Device {
            space: bob.space,
            id: bob.device,
            user: bob.user,
            user_name: "bob".to_owned(),
            ..self.drive.ann.clone()
        }
    }
}

/// Whose news it is, if it is some.
fn root_of(told: Result<Option<PollEvent>, Problem>) -> Option<Option<ItemId>> {
    told.expect("no refusal").map(|told| told.root)
}

/// Whatever happens while he polls, it is told once it is delivered, of the drive that it
/// is in, and nothing is told of what is elsewhere.
#[test]
fn in_each_order_of_calls_news_of_each_drive_is_told_and_news_from_elsewhere_is_not() {
    let bob = Bob::new();
    let (ann, himself) = (bob.drive.ann.clone(), bob.himself());
    let elsewhere = bob.drive.folder(None);
    let server = &bob.drive.world.server;
    for (who, folder, expected) in [
        (&himself, None, Some(None)),
        (&ann, Some(bob.one), Some(Some(bob.one))),
        (&ann, Some(bob.two), Some(Some(bob.two))),
        (&ann, Some(elsewhere), None),
    ] {
        let (mut at_once, mut later) = (0, 0);
        let orders = every_order(|order| {
            let (desk, all) = (bob.desk(), bob.all());
            let in_turns = InTurns::of(server);
            let legs = in_turns.legs();
            let new = new_folder(folder, &bob.drive.name());
            let (told, made) = order.run(desk.poll(bob.request(&all)), async {
                let made = legs.create_folder(who, THEN, new).await?;
                turn().await;
                desk.delivers(who.space, made.seq);
                Ok::<_, Failure>(())
            });
            made.unwrap();
            match root_of(told) {
                Some(root) => {
                    assert_eq!(Some(root), expected);
                    at_once += 1;
                }
                None => {
                    assert!(!desk.slept.get() || expected.is_none(), "it slept");
                    let (told, _) = desk.told(bob.request(&all));
                    assert_eq!(root_of(told), expected);
                    later += 1;
                }
            }
        });
        assert!(orders > 10, "{orders}");
        assert_eq!(at_once > 0, expected.is_some(), "{at_once} of {orders}");
        assert!(later > 0);
    }
}

/// A share that ends is news of it, and of nothing else.
#[test]
fn in_each_order_of_calls_a_share_that_ends_is_news_of_it_and_the_others_wait_on() {
    let bob = Bob::new();
    let server = &bob.drive.world.server;
    let (ann, third) = (bob.drive.ann.clone(), bob.drive.folder(None));
    let (mut told_at_once, mut told_later) = (0, 0);
    every_order(|order| {
        let grant = bob.given(third);
        let (desk, mut all) = (bob.desk(), bob.all());
        all.push(bob.seen(Some(third)));
        let in_turns = InTurns::of(server);
        let legs = in_turns.legs();
        let author = ann.at(THEN);
        let (told, taken) = order.run(desk.poll(bob.request(&all)), async {
            grants::take_back(legs.db, &author, grant).await?;
            turn().await;
            desk.delivers(ann.space, server.newest(&ann)?.0);
            Ok::<_, Failure>(())
        });
        taken.unwrap();
        match told.expect("no refusal") {
            Some(told) => {
                assert_eq!((told.root, told.event.file_id), (Some(third), third));
                assert_eq!((told.event.name, told.event.by), (None, None));
                told_at_once += 1;
            }
            None => {
                assert!(!desk.slept.get(), "it slept");
                assert_eq!(root_of(desk.told(bob.request(&all)).0), Some(Some(third)));
                told_later += 1;
            }
        }
        // His own journal tells of it, too; without both there is nothing.
        let rest = [bob.seen(None), all[1].clone(), all[2].clone()];
        assert_eq!(root_of(desk.told(bob.request(&rest)).0), None);
    });
    assert!(told_at_once > 0 && told_later > 0);
}

/// One call lets him in, and one looks at each space. A part that the journal has gone on
/// since takes one more, as by itself.
#[test]
fn a_poll_of_several_drives_takes_fewer_calls_of_the_database_than_one_of_each() {
    let bob = Bob::new();
    let (desk, all) = (bob.desk(), bob.all());
    let calls = |request: Request| {
        let (told, calls) = desk.told(request);
        assert_eq!(told, Ok(None));
        calls
    };
    let alone = |root: Option<ItemId>, cursor: &str| {
        let mut request = bob.token(BROWSER, cursor);
        request
            .query
            .extend(root.map(|root| (ROOT, root.to_string())));
        calls(request)
    };
    let each: Vec<u32> = all.iter().map(|one| alone(one.root, &one.cursor)).collect();
    assert_eq!(each, [2, 4, 4]);
    assert_eq!(calls(bob.request(&all)), 3);
    assert_eq!(calls(bob.request(&all[1..])), 2);
    assert_eq!(calls(bob.request(&all[1..2])), 2);
    // Ann works elsewhere.
    bob.drive.folder(None);
    assert_eq!(alone(all[1].root, &all[1].cursor), 5);
    assert_eq!(calls(bob.request(&all)), 5);
    let parks = desk.parked.borrow();
    let last = parks.last().unwrap();
    assert_eq!(last.awaited().count(), 3);
    assert_eq!(last.asked_at, Some(THEN));
    let roots: Vec<_> = last.awaited().map(|one| one.root).collect();
    assert_eq!(roots, [None, Some(bob.one), Some(bob.two)]);
}

/// Whether there is such an item at all is not to be told from the answer.
#[test]
fn what_is_not_shared_is_a_reason_to_pull_and_nothing_more() {
    let bob = Bob::new();
    let (desk, own) = (bob.desk(), bob.seen(None));
    let ann = &bob.drive.world.ann;
    let head = bob.drive.world.server.newest(&bob.drive.ann).unwrap().0;
    let seen = |space, seq| {
        let cursor = Cursor {
            space,
            seq,
            listed_to: None,
        };
        cursor.to_string()
    };
    let nowhere = ItemId::from_random([77; 16]);
    let carls = bob.drive.given("ann", "carl's").item;
    for (root, cursor) in [
        (ann.folder, seen(ann.space, head)),
        (ann.file, seen(ann.space, 0)),
        (carls, seen(ann.space, head)),
        (nowhere, seen(ann.space, head)),
        (nowhere, seen(SpaceId::from_random([78; 16]), 1)),
        // Shared, and not in that space.
        (bob.one, seen(bob.drive.world.bob.space, 1)),
        (bob.one, "garbage".to_owned()),
        (bob.drive.world.bob.folder, own.cursor.clone()),
    ] {
        let one = Position {
            root: Some(root),
            cursor,
        };
        let (told, _) = desk.told(bob.request(&[own.clone(), one]));
        let told = told.unwrap().expect("a reason to pull");
        let Event {
            event_type,
            file_id,
            name,
            by,
            ..
        } = told.event;
        assert_eq!((told.root, file_id), (Some(root), root));
        assert_eq!((event_type, name, by), (EventType::FileUpdate, None, None));
    }
    // So it is where the own cursor is none.
    let one = Position {
        root: None,
        cursor: "garbage".to_owned(),
    };
    let (told, _) = desk.told(bob.request(&[one, bob.seen(Some(bob.one))]));
    assert_eq!(root_of(told), Some(None));
}

/// Somebody whose own drive changes all the time hears of the others all the same.
#[test]
fn of_several_news_the_oldest_is_told_first() {
    let bob = Bob::new();
    let (server, desk) = (&bob.drive.world.server, bob.desk());
    let (himself, ann) = (bob.himself(), bob.drive.ann.clone());
    for (of_share, of_own) in [(THEN, THEN + 5), (THEN + 10, THEN + 5)] {
        let all = bob.all();
        let makes = |who, at, parent| {
            let new = new_folder(parent, &bob.drive.name());
            server.create_folder(who, at, new).unwrap();
        };
        makes(&ann, of_share, Some(bob.two));
        makes(&himself, of_own, None);
        let expected = (of_share < of_own).then_some(bob.two);
        assert_eq!(root_of(desk.told(bob.request(&all)).0), Some(expected));
    }
}

#[test]
fn the_first_end_of_all_ends_the_poll() {
    let bob = Bob::new();
    let grant = bob.drive.shares(bob.two, "viewer");
    let ends = |at: UnixMillis| {
        let change = json!({"ends_at_ms": at});
        let by = (ANNS, None);
        let _: Json = bob.drive.gets(by, Route::ChangeGrant, grant.id, change);
    };
    let waits = |now| {
        let desk = bob.desk();
        desk.now.set(now);
        let told = root_of(desk.told(bob.request(&bob.all())).0);
        let parked = desk.parked.borrow();
        (told, parked.last().map(|poll| poll.timeout_seconds))
    };
    // His session has an end, too: see `World`.
    assert_eq!(waits(THEN), (None, Some(1)));
    assert_eq!(waits(THEN - 30_000), (None, Some(31)));
    assert_eq!(waits(THEN - 600_000), (None, Some(MAX_POLL_SECONDS)));
    ends(THEN + 20_000);
    assert_eq!(waits(THEN - 30_000), (None, Some(31)));
    bob.drive
        .world
        .server
        .db
        .connection()
        .execute_batch("UPDATE devices SET ends_at = 99999999999999")
        .unwrap();
    assert_eq!(waits(THEN + 10_000), (None, Some(10)));
    assert_eq!(waits(THEN + 19_999), (None, Some(1)));
    // Once it has come, it is news.
    assert_eq!(waits(THEN + 20_000), (Some(Some(bob.two)), None));
}

#[test]
fn that_others_open_a_file_is_told_of_its_root_and_to_no_token() {
    let bob = Bob::new();
    let (desk, all) = (bob.desk(), bob.all());
    let opened = PollEvent {
        event: Event {
            event_type: EventType::FileOpened,
            file_id: ItemId::from_random([0; 16]),
            timestamp: THEN,
            name: None,
            by: None,
        },
        root: Some(bob.two),
        space: Some(bob.drive.ann.space),
    };
    desk.says.borrow_mut().push_back(Some(opened.clone()));
    let (told, _) = desk.told(bob.request(&all));
    assert_eq!(told, Ok(Some(opened.clone())));
    // A token waits on.
    let token = Positions::new(all.clone()).unwrap().to_string();
    desk.says.borrow_mut().extend([Some(opened.clone()), None]);
    let before = desk.parked.borrow().len();
    let (told, _) = desk.told(bob.token(TOKEN, &token));
    assert_eq!(told, Ok(None));
    assert_eq!(desk.parked.borrow().len(), before + 2);
    // Nor is he told of what is not his to see any more.
    let grant = bob.drive.shares(bob.two, "viewer");
    let by = (ANNS, None);
    let _ = bob
        .drive
        .asks(by, Route::TakeBack, grant.id, Json::Null)
        .unwrap();
    desk.says.borrow_mut().push_back(Some(opened));
    let later = [
        bob.seen(None),
        bob.seen(Some(bob.one)),
        bob.seen(Some(bob.two)),
    ];
    let (told, _) = desk.told(bob.request(&later));
    let told = told.unwrap().expect("news");
    assert_eq!(
        (told.event.event_type, told.root),
        (EventType::FileUpdate, Some(bob.two))
    );
}

/// A service of the release before holds the poll for the first position, and answers
/// without a word on where it was.
#[test]
fn an_older_notification_service_is_understood() {
    let bob = Bob::new();
    let (desk, all) = (bob.desk(), bob.all());
    let event = Event {
        event_type: EventType::FileCreate,
        file_id: ItemId::from_random([5; 16]),
        timestamp: THEN,
        name: None,
        by: None,
    };
    let told = |space| PollEvent {
        event: event.clone(),
        root: None,
        space,
    };
    desk.says.borrow_mut().push_back(Some(told(None)));
    let (answer, _) = desk.told(bob.request(&all));
    assert_eq!(answer, Ok(Some(told(Some(bob.drive.world.bob.space)))));
    // Of a part it is looked up, and what comes again and again ends the poll.
    desk.says
        .borrow_mut()
        .extend([Some(told(None)), Some(told(None))]);
    assert_eq!(desk.told(bob.request(&all[1..])).0, Ok(None));
}

#[test]
fn a_list_is_refused_to_whoever_has_one_folder_and_beside_a_root_and_where_it_is_none() {
    let bob = Bob::new();
    let (desk, all) = (bob.desk(), bob.all());
    let refused = |request: Request, (status, code): Code| {
        let (told, _) = desk.told(request);
        let problem = told.expect_err("a refusal");
        let told = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            (problem.status(), told["code"].as_str()),
            (status, Some(code))
        );
    };
    let token = Positions::new(all).unwrap().to_string();
    refused(bob.token(BOBS_FOLDER, &token), ONE_FOLDER);
    let mut request = bob.token(BROWSER, &token);
    request.query.push((ROOT, bob.one.to_string()));
    refused(request, BAD_REQUEST);
    for bad in ["~", "x~y", &format!("{token}~"), &format!("{token}{token}")] {
        refused(bob.token(BROWSER, bad), BAD_CURSOR);
    }
    let mut feed = bob.token(BROWSER, &token);
    feed.path = Route::Changes.path().to_owned();
    refused(feed, BAD_CURSOR);
}
