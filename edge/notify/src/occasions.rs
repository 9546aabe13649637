//! Who has to be told of what the journals that they wait for say nothing of: that something
//! happened in what is shared with them, or that somebody else has opened a file. Plain tables
//! like [`crate::waiters`]: what one is told happens at `now`, which never runs back.
//!
//! Each device is told by a poll, once in [`BETWEEN_MILLIS`] at most, so that polls are held
//! also while others do much. What comes meanwhile is told when that time is over.

use protocol::ids::{DeviceId, ItemId, SpaceId, UnixMillis, UserId};
use std::collections::HashMap;
use std::hash::Hash;

/// A device is told once in so many milliseconds.
pub const BETWEEN_MILLIS: UnixMillis = 10_000;

/// How long it is remembered that something happened, and who was told, in milliseconds.
/// Only a device that is between two polls has to be told later than at once.
const MEMORY_MILLIS: UnixMillis = 30_000;

/// What happened elsewhere than in people's own drives, told to each device of theirs.
pub type Elsewhere = Occasions<UserId, DeviceId>;

/// Files that others opened in a space, told to each device that waits for a root of it.
pub type Openings = Occasions<(UserId, SpaceId), (DeviceId, Option<ItemId>)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Of what happened to all people of this hub, the last that this is about.
    number: u64,
    at: UnixMillis,
}

/// `W` is to whom something happens, `P` tells the polls apart by which they are told.
#[derive(Debug)]
pub struct Occasions<W, P> {
    last: u64,
    happened: HashMap<W, Mark>,
    told: HashMap<(W, P), Mark>,
    swept_at: UnixMillis,
}

impl<W, P> Default for Occasions<W, P> {
    fn default() -> Self {
        Self {
            last: 0,
            happened: HashMap::new(),
            told: HashMap::new(),
            swept_at: 0,
        }
    }
}

impl<W: Copy + Eq + Hash, P: Copy + Eq + Hash> Occasions<W, P> {
    /// Something has happened that is news to them.
    pub fn happens(&mut self, to: W, now: UnixMillis) {
        self.sweep(now);
        self.last = self.last.saturating_add(1);
        let mark = Mark {
            number: self.last,
            at: now,
        };
        self.happened.insert(to, mark);
    }

    /// When a poll is to tell it, at `now` or later; `None` if it has.
    pub fn due(&self, to: W, by: P, now: UnixMillis) -> Option<UnixMillis> {
        let happened = self.happened.get(&to)?;
        let told = self.told.get(&(to, by));
        if told.is_some_and(|told| told.number >= happened.number) {
            return None;
        }
        let earliest = told.map_or(now, |told| told.at.saturating_add(BETWEEN_MILLIS));
        Some(earliest.max(now))
    }

    /// The poll tells it. Gives back when the last of it happened.
    pub fn tell(&mut self, to: W, by: P, now: UnixMillis) -> UnixMillis {
        let last = self.happened.get(&to).copied();
        let happened = last.unwrap_or(Mark { number: 0, at: now });
        let told = Mark {
            at: now,
            ..happened
        };
        self.told.insert((to, by), told);
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

    #[test]
    fn each_root_of_a_space_has_a_poll_by_which_a_device_is_told() {
        let mut openings = Openings::default();
        let (space, other) = (SpaceId::from_random([1; 16]), SpaceId::from_random([2; 16]));
        let root = |n: u8| (device(1), Some(ItemId::from_random([n; 16])));
        openings.happens((user(1), space), 5);
        for n in [1, 2] {
            assert_eq!(openings.due((user(1), space), root(n), 6), Some(6));
            openings.tell((user(1), space), root(n), 6);
            assert_eq!(openings.due((user(1), space), root(n), 7), None);
        }
        assert_eq!(openings.due((user(1), other), root(1), 7), None);
        assert_eq!(openings.due((user(2), space), root(1), 7), None);
    }
}
