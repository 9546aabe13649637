//! The job that writes packs anew, step by step beside all else, and how much is stored
//! once all is quiet.

use super::background::Check;
use super::looked_up::LookedUp;
use super::mishaps::NIGHT_MILLIS;
use super::oracle::{Oracle, Violation};
use super::thinning::KEPT;
use super::under_way::Background;
use super::world::World;
use crate::model::audit;
use crate::model::legs::Legs;
use crate::model::ready::ready;
use crate::model::server::Server;
use crate::model::turns::Turns;
use driftless_core::collect::{self, Collected};
use driftless_core::ports::{Database, Statement};
use driftless_core::retention::thin::{self, Thinned};
use driftless_core::rewrite::{self, RewriteBounds, Rewritten};
use protocol::ids::PackId;
use protocol::retention::Retention;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How far the job goes in one run.
const REWRITTEN: RewriteBounds = RewriteBounds {
    objects_per_page: 6,
    pages: 3,
    rows_per_page: 40,
    sources: 4,
    blocks: 9,
    packs: 2,
    bytes: 500,
};

/// More nights than the older versions are kept.
const THINNED_NIGHTS: usize = 10;
/// Nights until what was thinned last is gone: its blocks are condemned in one, deleted in
/// the next, then their packs are written anew, and the old ones go an hour later.
const LAST_NIGHTS: usize = 4;
/// More runs than it takes to go through all packs of a run.
const QUIET_RUNS: usize = 400;

impl World {
    /// The job begins a run, unless it is at work.
    pub(super) fn rewrite(&mut self) {
        if self.is_at_work(Background::Rewriting) {
            return;
        }
        let (server, now) = (Rc::clone(&self.server), self.now);
        if self.jobs.looked_up.may_be_new(now) {
            self.jobs.looked_up = LookedUp::at(now, audit::places(&server));
        }
        self.begin_run(Background::Rewriting, async move {
            let (db, packs) = (Turns(&server.db), Turns(&server.packs));
            let legs = Legs {
                db: &db,
                packs: &packs,
            };
            let fresh_id = || PackId::from_random(server.fresh_id());
            legs.rewrite(now, fresh_id, &REWRITTEN).await
        });
    }

    pub(super) fn check_of_rewriting(&self) -> Check {
        Box::new(|world| {
            if world.hub.broken_packs == 0 {
                check_whole(&mut world.oracle, &world.server)?;
            }
            world.check_looked_up()
        })
    }

    /// Whoever has looked up where a block is reads it there, wherever it was moved since.
    pub(super) fn check_looked_up(&mut self) -> Result<(), Violation> {
        if self.hub.broken_packs > 0 || !self.jobs.looked_up.is_recent(self.now) {
            return Ok(());
        }
        let stored = audit::places(&self.server);
        let (packs, places) = (&self.server.packs, &mut self.jobs.looked_up.places);
        // What nothing needs may be collected, and come again elsewhere.
        places.retain(|block, _| stored.contains_key(block));
        let gone = places.iter().find(|(_, key)| !packs.has(key));
        self.oracle.check(
            "a block is still where it was looked up",
            gone.is_none(),
            || format!("{gone:?}"),
        )
    }

    /// Nights pass in which nobody does anything, and all jobs come to their end. Then little
    /// more is stored than is needed, also of what was thinned meanwhile.
    pub(super) fn check_space(&mut self) -> Result<(), Violation> {
        let server = Rc::clone(&self.server);
        let mut now = self.now;
        for night in 0..THINNED_NIGHTS + LAST_NIGHTS {
            now += NIGHT_MILLIS;
            let kept = Retention {
                versions: Some(KEPT),
                trash_days: None,
            };
            if night < THINNED_NIGHTS {
                while server.thin(now, &kept, &thin::BOUNDS) != Ok(Thinned::default()) {}
            }
            while server.collect(now, &collect::BOUNDS) != Ok(Collected::default()) {}
            let mut quiet = 0;
            for _ in 0..QUIET_RUNS {
                let rewritten = server.rewrite(now, &REWRITTEN).unwrap_or_default();
                quiet = match rewritten {
                    Rewritten {
                        emptied: 0,
                        deleted: 0,
                        ..
                    } => quiet + rewritten.looked_at,
                    _ => 0,
                };
                if quiet > 2 * server.packs.len() as u64 + 2 {
                    break;
                }
            }
        }
        check_whole(&mut self.oracle, &server)?;
        let needed = needed_bytes(&server);
        let (most, of) = rewrite::MOST_PER_NEEDED;
        for key in server.packs.keys() {
            let stored = server.packs.get(&key).map_or(0, |bytes| bytes.len() as u64);
            let needed = needed.get(&key).copied().unwrap_or(0);
            let holds = stored * of <= needed * most;
            self.oracle
                .check("little more is stored than is needed", holds, || {
                    format!("{stored} bytes in {key} for {needed}")
                })?;
        }
        Ok(())
    }
}

/// Each stored block is where its row says, and is what its hash says.
fn check_whole(oracle: &mut Oracle, server: &Server) -> Result<(), Violation> {
    let faults = audit::faults(server);
    oracle.check(
        "what is stored is where it should be",
        faults.is_empty(),
        || format!("{faults:?}"),
    )
}

/// The bytes of each pack that a version or a conflict needs, by the pack's key.
fn needed_bytes(server: &Server) -> BTreeMap<String, u64> {
    const NEEDED: &str = "
SELECT space || '/' || pack AS key, sum(coalesce(stored_length, length)) AS n FROM blocks b
WHERE EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)
  OR EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = b.space AND c.hash = b.hash)
GROUP BY space, pack";
    #[derive(Deserialize)]
    struct PackRow {
        key: String,
        n: u64,
    }
    let rows = ready(server.db.run(Statement::new(NEEDED))).expect("rows");
    let rows: Vec<PackRow> = rows.all().expect("packs");
    rows.into_iter().map(|row| (row.key, row.n)).collect()
}
