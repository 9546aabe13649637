//! What goes wrong, how often, and how often it did.

use super::rng::Rng;
use std::collections::BTreeMap;

/// Every way for things to go wrong, and on how many of a thousand occasions it
/// does.
const ALL: [(Fault, u64); 33] = [
    (Fault::RequestLost, 60),
    (Fault::ReplyLost, 60),
    (Fault::RequestRepeated, 60),
    (Fault::Delayed, 100),
    (Fault::BodyDamaged, 30),
    (Fault::ServerBusy, 30),
    (Fault::ServerSlow, 120),
    (Fault::IsolateEnds, 8),
    (Fault::DatabaseLapse, 20),
    (Fault::PackStoreLapse, 20),
    (Fault::Partition, 6),
    (Fault::SilentProxy, 12),
    (Fault::Crash, 6),
    (Fault::CrashBetweenEffects, 3),
    (Fault::CrashInDriver, 20),
    (Fault::SecondTab, 20),
    (Fault::TabClosed, 500),
    (Fault::LeaderSwapped, 10),
    (Fault::StorageWiped, 2),
    (Fault::DraftsFull, 100),
    (Fault::FileChanged, 20),
    (Fault::ClockJump, 4),
    (Fault::SessionEnded, 3),
    (Fault::QueueLost, 100),
    (Fault::QueueRepeated, 100),
    (Fault::QueueDelayed, 200),
    (Fault::HubRestarted, 4),
    (Fault::PackDamaged, 4),
    (Fault::PackMissing, 4),
    (Fault::JournalTrimmed, 2),
    (Fault::Collected, 10),
    (Fault::CollectorEnds, 60),
    (Fault::Night, 2),
];

/// One way for things to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    RequestLost,
    ReplyLost,
    RequestRepeated,
    Delayed,
    /// A byte of an upload is another one when it arrives.
    BodyDamaged,
    ServerBusy,
    /// Between two calls of a request, much else may happen.
    ServerSlow,
    /// The isolate ends between two calls of a request.
    IsolateEnds,
    DatabaseLapse,
    PackStoreLapse,
    Partition,
    /// A device moves to where a proxy ends requests that are silent, or away.
    SilentProxy,
    Crash,
    CrashBetweenEffects,
    /// A crash in the middle of what the driver does in several steps.
    CrashInDriver,
    SecondTab,
    TabClosed,
    LeaderSwapped,
    StorageWiped,
    DraftsFull,
    FileChanged,
    ClockJump,
    SessionEnded,
    QueueLost,
    QueueRepeated,
    QueueDelayed,
    HubRestarted,
    PackDamaged,
    PackMissing,
    JournalTrimmed,
    /// The collector begins a run.
    Collected,
    /// The collector ends between two of its calls.
    CollectorEnds,
    /// More than a day passes.
    Night,
}

impl std::str::FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = ALL.iter().map(|(fault, _)| *fault);
        let found = all.find(|fault| format!("{fault:?}") == name);
        found.ok_or_else(|| format!("there is no fault {name:?}"))
    }
}

/// How many of a thousand occasions each fault takes, and the count of those it
/// took.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    chances: BTreeMap<Fault, u64>,
    pub counts: BTreeMap<Fault, u64>,
    /// Set when the faults have stopped.
    pub stopped: bool,
}

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

    /// The kinds that happen.
    pub fn kinds(&self) -> Vec<Fault> {
        self.chances
            .iter()
            .filter(|(_, chance)| **chance > 0)
            .map(|(fault, _)| *fault)
            .collect()
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
