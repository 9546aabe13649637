use super::home::{
    Call, Home, TUNING, Told, blocks, changed, content, engine, file, hashes, id, operation,
};
use crate::bell::{Bell, Latch};
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::gate::{Gate, GateState};
use crate::lists::Lists;
use crate::ports::PollEnd;
use crate::requests::Requests;
use crate::sender::Sender;
use crate::writes::Writes;
use protocol::batches::{FileMade, ItemsChanged};
use protocol::files::FileManifest;
use protocol::items::ChangeTrashed;
use std::cell::RefCell;
use std::rc::Rc;
use sync::message::{Answer, BytesLost, Lost, Request, RequestId};

/// The number of each request that has ended, and how.
type Ends = Vec<(u64, Result<Answer, Lost>)>;

struct Desk {
    home: Home,
    gate: Gate,
    over: Latch,
    requests: Requests<Home>,
    /// What became of requests, by their numbers.
    ends: Rc<RefCell<Ends>>,
}

impl Desk {
    /// Where it is known who is signed in.
    fn new() -> Self {
        let desk = Self::waiting();
        desk.gate.set(GateState::Open);
        desk
    }

    fn waiting() -> Self {
        let home = Home::new();
        let engine = EngineCell::new(engine(vec![file(1, 2, 20)]));
        let (gate, again, over) = (Gate::default(), Bell::default(), Latch::default());
        let lists = Lists::new(home.clone(), engine.clone(), TUNING);
        let sender = Sender::new(home.clone(), TUNING);
        let drafts = Drafts::new(
            home.clone(),
            engine.clone(),
            TUNING,
            lists.clone(),
            sender.clone(),
            again.clone(),
        );
        let writes = Writes::new(
            home.clone(),
            engine.clone(),
            TUNING,
            lists.clone(),
            drafts.clone(),
            sender,
        );
        let requests = Requests::new(
            (home.clone(), engine),
            gate.clone(),
            lists,
            drafts,
            writes,
            (again, over.clone()),
        );
        Self {
            home,
            gate,
            over,
            requests,
            ends: Rc::default(),
        }
    }

    fn start(&self, number: u64, body: Request) {
        let ends = self.ends.clone();
        let then = move |end| ends.borrow_mut().push((number, end));
        self.requests.start(RequestId(number), body, then);
        self.home.work();
    }

    fn poll(&self, number: u64) {
        let since = "c0".to_owned();
        self.start(number, Request::Poll { since, seconds: 9 });
    }

    fn trash(&self, n: u8) {
        let body = ChangeTrashed::new(operation(n), 1);
        self.start(u64::from(n), Request::Trash { item: id(n), body });
    }
}

#[test]
fn no_request_of_one_user_leaves_with_the_cookie_of_another() {
    let desk = Desk::waiting();
    desk.poll(1);
    assert!(desk.home.asked().is_none());
    desk.gate.set(GateState::Unreachable);
    desk.home.work();
    assert!(matches!(
        desk.ends.borrow()[..],
        [(1, Err(Lost::Unreachable))]
    ));
    assert!(desk.home.asked().is_none());
}

#[test]
fn a_poll_that_timed_out_is_not_taken_for_news() {
    let desk = Desk::new();
    desk.poll(1);
    desk.home.call().say(Ok(PollEnd::TimedOut));
    desk.poll(2);
    desk.home.call().say(Ok(PollEnd::News));
    let ends = desk.ends.borrow();
    assert!(matches!(
        ends[..],
        [(1, Ok(Answer::Quiet)), (2, Ok(Answer::News))]
    ));
}

#[test]
fn what_the_engine_abandons_is_given_up_and_never_answered() {
    let desk = Desk::new();
    desk.poll(1);
    let asked = desk.home.call();
    desk.requests.abandon(RequestId(1));
    desk.home.work();
    assert!(asked.is_given_up());
    asked.say(Ok(PollEnd::News));
    assert!(desk.ends.borrow().is_empty());
}

#[test]
fn nothing_is_answered_any_more_when_the_session_is_over() {
    let desk = Desk::new();
    desk.poll(1);
    let asked = desk.home.call();
    desk.over.set();
    desk.home.work();
    assert!(asked.is_given_up() && desk.ends.borrow().is_empty());
}

#[test]
fn items_that_go_to_the_trash_together_travel_in_one_request() {
    let desk = Desk::new();
    desk.trash(1);
    desk.trash(2);
    desk.home.pass(100);
    let asked = desk.home.call();
    assert!(matches!(&asked.call, Call::Places(changes) if changes.len() == 2));
    let results = [1, 2].map(|n| FileMade::Made(changed(n, 1))).to_vec();
    asked.say(Ok(ItemsChanged { results }));
    let ends = desk.ends.borrow();
    for (number, end) in &*ends {
        assert!(matches!(end, Ok(Answer::Item(changed)) if changed.item.id == id(*number as u8)));
    }
    assert_eq!(ends.len(), 2);
}

#[test]
fn a_file_that_is_fetched_is_put_in_its_place_whole() {
    let desk = Desk::new();
    let list = blocks(&[1, 2]);
    let body = Request::Fetch {
        item: id(1),
        version: 2,
    };
    desk.start(1, body);
    let asked = desk.home.call();
    assert!(matches!(asked.call, Call::Manifest(_, 2)));
    asked.say(Ok(FileManifest {
        version: 2,
        size: content(&list).size,
        blocks: list.clone(),
    }));
    desk.home.call().say(Ok(Rc::new(list.clone())));
    assert!(matches!(desk.ends.borrow()[..], [(1, Ok(Answer::Fetched))]));
    assert!(desk.home.has_told(&Told::Held(id(1), hashes(&list))));
}

#[test]
fn bytes_that_are_gone_are_told_as_such_and_not_as_a_network_that_is_down() {
    let desk = Desk::new();
    let body = Request::Upload {
        draft: sync::edit::DraftId(7),
        blocks: Vec::new(),
    };
    desk.start(1, body);
    assert!(matches!(
        desk.ends.borrow()[..],
        [(1, Err(Lost::BytesLost(BytesLost::Gone)))]
    ));
    let failures = [
        Failure::Cancelled,
        Failure::Device("a worker broke".to_owned()),
    ];
    for failure in failures {
        assert_eq!(Lost::from(failure), Lost::Unreachable);
    }
}
