//! Requests and answers on their way, which may be lost, late, or twice.

use super::faults::Fault;
use super::oracle::Violation;
use super::tab::Caller;
use super::world::{Event, World};
use blocks::frame::{self, Frame};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use driftless_api::writes::deletion::Deletion;
use protocol::conflicts::{Choice, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::files::NewFile;
use protocol::ids::{ItemId, Version};
use protocol::items::ItemChange;
use protocol::problem::Problem;
use std::collections::BTreeSet;
use sync::edit::DraftId;
use sync::message::{Answer, BytesLost, Failure, Input, Request};

/// A client gives up on an answer after this long, in milliseconds.
const PATIENCE_MILLIS: u64 = 20_000;
/// Then a person gives up on a deletion for good.
const MOST_UNHEARD: u32 = 5;
/// More requests of one tab in a minute mean that it spins.
const MAX_REQUESTS_A_MINUTE: u32 = 4_000;

/// What the driver asks for if the server does not know a base.
pub type Instead = Option<Box<Request>>;

/// What travels to the server.
#[derive(Clone, Debug)]
pub enum Parcel {
    Asked {
        request: Request,
        /// Blocks that travel along.
        frames: Vec<u8>,
        whole: Instead,
    },
    Batch(Vec<Gathered>),
    /// Changes of places, each with who asks for it.
    Places(Vec<(Caller, ItemChange)>),
    /// A person deletes for good: not by the engine, and again until it is done.
    Deletion {
        wanted: Deletion,
        /// How often nobody heard of it so far.
        unheard: u32,
    },
    /// The body of an upload, and those that the driver sends once it is stored.
    Frames {
        body: Vec<u8>,
        rest: Vec<Vec<u8>>,
    },
}

/// A new file among others.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Who asks for it.
    pub caller: Caller,
    pub file: NewFile<Content>,
    pub whole: Instead,
}

/// What one request of a tab is about.
enum Load {
    One(Request),
    /// New files, each with who asks for it.
    Files(Vec<(Caller, NewFile<Content>)>),
    /// Changes of places, the same.
    Places(Vec<(Caller, ItemChange)>),
}

impl Parcel {
    /// All who wait for its answer; `caller` is the first.
    pub(super) fn callers(&self, caller: Caller) -> Vec<Caller> {
        match self {
            Self::Batch(files) => files.iter().map(|new| new.caller).collect(),
            Self::Places(changes) => changes.iter().map(|(caller, _)| *caller).collect(),
            Self::Asked { .. } | Self::Frames { .. } | Self::Deletion { .. } => vec![caller],
        }
    }
}

/// What travels back.
#[allow(clippy::large_enum_variant, reason = "a few exist at a time")]
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

/// What the driver says of a request that it does not send.
enum Unsent {
    NotCarried,
    BytesLost(BytesLost),
}

/// The blocks of a draft that travel with a request.
type Carried = Option<(DraftId, Vec<BlockHash>)>;

/// The content that a request asks for.
pub fn content_of(body: &Request) -> Option<Content> {
    match body {
        Request::CreateFile { body, .. } => body.content.clone(),
        Request::Commit { body, .. } => Some(body.content.clone()),
        Request::KeepConflict { body, .. } => Some(body.content.clone()),
        Request::Resolve { body, .. } => match &body.choice {
            Choice::Merged { content } => Some(content.clone()),
            _ => None,
        },
        _ => None,
    }
}

impl World {
    /// A request sets out.
    pub(super) fn send(&mut self, caller: Caller, body: Request) -> Result<(), Violation> {
        self.count_request(caller.tab)?;
        self.check_sent(caller.tab, &body)?;
        match body {
            Request::CreateFile {
                body,
                carries: None,
            } if self.rng.permille(700) => self.gather(caller, body),
            body => match body.place_change() {
                Some(change) if self.rng.permille(700) => self.gather_place(caller, change),
                _ => self.ship(caller, &Load::One(body)),
            },
        }
        Ok(())
    }

    /// A change of a place waits a moment for others, too.
    fn gather_place(&mut self, caller: Caller, change: ItemChange) {
        let Caller { tab, life, .. } = caller;
        if self.tabs[tab].gathered_places.is_empty() {
            let moment = self.rng.below(60);
            self.after(moment, Event::Depart { tab, life });
        }
        self.tabs[tab].gathered_places.push((caller, change));
    }

    /// A new file waits a moment for others that go with it.
    fn gather(&mut self, caller: Caller, file: NewFile<Content>) {
        let Caller { tab, life, .. } = caller;
        if self.tabs[tab].gathered.is_empty() {
            let moment = self.rng.below(60);
            self.after(moment, Event::Depart { tab, life });
        }
        self.tabs[tab].gathered.push((caller, file));
    }

    /// What was gathered sets out.
    pub(super) fn depart(&mut self, tab: usize, life: u32) {
        if !self.is_alive(tab, life) {
            return;
        }
        let of = &mut self.tabs[tab];
        let mut files = std::mem::take(&mut of.gathered);
        files.retain(|(caller, _)| !of.abandoned.contains(&caller.request));
        if let Some((first, _)) = files.first() {
            self.ship(*first, &Load::Files(files));
        }
        let of = &mut self.tabs[tab];
        let mut places = std::mem::take(&mut of.gathered_places);
        places.retain(|(caller, _)| !of.abandoned.contains(&caller.request));
        if let Some((first, _)) = places.first() {
            self.ship(*first, &Load::Places(places));
        }
    }

    fn ship(&mut self, caller: Caller, load: &Load) {
        let parcel = match self.parcel(caller.tab, load) {
            Ok(parcel) => parcel,
            Err(unsent) => {
                let outcome = match unsent {
                    Unsent::NotCarried => Ok(Outcome::Answer(Answer::NotCarried)),
                    Unsent::BytesLost(lost) => Err(Failure::BytesLost(lost)),
                };
                self.reply_after(1, caller, outcome);
                return;
            }
        };
        let device = self.tabs[caller.tab].device;
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if lost {
            self.cut_off(&parcel.callers(caller));
            return;
        }
        let is_poll = matches!(load, Load::One(Request::Poll { .. }));
        if let Some(after) = self.devices[device].proxy_millis.filter(|_| is_poll) {
            let skew = self.devices[device].skew;
            self.after(after, Event::Silenced { caller, skew });
        }
        let delay = self.delay();
        if !is_poll && self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let later = delay + self.delay();
            // In whichever form: it is the same request.
            let parcel = match self.parcel(caller.tab, load) {
                Ok(again @ (Parcel::Asked { .. } | Parcel::Batch(_) | Parcel::Places(_))) => again,
                _ => parcel.clone(),
            };
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

    /// A person deletes for good. The page asks again until it hears that all is done,
    /// or they close it.
    pub(super) fn delete_for_good(&mut self, caller: Caller, wanted: Deletion, unheard: u32) {
        let device = self.tabs[caller.tab].device;
        let parcel = Parcel::Deletion {
            wanted: wanted.clone(),
            unheard,
        };
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let (later, parcel) = (2 * self.delay(), parcel.clone());
            let answered = false;
            self.after(
                later,
                Event::Arrive {
                    caller,
                    parcel,
                    answered,
                },
            );
        }
        if lost {
            self.delete_again(caller, wanted, unheard);
            return;
        }
        let delay = self.delay();
        let answered = true;
        self.after(
            delay,
            Event::Arrive {
                caller,
                parcel,
                answered,
            },
        );
    }

    /// Nobody has heard what became of it.
    pub(super) fn delete_again(&mut self, caller: Caller, wanted: Deletion, unheard: u32) {
        if unheard < MOST_UNHEARD && self.is_alive(caller.tab, caller.life) {
            let parcel = Parcel::Deletion {
                wanted,
                unheard: unheard + 1,
            };
            let wait = 1 + self.rng.below(PATIENCE_MILLIS);
            self.after(
                wait,
                Event::Arrive {
                    caller,
                    parcel,
                    answered: true,
                },
            );
        }
    }

    /// What the driver sends, or what it answers without asking.
    fn parcel(&mut self, tab: usize, load: &Load) -> Result<Parcel, Unsent> {
        let body = match load {
            Load::One(body) => body,
            Load::Places(changes) => return Ok(Parcel::Places(changes.clone())),
            Load::Files(files) => {
                let files = files.iter().map(|(caller, file)| {
                    let (file, whole) = self.new_in_some_form(file);
                    let caller = *caller;
                    Gathered {
                        caller,
                        file,
                        whole,
                    }
                });
                return Ok(Parcel::Batch(files.collect()));
            }
        };
        if let Request::Upload { draft, blocks } = body {
            let parcel = self.frames(tab, *draft, blocks);
            return parcel.map_err(Unsent::BytesLost);
        }
        let mut frames = Vec::new();
        if let Some((draft, blocks)) = self.carried(body)? {
            let carried = self.frames_of(tab, draft, &blocks);
            frames = carried.map_err(Unsent::BytesLost)?;
        }
        let (request, whole) = self.in_some_form(body, &frames);
        Ok(Parcel::Asked {
            request,
            frames,
            whole,
        })
    }

    /// A new file in some form, and what is asked for instead.
    fn new_in_some_form(&mut self, file: &NewFile<Content>) -> (NewFile<Content>, Instead) {
        let request = Request::CreateFile {
            body: file.clone(),
            carries: None,
        };
        match self.in_some_form(&request, &[]) {
            (Request::CreateFile { body, .. }, whole) => (body, whole),
            _ => (file.clone(), None),
        }
    }

    /// The blocks that a request brings along, as far as the driver knows which.
    fn carried(&mut self, body: &Request) -> Result<Carried, Unsent> {
        let (draft, base) = match body {
            Request::CreateFile {
                carries: Some(draft),
                ..
            } => (*draft, Some(Vec::new())),
            Request::Commit {
                item,
                body,
                carries: Some(draft),
            } => {
                let known = self.oracle.versions.get(&(*item, body.base_version));
                (*draft, known.map(|accepted| accepted.blocks.clone()))
            }
            _ => return Ok(None),
        };
        let content = content_of(body);
        let (Some(Content::Whole(content)), Some(base)) = (content, base) else {
            return Err(Unsent::NotCarried);
        };
        if content.blocks == base || self.rng.permille(250) {
            return Err(Unsent::NotCarried);
        }
        let mut known: BTreeSet<BlockHash> = base.iter().map(|block| block.hash).collect();
        let new = content.blocks.iter().map(|block| block.hash);
        let mut new: Vec<BlockHash> = new.filter(|hash| known.insert(*hash)).collect();
        if self.rng.permille(100) {
            // The guess is wrong.
            new.pop();
        }
        Ok(Some((draft, new)))
    }

    /// The same with its content whole, or as splices of a base that is known, of
    /// another one, or of none, which may leave out the names of what the request
    /// carries; and what is asked for instead if that is refused.
    fn in_some_form(&mut self, body: &Request, frames: &[u8]) -> (Request, Instead) {
        let Some(Content::Whole(content)) = content_of(body) else {
            return (body.clone(), None);
        };
        let (item, version) = match body {
            Request::Commit { item, body, .. } => (*item, body.base_version),
            Request::KeepConflict { item, body } => (*item, body.base_version),
            _ => (ItemId::from_random([7; 16]), 0),
        };
        let known = &self.oracle.versions;
        let (item, version) = match self.rng.below(20) {
            0..=7 if version > 0 => (item, version),
            8..=10 if !known.is_empty() => {
                let at = self.rng.below(known.len() as u64) as usize;
                *known.keys().nth(at).expect("it was counted")
            }
            11 => (ItemId::from_random(self.rng.bytes()), 1),
            _ => return (body.clone(), None),
        };
        let list = match self.oracle.versions.get(&(item, version)) {
            Some(accepted) => accepted.blocks.clone(),
            None => Vec::new(),
        };
        let base = Base { item, version };
        let mut spliced = Spliced::of(&content, base, &list);
        if let Ok(carried) = frame::parse(frames)
            && self.rng.permille(500)
        {
            let carried: Vec<BlockRef> = carried.iter().map(Frame::block).collect();
            spliced = spliced.leave_out(&carried);
        }
        let spliced = Content::Spliced(spliced);
        let request = match body.clone() {
            Request::CreateFile { body, carries } => Request::CreateFile {
                body: body.with_content(Some(spliced)),
                carries,
            },
            Request::Commit {
                item,
                body,
                carries,
            } => Request::Commit {
                item,
                body: body.with_content(spliced),
                carries,
            },
            Request::KeepConflict { item, body } => Request::KeepConflict {
                item,
                body: body.with_content(spliced),
            },
            Request::Resolve { conflict, body } => Request::Resolve {
                conflict,
                body: Resolve {
                    choice: Choice::Merged { content: spliced },
                    ..body
                },
            },
            other => other,
        };
        (request, Some(Box::new(body.clone())))
    }

    /// The bodies of an upload: as many requests as the driver likes.
    fn frames(
        &mut self,
        tab: usize,
        draft: DraftId,
        blocks: &[BlockHash],
    ) -> Result<Parcel, BytesLost> {
        let at_once = 1 + self.rng.below(4) as usize;
        let bodies = blocks.chunks(at_once);
        let bodies: Result<Vec<Vec<u8>>, BytesLost> = bodies
            .map(|part| self.frames_of(tab, draft, part))
            .collect();
        let mut bodies = bodies?;
        let rest = bodies.split_off(1.min(bodies.len()));
        let body = bodies.pop().unwrap_or_default();
        Ok(Parcel::Frames { body, rest })
    }

    fn frames_of(
        &mut self,
        tab: usize,
        draft: DraftId,
        blocks: &[BlockHash],
    ) -> Result<Vec<u8>, BytesLost> {
        if !self.has_bytes(tab, draft) {
            return Err(BytesLost::Gone);
        }
        let frames = self.device_of(tab).frames(draft, blocks);
        let mut frames = frames.ok_or(BytesLost::Changed)?;
        if self.faults.strikes(Fault::BodyDamaged, &mut self.rng)
            && let Some(byte) = frames.last_mut()
        {
            *byte = !*byte;
        }
        Ok(frames)
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

    /// A proxy has ended a poll, if it was silent until now. That is nobody's outage,
    /// as far as the device's clock says how long it was held.
    pub(super) fn silenced(&mut self, caller: Caller, skew: i64) -> Result<(), Violation> {
        let Caller { tab, life, request } = caller;
        if !self.is_alive(tab, life) || !self.tabs[tab].engine.is_poll(request) {
            return Ok(());
        }
        let of = &self.tabs[tab];
        let was_connected = of.engine.is_connected();
        let device = of.device;
        let result = Err(Failure::Unreachable);
        let lived = self.input(tab, Input::Answered { request, result })?;
        let engine = &self.tabs[tab].engine;
        if lived && self.devices[device].skew == skew {
            let is_quiet = engine.is_connected() == was_connected;
            self.oracle
                .check("a silent poll is no outage", is_quiet, || {
                    format!("{caller:?}")
                })?;
        }
        Ok(())
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
