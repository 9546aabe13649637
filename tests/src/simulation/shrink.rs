//! What is left of a run that failed when everything is taken away that it does
//! not need.

use super::faults::Faults;
use super::rng::Rng;
use super::run::{Broken, Setup, run};
use crate::model::server::Server;
use std::rc::Rc;

/// Runs that are spent on it.
const MOST_RUNS: u32 = 60;

/// The smallest run found that breaks the same invariant: fewer devices, fewer
/// kinds of faults, fewer steps.
pub fn shrink(broken: &Broken, server: &Rc<Server>) -> Broken {
    let mut smallest = broken.clone();
    let invariant = broken.violation.invariant;
    let mut left = MOST_RUNS;
    let mut try_it = |smallest: &mut Broken, setup: Setup| {
        if left == 0 {
            return false;
        }
        left -= 1;
        if let Err(still) = run(&setup, server)
            && still.violation.invariant == invariant
            && still.step <= smallest.step
        {
            *smallest = *still;
            return true;
        }
        false
    };
    let steps = smallest.step;
    try_it(
        &mut smallest,
        Setup {
            steps,
            ..broken.setup.clone()
        },
    );
    for devices in 1..broken.setup.devices() {
        let devices = Some(devices);
        let setup = Setup {
            devices,
            ..smallest.setup.clone()
        };
        if try_it(&mut smallest, setup) {
            break;
        }
    }
    for fault in Faults::of(&mut Rng::new(broken.setup.seed)).kinds() {
        let mut setup = smallest.setup.clone();
        setup.without.push(fault);
        setup.steps = setup.steps.min(smallest.step);
        try_it(&mut smallest, setup);
    }
    let mut step = smallest.setup.steps / 2;
    while step > 0 {
        let steps = smallest.setup.steps.saturating_sub(step);
        let setup = Setup {
            steps,
            ..smallest.setup.clone()
        };
        if !try_it(&mut smallest, setup) {
            step /= 2;
        }
    }
    smallest
}
