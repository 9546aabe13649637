//! Somebody goes back to what was in the drive, or in a folder, at a time: with the client's
//! own plan, request by request beside all else. What was there then was written down at that
//! time, by a look at the tables, and is compared with what the server tells of it.

use super::background::Check;
use super::database;
use super::oracle::Violation;
use super::returner::{Moment, Returner, Returning, Versions, Was, items, list_of, versions};
use super::under_way::Background;
use super::world::World;
use crate::model::ready::ready;
use crate::model::server::Server;
use blocks::chunk::SizeClass;
use blocks::manifest::Manifest;
use blocks::number::FileTime;
use client::past::{self, Came, plan};
use driftless_core::ports::{Database, Statement};
use protocol::ids::{ItemId, Seq, Version};
use protocol::past::Stood;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Moments that are written down.
const MOMENTS: usize = 6;

impl World {
    /// Writes down what is there now, and often somebody begins to go back to a moment that
    /// was written down before, unless somebody is at it. Several people have requests of
    /// their own for that.
    pub(super) fn go_back(&mut self) {
        if self.society.is_some() {
            return;
        }
        let earlier = self.rng.pick(&self.moments).cloned();
        self.write_down();
        let Some(moment) = earlier.filter(|_| !self.is_at_work(Background::Returning)) else {
            return;
        };
        let folders: Vec<ItemId> = moment
            .items
            .iter()
            .filter(|(_, (.., trashed, version))| version.is_none() && !trashed)
            .map(|(id, _)| *id)
            .collect();
        let of = self.rng.pick(&folders).copied();
        let of = of.filter(|_| self.rng.permille(400));
        let came = match self.rng.permille(400) {
            true => Came::Goes,
            false => Came::Stays,
        };
        let patience = match self.rng.permille(200) {
            true => self.rng.below(6),
            false => u64::MAX,
        };
        let returner = Rc::new(Returner {
            server: Rc::clone(&self.server),
            who: self.devices[0].who.clone(),
            now: self.common.now.clone(),
            of,
            at: moment.at,
            told: RefCell::default(),
            sent: RefCell::default(),
            repeats: Cell::new(false),
            patience: Cell::new(patience),
            seed: self.rng.bytes(),
            operations: Cell::new(0),
        });
        let at_it = Rc::clone(&returner);
        self.jobs.returning = Some(Returning {
            returner,
            moment,
            is_checked: false,
        });
        self.begin_run(Background::Returning, async move {
            let Ok((past, entries)) = past::ask(&*at_it, |_| {}).await else {
                return;
            };
            if past.at_ms != at_it.at {
                return;
            }
            at_it.told.replace(entries.clone());
            past::run(&*at_it, plan(&entries, came), &*at_it).await;
            let sent = at_it.sent.take();
            at_it.sent.replace(sent.clone());
            at_it.repeats.set(true);
            for files in sent.chunks(3) {
                let _ = past::Server::revert(&*at_it, files).await;
            }
        });
    }

    /// Nothing else happens in the same moment.
    fn write_down(&mut self) {
        self.now += 1;
        let moment = Moment {
            at: self.now,
            seq: self.newest_seq(),
            items: items(&self.server),
            is_ambiguous: false,
        };
        self.now += 1;
        self.moments.push(moment);
        if self.moments.len() > MOMENTS {
            self.moments.remove(0);
        }
    }

    fn newest_seq(&self) -> Seq {
        let newest = self.server.newest(&self.devices[0].who);
        newest.map_or(0, |(seq, _)| seq)
    }

    pub(super) fn check_of_returning(&self) -> Check {
        let before = versions(&self.server);
        let returning = self.jobs.returning.as_ref();
        let was_repeating = returning.is_some_and(|job| job.returner.repeats.get());
        Box::new(move |world| {
            let Some(mut job) = world.jobs.returning.take() else {
                return Ok(());
            };
            let after = versions(&world.server);
            world.check_reverts(&job, (&before, &after), was_repeating)?;
            if !job.is_checked && !job.returner.told.borrow().is_empty() {
                job.is_checked = true;
                world.check_told_past(&job)?;
            }
            world.jobs.returning = Some(job);
            database::check(&mut world.oracle, &world.server, world.hub.broken_packs)?;
            world.publish_head();
            Ok(())
        })
    }

    /// What one call has made of versions is what was asked for, against the head that was
    /// seen, of a version that is there; and a repeat makes nothing.
    fn check_reverts(
        &mut self,
        job: &Returning,
        (before, after): (&Versions, &Versions),
        was_repeating: bool,
    ) -> Result<(), Violation> {
        let new = after.keys().filter(|key| !before.contains_key(key));
        for &(item, version) in new {
            let told = || format!("{item} {version}");
            self.oracle
                .check("a repeat brings nothing back again", !was_repeating, told)?;
            let sent = job.returner.sent.borrow();
            let asked = sent
                .iter()
                .find(|revert| revert.item == item && revert.base_version + 1 == version);
            let heads = before.range((item, 0)..=(item, Version::MAX));
            let head = heads.last().map(|((_, version), _)| *version);
            let follows = asked.is_some() && head == Some(version - 1);
            self.oracle
                .check("a way back follows the head that was seen", follows, told)?;
            let Some(asked) = asked.copied() else {
                continue;
            };
            drop(sent);
            let of = before.get(&(item, asked.version));
            self.oracle
                .check("what was thinned does not come back", of.is_some(), told)?;
            let list = list_of(&self.server, item, version);
            let is_same = list == list_of(&self.server, item, asked.version)
                && of == after.get(&(item, version));
            self.oracle
                .check("a way back brings what was there", is_same, told)?;
            let content = Manifest {
                size: list.iter().map(|block| u64::from(block.length)).sum(),
                size_class: SizeClass::for_size(0),
                modified_at_ms: FileTime::of_clock(after[&(item, version)]),
                blocks: list,
            };
            self.oracle
                .accepted(item, version, &content, Some(version - 1))?;
        }
        Ok(())
    }

    /// Asks the journal about all moments before it is trimmed: it does not say afterwards
    /// which requests were under way at them.
    pub(super) fn ask_about_moments(&mut self) {
        let returning = self.jobs.returning.as_mut().map(|job| &mut job.moment);
        for moment in self.moments.iter_mut().chain(returning) {
            moment.is_ambiguous |= has_requests_under_way(&self.server, moment);
        }
    }

    /// What the server has told of a moment is what was written down then. A change whose
    /// request was under way at that moment may count either way.
    fn check_told_past(&mut self, job: &Returning) -> Result<(), Violation> {
        let moment = &job.moment;
        if moment.is_ambiguous || has_requests_under_way(&self.server, moment) {
            return Ok(());
        }
        let kept = versions(&self.server);
        for entry in job.returner.told.borrow().iter() {
            let was = moment.items.get(&entry.id);
            let told = || {
                let (of, id) = (job.returner.of, entry.id);
                let stood = stood(&moment.items, of, id);
                let kept: Vec<Version> = kept
                    .range((id, 0)..=(id, Version::MAX))
                    .map(|((_, version), _)| *version)
                    .collect();
                format!(
                    "{entry:?} at {}, of {of:?}: {was:?}, {stood:?}, {kept:?} are kept",
                    moment.at
                )
            };
            let is_so = match (&entry.then, was) {
                (None, None) => true,
                (Some(then), Some(was)) => {
                    let place = then.place.as_ref();
                    place.is_none_or(|place| (place.parent, &place.name) == (was.0, &was.1))
                        && then.stood == stood(&moment.items, job.returner.of, entry.id)
                        && then.content.is_none_or(|content| {
                            let newest = was.3.and_then(|newest| {
                                let kept = kept.range((entry.id, 0)..=(entry.id, newest));
                                kept.last().map(|((_, version), _)| *version)
                            });
                            // Deleted for good meanwhile, it has none.
                            self.oracle.deleted.contains(&entry.id)
                                || Some(content.version) == newest
                                || self.oracle.thinned.contains(&(entry.id, content.version))
                        })
                }
                _ => false,
            };
            self.oracle
                .check("what is told of a moment is what was there", is_so, told)?;
        }
        Ok(())
    }
}

/// Whether the journal has entries from before a moment that were written after it, or the
/// other way round.
fn has_requests_under_way(server: &Server, moment: &Moment) -> bool {
    const BETWEEN: &str = "SELECT count(*) AS n FROM changes WHERE seq > ?1 AND at <= ?2
      OR seq <= ?1 AND at > ?2";
    #[derive(Deserialize)]
    struct NumberRow {
        n: u64,
    }
    let between = Statement::new(BETWEEN).bind(moment.seq).bind(moment.at);
    let rows = ready(server.db.run(between));
    let row: Option<NumberRow> = rows.ok().and_then(|rows| rows.first().ok().flatten());
    row.is_none_or(|row| row.n > 0)
}

/// Where an item stood, as seen from a folder.
fn stood(items: &BTreeMap<ItemId, Was>, of: Option<ItemId>, id: ItemId) -> Stood {
    let mut at = Some(id);
    let mut seen = BTreeSet::new();
    let mut trashed = false;
    while let Some(id) = at.filter(|id| seen.insert(*id)) {
        if Some(id) == of && seen.len() > 1 {
            break;
        }
        let Some((parent, _, is_trashed, _)) = items.get(&id) else {
            break;
        };
        trashed |= is_trashed;
        at = *parent;
    }
    match (trashed, at == of) {
        (true, _) => Stood::InTrash,
        (false, true) => Stood::Inside,
        (false, false) => Stood::Elsewhere,
    }
}
