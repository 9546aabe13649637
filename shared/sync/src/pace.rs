//! How fast the loop of pull and poll may go round, whatever the server says.
//!
//! Two bounds hold at all times. Rounds that fail, and rounds that end at once
//! without news, are spaced by a growing backoff. And all rounds together are
//! no more than a burst of [`BURST`] and [`ROUNDS_PER_SECOND`] from then on, so
//! even a server that has news in each answer can't make the page spin.

use crate::backoff;
use protocol::ids::UnixMillis;

/// Rounds that may follow each other at once: a few people who save at the same
/// moment are seen at once.
const BURST: f64 = 20.0;
const ROUNDS_PER_SECOND: f64 = 4.0;

/// A poll that ends without news in less than this, in milliseconds, counts as not
/// held.
const HELD_MILLIS: u64 = 1_000;

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundEnd {
    /// There was news, or a pull was asked for in the page.
    News,
    /// There was no news.
    Quiet {
        /// How long the poll was held, in milliseconds.
        held_millis: u64,
    },
    /// A request failed; the server may have asked to be left alone.
    Failed {
        /// How long the server asked to be left alone, in milliseconds; 0 if it did not.
        asked_wait_millis: u64,
    },
}

/// How long to wait before the next round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The part of the wait that nothing shortens, in milliseconds.
    pub at_least_millis: u64,
    /// The part that follows, in milliseconds. It ends when something happens that makes a
    /// try worthwhile.
    pub then_millis: u64,
}

/// Counts rounds.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Rounds in a row that failed, or ended at once without news.
    poor: u32,
    allowance: f64,
    counted_at: UnixMillis,
}

impl Pace {
    /// Counts from now on.
    pub fn new(now: UnixMillis) -> Self {
        Self {
            poor: 0,
            allowance: BURST,
            counted_at: now,
        }
    }

    /// The wait after a round. `jitter` is a random number in `0.0..1.0`.
    pub fn after(&mut self, round: RoundEnd, now: UnixMillis, jitter: f64) -> Wait {
        // A clock that was set back gives nothing and takes nothing.
        let elapsed = now.saturating_sub(self.counted_at) as f64 / 1_000.0;
        self.counted_at = now;
        self.allowance = (self.allowance + elapsed * ROUNDS_PER_SECOND).min(BURST) - 1.0;
        let too_fast = (-self.allowance).max(0.0) / ROUNDS_PER_SECOND * 1_000.0;
        let (poor, asked) = match round {
            RoundEnd::News => (false, 0),
            RoundEnd::Quiet { held_millis } => (held_millis < HELD_MILLIS, 0),
            RoundEnd::Failed { asked_wait_millis } => (true, asked_wait_millis),
        };
        let backoff = if poor {
            self.poor = self.poor.saturating_add(1);
            backoff::delay_millis(self.poor - 1, jitter)
        } else {
            self.poor = 0;
            0
        };
        let at_least_millis = asked.max(too_fast.ceil() as u64);
        Wait {
            at_least_millis,
            then_millis: backoff.saturating_sub(at_least_millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, RoundEnd};

    const HOUR_MILLIS: u64 = 3_600_000;

    /// Rounds within an hour if each takes no time and ends like this, and
    /// something shortens each wait that can be.
    fn rounds_in_an_hour(round: RoundEnd) -> u64 {
        let mut pace = Pace::new(0);
        let (mut now, mut rounds) = (0, 0);
        while now < HOUR_MILLIS {
            now += pace.after(round, now, 0.0).at_least_millis;
            rounds += 1;
        }
        rounds
    }

    /// The whole wait, at most.
    fn wait(pace: &mut Pace, round: RoundEnd, now: u64, jitter: f64) -> u64 {
        let wait = pace.after(round, now, jitter);
        wait.at_least_millis + wait.then_millis
    }

    const AT_MOST: u64 = 20 + 4 * 3_600 + 1;
    const FAILED: RoundEnd = RoundEnd::Failed {
        asked_wait_millis: 0,
    };

    #[test]
    fn whatever_the_server_answers_it_is_asked_four_times_a_second_at_most() {
        assert!(rounds_in_an_hour(RoundEnd::News) <= AT_MOST);
        assert!(rounds_in_an_hour(RoundEnd::Quiet { held_millis: 0 }) <= AT_MOST);
        assert!(rounds_in_an_hour(FAILED) <= AT_MOST);
    }

    #[test]
    fn polls_that_end_at_once_are_spaced_further_and_further() {
        let mut pace = Pace::new(0);
        let quiet = RoundEnd::Quiet { held_millis: 0 };
        let waits: Vec<u64> = (0..8).map(|_| wait(&mut pace, quiet, 0, 1.0)).collect();
        assert!(waits.is_sorted());
        assert!(waits[7] >= 30_000);
    }

    #[test]
    fn a_poll_that_was_held_is_followed_at_once() {
        let mut pace = Pace::new(0);
        let held = RoundEnd::Quiet {
            held_millis: 60_000,
        };
        assert_eq!(wait(&mut pace, held, 60_000, 1.0), 0);
    }

    #[test]
    fn news_end_the_backoff() {
        let mut pace = Pace::new(0);
        for _ in 0..5 {
            wait(&mut pace, FAILED, 0, 1.0);
        }
        assert_eq!(wait(&mut pace, RoundEnd::News, 60_000, 1.0), 0);
        assert!(wait(&mut pace, FAILED, 60_000, 1.0) <= 500);
    }

    #[test]
    fn a_server_that_asks_to_be_left_alone_is() {
        let mut pace = Pace::new(0);
        let failed = RoundEnd::Failed {
            asked_wait_millis: 90_000,
        };
        assert!(pace.after(failed, 0, 0.0).at_least_millis >= 90_000);
    }
}
