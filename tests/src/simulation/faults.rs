//! What goes wrong, how often, and how often it did.

use super::rng::Rng;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Every way for things to go wrong, and on how many of a thousand occasions it
/// does.
const ALL: [(Fault, u64); 38] = [
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
    (Fault::ListForgotten, 100),
    (Fault::CacheDamaged, 300),
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
    (Fault::Thinned, 8),
    (Fault::GoneBack, 12),
    (Fault::Rewritten, 25),
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
    /// The block list of a file is not kept any more.
    ListForgotten,
    /// A block of the cache is another one on the disk, when a program starts.
    CacheDamaged,
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
    /// The collector ends between two of its calls, or another job.
    CollectorEnds,
    /// The job that thins versions begins a run.
    Thinned,
    /// Somebody goes back to what was there earlier.
    GoneBack,
    /// The job that writes packs anew begins a run, or there is soon something for it.
    Rewritten,
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
/// took. A clone is another handle of the same.
#[derive(Clone, Debug, Default)]
pub struct Faults(Rc<RefCell<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    chances: BTreeMap<Fault, u64>,
    counts: BTreeMap<Fault, u64>,
    have_stopped: bool,
}

impl Faults {
    /// Each seed has a mood of its own: some faults often, some never.
    pub fn of(rng: &mut Rng) -> Self {
        let mut inner = Inner::default();
        for (fault, chance) in ALL {
            let mood = [0, 1, 1, 3][rng.below(4) as usize];
            inner.chances.insert(fault, (chance * mood).min(500));
        }
        Self(Rc::new(RefCell::new(inner)))
    }

    /// Without one kind, to find out whether a failure needs it.
    pub fn without(&self, fault: Fault) {
        self.0.borrow_mut().chances.remove(&fault);
    }

    /// From now on nothing goes wrong any more.
    pub fn stop(&self) {
        self.0.borrow_mut().have_stopped = true;
    }

    /// How often each has struck.
    pub fn counts(&self) -> BTreeMap<Fault, u64> {
        self.0.borrow().counts.clone()
    }

    /// The kinds that happen.
    pub fn kinds(&self) -> Vec<Fault> {
        let inner = self.0.borrow();
        let happen = inner.chances.iter().filter(|(_, chance)| **chance > 0);
        happen.map(|(fault, _)| *fault).collect()
    }

    /// Counts one that has struck.
    pub fn count(&self, fault: Fault) {
        *self.0.borrow_mut().counts.entry(fault).or_default() += 1;
    }

    pub fn strikes(&self, fault: Fault, rng: &mut Rng) -> bool {
        let (chance, have_stopped) = {
            let inner = self.0.borrow();
            let chance = inner.chances.get(&fault).copied().unwrap_or(0);
            (chance, inner.have_stopped)
        };
        // Drawn even if it can't strike, so that a run without one kind meets
        // the others as before.
        let strikes = rng.permille(chance) && !have_stopped;
        if strikes {
            self.count(fault);
        }
        strikes
    }
}
