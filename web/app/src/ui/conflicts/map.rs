//! Where two versions of a file differ that nobody can read: told from their
//! block lists, with no byte of the file, and to the byte if the person asks for it.

use super::sides::{Side, Sides};
use crate::commands::{Versions, use_commands};
use crate::format::{bytes, sentence};
use crate::refusals::InWords;
use crate::ui::compared::ranges::{Bar, parts, to_load, words};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::ranges::{ChangedRange, Map};
use platform::failure::Failure;
use std::ops::Range;

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
            loaded.try_set(Some(told.map_err(|failure| sentence(&failure.in_words()))));
        });
    };
    load();
    let sides = StoredValue::new(sides);
    move || match loaded.get() {
        None => {
            view! { <p class="hint" role="status">{t("Comparing the block lists…")}</p> }.into_any()
        }
        Some(Err(reason)) => {
            let load = load.clone();
            view! {
                <p class="form-error" role="alert">
                    {reason} " "
                    <button type="button" class="link" on:click=move |_| load()>
                        {t("Try again")}
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
                    true => t("Comparing…").to_owned(),
                    false => say!("Compare byte by byte (loads {size})", size = self::bytes(bytes)),
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
    let size = bytes(map.base_size);
    let base_words = match (map.both.len(), is_exact) {
        (0, true) => say!("{size}, no byte changed by both", size),
        (0, false) => say!("{size}, no block changed by both", size),
        (places, _) => say_many!(
            places,
            "{size}, both changed 1 place",
            "{size}, both changed {n} places",
            size
        ),
    };
    let hint = match is_exact {
        true => t(
            "This kind of file can't be merged here. What each side changed, byte by byte, from the start of the file on the left to its end on the right:",
        ),
        false => t(
            "This kind of file can't be merged here. Which blocks each side changed, from the start of the file on the left to its end on the right; what changed lies somewhere within them:",
        ),
    };
    view! {
        <p class="hint">{hint}</p>
        <div class="ranges" data-testid="ranges" data-exact=is_exact.to_string()>
            <span class="ranges-name">{t("What both started from")}</span>
            <div class="ranges-bar" role="img" aria-label=say!("The version that both started from: {what}", what = base_words)>
                {parts(map.base_size, &of_base(&map.first), "first")}
                {parts(map.base_size, &of_base(&map.second), "second")}
                {parts(map.base_size, &map.both, "both")}
            </div>
            <span class="ranges-figure">{base_words}</span>
            {Side::BOTH.map(of_side)}
        </div>
    }
}
