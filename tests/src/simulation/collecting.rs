//! The collector, step by step beside all else.

use super::background::Check;
use super::database;
use super::under_way::Background;
use super::world::World;
use crate::model::legs::Legs;
use crate::model::turns::Turns;
use driftless_core::collect::CollectBounds;
use std::rc::Rc;

/// How far the collector goes in one run.
const COLLECTED: CollectBounds = CollectBounds {
    blocks_per_page: 9,
    block_pages: 4,
    patches_per_page: 9,
    patch_pages: 1,
    operations_per_page: 50,
    operation_pages: 2,
    packs: 5,
    deletion_steps: 1,
    rows_per_step: 5,
};

impl World {
    /// The collector begins a run, unless it is at work.
    pub(super) fn collect(&mut self) {
        if self.is_at_work(Background::Collecting) {
            return;
        }
        let (server, now) = (Rc::clone(&self.server), self.now);
        self.begin_run(Background::Collecting, async move {
            let (db, packs) = (Turns(&server.db), Turns(&server.packs));
            let legs = Legs {
                db: &db,
                packs: &packs,
            };
            legs.collect(now, &COLLECTED).await
        });
    }

    pub(super) fn check_of_collecting(&self) -> Check {
        let before = database::stored(&self.server);
        Box::new(move |world| {
            let now = world.now;
            database::check_collected(&mut world.oracle, &world.server, &before, now)?;
            world.check_looked_up()?;
            database::check(&mut world.oracle, &world.server, world.hub.broken_packs)
        })
    }
}
