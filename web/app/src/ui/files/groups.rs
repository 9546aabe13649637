//! Puts the rows of a list into groups: each group keeps the order that the list had.

use super::arrangement::Grouping;
use super::kind::Kind;
use super::layout::Group;
use super::order::{Column, Order, modified_at_ms};
use blocks::number::FileTime;
use js_sys::Date;
use protocol::items::Item;

/// Rows in their groups. Where nothing is grouped, all of them are one without a heading.
pub fn grouped(items: Vec<Item>, by: Grouping, order: Order) -> (Vec<Item>, Vec<Group>) {
    match by {
        Grouping::Nothing => {
            let whole = Group {
                heading: "",
                rows: items.len(),
            };
            (items, vec![whole])
        }
        Grouping::Kind => sorted_into(items, &|item| {
            let kind = Kind::of(item);
            (kind as u8, kind.heading())
        }),
        Grouping::Date => {
            let days = Days::now();
            let is_oldest_first = order.column == Column::Modified && !order.descending;
            sorted_into(items, &|item| match item.file {
                None => (0, "Folders"),
                Some(_) => {
                    let (age, heading) = days.age(modified_at_ms(item));
                    (if is_oldest_first { u8::MAX - age } else { age }, heading)
                }
            })
        }
    }
}

fn sorted_into(
    mut items: Vec<Item>,
    of: &dyn Fn(&Item) -> (u8, &'static str),
) -> (Vec<Item>, Vec<Group>) {
    items.sort_by_cached_key(|item| of(item).0);
    let mut groups: Vec<Group> = Vec::new();
    for item in &items {
        let heading = of(item).1;
        match groups.last_mut() {
            Some(group) if group.heading == heading => group.rows += 1,
            _ => groups.push(Group { heading, rows: 1 }),
        }
    }
    (items, groups)
}

/// When some days began here, in milliseconds since 1970.
struct Days {
    tomorrow: f64,
    today: f64,
    yesterday: f64,
    week: f64,
    month: f64,
    year: f64,
}

impl Days {
    fn now() -> Self {
        let now = Date::new_0();
        let (year, month) = (now.get_full_year(), now.get_month() as i32);
        // A day of the calendar, however long it was.
        let began = |days: i32| {
            let day = now.get_date() as i32 + days;
            Date::new_with_year_month_day(year, month, day).get_time()
        };
        Self {
            tomorrow: began(1),
            today: began(0),
            yesterday: began(-1),
            week: began(-6),
            month: began(-29),
            year: began(-364),
        }
    }

    /// How long ago something was, the newest first. 0 is for folders.
    fn age(&self, time: FileTime) -> (u8, &'static str) {
        let ms = time.millis() as f64;
        match () {
            () if ms >= self.tomorrow => (1, "In the future"),
            () if ms >= self.today => (2, "Today"),
            () if ms >= self.yesterday => (3, "Yesterday"),
            () if ms >= self.week => (4, "Last 7 days"),
            () if ms >= self.month => (5, "Last 30 days"),
            () if ms >= self.year => (6, "Last 365 days"),
            () => (7, "Earlier"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Days, FileTime};

    #[test]
    fn a_date_is_in_the_group_of_its_day() {
        const DAY: f64 = 86_400_000.0;
        let days = Days {
            tomorrow: 1_001.0 * DAY,
            today: 1_000.0 * DAY,
            yesterday: 999.0 * DAY,
            week: 994.0 * DAY,
            month: 971.0 * DAY,
            year: 636.0 * DAY,
        };
        let heading = |day: f64| days.age(FileTime::of_clock((day * DAY) as u64)).1;
        let cases = [
            (1_001.2, "In the future"),
            (1_000.0, "Today"),
            (999.9, "Yesterday"),
            (994.0, "Last 7 days"),
            (993.9, "Last 30 days"),
            (970.9, "Last 365 days"),
            (1.0, "Earlier"),
        ];
        for (day, group) in cases {
            assert_eq!(heading(day), group, "day {day}");
        }
    }
}
