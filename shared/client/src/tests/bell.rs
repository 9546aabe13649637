use super::home::Home;
use crate::bell::{Bell, Latch};

#[test]
fn a_ring_reaches_all_who_wait_and_nobody_who_comes_later() {
    let (home, bell) = (Home::new(), Bell::default());
    let waiting = [home.begin(bell.next()), home.begin(bell.next())];
    bell.ring();
    home.work();
    assert!(waiting.iter().all(super::home::Begun::is_over));
    assert!(!home.begin(bell.next()).is_over());
}

#[test]
fn a_ring_between_asking_and_waiting_is_not_missed() {
    let (home, bell) = (Home::new(), Bell::default());
    let next = bell.next();
    bell.ring();
    home.at_once(next);
}

#[test]
fn a_session_that_is_over_holds_up_nobody_who_asks_late() {
    let (home, over) = (Home::new(), Latch::default());
    let waits = |over: Latch| async move { over.wait().await };
    let early = home.begin(waits(over.clone()));
    assert!(!early.is_over());
    over.set();
    home.work();
    assert!(early.is_over());
    home.at_once(waits(over));
}
