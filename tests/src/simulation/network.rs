//! Requests and answers on their way, which may be lost, late, or twice.

use super::call::{Call, Caller, Said};
use super::faults::Fault;
use super::oracle::Violation;
use super::world::{Event, World};
use client::Failure;
use driftless_core::writes::deletion::Deletion;
use futures_channel::oneshot;
use protocol::ids::ItemId;
use protocol::problem::Problem;

/// A client gives up on an answer after this long, in milliseconds.
const PATIENCE_MILLIS: u64 = 20_000;
/// Then a person gives up on a deletion for good.
const MOST_UNHEARD: u32 = 5;
/// More requests of one tab in a minute mean that it spins.
const MAX_REQUESTS_A_MINUTE: u32 = 4_000;

impl World {
    /// A request sets out.
    pub(super) fn ship(
        &mut self,
        caller: Caller,
        call: Call,
        answer: oneshot::Sender<Result<Said, Failure>>,
    ) -> Result<(), Violation> {
        self.count_request(caller.tab)?;
        self.waiting.insert(caller, answer);
        let device = self.tabs[caller.tab].device;
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if lost {
            self.cut_off(caller);
            return Ok(());
        }
        let is_poll = matches!(call, Call::Poll { .. });
        if let Some(after) = self.devices[device].proxy_millis.filter(|_| is_poll) {
            let skew = self.devices[device].disk.skew.get();
            self.after(after, Event::Silenced { caller, skew });
        }
        let delay = self.delay();
        if !is_poll && self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let later = delay + self.delay();
            self.arrive_after(later, caller, call.clone(), false);
        }
        self.arrive_after(delay, caller, call, true);
        Ok(())
    }

    /// A request that no client makes and nobody repeats.
    pub(super) fn send(&mut self, tab: usize, root: Option<ItemId>, call: Call) {
        let caller = Caller {
            tab,
            life: self.tabs[tab].life,
            call: 0,
            root,
        };
        let device = self.tabs[tab].device;
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        let delay = self.delay();
        if !lost {
            self.arrive_after(delay, caller, call, true);
        }
    }

    fn arrive_after(&mut self, millis: u64, caller: Caller, call: Call, answered: bool) {
        let call = Box::new(call);
        self.after(
            millis,
            Event::Arrive {
                caller,
                call,
                answered,
            },
        );
    }

    /// A person deletes for good. The page asks again until it hears that all is done,
    /// or they close it.
    pub(super) fn delete_for_good(&mut self, caller: Caller, wanted: Deletion, unheard: u32) {
        let device = self.tabs[caller.tab].device;
        let call = Call::Delete {
            wanted: wanted.clone(),
            unheard,
        };
        let lost = self.devices[device].partitioned
            || self.faults.strikes(Fault::RequestLost, &mut self.rng);
        if self.faults.strikes(Fault::RequestRepeated, &mut self.rng) {
            let later = 2 * self.delay();
            self.arrive_after(later, caller, call.clone(), false);
        }
        if lost {
            self.delete_again(caller, wanted, unheard);
            return;
        }
        let delay = self.delay();
        self.arrive_after(delay, caller, call, true);
    }

    /// Nobody has heard what became of it.
    pub(super) fn delete_again(&mut self, caller: Caller, wanted: Deletion, unheard: u32) {
        if unheard < MOST_UNHEARD && self.is_alive(caller.tab, caller.life) {
            let call = Call::Delete {
                wanted,
                unheard: unheard + 1,
            };
            let wait = 1 + self.rng.below(PATIENCE_MILLIS);
            self.arrive_after(wait, caller, call, true);
        }
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
    pub(super) fn arrive(&mut self, caller: Caller, call: Call, answered: bool) {
        let device = &self.devices[self.tabs[caller.tab].device];
        let refused = if !device.signed_in {
            Some(Problem::SessionEnded)
        } else if self.faults.strikes(Fault::ServerBusy, &mut self.rng) {
            Some(Problem::Unavailable)
        } else {
            None
        };
        match refused {
            Some(problem) if answered => self.reply(caller, Err(problem.into())),
            Some(_) => {}
            None => {
                self.meddle(caller, &call);
                self.begin(caller, call, answered);
            }
        }
    }

    /// The server has an answer; whether it arrives is another matter.
    pub(super) fn answer(&mut self, caller: Caller, said: Result<Said, Failure>) {
        if self.faults.strikes(Fault::ReplyLost, &mut self.rng) {
            self.reply_after(PATIENCE_MILLIS, caller, Err(Failure::Unreachable));
        } else {
            self.reply(caller, said);
        }
    }

    /// The connection is gone, and the client notices in its own time.
    pub(super) fn cut_off(&mut self, caller: Caller) {
        let wait = 1 + self.rng.below(PATIENCE_MILLIS);
        self.reply_after(wait, caller, Err(Failure::Unreachable));
    }

    pub(super) fn reply(&mut self, caller: Caller, said: Result<Said, Failure>) {
        let delay = self.delay();
        if self.devices[self.tabs[caller.tab].device].partitioned {
            self.reply_after(delay, caller, Err(Failure::Unreachable));
        } else {
            self.reply_after(delay, caller, said);
        }
    }

    fn reply_after(&mut self, millis: u64, caller: Caller, said: Result<Said, Failure>) {
        let said = Box::new(said);
        self.after(millis, Event::Reply { caller, said });
    }

    /// A proxy has ended a poll, if it was silent until now. That is nobody's outage,
    /// as far as the device's clock says how long it was held.
    pub(super) fn silenced(&mut self, caller: Caller, skew: i64) -> Result<(), Violation> {
        let tab = caller.tab;
        if !self.is_alive(tab, caller.life) || !self.waiting.contains_key(&caller) {
            return Ok(());
        }
        let was_connected = self.tabs[tab].engine().is_connected();
        let device = self.tabs[tab].device;
        let lived = self.replied(caller, Err(Failure::Unreachable))?;
        if lived && self.devices[device].disk.skew.get() == skew {
            let is_quiet = self.tabs[tab].engine().is_connected() == was_connected;
            self.oracle
                .check("a silent poll is no outage", is_quiet, || {
                    format!("{caller:?}")
                })?;
        }
        Ok(())
    }

    /// Whether the tab lived through it.
    pub(super) fn replied(
        &mut self,
        caller: Caller,
        said: Result<Said, Failure>,
    ) -> Result<bool, Violation> {
        if let (0, Ok(Said::Grants(grants))) = (caller.call, &said) {
            self.shown(caller.tab, grants.clone())?;
            return Ok(true);
        }
        // It may be answered already, or be of no interest any more.
        let Some(answer) = self.waiting.remove(&caller) else {
            return Ok(true);
        };
        if !self.is_alive(caller.tab, caller.life) {
            return Ok(false);
        }
        self.trace.said(caller.tab, &said);
        self.log(|| format!("{caller:?} hears {said:?}"));
        let token = match &said {
            Ok(Said::Changes(page)) if !page.has_more => Some(page.next_token.clone()),
            _ => None,
        };
        let _ = answer.send(said);
        let lives = self.run(caller.tab)?;
        if let Some(token) = token.filter(|_| lives) {
            self.check_pulled(caller, &token)?;
        }
        Ok(lives)
    }
}
