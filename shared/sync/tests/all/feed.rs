//! The loop of pull and poll.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::problem::Problem;
use sync::message::{Answer, Input, Record, StoredState, TabRole};

#[test]
fn a_pull_is_followed_by_a_poll_and_news_by_a_pull() {
    let mut device = Device::with(Vec::new());
    device.pulled(vec![file(1, None, "a", 1)], "c1");
    assert_eq!(device.stored.cursor.as_deref(), Some("c1"));
    let (request, since) = device.take(asks::poll);
    assert_eq!(since, "c1");
    device.answer(request, Answer::News);
    let (_, since) = device.take(asks::changes);
    assert_eq!(since.as_deref(), Some("c1"));
}

#[test]
fn a_poll_that_timed_out_is_followed_by_a_pull() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::poll);
    device.now += 60_000;
    device.answer(request, Answer::Quiet);
    device.take(asks::changes);
}

#[test]
fn a_server_with_its_hands_full_is_left_alone_for_as_long_as_it_asks() {
    let mut device = Device::with(Vec::new());
    let (request, _) = device.take(asks::changes);
    let retry_after_seconds = 30;
    device.refuse(
        request,
        Problem::HandsFull {
            retry_after_seconds,
        },
    );
    let refused_at = device.now;
    while device.sent.is_empty() {
        device.wait();
    }
    device.take(asks::changes);
    assert!(device.now >= refused_at + 30_000, "asked again too early");
}

#[test]
fn whatever_fails_the_loop_goes_on() {
    let mut device = Device::with(Vec::new());
    for round in 0..200 {
        if let Some(&(request, _)) = device.sent.first() {
            device.sent.clear();
            match round % 4 {
                0 => device.lose(request),
                1 => device.refuse(request, Problem::Unavailable),
                2 => device.refuse(request, Problem::PollReplaced),
                _ => device.answer(request, Answer::Uploaded),
            }
        } else {
            device.wait();
        }
    }
    let mut waits = 0;
    while device.sent.is_empty() {
        device.wait();
        waits += 1;
        assert!(waits < 3);
    }
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut device = Device::with(Vec::new());
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    let wait = device.engine.wait().expect("a retry").millis;
    device.now = 0;
    device.input(Input::Elapsed);
    device.now = wait + 1;
    device.input(Input::Elapsed);
    device.take(asks::changes);
}

#[test]
fn a_reset_replaces_the_tree_at_once_and_keeps_what_was_learned_meanwhile() {
    let mut device = Device::with(vec![file(1, None, "gone", 1), file(2, None, "stays", 1)]);
    device.observe(made(5, None, "new", None));
    let (create, _) = device.take(asks::create_folder);
    let (request, _) = device.take(asks::changes);
    let mut first = page(vec![file(2, None, "stays", 1)], "l1");
    (first.reset, first.has_more) = (true, true);
    device.answer(request, Answer::Changes(first));
    assert!(
        device.engine.trees().remote(id(1)).is_some(),
        "not before it is whole"
    );
    assert_eq!(device.stored.cursor.as_deref(), Some("c0"));
    device.answer(create, changed(folder(5, None, "new")));
    let (request, since) = device.take(asks::changes);
    assert_eq!(since.as_deref(), Some("l1"));
    device.answer(
        request,
        Answer::Changes(page(vec![file(3, None, "b", 1)], "c9")),
    );
    let trees = device.engine.trees();
    assert!(trees.remote(id(1)).is_none());
    assert!([2, 3, 5].iter().all(|&n| trees.remote(id(n)).is_some()));
    assert_eq!(device.stored.items.len(), 3);
    assert_eq!(device.stored.cursor.as_deref(), Some("c9"));
}

#[test]
fn a_cursor_that_the_server_does_not_know_begins_anew() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    let (request, _) = device.take(asks::changes);
    device.refuse(request, Problem::BadCursor);
    device.wait();
    let (_, since) = device.take(asks::changes);
    assert_eq!(since, None);
}

#[test]
fn a_follower_polls_not_and_takes_what_the_leader_shares() {
    let stored = StoredState {
        cursor: Some("c0".to_owned()),
        complete: true,
        ..StoredState::default()
    };
    let mut device = Device::with_role(stored, TabRole::Follower);
    device.input(Input::Elapsed);
    assert!(device.sent.is_empty());
    let records = |from: &str, to: &str| {
        vec![
            Record::Item(file(1, None, "a", 1)),
            Record::Cursor {
                from: Some(from.to_owned()),
                to: to.to_owned(),
            },
        ]
    };
    device.input(Input::Shared(records("c0", "c1")));
    assert_eq!(device.engine.cursor(), Some("c1"));
    assert!(!device.asked_to_load);
    device.input(Input::Shared(records("c2", "c3")));
    assert!(device.asked_to_load, "it missed something");
    device.input(Input::Role(TabRole::Leader));
    device.take(asks::changes);
}

#[test]
fn one_poll_at_a_time() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    assert_eq!(device.polls(), 1);
    device.input(Input::PullWanted);
    device.input(Input::Online);
    device.input(Input::Elapsed);
    assert_eq!(device.abandoned.len(), 1);
    assert_eq!(device.sent.len(), 2, "the given up poll, and a pull");
}

/// Found by the simulator: one tab wrote the storage anew without what another
/// had just stored and told it of; the feed's word of it was no news then, and
/// was not stored either.
#[test]
fn what_the_feed_says_is_stored_also_if_it_is_no_news() {
    let mut device = Device::with(Vec::new());
    device.input(Input::Shared(vec![Record::Item(file(1, None, "a", 1))]));
    device.pulled(vec![file(1, None, "a", 1)], "c1");
    assert_eq!(device.stored.items.len(), 1);
}

#[test]
fn a_poll_that_a_proxy_ends_is_no_outage_and_the_next_is_shorter() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    let (request, seconds) = device.take(asks::poll_seconds);
    assert_eq!(seconds, 60);
    device.now += 30_000;
    device.lose(request);
    assert!(device.engine.is_connected() && device.engine.is_unsure());
    // At once, without a wait.
    device.pulled(Vec::new(), "c0");
    assert!(!device.engine.is_unsure());
    let (request, seconds) = device.take(asks::poll_seconds);
    assert_eq!(seconds, 27);
    device.now += 27_000;
    device.answer(request, Answer::Quiet);
    device.pulled(Vec::new(), "c0");
    assert_eq!(device.take(asks::poll_seconds).1, 27);
    assert_eq!(device.engine.silence().limit_seconds, Some(27));
}

#[test]
fn uploads_go_on_while_a_proxy_ends_polls() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::poll);
    device.now += 30_000;
    device.lose(request);
    device.observe(made(5, None, "new", None));
    device.take(asks::create_folder);
}

#[test]
fn a_poll_that_breaks_with_the_server_is_an_outage_after_one_pull() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::poll);
    device.now += 30_000;
    device.lose(request);
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    assert!(!device.engine.is_connected() && !device.engine.is_unsure());
    assert_eq!(device.engine.silence().limit_seconds, None);
}

#[test]
fn a_poll_that_breaks_at_once_is_an_outage() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::poll);
    device.now += 100;
    device.lose(request);
    assert!(!device.engine.is_connected());
}
