//! One seed from start to end.

use super::database;
use super::faults::Fault;
use super::oracle::Violation;
use super::settle::{self, Settled};
use super::world::World;
use crate::model::server::Server;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How a run is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub seed: u64,
    /// Steps with faults; those in which everything settles come on top.
    pub steps: u64,
    /// The owner's, from 1 to 5; without, as many as the seed has.
    pub devices: Option<usize>,
    /// From 1 to 3, the owner among them; without, as many as the seed has.
    pub people: Option<usize>,
    /// Kinds of faults that do not happen.
    pub without: Vec<Fault>,
    /// Whether what happens is printed.
    pub log: bool,
}

impl Setup {
    pub fn of(seed: u64, steps: u64) -> Self {
        Self {
            seed,
            steps,
            devices: None,
            people: None,
            without: Vec::new(),
            log: false,
        }
    }

    pub fn devices(&self) -> usize {
        self.devices.unwrap_or(2 + (self.seed % 4) as usize)
    }

    /// In every third seed there are two or three.
    pub fn people(&self) -> usize {
        let of_seed = match self.seed % 3 {
            2 => 2 + (self.seed / 3 % 2) as usize,
            _ => 1,
        };
        self.people.unwrap_or(of_seed)
    }

    /// What to type to see this run again.
    pub fn command(&self) -> String {
        let mut command = format!(
            "npm run simulate -- --runs 1 --seed {} --run-steps {}",
            self.seed, self.steps
        );
        if let Some(devices) = self.devices {
            command += &format!(" --devices {devices}");
        }
        if let Some(people) = self.people {
            command += &format!(" --people {people}");
        }
        if !self.without.is_empty() {
            let names: Vec<String> = self
                .without
                .iter()
                .map(|fault| format!("{fault:?}"))
                .collect();
            command += &format!(" --without {}", names.join(","));
        }
        command
    }
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub steps: u64,
    pub trace: u64,
    pub faults: BTreeMap<Fault, u64>,
    pub checks: BTreeMap<&'static str, u64>,
    pub conflicts: u64,
    pub resolved: u64,
    pub settled: Settled,
}

/// A run that broke an invariant, and where.
#[derive(Clone, Debug)]
pub struct Broken {
    pub setup: Setup,
    pub step: u64,
    pub violation: Violation,
}

/// Runs a seed on a server, which is emptied first.
///
/// # Errors
/// The first invariant that did not hold.
pub fn run(setup: &Setup, server: &Rc<Server>) -> Result<Report, Box<Broken>> {
    let mut world = World::new(
        setup.seed,
        setup.devices(),
        setup.people(),
        Rc::clone(server),
    );
    world.is_logged = setup.log;
    for &fault in &setup.without {
        world.faults.without(fault);
    }
    drive(&mut world, setup.steps).map_err(|violation| {
        Box::new(Broken {
            setup: setup.clone(),
            step: world.steps,
            violation,
        })
    })
}

fn drive(world: &mut World, steps: u64) -> Result<Report, Violation> {
    while world.steps < steps && world.step()? {}
    let settled = settle::settle(world)?;
    settle::check_matters(world)?;
    let who = world.devices[0].who.clone();
    database::check(&mut world.oracle, &world.server, world.hub.broken_packs)?;
    database::check_nothing_lost(&mut world.oracle, &world.server, &who)?;
    let tree = settle::server_tree(world);
    database::check_tree(&mut world.oracle, &tree)?;
    world.check_space()?;
    Ok(Report {
        steps: world.steps,
        trace: world.traced(),
        faults: world.faults.counts(),
        checks: world.oracle.checks.clone(),
        conflicts: world.oracle.conflicts.len() as u64,
        resolved: world.oracle.resolved,
        settled,
    })
}
