//! The rule by which versions are thinned.

use driftless_core::retention::rule::going;
use protocol::ids::{UnixMillis, Version};
use protocol::retention::KeptVersions;
use std::collections::BTreeSet;

const HOUR: u64 = 60 * 60 * 1_000;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const PIECES: [u64; 3] = [HOUR, DAY, WEEK];

/// A number that looks like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Versions at times that mostly go up: clocks of two servers differ by some minutes.
fn some_versions(chance: &mut Chance) -> Vec<(Version, UnixMillis)> {
    let mut at = 400 * DAY + chance.below(WEEK);
    let mut versions = Vec::new();
    for version in 1..=1 + chance.below(60) {
        let longest = [HOUR / 10, HOUR, DAY, WEEK, 60 * DAY][chance.below(5) as usize];
        at += chance.below(longest);
        let skew = chance.below(5) * HOUR / 20;
        versions.push((version, at - skew));
    }
    versions
}

fn some_times(chance: &mut Chance) -> KeptVersions {
    match chance.below(3) {
        0 => KeptVersions {
            all_days: 1,
            hourly_days: 1 + chance.below(3),
            daily_days: 4 + chance.below(9),
            weekly_days: 20 + chance.below(40),
        },
        1 => KeptVersions {
            all_days: 2,
            hourly_days: 2,
            daily_days: 2,
            weekly_days: 2 + chance.below(40),
        },
        _ => KeptVersions::default(),
    }
}

fn thinned(
    kept: &KeptVersions,
    now: UnixMillis,
    versions: &[(Version, UnixMillis)],
) -> Vec<(Version, UnixMillis)> {
    let going = going(kept, now, versions);
    let left = versions
        .iter()
        .filter(|(version, _)| !going.contains(version));
    left.copied().collect()
}

const TRIES: u64 = 4_000;

#[test]
fn it_does_not_matter_how_often_it_is_done() {
    let mut chance = Chance(20_261_130);
    let mut gone = 0;
    for _ in 0..TRIES {
        let (all, kept) = (some_versions(&mut chance), some_times(&mut chance));
        let last = all[all.len() - 1].1 + chance.below(500 * DAY);
        let once = thinned(&kept, last, &all);
        gone += all.len() - once.len();
        // At any moments between, while the versions were made.
        let mut left = Vec::new();
        let mut now = all[0].1;
        for one in &all {
            if chance.below(3) == 0 {
                now = now.max(one.1.saturating_sub(chance.below(DAY)));
                left = thinned(&kept, now, &left);
            }
            now = now.max(one.1);
            left.push(*one);
        }
        for _ in 0..chance.below(4) {
            now = (now + chance.below(100 * DAY)).min(last);
            left = thinned(&kept, now, &left);
        }
        left = thinned(&kept, last, &left);
        assert_eq!(left, once, "{kept:?} at {last} of {all:?}");
        assert_eq!(thinned(&kept, last, &left), left, "twice is once");
    }
    assert!(gone > 10_000, "only {gone} went");
}

#[test]
fn what_is_kept_later_is_kept_now() {
    let mut chance = Chance(7);
    for _ in 0..TRIES {
        let (all, kept) = (some_versions(&mut chance), some_times(&mut chance));
        let now = all[all.len() - 1].1 + chance.below(100 * DAY);
        let later = now + chance.below(400 * DAY);
        let (now, later) = (thinned(&kept, now, &all), thinned(&kept, later, &all));
        assert!(later.iter().all(|one| now.contains(one)), "{all:?}");
    }
}

#[test]
fn nobody_loses_what_they_just_had_before_them() {
    let mut chance = Chance(11);
    for _ in 0..TRIES {
        let (all, kept) = (some_versions(&mut chance), some_times(&mut chance));
        let now = all[all.len() - 1].1 + chance.below(3 * DAY);
        let going = going(&kept, now, &all);
        let day_ago = now - DAY;
        for (at, (version, _)) in all.iter().enumerate() {
            let replaced = all[at + 1..].iter().map(|(_, at)| *at).min();
            let was_newest_since = replaced.is_none_or(|replaced| replaced > day_ago);
            assert!(
                !was_newest_since || !going.contains(version),
                "{version} at {now}: {kept:?} {all:?}"
            );
        }
    }
}

#[test]
fn each_piece_of_time_keeps_its_newest() {
    let mut chance = Chance(13);
    for _ in 0..TRIES {
        let (all, kept) = (some_versions(&mut chance), some_times(&mut chance));
        let now = all[all.len() - 1].1 + chance.below(60 * DAY);
        let left = thinned(&kept, now, &all);
        let days = [kept.hourly_days, kept.daily_days, kept.weekly_days];
        for (length, days) in PIECES.into_iter().zip(days) {
            for (_, at) in &all {
                if at + days * DAY <= now {
                    continue;
                }
                let same = all
                    .iter()
                    .filter(|(_, other)| other / length == at / length);
                let newest = same.max().copied();
                let newest = newest.expect("itself");
                assert!(left.contains(&newest), "{newest:?} at {now} of {all:?}");
            }
        }
    }
}

#[test]
fn a_file_of_a_year_is_thinned_as_it_is_said() {
    let kept = KeptVersions::default();
    let start = 2_000 * WEEK;
    // One every ten minutes, for two years.
    let all: Vec<(Version, UnixMillis)> = (0..2 * 365 * 24 * 6)
        .map(|nth| (nth + 1, start + nth * HOUR / 6))
        .collect();
    let now = all[all.len() - 1].1;
    let left = thinned(&kept, now, &all);
    let since = |days: u64| left.iter().filter(move |(_, at)| at + days * DAY > now);
    assert_eq!(since(1).count(), 24 * 6);
    assert!((143..=146).contains(&(since(7).count() - since(1).count())));
    assert!((22..=25).contains(&(since(30).count() - since(7).count())));
    assert!((46..=49).contains(&(since(365).count() - since(30).count())));
    // The last week of the year, which is not over, and the newest of all before it.
    assert!((1..=2).contains(&(left.len() - since(365).count())));
    assert!(left.len() < 400);
}

#[test]
fn what_a_file_was_for_years_stays_when_it_is_changed() {
    let kept = KeptVersions::default();
    let made = 1_000 * DAY;
    let now = made + 900 * DAY;
    let all = [(1, made), (2, made + DAY), (3, now - HOUR)];
    assert_eq!(going(&kept, now, &all), BTreeSet::from([1]));
    // And for as long as nothing younger is a year old.
    assert!(!going(&kept, now + 300 * DAY, &all).contains(&2));
}

#[test]
fn no_numbers_are_too_large() {
    let kept = KeptVersions {
        all_days: u64::MAX,
        hourly_days: 0,
        daily_days: u64::MAX,
        weekly_days: 1,
    };
    let all = [(1, 0), (2, u64::MAX), (u64::MAX, 5)];
    assert!(!going(&kept, u64::MAX, &all).contains(&u64::MAX));
    assert!(going(&kept, 0, &all).is_empty());
    assert!(going(&kept, 0, &[]).is_empty());
}
