//! How long a poll may be silent before something between page and server ends it.
//!
//! Some proxies close a connection that is silent for 30 or 60 seconds. A poll that
//! ends this way looks like an outage and is none. So if a poll was held for a while
//! and then broke, a pull follows at once. If the pull is answered, the server was
//! there all along, and later polls ask for less time than this one had. Now and then
//! a poll asks for more again: the device may be elsewhere by then, or there was no
//! proxy.
//!
//! A browser whose connection was closed may have asked again by itself. Then the poll
//! seems to have been silent for two or three times as long as it was. The next poll
//! is ended as well, just as quietly, and teaches a shorter time.

use protocol::limits::MAX_POLL_SECONDS;
use serde::{Deserialize, Serialize};

/// A poll that breaks sooner than this, in milliseconds, was never held.
const HELD_MILLIS: u64 = 2_000;
/// A poll that ends this much later than it asked for, in milliseconds, slept with its
/// device, and teaches nothing.
const LATE_MILLIS: u64 = 20_000;
/// A poll asks to end this many milliseconds before a proxy would end it, and at least
/// a tenth of its time before.
const MARGIN_MILLIS: u64 = 500;
/// After this time, in milliseconds, a longer poll is tried. Each time that it is
/// ended, the next trial waits twice as long.
const FIRST_TRIAL_MILLIS: u64 = 10 * 60 * 1_000;
const LAST_TRIAL_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// What an engine has learned of the way to one server, kept for the next engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The most seconds that a poll asks for; `None` is the API's own limit.
    pub limit_seconds: Option<u64>,
}

/// Learns how long polls may be silent.
#[derive(Clone, Debug)]
pub struct Patience {
    learned: Silence,
    /// The seconds that the poll under way, or the last one, has asked for.
    asked_seconds: u64,
    /// When to try a longer one, and how long to wait after that if it is ended.
    try_at: u64,
    try_again_millis: u64,
    /// Set while a poll has broken and it is not known whether the server is there.
    unsure: Option<Broken>,
}

#[derive(Clone, Copy, Debug)]
struct Broken {
    /// How long the poll was silent, in milliseconds; `None` if nobody knows.
    silent_millis: Option<u64>,
}

impl Patience {
    /// Goes on from what was learned before.
    pub fn new(learned: Silence) -> Self {
        Self {
            learned,
            asked_seconds: MAX_POLL_SECONDS,
            try_at: FIRST_TRIAL_MILLIS,
            try_again_millis: FIRST_TRIAL_MILLIS,
            unsure: None,
        }
    }

    /// What was learned so far.
    pub fn learned(&self) -> Silence {
        self.learned
    }

    /// Whether a poll has broken, and a pull is to tell why.
    pub fn is_unsure(&self) -> bool {
        self.unsure.is_some()
    }

    /// How long the next poll asks to be held, in seconds: at least 1.
    pub fn ask(&mut self, now: u64) -> u64 {
        self.asked_seconds = match self.learned.limit_seconds {
            None => MAX_POLL_SECONDS,
            Some(limit) if now < self.try_at => limit.clamp(1, MAX_POLL_SECONDS),
            Some(limit) => limit.saturating_mul(2).clamp(1, MAX_POLL_SECONDS),
        };
        self.asked_seconds
    }

    fn is_trial(&self) -> bool {
        let limit = self.learned.limit_seconds;
        limit.is_some_and(|limit| self.asked_seconds > limit)
    }

    /// A poll broke after `held_millis`. Returns whether its silence may be the reason.
    pub fn broke(&mut self, held_millis: u64) -> bool {
        if held_millis < HELD_MILLIS {
            return false;
        }
        let asked_millis = self.asked_seconds * 1_000;
        let silent_millis = if held_millis < asked_millis {
            Some(held_millis)
        } else if held_millis < asked_millis + LATE_MILLIS {
            // It was dropped without a word, some time before.
            Some(asked_millis / 2)
        } else {
            None
        };
        self.unsure = Some(Broken { silent_millis });
        true
    }

    /// A pull was answered.
    pub fn reached(&mut self, now: u64) {
        let broken = self.unsure.take();
        let Some(silent) = broken.and_then(|broken| broken.silent_millis) else {
            return;
        };
        if self.is_trial() {
            self.try_again_millis = self.try_again_millis.saturating_mul(2);
            self.try_again_millis = self.try_again_millis.min(LAST_TRIAL_MILLIS);
        }
        self.try_at = now + self.try_again_millis;
        let margin = MARGIN_MILLIS.max(silent / 10);
        let seconds = silent.saturating_sub(margin) / 1_000;
        self.learned.limit_seconds = Some(seconds.max(1));
    }

    /// The pull failed as well: it was an outage.
    pub fn lost(&mut self) {
        self.unsure = None;
    }

    /// A poll was silent for all the time that it asked for, and then answered.
    pub fn held(&mut self, held_millis: u64) {
        let was_silent = held_millis >= (self.asked_seconds * 1_000).saturating_sub(MARGIN_MILLIS);
        if !was_silent || !self.is_trial() {
            return;
        }
        // The next one tries more at once.
        self.try_again_millis = FIRST_TRIAL_MILLIS;
        let asked = self.asked_seconds;
        self.learned.limit_seconds = (asked < MAX_POLL_SECONDS).then_some(asked);
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_TRIAL_MILLIS, Patience, Silence};

    /// Polls behind a proxy that ends what is silent for `proxy_millis`, for so long;
    /// what each of them asked for, and whether it was ended.
    fn polls(
        patience: &mut Patience,
        from: u64,
        millis: u64,
        proxy_millis: u64,
    ) -> Vec<(u64, bool)> {
        let (mut now, mut polls) = (from, Vec::new());
        while now < from + millis {
            let asked = patience.ask(now);
            let is_ended = asked * 1_000 > proxy_millis;
            now += proxy_millis.min(asked * 1_000);
            if is_ended {
                assert!(patience.broke(proxy_millis));
            } else {
                patience.held(asked * 1_000);
            }
            patience.reached(now);
            polls.push((asked, is_ended));
        }
        polls
    }

    #[test]
    fn one_poll_is_ended_and_the_next_ones_ask_for_less() {
        for (proxy_millis, limit) in [(30_000, 27), (59_000, 53), (5_000, 4), (2_000, 1)] {
            let mut patience = Patience::new(Silence::default());
            let polls = polls(&mut patience, 0, 300_000, proxy_millis);
            assert_eq!(polls[0], (60, true));
            assert!(
                polls[1..].iter().all(|poll| *poll == (limit, false)),
                "{polls:?}"
            );
        }
    }

    #[test]
    fn a_browser_that_asks_again_by_itself_only_learns_later() {
        for proxy_millis in [4_000, 5_000, 30_000, 55_000] {
            for times in [2, 3] {
                let mut patience = Patience::new(Silence::default());
                let mut ended = 0;
                while patience.ask(0) * 1_000 >= proxy_millis {
                    ended += 1;
                    // The page has a deadline of its own.
                    let asked_millis = patience.asked_seconds * 1_000;
                    let held_millis = (times * proxy_millis).min(asked_millis + 10_000);
                    assert!(patience.broke(held_millis));
                    patience.reached(0);
                }
                assert!(ended <= 4, "{proxy_millis} {times}: {ended}");
            }
        }
    }

    #[test]
    fn longer_polls_are_tried_seldom_and_ever_more_seldom() {
        let mut patience = Patience::new(Silence::default());
        let polls = polls(&mut patience, 0, 24 * 3_600_000, 30_000);
        let ended = polls.iter().filter(|(_, is_ended)| *is_ended).count();
        // After 10, 20, 40, … minutes.
        assert!((6..=9).contains(&ended), "{ended}");
        let limit_seconds = Some(27);
        assert_eq!(patience.learned(), Silence { limit_seconds });
    }

    #[test]
    fn away_from_the_proxy_polls_are_long_again() {
        let mut patience = Patience::new(Silence::default());
        polls(&mut patience, 0, 60_000, 10_000);
        assert_eq!(patience.learned().limit_seconds, Some(9));
        let later = polls(&mut patience, 60_000, 2 * FIRST_TRIAL_MILLIS, u64::MAX);
        assert_eq!(later.last(), Some(&(60, false)));
        assert_eq!(patience.learned(), Silence::default());
        // And at another one's, which takes more, as long as that allows.
        polls(&mut patience, 0, 60_000, 10_000);
        polls(&mut patience, 60_000, 4 * FIRST_TRIAL_MILLIS, 40_000);
        assert_eq!(patience.learned().limit_seconds, Some(36));
    }

    #[test]
    fn what_was_learned_is_known_to_the_next_engine() {
        let learned = Silence {
            limit_seconds: Some(27),
        };
        assert_eq!(Patience::new(learned).ask(0), 27);
        // Whatever is stored there.
        for (limit, asked) in [(0, 1), (u64::MAX, 60)] {
            let odd = Silence {
                limit_seconds: Some(limit),
            };
            assert_eq!(Patience::new(odd).ask(0), asked);
            assert_eq!(Patience::new(odd).ask(u64::MAX), asked.max(1));
        }
    }

    #[test]
    fn an_outage_teaches_nothing() {
        let mut patience = Patience::new(Silence::default());
        patience.ask(0);
        assert!(!patience.broke(1_999), "it was never held");
        assert!(patience.broke(30_000));
        patience.lost();
        patience.reached(40_000);
        assert_eq!(patience.learned(), Silence::default());
    }

    #[test]
    fn a_poll_that_is_dropped_without_a_word_halves_the_time() {
        let mut patience = Patience::new(Silence::default());
        patience.ask(0);
        assert!(patience.broke(70_000));
        patience.reached(70_000);
        assert_eq!(patience.learned().limit_seconds, Some(27));
    }

    #[test]
    fn a_night_with_the_lid_closed_teaches_nothing() {
        let mut patience = Patience::new(Silence::default());
        patience.ask(0);
        assert!(patience.broke(8 * 3_600_000));
        patience.reached(8 * 3_600_000);
        assert_eq!(patience.learned(), Silence::default());
    }
}
