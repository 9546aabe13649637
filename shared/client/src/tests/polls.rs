use super::home::{Asked, Begun, Call, Home, id};
use crate::failure::Failure;
use crate::polls::{Heard, PollAnswer, Polls};
use protocol::ids::ItemId;
use protocol::limits::MAX_POLLED_ROOTS;
use protocol::positions::Position;
use protocol::problem::Problem;

type Answered = Result<PollAnswer, Failure>;

/// A page with its own drive and things that are shared.
struct Page {
    home: Home,
    polls: Polls<Home>,
}

const OWN: Option<ItemId> = None;

fn root(n: u8) -> Option<ItemId> {
    Some(id(n))
}

impl Page {
    fn new() -> Self {
        Self {
            home: Home::new(),
            polls: Polls::default(),
        }
    }

    /// An engine polls from so far on.
    fn asks(&self, root: Option<ItemId>, seen: u64) -> Begun<Answered> {
        self.asks_for(root, seen, 60)
    }

    fn asks_for(&self, root: Option<ItemId>, seen: u64, seconds: u64) -> Begun<Answered> {
        let (polls, home) = (self.polls.clone(), self.home.clone());
        let cursor = seen.to_string();
        let position = Position { root, cursor };
        self.home
            .begin(async move { polls.ask(&home, position, seconds).await })
    }

    /// The request under way, what it is for, and for how long.
    fn request(&self) -> Request {
        let asked = self.home.call();
        match &asked.call {
            Call::PollAll(positions, seconds) => {
                let each = positions.iter();
                let each = each.map(|one| (one.root, one.cursor.parse().unwrap()));
                let (mut positions, seconds): (Vec<_>, u64) = (each.collect(), *seconds);
                positions.sort_unstable();
                Request {
                    positions,
                    seconds,
                    asked,
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn has_no_request(&self) -> bool {
        self.home.asked().is_none()
    }

    fn requests(&self) -> u32 {
        self.home.calls.get()
    }
}

struct Request {
    positions: Vec<(Option<ItemId>, u64)>,
    seconds: u64,
    asked: Asked,
}

impl Request {
    fn tells(self, root: Option<ItemId>, answer: PollAnswer) {
        self.asked.say(Ok(Heard { root, answer }));
    }

    fn times_out(self) {
        self.tells(OWN, PollAnswer::TimedOut);
    }

    fn fails(self, failure: Failure) {
        self.asked.say::<Heard>(Err(failure));
    }
}

#[test]
fn where_one_client_polls_nothing_is_asked_later_or_more_often() {
    let page = Page::new();
    for (n, answer) in [
        PollAnswer::News,
        PollAnswer::Elsewhere,
        PollAnswer::Opened,
        PollAnswer::TimedOut,
    ]
    .into_iter()
    .enumerate()
    {
        let seen = n as u64;
        let own = page.asks_for(OWN, seen, 53);
        let request = page.request();
        assert_eq!(
            (&request.positions[..], request.seconds),
            (&[(OWN, seen)][..], 53)
        );
        page.home.pass(40_000);
        request.tells(OWN, answer);
        assert_eq!(own.end(), Ok(answer));
        assert_eq!(page.requests(), n as u32 + 1);
    }
    for failure in [
        Failure::Unreachable,
        Problem::PollReplaced.into(),
        Problem::BadCursor.into(),
    ] {
        let own = page.asks(OWN, 9);
        page.home.pass(40_000);
        page.request().fails(failure.clone());
        assert_eq!(own.end(), Err(failure));
    }
    // One that is not waited for any more is given up at once.
    let own = page.asks(OWN, 9);
    let request = page.request();
    drop(own);
    assert!(request.asked.is_given_up());
    assert_eq!(page.requests(), 8);
}

#[test]
fn what_several_clients_ask_for_travels_in_one_request() {
    let page = Page::new();
    let own = page.asks(OWN, 4);
    let alone = page.request();
    let share = page.asks(root(1), 7);
    assert!(alone.asked.is_given_up());
    let both = page.request();
    assert_eq!(both.positions, [(OWN, 4), (root(1), 7)]);
    both.tells(root(1), PollAnswer::News);
    assert_eq!(share.end(), Ok(PollAnswer::News));
    assert!(!own.is_over());
    // It pulls, and asks again soon: one request for each change, and not two.
    let before = page.requests();
    page.home.pass(150);
    assert!(page.has_no_request());
    let share = page.asks(root(1), 8);
    let both = page.request();
    assert_eq!(both.positions, [(OWN, 4), (root(1), 8)]);
    assert_eq!(page.requests(), before + 1);
    both.tells(OWN, PollAnswer::Elsewhere);
    assert_eq!(own.end(), Ok(PollAnswer::Elsewhere));
    assert!(!share.is_over());
}

#[test]
fn the_others_do_not_wait_for_long_for_a_client_that_pulls() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    page.request().tells(OWN, PollAnswer::News);
    assert_eq!(own.end(), Ok(PollAnswer::News));
    page.home.pass(201);
    let without = page.request();
    assert_eq!(without.positions, [(root(1), 7)]);
    let own = page.asks(OWN, 5);
    assert!(without.asked.is_given_up());
    let both = page.request();
    assert_eq!(both.positions, [(OWN, 5), (root(1), 7)]);
    page.home.pass(1_000);
    assert!(!own.is_over() && !share.is_over());
}

#[test]
fn who_gives_up_waiting_takes_no_news_from_others() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    let both = page.request();
    // It is told in the page that there is something to pull.
    drop(share);
    assert!(!both.asked.is_given_up());
    both.tells(root(1), PollAnswer::News);
    assert!(!own.is_over());
    let share = page.asks(root(1), 8);
    let both = page.request();
    assert_eq!(both.positions, [(OWN, 4), (root(1), 8)]);
    both.tells(OWN, PollAnswer::News);
    assert_eq!(own.end(), Ok(PollAnswer::News));
    // Nobody waits any more: nor does the server.
    page.home.pass(201);
    let last = page.request();
    drop(share);
    assert!(last.asked.is_given_up());
    let before = page.requests();
    page.home.pass(1_000_000);
    assert_eq!(page.requests(), before);
}

#[test]
fn a_client_that_asks_for_the_same_again_is_served_by_the_request_under_way() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    let both = page.request();
    drop(share);
    let share = page.asks(root(1), 7);
    assert!(!both.asked.is_given_up() && page.has_no_request());
    both.tells(root(1), PollAnswer::News);
    assert_eq!(share.end(), Ok(PollAnswer::News));
    assert!(!own.is_over());
}

#[test]
fn when_the_time_is_over_all_hear_so_and_one_request_follows() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    page.home.pass(60_000);
    page.request().times_out();
    assert_eq!(own.end(), Ok(PollAnswer::TimedOut));
    assert_eq!(share.end(), Ok(PollAnswer::TimedOut));
    let before = page.requests();
    let _own = page.asks(OWN, 4);
    page.home.pass(100);
    let _share = page.asks(root(1), 7);
    assert_eq!(page.request().positions, [(OWN, 4), (root(1), 7)]);
    assert_eq!(page.requests(), before + 1);
}

#[test]
fn a_server_that_holds_no_poll_is_not_asked_again_and_again() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    page.request().times_out();
    assert!(own.is_over() && share.is_over());
    page.home.pass(10_000);
    assert!(page.has_no_request());
}

#[test]
fn who_asked_long_before_is_held_no_longer_than_asked_and_a_little_less() {
    let page = Page::new();
    let own = page.asks_for(OWN, 4, 60);
    page.home.pass(40_500);
    let share = page.asks_for(root(1), 7, 54);
    let both = page.request();
    assert_eq!(both.positions, [(OWN, 4), (root(1), 7)]);
    // 41 seconds have begun, and one is the margin.
    assert_eq!(both.seconds, 18);
    // What was asked just now goes on for as long as was asked.
    page.home.pass(17_500);
    let last = page.asks_for(root(2), 1, 60);
    assert!(both.asked.is_given_up());
    // 58 seconds are over: a request of less than two is none.
    assert_eq!(own.end(), Ok(PollAnswer::Unheard));
    assert!(!share.is_over());
    let rest = page.request();
    assert_eq!(rest.positions, [(root(1), 7), (root(2), 1)]);
    assert_eq!(rest.seconds, 54 - 18 - 1);
    page.home.pass(500);
    let _own = page.asks_for(OWN, 4, 60);
    // Half a second is no difference.
    assert_eq!(page.request().seconds, 54 - 18 - 1);
    assert!(!last.is_over());
}

#[test]
fn a_silence_teaches_only_those_who_asked_when_it_began() {
    let page = Page::new();
    let own = page.asks(OWN, 4);
    page.home.pass(20_000);
    let share = page.asks(root(1), 7);
    let late = {
        let both = page.request();
        page.home.pass(10_000);
        let late = page.asks(root(2), 1);
        assert!(both.asked.is_given_up());
        late
    };
    let all = page.request();
    page.home.pass(15_000);
    all.fails(Failure::Unreachable);
    // 15 seconds of silence are what the last has seen; the others pull, and learn nothing.
    assert_eq!(late.end(), Err(Failure::Unreachable));
    assert_eq!(own.end(), Ok(PollAnswer::Unheard));
    assert_eq!(share.end(), Ok(PollAnswer::Unheard));
}

#[test]
fn a_refusal_reaches_everybody() {
    for problem in [
        Problem::SessionEnded,
        Problem::PollReplaced,
        Problem::TooManyPolls,
        Problem::Unavailable,
    ] {
        let page = Page::new();
        let own = page.asks(OWN, 4);
        page.home.pass(20_000);
        let share = page.asks(root(1), 7);
        // One by a request that was given up is none.
        let again = matches!(problem, Problem::PollReplaced);
        if again {
            page.request().fails(problem.clone().into());
            assert!(!own.is_over() && !share.is_over());
        }
        page.request().fails(problem.clone().into());
        let failure = Failure::from(problem);
        assert_eq!(own.end(), Err(failure.clone()));
        assert_eq!(share.end(), Err(failure));
        page.home.pass(10_000);
        assert!(page.has_no_request());
    }
}

#[test]
fn an_older_server_is_asked_for_each_drive_by_itself() {
    let page = Page::new();
    let (own, share) = (page.asks(OWN, 4), page.asks(root(1), 7));
    page.request().fails(Problem::BadCursor.into());
    let (one, two) = (page.request(), page.request());
    assert_eq!((one.positions.len(), two.positions.len()), (1, 1));
    let (of_own, of_share) = match one.positions[0].0 {
        None => (one, two),
        Some(_) => (two, one),
    };
    of_share.tells(root(1), PollAnswer::News);
    assert_eq!(share.end(), Ok(PollAnswer::News));
    assert!(!own.is_over());
    let share = page.asks(root(1), 8);
    let of_share = page.request();
    assert_eq!(of_share.positions, [(root(1), 8)]);
    assert!(!of_own.asked.is_given_up());
    // Of one alone it is the cursor itself that is bad.
    of_own.fails(Problem::BadCursor.into());
    assert_eq!(own.end(), Err(Problem::BadCursor.into()));
    drop(share);
    assert!(of_share.asked.is_given_up());
}

#[test]
fn news_of_what_nobody_asked_for_is_a_reason_to_pull_for_all() {
    let page = Page::new();
    let (one, two) = (page.asks(root(1), 4), page.asks(root(2), 7));
    page.request().tells(OWN, PollAnswer::News);
    assert_eq!(one.end(), Ok(PollAnswer::News));
    assert_eq!(two.end(), Ok(PollAnswer::News));
}

#[test]
fn more_roots_than_a_poll_takes_have_polls_of_their_own() {
    let page = Page::new();
    let many = MAX_POLLED_ROOTS as u8;
    let all: Vec<_> = (0..many).map(|n| page.asks(root(n), 1)).collect();
    let full = page.request();
    assert_eq!(full.positions.len(), MAX_POLLED_ROOTS);
    let other = page.asks(root(many), 1);
    assert!(!full.asked.is_given_up());
    let alone = page.request();
    assert_eq!(alone.positions, [(root(many), 1)]);
    // One's own drive is none of them.
    let _own = page.asks(OWN, 1);
    let most = page.request();
    assert_eq!(most.positions.len(), MAX_POLLED_ROOTS + 1);
    alone.tells(root(many), PollAnswer::News);
    assert_eq!(other.end(), Ok(PollAnswer::News));
    assert!(all.iter().all(|one| !one.is_over()));
}

#[test]
fn what_one_person_waits_for_does_not_travel_with_another() {
    let page = Page::new();
    let own = page.asks(OWN, 4);
    let request = page.request();
    let (polls, other) = (page.polls.clone(), Home::new());
    let position = Position {
        root: root(1),
        cursor: "7".to_owned(),
    };
    let home = other.clone();
    let _theirs = page
        .home
        .begin(async move { polls.ask(&home, position, 60).await });
    assert_eq!(own.end(), Err(Failure::Cancelled));
    assert!(request.asked.is_given_up());
    match other.call().call {
        Call::PollAll(positions, _) => assert_eq!(positions.len(), 1),
        call => panic!("{call:?}"),
    }
}
