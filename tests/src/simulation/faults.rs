//! What goes wrong, how often, and how often it did.

use super::rng::Rng;
use std::collections::BTreeMap;

/// One way for things to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    RequestLost,
    ReplyLost,
    RequestRepeated,
    Delayed,
    ServerBusy,
    Partition,
    Crash,
    CrashBetweenEffects,
    StorageWiped,
    DraftsFull,
    ClockJump,
    QueueLost,
    QueueRepeated,
    QueueDelayed,
    HubRestarted,
    PackDamaged,
    JournalTrimmed,
    DatabaseLapse,
    FileChanged,
}

/// How many of a thousand occasions each fault takes, and the count of those it
/// took.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    chances: BTreeMap<Fault, u64>,
    pub counts: BTreeMap<Fault, u64>,
    /// Once the faults have stopped.
    pub stopped: bool,
}

const ALL: [(Fault, u64); 19] = [
    (Fault::RequestLost, 60),
    (Fault::ReplyLost, 60),
    (Fault::RequestRepeated, 60),
    (Fault::Delayed, 100),
    (Fault::ServerBusy, 30),
    (Fault::Partition, 6),
    (Fault::Crash, 6),
    (Fault::CrashBetweenEffects, 3),
    (Fault::StorageWiped, 1),
    (Fault::DraftsFull, 100),
    (Fault::ClockJump, 4),
    (Fault::QueueLost, 100),
    (Fault::QueueRepeated, 100),
    (Fault::QueueDelayed, 200),
    (Fault::HubRestarted, 4),
    (Fault::PackDamaged, 4),
    (Fault::JournalTrimmed, 2),
    (Fault::DatabaseLapse, 20),
    (Fault::FileChanged, 20),
];

impl Faults {
    /// Each seed has a mood of its own: some faults often, some never.
    pub fn of(rng: &mut Rng) -> Self {
        let mut faults = Self::default();
        for (fault, chance) in ALL {
            let mood = [0, 1, 1, 3][rng.below(4) as usize];
            faults.chances.insert(fault, (chance * mood).min(500));
        }
        faults
    }

    /// Without one kind, to find out whether a failure needs it.
    pub fn without(&mut self, fault: Fault) {
        self.chances.remove(&fault);
    }

    pub fn kinds(&self) -> Vec<Fault> {
        self.chances.keys().copied().collect()
    }

    pub fn strikes(&mut self, fault: Fault, rng: &mut Rng) -> bool {
        let chance = self.chances.get(&fault).copied().unwrap_or(0);
        // Drawn even if it can't strike, so that a run without one kind meets
        // the others as before.
        let strikes = rng.permille(chance) && !self.stopped;
        if strikes {
            *self.counts.entry(fault).or_default() += 1;
        }
        strikes
    }
}
