//! Where two versions of a file differ that nobody can read: told from their
//! block lists, with no byte of the file, and to the byte if the person asks for it.

use super::sides::{Side, Sides};
use crate::commands::{Versions, use_commands};
use crate::format::{bytes, count, decimal, sentence};
use crate::ui::work::{Work, WorkError};
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::ranges::{ChangedRange, Map};
use platform::failure::Failure;
use std::ops::Range;

/// What is loaded to compare bytes, at most: in bytes…
const MOST_EXACT_BYTES: u64 = 16 << 20;
/// …and in ranges, for each of which two requests are made.
const MOST_EXACT_RANGES: usize = 50;

#[derive(Clone)]
struct Told {
    map: Map,
    /// Told from the bytes, and not from blocks alone.
    is_exact: bool,
}

#[component]
pub fn ChangedRanges(sides: Sides) -> impl IntoView {
    let commands = use_commands();
    let loaded = RwSignal::new(None::<Result<Told, String>>);
    let conflict = sides.conflict.clone();
    let head = sides.head.version;
    let load = move || {
        let conflict = conflict.clone();
        spawn_local(async move {
            let map = commands.changed_ranges(&conflict, head).await;
            let told = map.map(|map| Told {
                map,
                is_exact: false,
            });
            loaded.try_set(Some(told.map_err(|failure| sentence(&failure.to_string()))));
        });
    };
    load();
    let sides = StoredValue::new(sides);
    move || match loaded.get() {
        None => view! { <p class="hint" role="status">"Comparing the block lists…"</p> }.into_any(),
        Some(Err(reason)) => {
            let load = load.clone();
            view! {
                <p class="form-error" role="alert">
                    {reason} " "
                    <button type="button" class="link" on:click=move |_| load()>
                        "Try again"
                    </button>
                </p>
            }
            .into_any()
        }
        Some(Ok(told)) => {
            let exactly = (!told.is_exact).then(|| to_load(&told.map)).flatten();
            view! {
                <Bars sides=sides.get_value() told=told.clone() />
                {exactly
                    .map(|bytes| {
                        let sides = sides.get_value();
                        view! { <Exactly sides map=told.map bytes loaded /> }
                    })}
            }
            .into_any()
        }
    }
}

/// How many bytes have to be loaded to compare them; `None` where that is too much, or
/// nothing to compare with is left.
fn to_load(map: &Map) -> Option<u64> {
    let ranges = map.first.iter().chain(&map.second);
    let bytes: u64 = ranges
        .clone()
        .map(|range| length(&range.base) + length(&range.side))
        .sum();
    let is_little = bytes <= MOST_EXACT_BYTES && ranges.count() <= MOST_EXACT_RANGES;
    (map.base_size > 0 && bytes > 0 && is_little).then_some(bytes)
}

/// Loads what changed and compares it byte by byte.
#[component]
fn Exactly(
    sides: Sides,
    map: Map,
    bytes: u64,
    loaded: RwSignal<Option<Result<Told, String>>>,
) -> impl IntoView {
    let commands = use_commands();
    let work = Work::new();
    let compare = move |_| {
        let versions = Versions {
            item: sides.item.id,
            base: sides.conflict.base_version,
            first: sides.head.version,
            second: sides.conflict.id,
        };
        let map = map.clone();
        let told = async move {
            let merge = commands.merge_texts();
            merge.exactly(versions, map).await.map_err(Failure::Device)
        };
        work.run(told, move |map| {
            loaded.try_set(Some(Ok(Told {
                map,
                is_exact: true,
            })));
        });
    };
    view! {
        <p>
            <button type="button" class="button button-small" disabled=work.busy on:click=compare>
                {move || match work.busy.get() {
                    true => "Comparing…".to_owned(),
                    false => format!("Compare byte by byte (loads {})", self::bytes(bytes)),
                }}
            </button>
        </p>
        <WorkError work />
    }
}

#[component]
fn Bars(sides: Sides, told: Told) -> impl IntoView {
    let Told { map, is_exact } = told;
    let of_side = |side: Side| {
        let (size, ranges) = match side {
            Side::First => (map.first_size, &map.first),
            Side::Second => (map.second_size, &map.second),
        };
        let words = words(size, ranges, is_exact);
        let parts: Vec<Range<u64>> = ranges.iter().map(|range| range.side.clone()).collect();
        view! {
            <span class="ranges-name">{sides.name(side)}</span>
            <Bar size parts key=side.key() label=format!("{}: {words}", sides.name(side)) />
            <span class="ranges-figure">{words}</span>
        }
    };
    let of_base = |ranges: &[ChangedRange]| -> Vec<Range<u64>> {
        ranges.iter().map(|range| range.base.clone()).collect()
    };
    let base_words = match (map.both.len(), is_exact) {
        (0, true) => format!("{}, no byte changed by both", bytes(map.base_size)),
        (0, false) => format!("{}, no block changed by both", bytes(map.base_size)),
        (places, _) => format!(
            "{}, both changed {}",
            bytes(map.base_size),
            count(places, "place", "places")
        ),
    };
    let hint = match is_exact {
        true => {
            "This kind of file can't be merged here. What each side changed, byte by byte, from the start of the file on the left to its end on the right:"
        }
        false => {
            "This kind of file can't be merged here. Which blocks each side changed, from the start of the file on the left to its end on the right; what changed lies somewhere within them:"
        }
    };
    view! {
        <p class="hint">{hint}</p>
        <div class="ranges" data-testid="ranges" data-exact=is_exact.to_string()>
            <span class="ranges-name">"What both started from"</span>
            <div class="ranges-bar" role="img" aria-label=format!("The version that both started from: {base_words}")>
                {parts(map.base_size, &of_base(&map.first), "first")}
                {parts(map.base_size, &of_base(&map.second), "second")}
                {parts(map.base_size, &map.both, "both")}
            </div>
            <span class="ranges-figure">{base_words}</span>
            {Side::BOTH.map(of_side)}
        </div>
    }
}

/// How much a side changed. What was only taken out is told by how much that was.
fn words(size: u64, ranges: &[ChangedRange], is_exact: bool) -> String {
    let changed: u64 = ranges.iter().map(|range| length(&range.side)).sum();
    let replaced: u64 = ranges.iter().map(|range| length(&range.base)).sum();
    let places = count(ranges.len(), "place", "places");
    match (is_exact, changed, replaced) {
        (_, 0, 0) => format!("nothing changed, of {}", bytes(size)),
        (true, 0, taken) => format!("{} taken out, in {places}", bytes(taken)),
        (false, 0, taken) => format!("blocks of {} taken out, in {places}", bytes(taken)),
        (true, changed, _) => format!("{} of {} changed, in {places}", bytes(changed), bytes(size)),
        (false, changed, _) => format!(
            "changed in blocks of {} out of {}, in {places}",
            bytes(changed),
            bytes(size)
        ),
    }
}

#[component]
fn Bar(size: u64, parts: Vec<Range<u64>>, key: &'static str, label: String) -> impl IntoView {
    view! {
        <div class="ranges-bar" role="img" aria-label=label>
            {self::parts(size, &parts, key)}
        </div>
    }
}

fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

fn parts(size: u64, ranges: &[Range<u64>], key: &'static str) -> impl IntoView + use<> {
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
