//! Puts the rows of a list into groups: each group keeps the order that the list had.

use super::arrangement::Grouping;
use super::kind::Kind;
use super::layout::Group;
use super::order::{Column, Order, modified_at_ms};
use crate::words::english;
use blocks::number::FileTime;
use js_sys::Date;
use protocol::items::Item;
use std::sync::Arc;

/// Rows in their groups. Where nothing is grouped, all of them are one without a heading.
pub fn grouped(items: Vec<Arc<Item>>, by: Grouping, order: Order) -> (Vec<Arc<Item>>, Vec<Group>) {
    match by {
        Grouping::Nothing => {
            let whole = Group {
                heading: "",
                rows: items.len(),
            };
            (items, vec![whole])
        }
        Grouping::Kind => split(items, &Kind::HEADINGS, &|item| Kind::of(item) as usize),
        Grouping::Date => {
            let days = Days::now();
            let of = |item: &Item| match item.file {
                Some(_) => 1 + days.age(modified_at_ms(item)),
                None => 0,
            };
            if order.column == Column::Modified && !order.descending {
                let mut headings = HEADINGS;
                let last = headings.len() - 1;
                headings[1..].reverse();
                let of = |item: &Item| match of(item) {
                    0 => 0,
                    age => 1 + last - age,
                };
                return split(items, &headings, &of);
            }
            split(items, &HEADINGS, &of)
        }
    }
}

/// The newest first.
const HEADINGS: [&str; 8] = [
    english!("Folders"),
    english!("In the future"),
    english!("Today"),
    english!("Yesterday"),
    english!("Last 7 days"),
    english!("Last 30 days"),
    english!("Last 365 days"),
    english!("Earlier"),
];

/// `of`: in which group an item is.
fn split(
    items: Vec<Arc<Item>>,
    headings: &[&'static str],
    of: &dyn Fn(&Item) -> usize,
) -> (Vec<Arc<Item>>, Vec<Group>) {
    let mut groups: Vec<Vec<Arc<Item>>> = headings.iter().map(|_| Vec::new()).collect();
    for item in items {
        let group = of(&item).min(headings.len() - 1);
        groups[group].push(item);
    }
    let named = headings.iter().zip(&groups);
    let named = named
        .map(|(&heading, items)| Group {
            heading,
            rows: items.len(),
        })
        .filter(|group| group.rows > 0)
        .collect();
    (groups.into_iter().flatten().collect(), named)
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

    /// How many of them have begun since.
    fn age(&self, time: FileTime) -> usize {
        let ms = time.millis() as f64;
        let began = [
            self.tomorrow,
            self.today,
            self.yesterday,
            self.week,
            self.month,
            self.year,
        ];
        began.iter().filter(|began| ms < **began).count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Days, FileTime, Grouping, HEADINGS, Item, Order, grouped};

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
        let heading = |day: f64| HEADINGS[1 + days.age(FileTime::of_clock((day * DAY) as u64))];
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

    #[test]
    fn rows_are_grouped_by_kind_and_keep_their_order() {
        let item = |name: &str| {
            let file = serde_json::json!({
                "version": 1, "size": 1, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_name": "x", "at_ms": 0,
                    "device_id": "00000000-0000-4000-8000-000000000000",
                },
            });
            let file = name.contains('.').then_some(file);
            let item = serde_json::json!({
                "id": "00000000-0000-4000-8000-000000000000", "name": name,
                "place_version": 1, "created_at_ms": 0, "file": file,
            });
            Arc::new(serde_json::from_value::<Item>(item).unwrap())
        };
        let names = [
            "Work", "a.txt", "b.png", "c.zip", "d.PDF", "e.png", "f.what",
        ];
        let items: Vec<Arc<Item>> = names.map(item).to_vec();
        let (items, groups) = grouped(items, Grouping::Kind, Order::by_name());
        let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        let expected = [
            "Work", "b.png", "e.png", "a.txt", "d.PDF", "c.zip", "f.what",
        ];
        assert_eq!(names, expected);
        let groups: Vec<_> = groups
            .iter()
            .map(|group| (group.heading, group.rows))
            .collect();
        let expected = [
            ("Folders", 1),
            ("Pictures", 2),
            ("Documents", 2),
            ("Archives", 1),
            ("Other files", 1),
        ];
        assert_eq!(groups, expected);
    }
}
