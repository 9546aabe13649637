//! The polls that wait at the hub, and what it knows of the journal.

use super::call::Caller;
use driftless_notify::waiters::{SeatBounds, Ticket, Waiters};
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq};
use protocol::limits::{MAX_POLLS_PER_HUB, MAX_POLLS_PER_USER};
use protocol::notifications::PollEvent;
use protocol::positions::Position;
use protocol::problem::Problem;
use std::collections::BTreeMap;

pub struct Hub {
    pub waiters: Waiters<Caller>,
    pub parked: BTreeMap<Caller, Parked>,
    /// When the journal reached an entry of which the queue lost nothing.
    pub grown: BTreeMap<Seq, u64>,
    pub newest: Seq,
    /// Until when the hub may have forgotten news.
    pub unsure_until: u64,
    /// Objects that are damaged or missing for now.
    pub broken_packs: usize,
}

pub struct Parked {
    pub ticket: Ticket,
    pub waits: Vec<Waits>,
    pub since: u64,
}

/// One of the things that a poll waits for.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    pub root: Option<ItemId>,
    /// What its device has seen.
    pub cursor: Seq,
    /// How far it has looked at the journal.
    pub seen: Seq,
}

impl Waits {
    /// It counts as having seen what its cursor says, if it has one.
    pub fn after(root: Option<ItemId>, seen: Seq, polled: &[Position]) -> Self {
        let of_root = polled.iter().find(|one| one.root == root);
        let cursor = of_root.and_then(|one| one.cursor.parse().ok());
        let cursor = cursor.map_or(seen, |cursor: Cursor| cursor.seq);
        Self { root, cursor, seen }
    }
}

/// Why a poll does not wait any more.
#[derive(Debug)]
pub enum Ended {
    News(PollEvent),
    Quiet,
    Refused(Problem),
}

impl Hub {
    pub fn new() -> Self {
        Self {
            waiters: empty(),
            parked: BTreeMap::new(),
            grown: BTreeMap::new(),
            newest: 0,
            unsure_until: 0,
            broken_packs: 0,
        }
    }

    /// A client does not wait any more.
    pub fn leave(&mut self, caller: Caller) {
        if let Some(parked) = self.parked.remove(&caller) {
            self.waiters.leave(parked.ticket);
        }
    }

    pub fn leave_tab(&mut self, tab: usize) {
        let callers = self.parked.keys().copied();
        let gone: Vec<Caller> = callers.filter(|caller| caller.tab == tab).collect();
        for caller in gone {
            self.leave(caller);
        }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

pub fn empty() -> Waiters<Caller> {
    Waiters::new(SeatBounds {
        per_user: MAX_POLLS_PER_USER,
        per_hub: MAX_POLLS_PER_HUB,
    })
}
