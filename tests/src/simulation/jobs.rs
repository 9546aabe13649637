//! Requests at the server. Several are under way at a time, each goes on by one
//! batch or one call to R2 in a step, and the isolate they run in may end
//! between any two.

use super::database;
use super::faults::Fault;
use super::network::{Instead, Outcome, Parcel};
use super::oracle::{Promised, Violation};
use super::tab::Caller;
use super::wire::{self, Served};
use super::world::{Event, World};
use crate::model::lapses::Lapse;
use crate::model::legs::{Answered, Legs};
use crate::model::ready::step;
use crate::model::turns::Turns;
use driftless_api::collect::{Bounds, Collected};
use driftless_api::writes::deletion::Deletion;
use protocol::ids::{ItemId, PackId};
use protocol::problem::Problem;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use sync::message::{Answer, BytesLost, Failure, Request};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(u64);

/// What is under way at the server.
#[derive(Default)]
pub struct Jobs {
    running: BTreeMap<JobId, Job>,
    collector: Option<Collecting>,
    last: u64,
}

/// How far the collector goes in one run.
const COLLECTED: Bounds = Bounds {
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

type Collecting = Pin<Box<dyn Future<Output = Answered<Collected>>>>;

/// Who asks for something.
struct Asked {
    caller: Caller,
    /// What it is about, in a batch of changes of places.
    item: Option<ItemId>,
    /// What is promised them by an answer.
    promised: Option<Promised>,
    whole: Instead,
}

impl Asked {
    fn by(caller: Caller) -> Self {
        Self {
            caller,
            item: None,
            promised: None,
            whole: None,
        }
    }
}

struct Job {
    /// One, but for a batch.
    asked: Vec<Asked>,
    /// Whether somebody waits for the answer.
    answered: bool,
    /// What the driver sends once this is stored.
    rest: Vec<Vec<u8>>,
    reads_packs: bool,
    /// Whether it puts an item into a folder.
    puts: bool,
    /// Of a poll: what its device has seen.
    since: Option<String>,
    /// Of a deletion for good, with how often nobody has heard of it.
    deletion: Option<(Deletion, u32)>,
    future: Pin<Box<dyn Future<Output = Answered<Served>>>>,
}

impl World {
    /// The server takes a request.
    pub(super) fn begin(&mut self, caller: Caller, mut parcel: Parcel, answered: bool) {
        let (mut since, mut rest) = (None, Vec::new());
        let mut asked = vec![Asked::by(caller)];
        match &mut parcel {
            Parcel::Frames { rest: later, .. } => rest = std::mem::take(later),
            Parcel::Deletion { .. } => {}
            Parcel::Batch(files) => {
                let files = files.iter_mut().map(|new| Asked {
                    caller: new.caller,
                    item: None,
                    promised: self.oracle.promised_new(&new.file),
                    whole: new.whole.take(),
                });
                asked = files.collect();
            }
            Parcel::Places(changes) => {
                asked = changes
                    .iter()
                    .map(|(caller, change)| Asked {
                        item: Some(change.item),
                        ..Asked::by(*caller)
                    })
                    .collect();
            }
            Parcel::Asked {
                request: body,
                whole,
                ..
            } => {
                // Whatever form it has: what is meant is the whole content.
                let meant = whole.as_deref().unwrap_or(body);
                asked = vec![Asked {
                    caller,
                    item: None,
                    promised: self.oracle.promised(meant),
                    whole: whole.take(),
                }];
                if let Request::Poll { since: seen, .. } = body {
                    since = Some(seen.clone());
                }
            }
        }
        let deletion = match &parcel {
            Parcel::Deletion { wanted, unheard } => Some((wanted.clone(), *unheard)),
            _ => None,
        };
        let reads_packs = matches!(
            parcel,
            Parcel::Asked {
                request: Request::Fetch { .. },
                ..
            }
        );
        let puts = matches!(
            parcel,
            Parcel::Batch(_)
                | Parcel::Places(_)
                | Parcel::Asked {
                    request: Request::CreateFile { .. }
                        | Request::CreateFolder { .. }
                        | Request::ChangePlace { .. }
                        | Request::Restore { .. },
                    ..
                }
        );
        let server = Rc::clone(&self.server);
        let who = self.devices[self.tabs[caller.tab].device].who.clone();
        let (now, pack) = (self.now, PackId::from_random(server.fresh_id()));
        let future = async move {
            let (db, packs) = (Turns(&server.db), Turns(&server.packs));
            let legs = Legs {
                db: &db,
                packs: &packs,
            };
            wire::serve(&legs, &who, now, pack, parcel).await
        };
        let job = Job {
            asked,
            answered,
            rest,
            reads_packs,
            puts,
            since,
            deletion,
            future: Box::pin(future),
        };
        self.jobs.last += 1;
        let id = JobId(self.jobs.last);
        self.jobs.running.insert(id, job);
        self.turn_soon(id);
    }

    fn turn_soon(&mut self, job: JobId) {
        let pause = self.pause();
        self.after(pause, Event::Turn { job });
    }

    /// Between two calls of a request, in milliseconds.
    fn pause(&mut self) -> u64 {
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
        self.plan_lapse();
        let end = step(job.future.as_mut());
        self.server.db.lapses.clear();
        self.server.packs.lapses.clear();
        if let Some(before) = before {
            database::check_deleted(&mut self.oracle, &self.server, &before)?;
        }
        match end {
            None => {
                self.jobs.running.insert(id, job);
                self.turn_soon(id);
                Ok(())
            }
            Some(end) => self.ended(job, end),
        }
    }

    /// The collector begins a run, unless it is at work.
    pub(super) fn collect(&mut self) {
        if self.jobs.collector.is_some() {
            return;
        }
        let (server, now) = (Rc::clone(&self.server), self.now);
        let future = async move {
            let (db, packs) = (Turns(&server.db), Turns(&server.packs));
            let legs = Legs {
                db: &db,
                packs: &packs,
            };
            legs.collect(now, &COLLECTED).await
        };
        self.jobs.collector = Some(Box::pin(future));
        self.after(1, Event::Collecting);
    }

    /// The collector goes on by one call.
    pub(super) fn collecting(&mut self) -> Result<(), Violation> {
        let Some(mut collector) = self.jobs.collector.take() else {
            return Ok(());
        };
        if self.faults.strikes(Fault::CollectorEnds, &mut self.rng) {
            return Ok(());
        }
        let before = database::stored(&self.server);
        self.plan_lapse();
        let end = step(collector.as_mut());
        self.server.db.lapses.clear();
        self.server.packs.lapses.clear();
        database::check_collected(&mut self.oracle, &self.server, &before, self.now)?;
        database::check(&mut self.oracle, &self.server, self.hub.broken_packs)?;
        if end.is_none() {
            self.jobs.collector = Some(collector);
            let pause = 1 + self.pause();
            self.after(pause, Event::Collecting);
        }
        Ok(())
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
        for job in others.into_values().chain([job]) {
            if let Some((wanted, unheard)) = job.deletion {
                if let Some(asked) = job.asked.first().filter(|_| job.answered) {
                    self.delete_again(asked.caller, wanted, unheard);
                }
                continue;
            }
            if job.answered {
                let callers: Vec<Caller> = job.asked.iter().map(|asked| asked.caller).collect();
                self.cut_off(&callers);
            }
        }
    }

    /// A request of a deletion for good has ended.
    fn deletion_ended(
        &mut self,
        caller: Caller,
        (wanted, unheard): (Deletion, u32),
        end: Answered<Served>,
        answered: bool,
    ) -> Result<(), Violation> {
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
        if let (Some(deletion), [asked]) = (job.deletion.take(), &job.asked[..]) {
            return self.deletion_ended(asked.caller, deletion, end, job.answered);
        }
        let mut outcomes = Vec::new();
        match end {
            Ok(Served::WaitAfter { seen, seconds }) => {
                let cursor = job.since.and_then(|since| since.parse().ok());
                let cursor = cursor.map_or(seen, |cursor: protocol::cursor::Cursor| cursor.seq);
                for Asked { caller, .. } in job.asked {
                    let pause = 1 + self.rng.below(5);
                    self.after(
                        pause,
                        Event::Park {
                            caller,
                            seen,
                            cursor,
                            seconds,
                        },
                    );
                }
                return Ok(());
            }
            Ok(Served::Batch(ends)) => outcomes.extend(ends.into_iter().map(|end| match end {
                Ok(changed) => Ok(Outcome::Answer(Answer::Item(changed))),
                Err(failure) => Err(Failure::Refused(self.server.problem(failure))),
            })),
            Ok(Served::Deleted(_)) => {}
            Ok(Served::Damaged) => outcomes.push(Err(Failure::BytesLost(BytesLost::Changed))),
            Ok(Served::Outcome(outcome)) => outcomes.push(Ok(outcome)),
            Err(failure) => {
                let problem = self.server.problem(failure);
                let refused = |_| Err(Failure::Refused(problem.clone()));
                outcomes.extend(job.asked.iter().map(refused));
            }
        }
        let mut answers = Vec::new();
        let mut newest = None;
        for (asked, outcome) in job.asked.into_iter().zip(outcomes) {
            let caller = asked.caller;
            self.log(|| format!("the server answers {caller:?} {outcome:?}"));
            if matches!(outcome, Err(Failure::Refused(Problem::Internal))) {
                let is_known = job.reads_packs && self.hub.broken_packs > 0;
                let fault = self.server.last_fault();
                self.oracle
                    .check("the server does not fail", is_known, || {
                        format!("{fault:?}")
                    })?;
            }
            if let Ok(Outcome::Answer(answer)) = &outcome {
                self.trace.result(&Ok::<_, Failure>(answer.clone()));
                if let Answer::Item(changed) = answer {
                    newest = newest.max(Some(changed.seq));
                    let is_about_it = asked.item.is_none_or(|item| item == changed.item.id);
                    self.oracle
                        .check("an answer is about what was asked", is_about_it, || {
                            format!("{caller:?} {changed:?}")
                        })?;
                    if job.puts && changed.item.trashed_at_ms.is_none() {
                        let who = &self.devices[0].who;
                        database::check_put(&mut self.oracle, &self.server, who, changed)?;
                    }
                }
                self.note(caller, asked.promised, answer)?;
            }
            let has_no_base = matches!(
                &outcome,
                Err(Failure::Refused(
                    Problem::NoSuchBase | Problem::BadManifest { .. }
                ))
            );
            match asked.whole.filter(|_| has_no_base) {
                Some(whole) if job.answered => self.ask_for_whole(caller, *whole),
                _ => answers.push((caller, outcome)),
            }
        }
        if let Some(seq) = newest {
            self.publish(seq);
        }
        if !job.answered {
            return Ok(());
        }
        let mut rest = job.rest;
        if let [(caller, Ok(_))] = answers[..]
            && !rest.is_empty()
            && self.is_alive(caller.tab, caller.life)
        {
            let body = rest.remove(0);
            let parcel = Parcel::Frames { body, rest };
            let delay = 2 * self.delay();
            self.after(
                delay,
                Event::Arrive {
                    caller,
                    parcel,
                    answered: true,
                },
            );
        } else {
            self.answer(answers);
        }
        Ok(())
    }

    /// The server does not know the base, so the driver sends the whole list.
    fn ask_for_whole(&mut self, caller: Caller, request: Request) {
        if !self.is_alive(caller.tab, caller.life) {
            return;
        }
        let parcel = Parcel::Asked {
            request,
            frames: Vec::new(),
            whole: None,
        };
        let delay = 2 * self.delay();
        self.after(
            delay,
            Event::Arrive {
                caller,
                parcel,
                answered: true,
            },
        );
    }

    /// Tells the oracle and the queue what the server accepted.
    fn note(
        &mut self,
        caller: Caller,
        promised: Option<Promised>,
        answer: &Answer,
    ) -> Result<(), Violation> {
        let device = self.tabs[caller.tab].device;
        match (promised, answer) {
            (promised, Answer::Item(changed)) => {
                self.oracle.placed(&changed.item)?;
                if let Some(Promised::Version { content }) = promised {
                    let (item, version) = (changed.item.id, changed.item.version());
                    self.oracle.accepted(item, version, &content, None)?;
                }
            }
            (Some(Promised::Conflict { draft }), Answer::Conflict(conflict)) => {
                self.oracle.kept(conflict, draft)?;
                self.publish_head();
            }
            (Some(Promised::Choice { seen, merged }), Answer::Conflict(conflict)) => {
                let who = self.devices[device].who.clone();
                let (server, oracle) = (&self.server, &mut self.oracle);
                oracle.chosen(server, &who, device, conflict, seen, merged.as_ref())?;
                self.publish_head();
            }
            (Some(Promised::Reopening { seen }), Answer::Conflict(conflict)) => {
                let who = self.devices[device].who.clone();
                let (server, oracle) = (&self.server, &mut self.oracle);
                oracle.reopened(server, &who, device, conflict, seen)?;
                self.publish_head();
            }
            _ => {}
        }
        Ok(())
    }

    fn publish_head(&mut self) {
        let who = self.devices[0].who.clone();
        if let Ok((seq, _)) = self.server.newest(&who) {
            self.publish(seq);
        }
    }
}
