//! Time that never runs back, made from a clock that may.

use protocol::ids::UnixMillis;

/// Milliseconds since the engine was made. A clock that is set back stands
/// still for this one; a clock that is set forward ends waits early, which
/// costs a request and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    last_seen: UnixMillis,
    elapsed: u64,
}

impl Clock {
    /// A clock that starts now.
    pub fn new(now: UnixMillis) -> Self {
        Self {
            last_seen: now,
            elapsed: 0,
        }
    }

    /// Takes in what the device's clock says.
    pub fn see(&mut self, now: UnixMillis) {
        self.elapsed += now.saturating_sub(self.last_seen);
        self.last_seen = now;
    }

    /// What the device's clock last said.
    pub fn now(&self) -> UnixMillis {
        self.last_seen
    }

    /// Milliseconds since the engine was made.
    pub fn elapsed(&self) -> u64 {
        self.elapsed
    }
}
