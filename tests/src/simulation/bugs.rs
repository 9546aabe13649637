//! Whether the simulator notices deliberate bugs: how many seeds it takes, from
//! several starts, and what gives each bug away.

use super::run::{Setup, run};
use crate::model::server::Server;
use bugs::{Bug, choose};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Steps of a seed. The runs of the real code are longer.
const STEPS: u64 = 4_000;
/// From so many starting seeds, far from each other.
const STARTS: u64 = 5;
/// A bug that so many seeds do not show is missed.
pub const MOST_SEEDS: u64 = 1_000;
/// What the database would refuse, so that it would hide them.
const WITHOUT_FOREIGN_KEYS: [&str; 2] = ["ForeignKeyDropped", "NeedNotAskedAgain"];

/// How a bug was found.
#[derive(Clone, Debug)]
pub struct Score {
    pub bug: Bug,
    /// Seeds until it was found, from each start; `None`: it was missed.
    pub seeds: Vec<Option<u64>>,
    /// What gave it away most often.
    pub invariant: &'static str,
}

impl Score {
    pub fn is_caught(&self) -> bool {
        self.seeds.iter().all(Option::is_some)
    }

    /// The median of the seeds that it took.
    pub fn median(&self) -> u64 {
        let mut seeds: Vec<u64> = self.seeds.iter().flatten().copied().collect();
        seeds.sort_unstable();
        seeds.get(seeds.len() / 2).copied().unwrap_or(0)
    }
}

/// Puts one bug into this thread and looks for it. `starts`: from how many
/// seeds, at most [`STARTS`].
pub fn score(bug: &Bug, first: u64, starts: u64) -> Score {
    let server = Rc::new(Server::new());
    let mut found: BTreeMap<&'static str, u32> = BTreeMap::new();
    let mut seeds = Vec::new();
    for start in 0..starts.min(STARTS) {
        let from = first + start * 1_000_000;
        let broken = (0..MOST_SEEDS).find_map(|n| {
            let people = match bug.takes_people {
                true => 2 + (n % 2) as usize,
                false => 1,
            };
            let setup = Setup {
                people: Some(people),
                ..Setup::of(from + n, STEPS)
            };
            let is_unenforced = WITHOUT_FOREIGN_KEYS.contains(&bug.name.as_str());
            server.db.enforce_foreign_keys(!is_unenforced);
            choose(Some(&bug.name));
            let end = run(&setup, &server);
            choose(None);
            server.db.enforce_foreign_keys(true);
            let broken = end.err()?;
            // It counts only if nothing is wrong with that seed itself.
            let is_clean = run(&setup, &server).is_ok();
            is_clean.then_some((n + 1, broken.violation.invariant))
        });
        seeds.push(broken.map(|(n, _)| n));
        if let Some((_, invariant)) = broken {
            *found.entry(invariant).or_default() += 1;
        }
    }
    let most = found.into_iter().max_by_key(|(_, count)| *count);
    Score {
        bug: bug.clone(),
        seeds,
        invariant: most.map_or("-", |(invariant, _)| invariant),
    }
}
