//! Time, events, and what each of them does. One step is one event.

use super::device::{Device, manifest};
use super::faults::{Fault, Faults};
use super::oracle::{Oracle, Violation};
use super::people;
use super::rng::Rng;
use super::storage::Written;
use super::wire::{self, Fetched, Parcel};
use crate::model::lapses::Lapse;
use crate::model::legs::Device as Asker;
use crate::model::ready::ready;
use crate::model::server::Server;
use driftless_api::ports::{Database, Statement};
use shared::ids::{DeviceId, ItemId, Seq, Version};
use shared::manifest::Manifest;
use shared::protocol::conflicts::Choice;
use shared::protocol::problem::Problem;
use shared::sync::edit::DraftId;
use shared::sync::message::{Answer, BytesLost, Effect, Failure, Input, Request, RequestId};
use std::collections::BTreeMap;

/// A client gives up on an answer after this long, in milliseconds.
const PATIENCE_MILLIS: u64 = 20_000;
/// More requests of one device in a minute mean that it spins.
const MAX_REQUESTS_A_MINUTE: u32 = 4_000;
/// How often everything about the database is looked at, in steps.
const CHECK_EVERY: u64 = 499;

#[derive(Debug)]
pub enum Event {
    Arrive {
        device: usize,
        life: u32,
        request: RequestId,
        parcel: Parcel,
        answered: bool,
    },
    Fetch {
        device: usize,
        life: u32,
        request: RequestId,
        item: ItemId,
        version: Version,
    },
    Reply {
        device: usize,
        life: u32,
        request: RequestId,
        result: Result<Answer, Failure>,
    },
    Alarm {
        device: usize,
        alarm: u64,
    },
    Hashed {
        device: usize,
        life: u32,
        draft: DraftId,
    },
    Stored {
        device: usize,
        life: u32,
        draft: DraftId,
    },
    Act {
        device: usize,
    },
    News {
        seq: Seq,
    },
    PollEnds {
        device: usize,
        life: u32,
        request: RequestId,
    },
    Mend {
        device: usize,
    },
    Repair {
        pack: String,
        offset: usize,
    },
}

/// A poll that waits in the hub.
struct Poll {
    life: u32,
    request: RequestId,
    seen: Seq,
}

pub struct World {
    pub rng: Rng,
    pub faults: Faults,
    pub server: Server,
    pub devices: Vec<Device>,
    pub oracle: Oracle,
    pub now: u64,
    pub steps: u64,
    pub last_draft: u64,
    /// Of everything that happened, to compare two runs.
    pub trace: u64,
    /// Whether persons still act.
    pub lively: bool,
    events: BTreeMap<(u64, u64), Event>,
    last_event: u64,
    polls: BTreeMap<usize, Poll>,
    commits: BTreeMap<RequestKey, Promised>,
}

type RequestKey = (usize, u32, RequestId);

/// What an accepted request makes.
#[derive(Clone, Debug)]
enum Promised {
    Version { content: Manifest },
    Conflict { draft: DraftId },
    Choice { seen: Version },
}

impl World {
    pub fn new(seed: u64, devices: usize) -> Self {
        let mut rng = Rng::new(seed);
        let faults = Faults::of(&mut rng);
        let server = Server::new();
        let space = server.new_space(1 << 40);
        let now = 1_700_000_000_000;
        let devices = (0..devices)
            .map(|n| {
                let who = Asker {
                    space,
                    user_name: "ann".to_owned(),
                    id: DeviceId::from_random([n as u8 + 1; 16]),
                    name: format!("Device {n}"),
                };
                Device::new(who, rng.permille(400), now)
            })
            .collect();
        let mut world = Self {
            rng,
            faults,
            server,
            devices,
            oracle: Oracle::default(),
            now,
            steps: 0,
            last_draft: 0,
            trace: seed,
            lively: true,
            events: BTreeMap::new(),
            last_event: 0,
            polls: BTreeMap::new(),
            commits: BTreeMap::new(),
        };
        for device in 0..world.devices.len() {
            world.after(device as u64, Event::Alarm { device, alarm: 0 });
            world.after(50, Event::Act { device });
        }
        world
    }

    pub fn after(&mut self, millis: u64, event: Event) {
        self.last_event += 1;
        self.events
            .insert((self.now + millis, self.last_event), event);
    }

    /// Takes the next event; false if there is none.
    pub fn step(&mut self) -> Result<bool, Violation> {
        let Some(((at, n), event)) = self.events.pop_first() else {
            return Ok(false);
        };
        self.now = self.now.max(at);
        self.steps += 1;
        self.trace = (self.trace.rotate_left(5) ^ at ^ n).wrapping_mul(0x100_0000_01b3);
        self.happen(event)?;
        if self.steps.is_multiple_of(CHECK_EVERY) {
            self.oracle.check_database(&self.server)?;
        }
        Ok(true)
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Arrive {
                device,
                life,
                request,
                parcel,
                answered,
            } => self.arrive(device, life, request, parcel, answered),
            Event::Fetch {
                device,
                life,
                request,
                item,
                version,
            } => self.fetch(device, life, request, item, version),
            Event::Reply {
                device,
                life,
                request,
                result,
            } => self.if_alive(device, life, Input::Answered { request, result }),
            Event::Alarm { device, alarm } if alarm == self.devices[device].alarm => {
                self.input(device, Input::Elapsed)
            }
            Event::Alarm { .. } => Ok(()),
            Event::Hashed {
                device,
                life,
                draft,
            } => self.hashed(device, life, draft),
            Event::Stored {
                device,
                life,
                draft,
            } => self.stored(device, life, draft),
            Event::Act { device } => self.act(device),
            Event::News { seq } => {
                self.news(seq);
                Ok(())
            }
            Event::PollEnds {
                device,
                life,
                request,
            } => {
                let waits = self
                    .polls
                    .get(&device)
                    .is_some_and(|poll| poll.request == request && poll.life == life);
                if waits {
                    self.polls.remove(&device);
                    self.reply(device, life, request, Ok(Answer::Quiet));
                }
                Ok(())
            }
            Event::Mend { device } => {
                self.devices[device].partitioned = false;
                self.input(device, Input::Online)
            }
            Event::Repair { pack, offset } => {
                self.server.packs.corrupt(&pack, offset);
                Ok(())
            }
        }
    }

    fn if_alive(&mut self, device: usize, life: u32, input: Input) -> Result<(), Violation> {
        if self.devices[device].life == life {
            self.input(device, input)?;
        }
        Ok(())
    }

    /// Hands an input to an engine and carries out what it wants.
    pub fn input(&mut self, device: usize, input: Input) -> Result<(), Violation> {
        let jitter = self.rng.unit();
        let of = &mut self.devices[device];
        of.engine.handle(input, of.clock(self.now), jitter);
        while let Some(effect) = self.devices[device].engine.next_effect() {
            if self
                .faults
                .strikes(Fault::CrashBetweenEffects, &mut self.rng)
            {
                self.restart(device);
                return Ok(());
            }
            self.carry_out(device, effect)?;
        }
        self.set_alarm(device)
    }

    fn set_alarm(&mut self, device: usize) -> Result<(), Violation> {
        let wait = self.devices[device].engine.wait();
        let alarm = self.devices[device].alarm + 1;
        self.devices[device].alarm = alarm;
        if let Some(wait) = wait {
            self.oracle
                .check("no engine waits for nothing", wait.millis > 0, || {
                    format!("{wait:?}")
                })?;
            self.after(wait.millis, Event::Alarm { device, alarm });
        }
        Ok(())
    }

    fn restart(&mut self, device: usize) {
        self.devices[device].restart(self.now);
        self.polls.remove(&device);
        let alarm = self.devices[device].alarm + 1;
        self.devices[device].alarm = alarm;
        let pause = 1 + self.rng.below(3_000);
        self.after(pause, Event::Alarm { device, alarm });
    }

    fn carry_out(&mut self, device: usize, effect: Effect) -> Result<(), Violation> {
        let life = self.devices[device].life;
        match effect {
            Effect::Persist(records) => {
                let written = self.devices[device].storage.write(records);
                self.oracle.check(
                    "the engine knows what is stored",
                    written == Written::Yes,
                    String::new,
                )?;
            }
            Effect::Send { request, body } => self.send(device, request, body)?,
            Effect::Abandon { request } => {
                if self
                    .polls
                    .get(&device)
                    .is_some_and(|poll| poll.request == request)
                {
                    self.polls.remove(&device);
                }
            }
            Effect::Hash { draft, .. } => {
                let pause = 1 + self.rng.below(200);
                self.after(
                    pause,
                    Event::Hashed {
                        device,
                        life,
                        draft,
                    },
                );
            }
            Effect::KeepBytes { draft } => {
                let pause = 1 + self.rng.below(100);
                self.after(
                    pause,
                    Event::Stored {
                        device,
                        life,
                        draft,
                    },
                );
            }
            Effect::ReleaseBytes { draft } => {
                self.devices[device].here.remove(&draft);
                self.devices[device].storage.drafts.remove(&draft);
            }
            Effect::Load => {
                let kept = self.devices[device].storage.load();
                return self.input(device, Input::Loaded(kept));
            }
            Effect::AskLeader | Effect::Tell(_) => {}
        }
        Ok(())
    }

    /// A request sets out.
    fn send(&mut self, device: usize, request: RequestId, body: Request) -> Result<(), Violation> {
        let life = self.devices[device].life;
        self.count_request(device)?;
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if lost {
            let result = Err(Failure::Unreachable);
            let wait = 1 + self.rng.below(PATIENCE_MILLIS);
            self.after(
                wait,
                Event::Reply {
                    device,
                    life,
                    request,
                    result,
                },
            );
            return Ok(());
        }
        let delay = self.delay();
        let key = (device, life, request);
        let parcel = match body {
            Request::Fetch { item, version } => {
                self.after(
                    delay,
                    Event::Fetch {
                        device,
                        life,
                        request,
                        item,
                        version,
                    },
                );
                return Ok(());
            }
            Request::Upload { draft, blocks } => {
                let of = &self.devices[device];
                let frames = of.has_bytes(draft).then(|| of.frames(draft, &blocks));
                match frames {
                    Some(Some(frames)) => Parcel::Frames(frames),
                    other => {
                        let lost = if other.is_none() {
                            BytesLost::Gone
                        } else {
                            BytesLost::Changed
                        };
                        let result = Err(Failure::BytesLost(lost));
                        self.after(
                            1,
                            Event::Reply {
                                device,
                                life,
                                request,
                                result,
                            },
                        );
                        return Ok(());
                    }
                }
            }
            body => {
                if let Some(promised) = promised(&body) {
                    self.commits.insert(key, promised);
                }
                Parcel::Asked(body)
            }
        };
        let is_poll = matches!(&parcel, Parcel::Asked(Request::Poll { .. }));
        if !is_poll && self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let later = delay + self.delay();
            let parcel = parcel.clone();
            self.after(
                later,
                Event::Arrive {
                    device,
                    life,
                    request,
                    parcel,
                    answered: false,
                },
            );
        }
        self.after(
            delay,
            Event::Arrive {
                device,
                life,
                request,
                parcel,
                answered: true,
            },
        );
        Ok(())
    }

    fn count_request(&mut self, device: usize) -> Result<(), Violation> {
        let (minute, count) = &mut self.devices[device].minute;
        if *minute != self.now / 60_000 {
            (*minute, *count) = (self.now / 60_000, 0);
        }
        *count += 1;
        let count = *count;
        self.oracle
            .check("no engine spins", count < MAX_REQUESTS_A_MINUTE, || {
                format!("device {device}")
            })
    }

    fn delay(&mut self) -> u64 {
        if self.faults.strikes(Fault::Delayed, &mut self.rng) {
            self.rng.below(15_000)
        } else {
            1 + self.rng.below(80)
        }
    }

    /// A request is at the server.
    fn arrive(
        &mut self,
        device: usize,
        life: u32,
        request: RequestId,
        parcel: Parcel,
        answered: bool,
    ) -> Result<(), Violation> {
        if let Parcel::Asked(Request::Poll { since, seconds }) = &parcel {
            self.park(device, life, request, since, *seconds);
            return Ok(());
        }
        if self.faults.strikes(Fault::ServerBusy, &mut self.rng) {
            self.reply(
                device,
                life,
                request,
                Err(Failure::Refused(Problem::Unavailable)),
            );
            return Ok(());
        }
        if self.faults.strikes(Fault::DatabaseLapse, &mut self.rng) {
            let lapse = if self.rng.permille(500) {
                Lapse::Unreached
            } else {
                Lapse::AnswerLost
            };
            let at = self.rng.below(3) as usize;
            let calm = std::iter::repeat_n(None, at);
            self.server.db.lapses.plan(calm.chain([Some(lapse)]));
        }
        let who = self.devices[device].who.clone();
        let result = wire::serve(&self.server, &who, self.now, parcel);
        self.server.db.lapses.clear();
        if matches!(result, Err(Problem::Internal)) {
            let fault = self.server.last_fault();
            return Err(Violation(format!("the server failed: {fault:?}")));
        }
        self.note(device, life, request, &result)?;
        if answered && !self.faults.strikes(Fault::ReplyLost, &mut self.rng) {
            self.reply(device, life, request, result.map_err(Failure::Refused));
        } else if answered {
            let result = Err(Failure::Unreachable);
            self.after(
                PATIENCE_MILLIS,
                Event::Reply {
                    device,
                    life,
                    request,
                    result,
                },
            );
        }
        Ok(())
    }

    /// Tells the oracle and the queue what the server accepted.
    fn note(
        &mut self,
        device: usize,
        life: u32,
        request: RequestId,
        result: &Result<Answer, Problem>,
    ) -> Result<(), Violation> {
        let promised = self.commits.get(&(device, life, request)).cloned();
        match (promised, result) {
            (Some(Promised::Version { content }), Ok(Answer::Item(changed))) => {
                self.oracle
                    .accepted(changed.item.id, changed.item.version(), &content, None)?;
                self.publish(changed.seq);
            }
            (_, Ok(Answer::Item(changed))) => self.publish(changed.seq),
            (Some(Promised::Conflict { draft }), Ok(Answer::Conflict(conflict))) => {
                self.oracle.conflicts.insert(conflict.id, draft);
                self.publish_head();
            }
            (Some(Promised::Choice { seen }), Ok(Answer::Conflict(conflict))) => {
                self.oracle.resolved += 1;
                let draft = self.oracle.conflicts.get(&conflict.id).copied();
                let choice = conflict.resolved.as_ref().map(|resolved| &resolved.choice);
                let made = match choice {
                    Some(Choice::KeepMine) => Some((conflict.item, seen + 1)),
                    Some(Choice::KeepBoth { copy_id, .. }) => Some((*copy_id, 1)),
                    _ => None,
                };
                if let (Some((item, version)), Some(draft)) = (made, draft) {
                    let who = self.devices[device].who.clone();
                    if let Ok(stored) = self.server.manifest(&who, item, Some(version)) {
                        let content = Manifest {
                            size: stored.size,
                            size_class: shared::chunk::SizeClass::for_size(0),
                            modified_at_ms: draft.0,
                            blocks: stored.blocks,
                        };
                        self.oracle
                            .accepted(item, version, &content, Some(version - 1))?;
                    }
                }
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

    fn publish(&mut self, seq: Seq) {
        if self.faults.strikes(Fault::QueueLost, &mut self.rng) {
            return;
        }
        let mut delay = 1 + self.rng.below(30);
        if self.faults.strikes(Fault::QueueDelayed, &mut self.rng) {
            delay += self.rng.below(40_000);
        }
        self.after(delay, Event::News { seq });
        if self.faults.strikes(Fault::QueueRepeated, &mut self.rng) {
            self.after(2 * delay, Event::News { seq });
        }
    }

    fn news(&mut self, seq: Seq) {
        let behind: Vec<usize> = self
            .polls
            .iter()
            .filter(|(_, poll)| poll.seen < seq)
            .map(|(device, _)| *device)
            .collect();
        for device in behind {
            if let Some(poll) = self.polls.remove(&device) {
                self.reply(device, poll.life, poll.request, Ok(Answer::News));
            }
        }
    }

    fn park(&mut self, device: usize, life: u32, request: RequestId, since: &str, seconds: u64) {
        let cursor: Result<shared::cursor::Cursor, _> = since.parse();
        let Ok(cursor) = cursor else {
            self.reply(
                device,
                life,
                request,
                Err(Failure::Refused(Problem::BadCursor)),
            );
            return;
        };
        let who = self.devices[device].who.clone();
        let head = self.server.newest(&who).map_or(0, |(seq, _)| seq);
        if head > cursor.seq {
            self.reply(device, life, request, Ok(Answer::News));
            return;
        }
        let poll = Poll {
            life,
            request,
            seen: cursor.seq,
        };
        if let Some(old) = self.polls.insert(device, poll) {
            self.reply(
                device,
                old.life,
                old.request,
                Err(Failure::Refused(Problem::PollReplaced)),
            );
        }
        self.after(
            seconds * 1_000,
            Event::PollEnds {
                device,
                life,
                request,
            },
        );
    }

    fn reply(
        &mut self,
        device: usize,
        life: u32,
        request: RequestId,
        result: Result<Answer, Failure>,
    ) {
        let result = if self.devices[device].partitioned {
            Err(Failure::Unreachable)
        } else {
            result
        };
        let delay = self.delay();
        self.after(
            delay,
            Event::Reply {
                device,
                life,
                request,
                result,
            },
        );
    }

    fn fetch(
        &mut self,
        device: usize,
        life: u32,
        request: RequestId,
        item: ItemId,
        version: Version,
    ) -> Result<(), Violation> {
        let who = self.devices[device].who.clone();
        let result = match wire::fetch(&self.server, &who, item, version) {
            Fetched::Whole(blocks) => {
                self.oracle.shown(item, version, &blocks)?;
                if self.devices[device].life == life {
                    self.devices[device].content.insert(item, (version, blocks));
                }
                Ok(Answer::Fetched)
            }
            Fetched::Damaged => Err(Failure::BytesLost(BytesLost::Changed)),
            Fetched::Refused(problem) => Err(Failure::Refused(problem)),
        };
        self.reply(device, life, request, result);
        Ok(())
    }

    fn hashed(&mut self, device: usize, life: u32, draft: DraftId) -> Result<(), Violation> {
        let of = &self.devices[device];
        let content = of.files.get(&draft).filter(|_| of.has_bytes(draft));
        let result = content
            .map(|content| manifest(draft, content))
            .ok_or(BytesLost::Gone);
        if result.is_ok() && self.faults.strikes(Fault::FileChanged, &mut self.rng) {
            // Somebody saves over the file while it is being sent.
            let content = people::content(&mut self.rng);
            if let Some(made) = self.oracle.drafts.get_mut(&draft) {
                made.contents.push(manifest(draft, &content).blocks);
            }
            self.devices[device].files.insert(draft, content);
        }
        self.if_alive(device, life, Input::Hashed { draft, result })
    }

    fn stored(&mut self, device: usize, life: u32, draft: DraftId) -> Result<(), Violation> {
        if self.devices[device].life != life || !self.devices[device].here.contains(&draft) {
            return Ok(());
        }
        if self.faults.strikes(Fault::DraftsFull, &mut self.rng) {
            return self.input(device, Input::BytesNotKept { draft });
        }
        self.devices[device].storage.drafts.insert(draft);
        self.input(device, Input::BytesKept { draft })
    }

    fn act(&mut self, device: usize) -> Result<(), Violation> {
        let pause = 1 + self.rng.below(4_000);
        self.after(pause, Event::Act { device });
        people::help(self, device)?;
        if !self.lively {
            return Ok(());
        }
        self.disturb(device)?;
        people::act(self, device)
    }

    /// What goes wrong by itself.
    fn disturb(&mut self, device: usize) -> Result<(), Violation> {
        if self.faults.strikes(Fault::Partition, &mut self.rng) {
            self.devices[device].partitioned = true;
            let pause = self.rng.below(120_000);
            self.after(pause, Event::Mend { device });
        }
        if self.faults.strikes(Fault::ClockJump, &mut self.rng) {
            self.devices[device].skew = self.rng.below(7_200_000) as i64 - 3_600_000;
        }
        if self.faults.strikes(Fault::HubRestarted, &mut self.rng) {
            for (device, poll) in std::mem::take(&mut self.polls) {
                self.reply(device, poll.life, poll.request, Err(Failure::Unreachable));
            }
        }
        if self.faults.strikes(Fault::PackDamaged, &mut self.rng) {
            let keys = self.server.packs.keys();
            if let Some(pack) = self.rng.pick(&keys).cloned()
                && self.server.packs.corrupt(&pack, 0)
            {
                let pause = self.rng.below(60_000);
                self.after(pause, Event::Repair { pack, offset: 0 });
            }
        }
        if self.faults.strikes(Fault::JournalTrimmed, &mut self.rng) {
            let trim = "DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes) - 4";
            let _ = ready(self.server.db.run(Statement::new(trim)));
        }
        if self.faults.strikes(Fault::StorageWiped, &mut self.rng) {
            let drafts = std::mem::take(&mut self.devices[device].storage.drafts);
            self.devices[device].here.extend(drafts);
            self.devices[device].storage = super::storage::Storage::default();
            self.input(device, Input::StorageLost)?;
        }
        if self.faults.strikes(Fault::Crash, &mut self.rng) {
            self.restart(device);
        }
        Ok(())
    }
}

fn promised(body: &Request) -> Option<Promised> {
    match body {
        Request::CreateFile { body } => body
            .content
            .clone()
            .map(|content| Promised::Version { content }),
        Request::Commit { body, .. } => Some(Promised::Version {
            content: body.content.clone(),
        }),
        Request::KeepConflict { body, .. } => Some(Promised::Conflict {
            draft: DraftId(body.content.modified_at_ms),
        }),
        Request::Resolve { body, .. } => Some(Promised::Choice {
            seen: body.seen_version,
        }),
        _ => None,
    }
}
