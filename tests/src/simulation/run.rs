//! One seed from start to end.

use super::faults::Fault;
use super::oracle::Violation;
use super::world::{Event, World};
use shared::ids::ItemId;
use shared::protocol::changes::Change;
use shared::protocol::items::Item;
use std::collections::BTreeMap;

/// How a run is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub seed: u64,
    /// Steps with faults; those in which everything settles come on top.
    pub steps: u64,
    pub without: Vec<Fault>,
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
    /// Simulated milliseconds from the last fault until all devices agreed.
    pub settled_millis: u64,
}

/// A run that broke an invariant, and where.
#[derive(Clone, Debug)]
pub struct Broken {
    pub setup: Setup,
    pub step: u64,
    pub violation: Violation,
}

/// Once faults stop, all devices agree within this long, in milliseconds of
/// simulated time: two polls that time out, and the longest backoff.
pub const SETTLED_WITHIN_MILLIS: u64 = 15 * 60_000;

/// Runs a seed.
///
/// # Errors
/// The first invariant that did not hold.
pub fn run(setup: &Setup) -> Result<Report, Box<Broken>> {
    let devices = 2 + (setup.seed % 4) as usize;
    let mut world = World::new(setup.seed, devices);
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
    world.faults.stopped = true;
    world.lively = false;
    let calm_since = world.now;
    for device in 0..world.devices.len() {
        world.after(1, Event::Mend { device });
    }
    let settled_at = settle(world, calm_since)?;
    let who = world.devices[0].who.clone();
    world.oracle.check_database(&world.server)?;
    world.oracle.check_nothing_lost(&world.server, &who)?;
    let tree = server_tree(world);
    world.oracle.check_tree(&tree)?;
    Ok(Report {
        steps: world.steps,
        trace: world.trace,
        faults: world.faults.counts.clone(),
        checks: world.oracle.checks.clone(),
        conflicts: world.oracle.conflicts.len() as u64,
        resolved: world.oracle.resolved,
        settled_millis: settled_at - calm_since,
    })
}

/// Lets everything come to rest.
fn settle(world: &mut World, since: u64) -> Result<u64, Violation> {
    let mut looked = world.steps;
    loop {
        if world.steps >= looked + 40 {
            looked = world.steps;
            match difference(world) {
                None => return Ok(world.now),
                Some(why) => {
                    let in_time = world.now < since + SETTLED_WITHIN_MILLIS;
                    world
                        .oracle
                        .check("all devices converge", in_time, || why)?;
                }
            }
        }
        if !world.step()? {
            return Err(Violation("nothing happens any more".to_owned()));
        }
    }
}

/// What keeps the devices from having the server's tree.
fn difference(world: &World) -> Option<String> {
    for (n, device) in world.devices.iter().enumerate() {
        let trees = device.engine.trees();
        if let Some(edit) = trees.edits().next() {
            return Some(format!("device {n} still has {edit:?}"));
        }
        if let Some(resolution) = trees.resolutions.values().next() {
            return Some(format!("device {n} still has {resolution:?}"));
        }
    }
    let tree = server_tree(world);
    for (n, device) in world.devices.iter().enumerate() {
        let trees = device.engine.trees();
        let known: BTreeMap<ItemId, &Item> = trees
            .entries()
            .filter_map(|(id, entry)| Some((id, entry.remote.as_ref()?)))
            .collect();
        if known.len() != tree.len() {
            return Some(format!(
                "device {n} knows {} of {} items",
                known.len(),
                tree.len()
            ));
        }
        for (id, item) in &tree {
            if known.get(id) != Some(&item) {
                return Some(format!(
                    "device {n} has {:?} instead of {item:?}",
                    known.get(id)
                ));
            }
            let held = trees.entry(*id).and_then(|entry| entry.held);
            if device.holds_content && item.file.is_some() && held != Some(item.version()) {
                return Some(format!("device {n} holds {held:?} of {item:?}"));
            }
        }
    }
    None
}

/// The tree as a new device would list it.
fn server_tree(world: &World) -> BTreeMap<ItemId, Item> {
    let who = &world.devices[0].who;
    let (mut items, mut since) = (BTreeMap::new(), None);
    while let Ok(page) = world.server.changes(who, since.as_deref(), None) {
        for change in page.changes {
            if let Change::Item { item } = change {
                items.insert(item.id, item);
            }
        }
        since = Some(page.next_token);
        if !page.has_more {
            break;
        }
    }
    items
}

/// The smallest run that still breaks: fewer steps, fewer kinds of faults.
pub fn shrink(broken: &Broken) -> Broken {
    let mut smallest = broken.clone();
    let kinds = World::new(broken.setup.seed, 2).faults.kinds();
    for fault in kinds {
        let mut setup = smallest.setup.clone();
        setup.without.push(fault);
        setup.steps = smallest.step;
        if let Err(still) = run(&setup) {
            smallest = *still;
        }
    }
    smallest
}
