//! Which versions of a file go.
//!
//! Time is cut into hours, days and weeks, each of which is made of whole ones of the kind
//! before it. A version stays while it is the newest of its piece of time; how large the
//! pieces are depends on how old the piece is, and not the version in it. So:
//!
//! - What is the newest of its week is the newest of its day and its hour, too: whatever is
//!   to be kept later is kept now, and it does not matter how often this is done.
//! - A version that was replaced long after it was made is the newest of its piece: what a
//!   file was for long is not lost because it was there for long.
//!
//! Besides, these stay: the newest version; whatever was the newest at any moment of the
//! time for which all are kept, so that nobody loses what they just had before them; and
//! the newest of those that are older than everything else that is kept.

use protocol::ids::{UnixMillis, Version};
use protocol::retention::KeptVersions;
use std::collections::{BTreeSet, HashMap};

const HOUR: u64 = 60 * 60 * 1_000;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// The pieces of time. Each is made of whole ones of the one before it.
const PIECES: [u64; 3] = [HOUR, DAY, WEEK];

const _: () = assert!(DAY.is_multiple_of(HOUR) && WEEK.is_multiple_of(DAY));

/// For how long what is kept, in milliseconds; none is shorter than the one before it.
#[derive(Clone, Copy, Debug)]
struct Times {
    all: u64,
    newest: [u64; 3],
}

impl Times {
    fn of(kept: &KeptVersions) -> Self {
        let days = |days: u64| days.saturating_mul(DAY);
        let all = days(kept.all_days).max(DAY);
        let hourly = days(kept.hourly_days).max(all);
        let daily = days(kept.daily_days).max(hourly);
        let weekly = days(kept.weekly_days).max(daily);
        Self {
            all,
            newest: [hourly, daily, weekly],
        }
    }
}

/// Of the versions of a file, with the times at which the server took them, those that go.
/// All that are there must be given, or at least all that are newer than the first of these.
/// Their numbers say which is newer: clocks may differ.
pub fn going(
    kept: &KeptVersions,
    now: UnixMillis,
    versions: &[(Version, UnixMillis)],
) -> BTreeSet<Version> {
    let times = Times::of(kept);
    let is_recent = |at: UnixMillis| at.saturating_add(times.all) > now;
    let newest = versions.iter().map(|(version, _)| *version).max();
    let before = versions.iter().filter(|(_, at)| !is_recent(*at));
    let newest_before = before.map(|(version, _)| *version).max();
    let mut newest_of: HashMap<(usize, u64), Version> = HashMap::new();
    let mut newest_beyond = None;
    for (version, at) in versions {
        for (kind, length) in PIECES.iter().enumerate() {
            let newest = newest_of.entry((kind, piece(*at, *length))).or_default();
            *newest = (*newest).max(*version);
        }
        if kind_of(&times, now, *at).is_none() {
            newest_beyond = newest_beyond.max(Some(*version));
        }
    }
    let stays = |version: Version, at: UnixMillis| {
        Some(version) == newest
            || is_recent(at)
            || Some(version) == newest_before
            || match kind_of(&times, now, at) {
                Some((kind, piece)) => newest_of.get(&(kind, piece)) == Some(&version),
                None => Some(version) == newest_beyond,
            }
    };
    let going = versions
        .iter()
        .filter(|(version, at)| !stays(*version, *at));
    going.map(|(version, _)| *version).collect()
}

/// Which piece of its length a time is in.
fn piece(at: UnixMillis, length: u64) -> u64 {
    at.checked_div(length).unwrap_or(0)
}

/// Of which kind the pieces are of which the newest version is kept at that time, and which
/// piece it is in; `None` if that was too long ago.
fn kind_of(times: &Times, now: UnixMillis, at: UnixMillis) -> Option<(usize, u64)> {
    let mut kinds = PIECES.iter().zip(times.newest).enumerate();
    kinds.find_map(|(kind, (length, kept))| {
        let piece = piece(at, *length);
        let end = piece.saturating_add(1).saturating_mul(*length);
        (end.saturating_add(kept) > now).then_some((kind, piece))
    })
}
