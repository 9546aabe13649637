//! Where versions of a file differ that nobody can read: stretches of their bytes, as bars
//! and in words.

use crate::format::{bytes, decimal};
use crate::words::{say, say_many};
use leptos::prelude::*;
use merge::ranges::{ChangedRange, Map};
use std::ops::Range;

/// What is loaded to compare bytes, at most: in bytes…
const MOST_EXACT_BYTES: u64 = 16 << 20;
/// …and in ranges, for each of which two requests are made.
const MOST_EXACT_RANGES: usize = 50;

/// How many bytes have to be loaded to compare them; `None` where that is too much, or
/// nothing to compare with is left.
pub fn to_load(map: &Map) -> Option<u64> {
    let ranges = map.first.iter().chain(&map.second);
    let bytes: u64 = ranges
        .clone()
        .map(|range| length(&range.base) + length(&range.side))
        .sum();
    let is_little = bytes <= MOST_EXACT_BYTES && ranges.count() <= MOST_EXACT_RANGES;
    (map.base_size > 0 && bytes > 0 && is_little).then_some(bytes)
}

/// How much a side changed. What was only taken out is told by how much that was.
pub fn words(size: u64, ranges: &[ChangedRange], is_exact: bool) -> String {
    let changed: u64 = ranges.iter().map(|range| length(&range.side)).sum();
    let replaced: u64 = ranges.iter().map(|range| length(&range.base)).sum();
    match (is_exact, changed, replaced) {
        (_, 0, 0) => say!("nothing changed, of {all}", all = bytes(size)),
        (true, 0, taken) => say_many!(
            ranges.len(),
            "{size} taken out, in 1 place",
            "{size} taken out, in {n} places",
            size = bytes(taken)
        ),
        (false, 0, taken) => say_many!(
            ranges.len(),
            "blocks of {size} taken out, in 1 place",
            "blocks of {size} taken out, in {n} places",
            size = bytes(taken)
        ),
        (true, changed, _) => say_many!(
            ranges.len(),
            "{size} of {all} changed, in 1 place",
            "{size} of {all} changed, in {n} places",
            size = bytes(changed),
            all = bytes(size)
        ),
        (false, changed, _) => say_many!(
            ranges.len(),
            "changed in blocks of {size} out of {all}, in 1 place",
            "changed in blocks of {size} out of {all}, in {n} places",
            size = bytes(changed),
            all = bytes(size)
        ),
    }
}

#[component]
pub fn Bar(size: u64, parts: Vec<Range<u64>>, key: &'static str, label: String) -> impl IntoView {
    view! {
        <div class="ranges-bar" role="img" aria-label=label>
            {self::parts(size, &parts, key)}
        </div>
    }
}

fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

pub fn parts(size: u64, ranges: &[Range<u64>], key: &'static str) -> impl IntoView + use<> {
    let share = |bytes: u64| bytes as f64 / size.max(1) as f64 * 100.0;
    ranges
        .iter()
        .map(|range| {
            let (left, width) = (share(range.start), share(length(range)));
            view! {
                <span
                    class="ranges-part"
                    class:ranges-both=key == "both"
                    data-side=key
                    style:left=format!("{}%", decimal(left, 3))
                    style:width=format!("{}%", decimal(width, 3))
                ></span>
            }
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_as_exactly_as_it_is_known() {
        let one = |base: Range<u64>, side: Range<u64>| vec![ChangedRange { base, side }];
        let in_blocks = words(400_000, &one(0..298_000, 0..298_000), false);
        assert_eq!(
            in_blocks,
            "changed in blocks of 298 kB out of 400 kB, in 1 place"
        );
        let exact = words(400_000, &one(7..23, 7..23), true);
        assert_eq!(exact, "16 B of 400 kB changed, in 1 place");
        assert_eq!(
            words(9, &one(3..5, 3..3), true),
            "2 B taken out, in 1 place"
        );
        assert_eq!(words(9, &[], true), "nothing changed, of 9 B");
    }

    #[test]
    fn bytes_are_compared_where_there_is_a_base_and_not_too_much() {
        let change = |length: u64| ChangedRange {
            base: 0..length,
            side: 0..length,
        };
        let map = |base_size, first| Map {
            base_size,
            first,
            ..Map::default()
        };
        assert_eq!(to_load(&map(9, vec![change(4)])), Some(8));
        assert_eq!(to_load(&map(0, vec![change(4)])), None);
        assert_eq!(to_load(&map(9, vec![])), None);
        assert_eq!(to_load(&map(9, vec![change(MOST_EXACT_BYTES)])), None);
        assert_eq!(to_load(&map(9, vec![change(1); 51])), None);
    }
}
