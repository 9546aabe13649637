//! Time, events, and who takes each of them. One step is one event.

use super::call::Caller;
use super::call::{Call, Said};
use super::database;
use super::device::{Device, Disk};
use super::faults::Faults;
use super::oracle::{Oracle, Violation};
use super::polls::{Hub, Waits};
use super::ports::{Common, Page};
use super::returner::Moment;
use super::rng::Rng;
use super::society::{Message, NAMES, Society};
use super::tab::Tab;
use super::trace::Trace;
use super::under_way::{Background, JobId, Jobs};
use crate::model::legs::Device as Asker;
use crate::model::server::Server;
use client::Failure;
use driftless_core::room::Limits;
use futures_channel::oneshot;
use protocol::ids::{DeviceId, SpaceId, UserId};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Input, Record};

/// How often everything about the database is looked at, in steps.
const CHECK_EVERY: u64 = 499;
/// When every simulation begins.
const BEGINNING_MILLIS: u64 = 1_700_000_000_000;

#[derive(Debug)]
pub enum Event {
    /// A request is at the server. `answered`: somebody waits for its answer.
    Arrive {
        caller: Caller,
        call: Box<Call>,
        answered: bool,
    },
    /// A request at the server goes on by one call to the database or to R2.
    Turn {
        job: JobId,
    },
    Reply {
        caller: Caller,
        said: Box<Result<Said, Failure>>,
    },
    /// A poll that has looked at the journal is at the hub.
    Park {
        caller: Caller,
        waits: Vec<Waits>,
        seconds: u64,
    },
    PollEnds {
        caller: Caller,
    },
    /// A proxy ends a poll that is silent; the device's clock was ahead by so much
    /// when it set out.
    Silenced {
        caller: Caller,
        skew: i64,
    },
    /// The queue delivers.
    News {
        news: Rc<Message>,
    },
    /// What a tab works on is not shared any more.
    Withdrawn {
        tab: usize,
        life: u32,
    },
    /// What is at work beside the requests goes on by one call.
    Background {
        job: Background,
    },
    /// What a tab waits for is over.
    Wake {
        tab: usize,
        life: u32,
        done: Box<oneshot::Sender<()>>,
    },
    /// Another tab of the same device has written this.
    Shared {
        tab: usize,
        life: u32,
        records: Rc<Vec<Record>>,
    },
    /// Another tab, or the browser, tells this one.
    Told {
        tab: usize,
        life: u32,
        what: Box<Input>,
    },
    Open {
        tab: usize,
    },
    /// A tab of the same page has ended, which made the page's requests for news.
    Left {
        tab: usize,
        life: u32,
    },
    /// Somebody has to lead, and to take over what is left of tabs that are gone.
    Succeed {
        device: usize,
    },
    Act {
        device: usize,
    },
    Mend {
        device: usize,
    },
    /// A damaged byte is as it was.
    Repair {
        pack: String,
        offset: usize,
    },
    /// A missing object is there again.
    Restore {
        pack: String,
        bytes: Vec<u8>,
    },
}

pub struct World {
    pub rng: Rng,
    pub faults: Faults,
    /// What the tabs' programs have of it.
    pub common: Common,
    /// Requests that somebody waits for.
    pub waiting: BTreeMap<Caller, oneshot::Sender<Result<Said, Failure>>>,
    pub server: Rc<Server>,
    pub space: SpaceId,
    pub devices: Vec<Device>,
    pub tabs: Vec<Tab>,
    /// What those with whom the owner shares have open, by its number.
    pub pages: BTreeMap<usize, Page>,
    pub jobs: Jobs,
    /// What was there at some moments, for whoever goes back to one.
    pub moments: Vec<Moment>,
    pub hub: Hub,
    pub oracle: Oracle,
    /// In a drive of several people.
    pub society: Option<Society>,
    pub now: u64,
    pub steps: u64,
    pub last_draft: u64,
    pub trace: Trace,
    /// Whether persons still act.
    pub lively: bool,
    pub is_logged: bool,
    events: BTreeMap<(u64, u64), Event>,
    last_event: u64,
}

impl World {
    /// `people`: the owner has so many devices, and shares with the others.
    pub fn new(seed: u64, devices: usize, people: usize, server: Rc<Server>) -> Self {
        let mut rng = Rng::new(seed);
        let faults = Faults::of(&mut rng);
        server.clear();
        let space = server.new_space(1 << 40);
        let now = BEGINNING_MILLIS;
        let common = Common {
            now: Rc::new(Cell::new(now)),
            rng: rng.clone(),
            faults: faults.clone(),
            last_call: Rc::default(),
        };
        let mut world = Self {
            rng,
            faults,
            common,
            waiting: BTreeMap::new(),
            server,
            space,
            devices: Vec::new(),
            tabs: Vec::new(),
            pages: BTreeMap::new(),
            jobs: Jobs::default(),
            moments: Vec::new(),
            hub: Hub::new(),
            oracle: Oracle::default(),
            society: (people > 1).then(|| Society::new(people)),
            now,
            steps: 0,
            last_draft: 0,
            trace: Trace::new(seed),
            lively: true,
            is_logged: false,
            events: BTreeMap::new(),
            last_event: 0,
        };
        for _ in 0..devices {
            world.add_device(0);
        }
        world.move_in();
        world
    }

    pub(super) fn add_device(&mut self, person: usize) {
        let n = self.devices.len();
        let who = Asker {
            space: self.space,
            user: UserId::from_random([person as u8 + 1; 16]),
            user_name: NAMES[person].to_owned(),
            id: DeviceId::from_random([n as u8 + 1; 16]),
            name: format!("Device {n}"),
            limits: Limits::default(),
            folder: None,
            root: None,
        };
        // What is shared is followed by pages.
        let holds_content = person == 0 && self.rng.permille(400);
        let device = Device::new(who, (person, n), holds_content);
        let may_open = match device.holds_content || person > 0 {
            true => 1,
            false => 2,
        };
        for _ in 0..may_open {
            self.tabs.push(Tab::closed(n));
        }
        self.admit(device, may_open);
    }

    /// The same page works on another root, too: it has an engine and a storage for each,
    /// and what a browser has once.
    pub(super) fn add_root(&mut self, to: usize) {
        let of = &self.devices[to];
        let mut device = Device::new(of.who.clone(), (of.person, of.page), false);
        device.disk = Rc::new(Disk {
            skew: of.disk.skew.clone(),
            ..Disk::default()
        });
        self.tabs.push(Tab::closed(self.devices.len()));
        self.admit(device, 1);
    }

    fn admit(&mut self, device: Device, may_open: usize) {
        let n = self.devices.len();
        self.devices.push(device);
        let first = self.tabs.len() - may_open;
        self.after(n as u64, Event::Open { tab: first });
        self.after(50, Event::Act { device: n });
    }

    pub fn after(&mut self, millis: u64, event: Event) {
        self.last_event += 1;
        self.events
            .insert((self.now + millis, self.last_event), event);
    }

    /// Takes the next event; false if there is none.
    ///
    /// # Errors
    /// An invariant that does not hold.
    pub fn step(&mut self) -> Result<bool, Violation> {
        let Some(((at, n), event)) = self.events.pop_first() else {
            return Ok(false);
        };
        self.now = self.now.max(at);
        self.steps += 1;
        (at, n).hash(&mut self.trace);
        std::mem::discriminant(&event).hash(&mut self.trace);
        self.happen(event)?;
        if self.steps.is_multiple_of(CHECK_EVERY) {
            database::check(&mut self.oracle, &self.server, self.hub.broken_packs)?;
            let waiting = self.waiting();
            database::check_sources(&mut self.oracle, &self.server, &waiting)?;
        }
        Ok(true)
    }

    /// The drafts that some engine or some storage still has.
    fn waiting(&self) -> BTreeSet<DraftId> {
        let mut waiting = BTreeSet::new();
        for tab in self.tabs.iter().filter(|tab| tab.is_open()) {
            let engine = tab.engine();
            let edits = engine.trees().edits();
            waiting.extend(edits.flat_map(|edit| edit.drafts().map(|draft| draft.id)));
        }
        for device in &self.devices {
            waiting.extend(device.disk.storage.borrow().drafts_of(|_| true));
        }
        waiting
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Arrive {
                caller,
                call,
                answered,
            } => self.arrive(caller, *call, answered),
            Event::Turn { job } => self.turn(job)?,
            Event::Reply { caller, said } => {
                self.replied(caller, *said)?;
            }
            Event::Park {
                caller,
                waits,
                seconds,
            } => self.park(caller, &waits, seconds),
            Event::PollEnds { caller } => self.poll_ends(caller)?,
            Event::Silenced { caller, skew } => self.silenced(caller, skew)?,
            Event::News { news } => self.news(&news)?,
            Event::Withdrawn { tab, life } => self.withdrawn(tab, life)?,
            Event::Background { job } => self.run_goes_on(job)?,
            Event::Wake { tab, life, done } => self.wake(tab, life, *done)?,
            Event::Shared { tab, life, records } => {
                if self.is_alive(tab, life) {
                    self.input(tab, Input::Shared(records.to_vec()))?;
                }
            }
            Event::Told { tab, life, what } => self.told(tab, life, *what)?,
            Event::Open { tab } => self.open(tab)?,
            Event::Left { tab, life } => {
                if self.is_alive(tab, life) {
                    self.run(tab)?;
                }
            }
            Event::Succeed { device } => self.succeed(device)?,
            Event::Act { device } => self.act(device)?,
            Event::Mend { device } => {
                for one in self.on_page(device) {
                    self.devices[one].partitioned = false;
                }
                for one in self.on_page(device) {
                    for tab in self.open_tabs(one) {
                        if self.tabs[tab].is_open() {
                            self.input(tab, Input::Online)?;
                        }
                    }
                }
            }
            Event::Repair { pack, offset } => self.repair(&pack, offset),
            Event::Restore { pack, bytes } => self.restore(pack, bytes),
        }
        Ok(())
    }

    pub fn is_alive(&self, tab: usize, life: u32) -> bool {
        self.tabs[tab].is_open() && self.tabs[tab].life == life
    }

    /// The tabs of a device that are open.
    pub fn open_tabs(&self, device: usize) -> Vec<usize> {
        let all = self.tabs.iter().enumerate();
        let open = all.filter(|(_, tab)| tab.device == device && tab.is_open());
        open.map(|(n, _)| n).collect()
    }

    /// All that a device's page works on: each root counts as a device.
    pub fn on_page(&self, device: usize) -> Vec<usize> {
        let page = self.devices[device].page;
        let all = (0..self.devices.len()).filter(|one| self.devices[*one].page == page);
        all.collect()
    }

    /// The page that a device is a root of. The owner's tabs are pages of their own.
    pub fn page(&mut self, device: usize) -> Page {
        let of = &self.devices[device];
        match of.is_owners() {
            true => Page::default(),
            false => self.pages.entry(of.page).or_default().clone(),
        }
    }

    /// The tabs that run in one program with a tab, itself first. The tabs of an owner's
    /// browser are pages of their own.
    pub fn same_program(&self, tab: usize) -> Vec<usize> {
        let device = self.tabs[tab].device;
        let mut all = vec![tab];
        if !self.devices[device].is_owners() {
            let others = self.on_page(device).into_iter();
            let others = others.flat_map(|one| self.open_tabs(one));
            all.extend(others.filter(|other| *other != tab));
        }
        all
    }

    /// The device of a tab.
    pub fn device_of(&mut self, tab: usize) -> &mut Device {
        let device = self.tabs[tab].device;
        &mut self.devices[device]
    }

    /// Says what happens, if somebody wants to read it.
    pub fn log(&self, what: impl FnOnce() -> String) {
        if self.is_logged {
            println!("{} {} {}", self.steps, self.now, what());
        }
    }

    /// What happened so far, as one number.
    pub fn traced(&self) -> u64 {
        self.trace.finish()
    }
}
