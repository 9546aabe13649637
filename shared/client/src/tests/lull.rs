use super::home::{Begun, Home};
use crate::lull::Lull;
use std::rc::Rc;

fn waits(home: &Home, lull: &Rc<Lull>) -> Begun<bool> {
    let (clock, lull) = (home.clone(), lull.clone());
    home.begin(async move { lull.is_here(&clock, 100).await })
}

#[test]
fn files_that_follow_each_other_are_not_sent_one_by_one() {
    let (home, lull) = (Home::new(), Rc::new(Lull::default()));
    let waiting = waits(&home, &lull);
    for _ in 0..3 {
        home.pass(60);
        lull.put_off();
    }
    home.pass(99);
    assert!(!waiting.is_over());
    home.pass(101);
    assert!(waiting.end());
}

#[test]
fn one_lull_starts_one_request() {
    let (home, lull) = (Home::new(), Rc::new(Lull::default()));
    let first = waits(&home, &lull);
    assert!(!waits(&home, &lull).end());
    home.pass(100);
    assert!(first.end());
    // The next lull has a waiter of its own again.
    let next = waits(&home, &lull);
    home.pass(100);
    assert!(next.end());
}
