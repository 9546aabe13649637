//! Days where the person is.

use js_sys::Date;
use platform::browser::clock;
use sync::search::query::Calendar;

/// Today, and when other days begin.
pub fn calendar() -> Calendar<'static> {
    let now = Date::new_0();
    let today = Date::new_with_year_month_day(
        now.get_full_year(),
        now.get_month() as i32,
        now.get_date() as i32,
    );
    Calendar {
        now_ms: clock::now_ms() as i64,
        today_ms: today.get_time() as i64,
        starts: &starts,
    }
}

/// When a day begins, if there is one of these numbers.
fn starts(year: i32, month: u8, day: u8) -> Option<i64> {
    let date = Date::new_with_year_month_day(2000, i32::from(month) - 1, i32::from(day));
    // Set apart, since a year below 100 would be taken as one of the last century.
    date.set_full_year_with_month_date(year as u32, i32::from(month) - 1, i32::from(day));
    let is_the_same = date.get_month() + 1 == u32::from(month) && date.get_date() == u32::from(day);
    is_the_same.then(|| date.get_time() as i64)
}
