//! Commit, conflict and collection, exhaustively: every order of the steps of
//! a few clients and a collector, with lost answers, late copies of requests
//! and crashes, for small bounds. The rules are those of `edge/core/src`; each
//! transition names the file that it mirrors. A rule that is left out must lead
//! to a counterexample, or the model would prove nothing.
//!
//! `EXHAUSTIVE=large cargo test -p driftless-tests --test exhaustive -- --nocapture`
//! explores further.

mod properties;
mod server;
mod world;

use stateright::{Checker, HasDiscoveries, Model};
use world::{Bounds, Rules, World};

/// Two clients that edit twice, and three that edit once.
const SMALL: [Bounds; 2] = [
    Bounds {
        clients: 2,
        edits: 2,
        versions: 3,
        lost: 1,
        late: 1,
        days: 1,
        packs: 4,
    },
    Bounds {
        clients: 3,
        edits: 1,
        versions: 3,
        lost: 0,
        late: 0,
        days: 1,
        packs: 4,
    },
];

const LARGE: [Bounds; 2] = [
    Bounds {
        clients: 2,
        edits: 2,
        versions: 4,
        lost: 2,
        late: 2,
        days: 2,
        packs: 5,
    },
    Bounds {
        clients: 3,
        edits: 1,
        versions: 4,
        lost: 1,
        late: 1,
        days: 1,
        packs: 5,
    },
];

fn explore(bounds: Bounds) {
    let world = World {
        bounds,
        rules: Rules::ALL,
    };
    let checker = world.checker().threads(2).spawn_bfs().join();
    println!(
        "{bounds:?}: {} unique states, {} in all",
        checker.unique_state_count(),
        checker.state_count()
    );
    checker.assert_properties();
    assert!(checker.unique_state_count() > 10_000);
}

#[test]
fn every_order_of_a_few_clients_and_a_collector_keeps_the_invariants() {
    let is_large = std::env::var("EXHAUSTIVE").is_ok_and(|bounds| bounds == "large");
    for bounds in if is_large { LARGE } else { SMALL } {
        explore(bounds);
    }
}

/// Without a rule, a property must fall.
fn should_find_counterexample(without: fn(&mut Rules), property: &'static str) {
    let mut rules = Rules::ALL;
    without(&mut rules);
    assert_ne!(rules, Rules::ALL);
    let world = World {
        bounds: SMALL[0],
        rules,
    };
    let falls = HasDiscoveries::AnyOf([property].into());
    let checker = world
        .checker()
        .threads(2)
        .finish_when(falls)
        .spawn_bfs()
        .join();
    let path = checker.assert_any_discovery(property);
    println!("without {property}: {} steps", path.into_actions().len());
}

#[test]
fn without_the_version_predicate_should_find_counterexample() {
    should_find_counterexample(|rules| rules.version_predicate = false, "no lost update");
}

#[test]
fn without_the_foreign_key_should_find_counterexample() {
    should_find_counterexample(|rules| rules.foreign_key = false, "no block is missing");
}

#[test]
fn without_the_grace_should_find_counterexample() {
    should_find_counterexample(|rules| rules.grace = false, "an upload is not collected");
}

#[test]
fn without_a_second_look_should_find_counterexample() {
    should_find_counterexample(|rules| rules.second_look = false, "no block is missing");
}

#[test]
fn without_operation_ids_should_find_counterexample() {
    should_find_counterexample(
        |rules| rules.operation_ids = false,
        "a repeat changes nothing",
    );
}

#[test]
fn without_fresh_packs_should_find_counterexample() {
    should_find_counterexample(|rules| rules.fresh_packs = false, "no block is missing");
}

#[test]
fn without_keeping_first_should_find_counterexample() {
    should_find_counterexample(
        |rules| rules.keep_before_asking = false,
        "both sides are kept",
    );
}
