//! Who has to be told that something happened in what is shared with them. A plain table
//! like [`crate::waiters`]: what it is told happens at `now`, which never runs back.
//!
//! Each device is told by a poll of its person's own drive, once in
//! [`BETWEEN_MILLIS`] at most, so that these polls are held also while others do much.
//! What comes meanwhile is told when that time is over.

use protocol::ids::{DeviceId, UnixMillis, UserId};
use std::collections::HashMap;

/// A device is told once in so many milliseconds.
pub const BETWEEN_MILLIS: UnixMillis = 10_000;

/// How long it is remembered that something happened, and who was told, in milliseconds.
/// Only a device that is between two polls has to be told later than at once.
const MEMORY_MILLIS: UnixMillis = 30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Of what happened to all people of this hub, the last that this is about.
    number: u64,
    at: UnixMillis,
}

#[derive(Debug, Default)]
pub struct Elsewhere {
    last: u64,
    happened: HashMap<UserId, Mark>,
    told: HashMap<(UserId, DeviceId), Mark>,
    swept_at: UnixMillis,
}

impl Elsewhere {
    /// Something has happened that is news to this person.
    pub fn happens(&mut self, user: UserId, now: UnixMillis) {
        self.sweep(now);
        self.last = self.last.saturating_add(1);
        let mark = Mark {
            number: self.last,
            at: now,
        };
        self.happened.insert(user, mark);
    }

    /// When the device is to be told, at `now` or later; `None` if it knows.
    pub fn due(&self, user: UserId, device: DeviceId, now: UnixMillis) -> Option<UnixMillis> {
        let happened = self.happened.get(&user)?;
        let told = self.told.get(&(user, device));
        if told.is_some_and(|told| told.number >= happened.number) {
            return None;
        }
        let earliest = told.map_or(now, |told| told.at.saturating_add(BETWEEN_MILLIS));
        Some(earliest.max(now))
    }

    /// The device is told. Gives back when the last of it happened.
    pub fn tell(&mut self, user: UserId, device: DeviceId, now: UnixMillis) -> UnixMillis {
        let last = self.happened.get(&user).copied();
        let happened = last.unwrap_or(Mark { number: 0, at: now });
        let told = Mark {
            at: now,
            ..happened
        };
        self.told.insert((user, device), told);
        happened.at
    }

    fn sweep(&mut self, now: UnixMillis) {
        if now < self.swept_at.saturating_add(MEMORY_MILLIS) {
            return;
        }
        let is_known = |mark: &Mark| mark.at.saturating_add(MEMORY_MILLIS) > now;
        self.happened.retain(|_, mark| is_known(mark));
        self.told.retain(|_, mark| is_known(mark));
        self.swept_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u8) -> UserId {
        UserId::from_random([n; 16])
    }

    fn device(n: u8) -> DeviceId {
        DeviceId::from_random([n; 16])
    }

    #[test]
    fn each_device_is_told_once_of_what_happened() {
        let mut elsewhere = Elsewhere::default();
        assert_eq!(elsewhere.due(user(1), device(1), 5), None);
        elsewhere.happens(user(1), 7);
        for n in [1, 2] {
            assert_eq!(elsewhere.due(user(1), device(n), 8), Some(8));
            assert_eq!(elsewhere.tell(user(1), device(n), 8), 7);
            assert_eq!(elsewhere.due(user(1), device(n), 100_000), None);
        }
        assert_eq!(elsewhere.due(user(2), device(3), 8), None);
    }

    #[test]
    fn what_comes_soon_after_is_told_when_its_time_has_come() {
        let mut elsewhere = Elsewhere::default();
        elsewhere.happens(user(1), 0);
        elsewhere.tell(user(1), device(1), 1);
        // Within the same millisecond, and later.
        for now in [1, 4_000] {
            elsewhere.happens(user(1), now);
            let due = 1 + BETWEEN_MILLIS;
            assert_eq!(elsewhere.due(user(1), device(1), now), Some(due));
        }
        let at = elsewhere.tell(user(1), device(1), 1 + BETWEEN_MILLIS);
        assert_eq!(at, 4_000);
        // After a rest it is told at once.
        elsewhere.happens(user(1), 60_000);
        assert_eq!(elsewhere.due(user(1), device(1), 60_000), Some(60_000));
    }

    #[test]
    fn what_is_long_ago_is_forgotten() {
        let mut elsewhere = Elsewhere::default();
        for n in 0..100 {
            let now = UnixMillis::from(n) * MEMORY_MILLIS;
            elsewhere.happens(user(n), now);
            elsewhere.tell(user(n), device(n), now);
        }
        assert!(elsewhere.happened.len() <= 2);
        assert!(elsewhere.told.len() <= 2);
    }
}
