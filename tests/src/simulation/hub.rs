//! The queue, and the polls that wait: the Notification Service's own table.

use super::call::Caller;
use super::call::Said;
use super::faults::Fault;
use super::oracle::Violation;
use super::polls::{self, Ended, Parked, Waits};
use super::society::{Message, Touched};
use super::world::{Event, World};
use client::Failure;
use driftless_notify::waiters;
use protocol::ids::{ItemId, Seq};
use protocol::notifications::{Event as News, EventType, JournalGrew, Park, PollEvent};
use protocol::problem::Problem;
use std::rc::Rc;

/// News reaches a poll that waits within this time, in milliseconds, if nothing
/// of it is lost or late.
const DELIVERED_WITHIN_MILLIS: u64 = 1_000;
const NO_SLEEP: &str = "no poll sleeps through news";
/// How long news may be late, in milliseconds.
const LATE_MILLIS: u64 = 40_000;

impl World {
    /// A change was committed: its journal entry goes to the queue.
    pub(super) fn publish(&mut self, seq: Seq) {
        let event = News {
            event_type: EventType::FileUpdate,
            file_id: ItemId::from_random([0; 16]),
            timestamp: self.now,
            name: None,
            by: None,
        };
        let news = JournalGrew {
            space: self.space,
            owner: None,
            seq,
            event,
            about: Vec::new(),
            below: Vec::new(),
            also: Vec::new(),
        };
        self.grew(Message {
            news,
            entries: vec![seq],
            touched: Touched::default(),
        });
    }

    /// A message about entries of the journal goes to the queue.
    pub(super) fn grew(&mut self, message: Message) {
        let seq = message.news.seq;
        if self.hub.newest < seq && message.news.space == self.space {
            self.hub.newest = seq;
            for tab in self.tabs.iter().filter(|tab| tab.is_open()) {
                tab.ports().there_is_news();
            }
        }
        if self.faults.strikes(Fault::QueueLost, &mut self.rng) {
            return;
        }
        let mut delay = 1 + self.rng.below(30);
        if self.faults.strikes(Fault::QueueDelayed, &mut self.rng) {
            delay += self.rng.below(LATE_MILLIS);
        } else {
            let entries = message.entries.iter();
            let known = entries.map(|seq| (*seq, self.now));
            self.hub.grown.extend(known);
        }
        let news = Rc::new(message);
        self.after(delay, Event::News { news: news.clone() });
        if self.faults.strikes(Fault::QueueRepeated, &mut self.rng) {
            self.after(2 * delay, Event::News { news });
        }
    }

    /// For a while nobody can rely on what the hub remembers.
    pub(super) fn doubt_news(&mut self) {
        self.hub.unsure_until = self.now + LATE_MILLIS;
    }

    /// The queue delivers.
    pub(super) fn news(&mut self, message: &Message) -> Result<(), Violation> {
        let (now, news) = (self.now, &message.news);
        for user in self.audience(news) {
            for caller in self.hub.waiters.wake(user, news, now) {
                self.check_woken(caller, message)?;
                self.hub.parked.remove(&caller);
                let woken = PollEvent::of_space(news.space, news.event.clone());
                self.poll_hears(caller, Ended::News(woken));
            }
        }
        self.check_sleepers(message)
    }

    /// Nobody waits on who has to hear what was delivered just now.
    fn check_sleepers(&mut self, message: &Message) -> Result<(), Violation> {
        let sleeps = |caller: Caller, waits: &Waits| {
            let mut unseen = message.entries.iter().filter(|seq| **seq > waits.seen);
            unseen.any(|seq| self.has_to_hear(caller, waits.root, *seq))
        };
        let mut parked = self.hub.parked.iter();
        let sleeper = parked.find_map(|(caller, parked)| {
            let mut all = parked.waits.iter();
            let slept = all.find(|waits| sleeps(*caller, waits))?;
            Some((*caller, *slept))
        });
        self.oracle.check(NO_SLEEP, sleeper.is_none(), || {
            format!("{sleeper:?} for {message:?}")
        })
    }

    /// A poll that was held ends, or its request goes on.
    pub(super) fn poll_hears(&mut self, caller: Caller, ended: Ended) {
        if let Some(held) = self.jobs.held.remove(&caller) {
            return self.hold_ends(held, ended);
        }
        self.reply(
            caller,
            match ended {
                Ended::News(_) => Ok(Said::News(caller.root)),
                Ended::Quiet => Ok(Said::Quiet),
                Ended::Refused(problem) => Err(Failure::Refused(problem)),
            },
        );
    }

    /// A poll that found nothing in the journals is on its way to the hub.
    pub(super) fn park_soon(&mut self, caller: Caller, waits: Vec<Waits>, seconds: u64) {
        let pause = 1 + self.rng.below(5);
        let park = Event::Park {
            caller,
            waits,
            seconds,
        };
        self.after(pause, park);
    }

    /// A poll that found nothing in the journal is held.
    pub(super) fn park(&mut self, caller: Caller, waits: &[Waits], seconds: u64) {
        let who = &self.devices[self.tabs[caller.tab].device].who;
        let held = self.jobs.held.get(&caller);
        // Without several people, nobody says when it was asked for.
        let poll = held.map(|held| held.parking.poll.clone()).unwrap_or(Park {
            user: who.user,
            device: who.id,
            space: self.space,
            root: caller.root,
            seen: waits.first().map_or(0, |one| one.seen),
            timeout_seconds: seconds,
            also: Vec::new(),
            asked_at: None,
        });
        match self.hub.waiters.park(&poll, caller) {
            waiters::Outcome::Answered(news) => {
                self.poll_hears(caller, Ended::News(news));
            }
            waiters::Outcome::Outrun => {
                self.poll_hears(caller, Ended::Refused(Problem::PollReplaced));
            }
            waiters::Outcome::Full => {
                self.poll_hears(caller, Ended::Refused(Problem::TooManyPolls));
            }
            waiters::Outcome::Parked(parked) => {
                for old in parked.replaced {
                    self.hub.parked.remove(&old);
                    self.poll_hears(old, Ended::Refused(Problem::PollReplaced));
                }
                let since = self.now;
                self.hub.parked.insert(
                    caller,
                    Parked {
                        ticket: parked.ticket,
                        waits: waits.to_vec(),
                        since,
                    },
                );
                self.after(seconds * 1_000, Event::PollEnds { caller });
            }
        }
    }

    /// A poll's time is up. It must not have slept through news.
    pub(super) fn poll_ends(&mut self, caller: Caller) -> Result<(), Violation> {
        let Some(parked) = self.hub.parked.remove(&caller) else {
            return Ok(());
        };
        self.hub.waiters.leave(parked.ticket);
        if parked.since > self.hub.unsure_until {
            for Waits { root, cursor, .. } in parked.waits {
                let missed = self.hub.grown.range(cursor + 1..);
                let mut missed = missed.filter(|(seq, _)| self.has_to_hear(caller, root, **seq));
                let slept = missed.any(|(_, at)| at + DELIVERED_WITHIN_MILLIS < self.now);
                self.oracle.check(NO_SLEEP, !slept, || {
                    format!("{caller:?} had seen {cursor} of {root:?}")
                })?;
            }
        }
        self.poll_hears(caller, Ended::Quiet);
        Ok(())
    }

    /// The hub is reset: its polls end, and what it remembered is gone.
    pub(super) fn restart_hub(&mut self) {
        self.hub.waiters = polls::empty();
        self.doubt_news();
        for (caller, _) in std::mem::take(&mut self.hub.parked) {
            self.jobs.held.remove(&caller);
            self.cut_off(caller);
        }
    }

    /// A device's session has ended: so does its poll.
    pub(super) fn drop_poll(&mut self, device: usize) {
        let who = &self.devices[device].who;
        for caller in self.hub.waiters.drop_device(who.user, who.id) {
            self.hub.parked.remove(&caller);
            self.poll_hears(caller, Ended::Refused(Problem::SessionEnded));
        }
    }
}
