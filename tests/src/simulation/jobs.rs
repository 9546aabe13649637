//! Requests at the server. Several are under way at a time, each goes on by one
//! batch or one call to R2 in a step, and the isolate they run in may end
//! between any two.

use super::call::Caller;
use super::call::{Call, Said};
use super::database;
use super::door;
use super::faults::Fault;
use super::oracle::{Promised, Violation};
use super::polls::Waits;
use super::under_way::{Asked, Job, JobId};
use super::wire::{self, Served};
use super::world::{Event, World};
use crate::model::lapses::Lapse;
use crate::model::legs::{Answered, Legs};
use crate::model::ready::step;
use crate::model::turns::Turns;
use client::Failure;
use driftless_core::writes::deletion::Deletion;
use protocol::batches::FileMade;
use protocol::changes::{Change, ChangePage};
use protocol::content::Base;
use protocol::cursor::Cursor;
use protocol::ids::PackId;
use protocol::problem::Problem;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;

impl World {
    /// The server takes a request.
    pub(super) fn begin(&mut self, caller: Caller, call: Call, answered: bool) {
        let who = self.devices[self.tabs[caller.tab].device].who.clone();
        let server = Rc::clone(&self.server);
        let stored = |base: Base| {
            let manifest = server.manifest(&who, base.item, Some(base.version));
            manifest.ok().map(|manifest| manifest.blocks)
        };
        let (mut since, mut deletion, mut is_batch) = (None, None, false);
        let mut polled = Vec::new();
        let asked = match &call {
            Call::CreateFiles(files) => {
                is_batch = true;
                let files = files.iter().map(|file| Asked {
                    item: None,
                    promised: self.oracle.promised_new(&stored, file, None),
                });
                files.collect()
            }
            Call::ChangeItems(changes) => {
                is_batch = changes.len() > 1;
                let changes = changes.iter().map(|change| Asked {
                    item: Some(change.item),
                    promised: None,
                });
                changes.collect()
            }
            Call::Delete { wanted, unheard } => {
                deletion = Some((wanted.clone(), *unheard));
                vec![Asked::default()]
            }
            call => {
                match call {
                    Call::Poll { positions, .. } => polled = positions.clone(),
                    Call::Changes { since: seen } => since = seen.clone(),
                    _ => {}
                }
                vec![Asked {
                    item: None,
                    promised: self.oracle.promised(&stored, call),
                }]
            }
        };
        let (reads_packs, puts) = (call.reads_packs(), call.puts());
        let sent = self.sent(caller, &call);
        let future: Pin<Box<dyn Future<Output = Answered<Served>>>> = match &sent {
            Some(sent) => {
                let (now, by) = (self.common.now.clone(), self.by(caller));
                Box::pin(door::serve(server, now, by, call, sent.outbox.clone()))
            }
            None => {
                let (now, pack) = (self.now, PackId::from_random(server.fresh_id()));
                Box::pin(async move {
                    let (db, packs) = (Turns(&server.db), Turns(&server.packs));
                    let legs = Legs {
                        db: &db,
                        packs: &packs,
                    };
                    wire::serve(&legs, &who, now, pack, call).await
                })
            }
        };
        let job = Job {
            caller,
            asked,
            answered,
            is_batch,
            reads_packs,
            puts,
            since,
            polled,
            deletion,
            sent,
            future,
        };
        self.jobs.last += 1;
        let id = JobId(self.jobs.last);
        self.jobs.running.insert(id, job);
        self.turn_soon(id);
    }

    pub(super) fn turn_soon(&mut self, job: JobId) {
        let pause = self.pause();
        self.after(pause, Event::Turn { job });
    }

    /// Between two calls of a request, in milliseconds.
    pub(super) fn pause(&mut self) -> u64 {
        if self.faults.strikes(Fault::ServerSlow, &mut self.rng) {
            self.rng.below(4_000)
        } else {
            self.rng.below(12)
        }
    }

    /// A request goes on by one call.
    pub(super) fn turn(&mut self, id: JobId) -> Result<(), Violation> {
        let Some(mut job) = self.jobs.running.remove(&id) else {
            return Ok(());
        };
        if self.faults.strikes(Fault::IsolateEnds, &mut self.rng) {
            self.isolate_ends(job);
            return Ok(());
        }
        let before = job.deletion.is_some().then(|| database::tree(&self.server));
        let end = self.one_call(job.future.as_mut());
        if let Some(before) = before {
            database::check_deleted(&mut self.oracle, &self.server, &before)?;
        }
        self.watch(&mut job)?;
        match end {
            None => {
                self.goes_on(id, job);
                Ok(())
            }
            Some(end) => self.ended(job, end),
        }
    }

    /// What runs at the server goes on by one call.
    pub(super) fn one_call<F: Future + ?Sized>(
        &mut self,
        future: Pin<&mut F>,
    ) -> Option<F::Output> {
        self.plan_lapse();
        self.common.now.set(self.now);
        self.server.packs.clock.set(self.now);
        let end = step(future);
        self.server.db.lapses.clear();
        self.server.packs.lapses.clear();
        end
    }

    /// What the next call comes to, if it does not go well.
    fn plan_lapse(&mut self) {
        let which = [Lapse::Unreached, Lapse::AnswerLost];
        if self.faults.strikes(Fault::DatabaseLapse, &mut self.rng) {
            let lapse = which[self.rng.below(2) as usize];
            self.server.db.lapses.plan([Some(lapse)]);
        }
        if self.faults.strikes(Fault::PackStoreLapse, &mut self.rng) {
            let lapse = which[self.rng.below(2) as usize];
            self.server.packs.lapses.plan([Some(lapse)]);
        }
    }

    /// This request ends where it is, and half of the time all others do, too.
    fn isolate_ends(&mut self, job: Job) {
        let all = self.rng.permille(500);
        let others = if all {
            std::mem::take(&mut self.jobs.running)
        } else {
            BTreeMap::new()
        };
        self.end_requests(others.into_values().chain([job]));
    }

    /// These requests end where they are, without an answer.
    pub(super) fn end_requests(&mut self, jobs: impl Iterator<Item = Job>) {
        for job in jobs {
            match job.deletion {
                Some((wanted, unheard)) if job.answered => {
                    self.delete_again(job.caller, wanted, unheard);
                }
                None if job.answered => self.cut_off(job.caller),
                _ => {}
            }
        }
    }

    /// A request of a deletion for good has ended.
    fn deletion_ended(
        &mut self,
        job: &Job,
        (wanted, unheard): (Deletion, u32),
        end: Answered<Served>,
    ) -> Result<(), Violation> {
        let (caller, answered) = (job.caller, job.answered);
        self.log(|| format!("a deletion for good ends in {end:?}"));
        self.publish_head();
        let is_lost = self.faults.strikes(Fault::ReplyLost, &mut self.rng);
        match end {
            _ if !answered => {}
            _ if is_lost => self.delete_again(caller, wanted, unheard),
            Ok(Served::Deleted(deleted)) if !deleted.done => {
                self.delete_for_good(caller, wanted, 0);
            }
            Ok(_) => {}
            Err(failure) => match self.server.problem(failure) {
                Problem::Unavailable => self.delete_again(caller, wanted, unheard),
                Problem::Internal => {
                    let fault = self.server.last_fault();
                    return self
                        .oracle
                        .check("the server does not fail", false, || format!("{fault:?}"));
                }
                _ => {}
            },
        }
        Ok(())
    }

    fn ended(&mut self, mut job: Job, end: Answered<Served>) -> Result<(), Violation> {
        let caller = job.caller;
        if let Some(deletion) = job.deletion.take() {
            return self.deletion_ended(&job, deletion, end);
        }
        let said = match end {
            Ok(Served::WaitAfter { seen, seconds }) => {
                let waits = vec![Waits::after(None, seen, &job.polled)];
                self.park_soon(caller, waits, seconds);
                return Ok(());
            }
            Ok(Served::Batch(ends)) => {
                let mut made = Vec::new();
                let asked = std::mem::take(&mut job.asked);
                for (asked, end) in asked.into_iter().zip(ends) {
                    let end = end.map(Said::Item);
                    if let Ok(said) = &end {
                        self.check_told(&job, said)?;
                    }
                    made.push(self.note_end(&job, asked, end)?);
                }
                match (job.is_batch, made.pop()) {
                    (false, Some(only)) => only,
                    (_, last) => Ok(Said::Items(
                        made.into_iter().chain(last).map(each).collect(),
                    )),
                }
            }
            Ok(Served::Deleted(_)) => return Ok(()),
            Ok(Served::Said(said)) => {
                let asked = job.asked.pop().unwrap_or_default();
                self.check_told(&job, &said)?;
                self.note_end(&job, asked, Ok(said))?
            }
            Err(failure) => {
                let asked = job.asked.pop().unwrap_or_default();
                self.note_end(&job, asked, Err(failure))?
            }
        };
        if job.answered {
            self.answer(caller, said);
        }
        Ok(())
    }

    /// No client says of a list what is not so. A list never changes, and goes only
    /// with its file, or when it is thinned.
    fn check_refusal(&mut self, job: &Job, problem: &Problem) -> Result<(), Violation> {
        let is_possible = match problem {
            Problem::BadManifest { .. } => false,
            // What is elsewhere is told as if it did not exist.
            Problem::NoSuchBase => {
                let oracle = &self.oracle;
                let is_gone = !oracle.deleted.is_empty() || !oracle.thinned.is_empty();
                is_gone || job.caller.root.is_some()
            }
            _ => true,
        };
        self.oracle
            .check("no client is mistaken about a list", is_possible, || {
                format!("{:?} {problem:?}", job.caller)
            })
    }

    /// A listing is in the order of ids, so none of its pages tells what one before has told.
    fn check_listing(&mut self, job: &Job, page: &ChangePage) -> Result<(), Violation> {
        let cursor: Option<Cursor> = job.since.as_ref().and_then(|since| since.parse().ok());
        let listed_to = cursor.and_then(|cursor| cursor.listed_to);
        let Some(last) = listed_to.filter(|_| !page.reset) else {
            return Ok(());
        };
        let is_new = |change: &Change| match change {
            Change::Item { item } => item.id > last,
            _ => true,
        };
        let goes_on = page.changes.iter().all(is_new);
        self.oracle
            .check("a listing goes on where it was", goes_on, || {
                format!("{:?} after {last}: {page:?}", job.caller)
            })
    }

    /// One of the things that were asked for has ended.
    fn note_end(
        &mut self,
        job: &Job,
        asked: Asked,
        end: Answered<Said>,
    ) -> Result<Result<Said, Failure>, Violation> {
        let end = end.map_err(|failure| self.server.problem(failure));
        self.log(|| format!("the server answers {:?} {end:?}", job.caller));
        if matches!(end, Err(Problem::Internal)) {
            let is_known = job.reads_packs && self.hub.broken_packs > 0;
            let fault = self.server.last_fault();
            self.oracle
                .check("the server does not fail", is_known, || {
                    format!("{fault:?}")
                })?;
        }
        if let Err(problem) = &end {
            self.check_refusal(job, problem)?;
            self.check_told_refusal(job, problem)?;
        }
        if let Ok(said) = &end {
            if let Said::Changes(page) = said {
                self.check_listing(job, page)?;
            }
            if let Said::Item(changed) = said {
                if self.society.is_none() {
                    self.publish(changed.seq);
                }
                let is_about_it = asked.item.is_none_or(|item| item == changed.item.id);
                self.oracle
                    .check("an answer is about what was asked", is_about_it, || {
                        format!("{:?} {changed:?}", job.caller)
                    })?;
                if job.puts && changed.item.trashed_at_ms.is_none() {
                    let who = &self.devices[0].who;
                    database::check_put(&mut self.oracle, &self.server, who, changed)?;
                }
            }
            self.note(job, asked.promised, said)?;
        }
        Ok(end.map_err(Failure::Refused))
    }

    /// Tells the oracle and the queue what the server accepted.
    fn note(
        &mut self,
        job: &Job,
        promised: Option<Promised>,
        answer: &Said,
    ) -> Result<(), Violation> {
        let caller = job.caller;
        let device = self.tabs[caller.tab].device;
        match (promised, answer) {
            (promised, Said::Item(changed)) => {
                // Where a root stands is not told to whoever it is shared with.
                if caller.root != Some(changed.item.id) {
                    self.oracle.placed(&changed.item)?;
                }
                if let Some(Promised::Version { content }) = promised {
                    let (item, version) = (changed.item.id, changed.item.version());
                    self.oracle.accepted(item, version, &content, None)?;
                }
            }
            (Some(Promised::Conflict { draft }), Said::Conflict(conflict)) => {
                self.oracle.kept(conflict, draft)?;
                self.publish_head();
            }
            (Some(Promised::Choice { seen, merged }), Said::Conflict(conflict)) => {
                let who = self.devices[device].who.clone();
                let (server, oracle) = (&self.server, &mut self.oracle);
                oracle.chosen(server, &who, device, conflict, seen, merged.as_ref())?;
                self.publish_head();
            }
            (Some(Promised::Reopening { seen }), Said::Conflict(conflict)) => {
                let who = self.devices[device].who.clone();
                let (server, oracle) = (&self.server, &mut self.oracle);
                oracle.reopened(server, &who, device, conflict, seen)?;
                self.publish_head();
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn publish_head(&mut self) {
        if self.society.is_some() {
            // The handlers have told of it.
            return;
        }
        let who = self.devices[0].who.clone();
        if let Ok((seq, _)) = self.server.newest(&who) {
            self.publish(seq);
        }
    }
}

/// What became of one of a batch, as it travels.
fn each(end: Result<Said, Failure>) -> FileMade {
    match end {
        Ok(Said::Item(changed)) => FileMade::from(Ok(changed)),
        Err(Failure::Refused(problem)) => FileMade::from(Err(problem)),
        other => panic!("no end of a change: {other:?}"),
    }
}
