//! The day of a moment, as people write it in names.

use crate::ids::UnixMillis;

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;
/// The days of 400 years, after which the calendar repeats itself.
const ERA_DAYS: u64 = 146_097;

/// The day in UTC, `2026-11-24`.
///
/// Years begin in March here, so that a leap day is a year's last one (Howard
/// Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn day(at: UnixMillis) -> String {
    // From 0000-03-01.
    let days = at / DAY_MILLIS + 719_468;
    let (era, of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, years) = match month {
        0..=9 => (month + 3, 0),
        _ => (month - 9, 1),
    };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + years)
}

#[cfg(test)]
mod tests {
    use super::{DAY_MILLIS, day};

    #[test]
    fn days_of_every_kind() {
        for (days, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (10_956, "1999-12-31"),
            (11_016, "2000-02-29"),
            (20_781, "2026-11-24"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(day(days * DAY_MILLIS), text);
            assert_eq!(day((days + 1) * DAY_MILLIS - 1), text);
        }
        assert!(!day(u64::MAX).is_empty());
    }
}
