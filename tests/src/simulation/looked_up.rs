//! Where blocks were at a moment, which must hold for whoever read it then.

use driftless_core::collect::packs::READER_GRACE_MILLIS;
use std::collections::BTreeMap;

/// Where blocks were at a moment, as a download knows it that began then.
#[derive(Default)]
pub struct LookedUp {
    at: u64,
    /// When a pack was damaged or lost the last time.
    broken_at: Option<u64>,
    pub places: BTreeMap<String, String>,
}

impl LookedUp {
    pub fn at(now: u64, places: BTreeMap<String, String>) -> Self {
        Self {
            at: now,
            broken_at: None,
            places,
        }
    }

    /// A pack is damaged or lost. Until nothing is read any more that was begun by then, what
    /// is in it may be marked, and be stored anew elsewhere.
    pub fn broken(now: u64) -> Self {
        Self {
            broken_at: Some(now),
            ..Self::default()
        }
    }

    pub fn may_be_new(&self, now: u64) -> bool {
        !self.is_recent(now)
            && self
                .broken_at
                .is_none_or(|at| at + READER_GRACE_MILLIS < now)
    }

    /// Whether a download of that moment may go on.
    pub fn is_recent(&self, now: u64) -> bool {
        self.at + READER_GRACE_MILLIS > now
    }
}
