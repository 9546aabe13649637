use super::home::{Begun, Home};
use crate::bell::Bell;
use crate::failure::Failure;
use crate::patience::patiently;
use protocol::problem::Problem;
use std::cell::Cell;
use std::rc::Rc;

/// Asks for what always fails so, and counts how often.
fn asks(home: &Home, again: &Bell, why: Failure) -> (Begun<Result<(), Failure>>, Rc<Cell<u32>>) {
    let asked = Rc::new(Cell::new(0));
    let (clock, again, count) = (home.clone(), again.clone(), asked.clone());
    let task = async move {
        let ask = async || {
            count.set(count.get() + 1);
            Err(why.clone())
        };
        patiently(&clock, &again, ask).await
    };
    (home.begin(task), asked)
}

#[test]
fn a_person_is_told_after_six_more_tries_and_not_kept_waiting() {
    let (home, again) = (Home::new(), Bell::default());
    let (asking, asked) = asks(&home, &again, Failure::Unreachable);
    home.pass(3_600_000);
    assert_eq!(asking.end(), Err(Failure::Unreachable));
    assert_eq!(asked.get(), 7);
}

#[test]
fn a_no_of_the_server_is_not_asked_again() {
    let (home, again) = (Home::new(), Bell::default());
    let refused = Failure::Refused(Problem::NoSuchItem);
    let (asking, asked) = asks(&home, &again, refused.clone());
    assert_eq!((asking.end(), asked.get()), (Err(refused), 1));
}

#[test]
fn waits_become_longer_so_that_a_server_in_trouble_is_not_hammered() {
    let (home, again) = (Home::new(), Bell::default());
    let (_asking, asked) = asks(&home, &again, Failure::Unreachable);
    home.pass(999);
    assert_eq!(asked.get(), 1);
    home.pass(1);
    assert_eq!(asked.get(), 2);
    home.pass(1_999);
    assert_eq!(asked.get(), 2);
    home.pass(1);
    assert_eq!(asked.get(), 3);
}

#[test]
fn a_network_that_is_back_ends_the_wait() {
    let (home, again) = (Home::new(), Bell::default());
    let (_asking, asked) = asks(&home, &again, Failure::Unreachable);
    again.ring();
    home.work();
    assert_eq!(asked.get(), 2);
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_left_alone_even_if_the_network_is_back() {
    let (home, again) = (Home::new(), Bell::default());
    let busy = Problem::HandsFull {
        retry_after_seconds: 10,
    };
    let wait = Failure::Refused(busy.clone()).asked_wait_millis();
    assert_eq!(wait, 10_000);
    let (_asking, asked) = asks(&home, &again, Failure::Refused(busy));
    home.pass(9_999);
    again.ring();
    home.work();
    assert_eq!(asked.get(), 1);
    home.pass(1);
    again.ring();
    home.work();
    assert_eq!(asked.get(), 2);
}
