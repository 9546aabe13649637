//! Requests and answers on their way, which may be lost, late, or twice.

use super::faults::Fault;
use super::oracle::Violation;
use super::tab::Caller;
use super::world::{Event, World};
use shared::ids::{ItemId, Version};
use shared::manifest::BlockRef;
use shared::protocol::files::NewFile;
use shared::protocol::problem::Problem;
use shared::sync::edit::DraftId;
use shared::sync::message::{Answer, BytesLost, Failure, Input, Request};

/// A client gives up on an answer after this long, in milliseconds.
const PATIENCE_MILLIS: u64 = 20_000;
/// More requests of one tab in a minute mean that it spins.
const MAX_REQUESTS_A_MINUTE: u32 = 4_000;

/// What travels to the server.
#[derive(Clone, Debug)]
pub enum Parcel {
    Asked(Request),
    /// New files, each with who asks for it.
    Batch(Vec<(Caller, NewFile)>),
    /// The body of an upload, and those that the driver sends once it is stored.
    Frames {
        body: Vec<u8>,
        rest: Vec<Vec<u8>>,
    },
}

impl Parcel {
    /// All who wait for its answer; `caller` is the first.
    pub(super) fn callers(&self, caller: Caller) -> Vec<Caller> {
        match self {
            Self::Batch(files) => files.iter().map(|(caller, _)| *caller).collect(),
            Self::Asked(_) | Self::Frames { .. } => vec![caller],
        }
    }
}

/// What travels back.
#[derive(Debug)]
pub enum Outcome {
    Answer(Answer),
    /// A version's blocks, each of them verified.
    Fetched {
        item: ItemId,
        version: Version,
        blocks: Vec<BlockRef>,
    },
}

impl World {
    /// A request sets out.
    pub(super) fn send(&mut self, caller: Caller, body: Request) -> Result<(), Violation> {
        self.count_request(caller.tab)?;
        self.check_sent(caller.tab, &body)?;
        match body {
            Request::CreateFile { body } if self.rng.permille(700) => self.gather(caller, body),
            body => self.set_out(caller, body),
        }
        Ok(())
    }

    /// A new file waits a moment for others that go with it.
    fn gather(&mut self, caller: Caller, file: NewFile) {
        let Caller { tab, life, .. } = caller;
        if self.tabs[tab].gathered.is_empty() {
            let moment = self.rng.below(60);
            self.after(moment, Event::Depart { tab, life });
        }
        self.tabs[tab].gathered.push((caller, file));
    }

    /// New files that were gathered set out.
    pub(super) fn depart(&mut self, tab: usize, life: u32) {
        if !self.is_alive(tab, life) {
            return;
        }
        let of = &mut self.tabs[tab];
        let mut files = std::mem::take(&mut of.gathered);
        files.retain(|(caller, _)| !of.abandoned.contains(&caller.request));
        if let Some((first, _)) = files.first() {
            self.ship(*first, Parcel::Batch(files));
        }
    }

    fn set_out(&mut self, caller: Caller, body: Request) {
        let parcel = match body {
            Request::Upload { draft, blocks } => match self.frames(caller.tab, draft, &blocks) {
                Ok(parcel) => parcel,
                Err(lost) => {
                    self.reply_after(1, caller, Err(Failure::BytesLost(lost)));
                    return;
                }
            },
            body => Parcel::Asked(body),
        };
        self.ship(caller, parcel);
    }

    fn ship(&mut self, caller: Caller, parcel: Parcel) {
        let device = self.tabs[caller.tab].device;
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if lost {
            self.cut_off(&parcel.callers(caller));
            return;
        }
        let is_poll = matches!(parcel, Parcel::Asked(Request::Poll { .. }));
        let delay = self.delay();
        if !is_poll && self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let later = delay + self.delay();
            let parcel = parcel.clone();
            self.after(
                later,
                Event::Arrive {
                    caller,
                    parcel,
                    answered: false,
                },
            );
        }
        self.after(
            delay,
            Event::Arrive {
                caller,
                parcel,
                answered: true,
            },
        );
    }

    /// The bodies of an upload: as many requests as the driver likes.
    fn frames(
        &mut self,
        tab: usize,
        draft: DraftId,
        blocks: &[shared::hash::BlockHash],
    ) -> Result<Parcel, BytesLost> {
        if !self.has_bytes(tab, draft) {
            return Err(BytesLost::Gone);
        }
        let at_once = 1 + self.rng.below(4) as usize;
        let of = self.device_of(tab);
        let bodies = blocks.chunks(at_once);
        let bodies: Option<Vec<Vec<u8>>> = bodies.map(|part| of.frames(draft, part)).collect();
        let mut bodies = bodies.ok_or(BytesLost::Changed)?;
        if self.faults.strikes(Fault::BodyDamaged, &mut self.rng)
            && let Some(byte) = bodies.last_mut().and_then(|body| body.last_mut())
        {
            *byte = !*byte;
        }
        let rest = bodies.split_off(1.min(bodies.len()));
        let body = bodies.pop().unwrap_or_default();
        Ok(Parcel::Frames { body, rest })
    }

    fn count_request(&mut self, tab: usize) -> Result<(), Violation> {
        let minute = self.now / 60_000;
        let of = &mut self.tabs[tab];
        if of.minute.0 != minute {
            of.minute = (minute, 0);
        }
        of.minute.1 += 1;
        let count = of.minute.1;
        self.oracle
            .check("no engine spins", count < MAX_REQUESTS_A_MINUTE, || {
                format!("tab {tab}")
            })
    }

    pub(super) fn delay(&mut self) -> u64 {
        if self.faults.strikes(Fault::Delayed, &mut self.rng) {
            self.rng.below(15_000)
        } else {
            1 + self.rng.below(80)
        }
    }

    /// A request is at the server.
    pub(super) fn arrive(&mut self, caller: Caller, parcel: Parcel, answered: bool) {
        let device = &self.devices[self.tabs[caller.tab].device];
        let refused = if !device.signed_in {
            Some(Problem::SessionEnded)
        } else if self.faults.strikes(Fault::ServerBusy, &mut self.rng) {
            Some(Problem::Unavailable)
        } else {
            None
        };
        match refused {
            Some(problem) if answered => {
                for caller in parcel.callers(caller) {
                    self.reply(caller, Err(Failure::Refused(problem.clone())));
                }
            }
            Some(_) => {}
            None => self.begin(caller, parcel, answered),
        }
    }

    /// The server has an answer, to one or to all who asked in a request; whether
    /// it arrives is another matter.
    pub(super) fn answer(&mut self, outcomes: Vec<(Caller, Result<Outcome, Failure>)>) {
        let is_lost = self.faults.strikes(Fault::ReplyLost, &mut self.rng);
        for (caller, outcome) in outcomes {
            if is_lost {
                self.reply_after(PATIENCE_MILLIS, caller, Err(Failure::Unreachable));
            } else {
                self.reply(caller, outcome);
            }
        }
    }

    /// The connection is gone, and the client notices in its own time.
    pub(super) fn cut_off(&mut self, callers: &[Caller]) {
        let wait = 1 + self.rng.below(PATIENCE_MILLIS);
        for caller in callers {
            self.reply_after(wait, *caller, Err(Failure::Unreachable));
        }
    }

    pub(super) fn reply(&mut self, caller: Caller, outcome: Result<Outcome, Failure>) {
        let delay = self.delay();
        if self.devices[self.tabs[caller.tab].device].partitioned {
            self.reply_after(delay, caller, Err(Failure::Unreachable));
        } else {
            self.reply_after(delay, caller, outcome);
        }
    }

    fn reply_after(&mut self, millis: u64, caller: Caller, outcome: Result<Outcome, Failure>) {
        let outcome = Box::new(outcome);
        self.after(millis, Event::Reply { caller, outcome });
    }

    pub(super) fn replied(
        &mut self,
        caller: Caller,
        outcome: Result<Outcome, Failure>,
    ) -> Result<(), Violation> {
        let Caller { tab, life, request } = caller;
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        let result = match outcome {
            Ok(Outcome::Answer(answer)) => Ok(answer),
            Ok(Outcome::Fetched {
                item,
                version,
                blocks,
            }) => {
                self.oracle.shown(item, version, &blocks)?;
                if !self.tabs[tab].abandoned.contains(&request) {
                    self.device_of(tab).content.insert(item, (version, blocks));
                }
                Ok(Answer::Fetched)
            }
            Err(failure) => Err(failure),
        };
        self.input(tab, Input::Answered { request, result })
            .map(drop)
    }
}
