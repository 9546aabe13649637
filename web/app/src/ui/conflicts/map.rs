//! Where two versions of a file differ that nobody can read: told from their
//! block lists, with no byte of the file.

use super::sides::{Side, Sides};
use crate::commands::use_commands;
use crate::format::{bytes, count, decimal, sentence};
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::ranges::{ChangedRange, Map};
use std::ops::Range;

#[component]
pub fn ChangedRanges(sides: Sides) -> impl IntoView {
    let commands = use_commands();
    let loaded = RwSignal::new(None::<Result<Map, String>>);
    let conflict = sides.conflict.clone();
    let head = sides.head.version;
    let load = move || {
        let conflict = conflict.clone();
        spawn_local(async move {
            let map = commands.changed_ranges(&conflict, head).await;
            loaded.try_set(Some(map.map_err(|failure| sentence(&failure.to_string()))));
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
        Some(Ok(map)) => view! { <Bars sides=sides.get_value() map /> }.into_any(),
    }
}

#[component]
fn Bars(sides: Sides, map: Map) -> impl IntoView {
    let of_side = |side: Side| {
        let (size, ranges) = match side {
            Side::First => (map.first_size, &map.first),
            Side::Second => (map.second_size, &map.second),
        };
        let changed: u64 = ranges.iter().map(|range| length(&range.side)).sum();
        let words = format!(
            "{} of {} in {}",
            bytes(changed),
            bytes(size),
            count(ranges.len(), "place", "places")
        );
        let parts: Vec<Range<u64>> = ranges.iter().map(|range| range.side.clone()).collect();
        view! {
            <span class="ranges-name">{sides.name(side)}</span>
            <Bar size parts key=side.key() label=format!("{}: changed {words}", sides.name(side)) />
            <span class="ranges-figure">{words}</span>
        }
    };
    let of_base = |ranges: &[ChangedRange]| -> Vec<Range<u64>> {
        ranges.iter().map(|range| range.base.clone()).collect()
    };
    let base_words = format!(
        "{}, both changed {}",
        bytes(map.base_size),
        count(map.both.len(), "place", "places")
    );
    view! {
        <p class="hint">
            "This kind of file can't be merged here. What each side changed, from the start of the file on the left to its end on the right:"
        </p>
        <div class="ranges" data-testid="ranges">
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
