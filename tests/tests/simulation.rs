//! The simulator itself: a seed is a run, and a few of them hold.

use driftless_tests::model::server::Server;
use driftless_tests::simulation::run::{Report, Setup, run};
use std::rc::Rc;

fn report(seed: u64, server: &Rc<Server>) -> Report {
    match run(&Setup::of(seed, 1_500), server) {
        Ok(report) => report,
        Err(broken) => panic!("{:?} | {}", broken.violation, broken.setup.command()),
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let used = Rc::new(Server::new());
    for seed in 1..=4 {
        let first = report(seed, &Rc::new(Server::new()));
        // On a server that others have used, too.
        let again = report(seed, &used);
        assert_eq!(first.trace, again.trace, "seed {seed}");
        assert_eq!(first.steps, again.steps, "seed {seed}");
        assert_eq!(first.checks, again.checks, "seed {seed}");
    }
}

#[test]
fn another_seed_is_another_run() {
    let server = Rc::new(Server::new());
    assert_ne!(report(5, &server).trace, report(6, &server).trace);
}
