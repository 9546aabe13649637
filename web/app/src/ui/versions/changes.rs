//! What one version of a file changed of an older one: of a text its lines, of anything else
//! where its bytes differ. Any two can be chosen.

use super::Stage;
use super::list::List;
use crate::commands::{Compared, use_commands};
use crate::format::{bytes, count, minute, sentence};
use crate::refusals::InWords;
use crate::ui::compared::pane::Pane;
use crate::ui::compared::ranges::{Bar, parts, to_load, words};
use crate::ui::compared::{Comparison, widest_view};
use crate::ui::conflicts::{FileKind, MAX_TEXT_BYTES};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::segmented::Segmented;
use crate::ui::work::{Work, WorkError};
use crate::words::{english, say, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::ranges::Map;
use merge::{ChangedLines, Seek, View};
use platform::failure::Failure;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use std::ops::Range;

/// What came of comparing them.
#[derive(Clone)]
enum Told {
    Lines(Comparison, ChangedLines),
    Bytes {
        map: Map,
        /// Told from the bytes, and not from blocks alone.
        is_exact: bool,
    },
    Failed(String),
}

#[component]
pub fn Changes(
    item: Item,
    list: List,
    old: Version,
    new: Version,
    stage: RwSignal<Stage>,
) -> impl IntoView {
    let commands = use_commands();
    let id = item.id;
    let told = RwSignal::new(None::<Told>);
    // Looking at the bytes of a text that is very long, or of no text, tells nobody anything.
    let size = list.size(old).max(list.size(new));
    let may_be_text = matches!(FileKind::of(&item.name), FileKind::Text | FileKind::Other)
        && size <= MAX_TEXT_BYTES;
    let comparison = Comparison::new(commands.merge_texts());
    let compare = move || {
        told.set(None);
        spawn_local(async move {
            let lines = match comparison.merge().filter(|_| may_be_text) {
                Some(merge) => merge.compare_versions(id, (old, new)).await,
                None => Ok(Compared::NoText),
            };
            let outcome = match lines {
                Err(reason) => Told::Failed(sentence(&reason)),
                Ok(Compared::Texts(opened)) => {
                    comparison.rows.try_set(opened.progress.rows);
                    comparison.revision.try_update(|revision| *revision += 1);
                    comparison.seek(Seek::Change, false).await;
                    Told::Lines(comparison, opened.changed)
                }
                Ok(Compared::NoText) => match commands.changed_between(id, (old, new)).await {
                    Ok(map) => Told::Bytes {
                        map,
                        is_exact: false,
                    },
                    Err(failure) => Told::Failed(sentence(&failure.in_words())),
                },
            };
            told.try_set(Some(outcome));
        });
    };
    compare();
    view! {
        <div class="history-look">
            <div class="history-acts">
                <button type="button" class="button" autofocus on:click=move |_| stage.set(Stage::All)>
                    {t("All versions")}
                </button>
                <Chosen list old new stage />
            </div>
            {move || match told.get() {
                None => view! { <p class="hint" role="status">{t("Comparing…")}</p> }.into_any(),
                Some(Told::Failed(reason)) => {
                    view! {
                        <p class="form-error" role="alert">
                            {reason} " "
                            <button type="button" class="link" on:click=move |_| compare()>
                                {t("Try again")}
                            </button>
                        </p>
                    }
                        .into_any()
                }
                Some(Told::Lines(comparison, changed)) => {
                    view! { <Lines comparison changed /> }.into_any()
                }
                Some(Told::Bytes { map, is_exact }) => {
                    view! { <Bytes id old new map is_exact told /> }.into_any()
                }
            }}
        </div>
    }
}

/// Which two are compared. Of the two that are chosen, the lower number is the older one.
#[component]
fn Chosen(list: List, old: Version, new: Version, stage: RwSignal<Stage>) -> impl IntoView {
    let choose = move |old: Version, new: Version| {
        if old != new {
            stage.set(Stage::Changes {
                old: old.min(new),
                new: old.max(new),
            });
        }
    };
    let options = move |chosen: Version, other: Version| {
        list.known(chosen)
            .into_iter()
            .filter(|(version, _)| *version != other)
            .map(|(version, at)| {
                let words = match at {
                    Some(at) => say!(
                        "Version {number}, {time}",
                        number = version,
                        time = minute(at)
                    ),
                    None => say!("Version {number}", number = version),
                };
                view! {
                    <option value=version.to_string() selected=version == chosen>
                        {words}
                    </option>
                }
            })
            .collect_view()
    };
    let chosen = |event: &leptos::ev::Event| event_target_value(event).parse::<Version>();
    view! {
        <label class="history-choice">
            {t("From")} " "
            <select on:change=move |event| {
                if let Ok(version) = chosen(&event) {
                    choose(version, new);
                }
            }>{move || options(old, new)}</select>
        </label>
        <label class="history-choice">
            {t("to")} " "
            <select on:change=move |event| {
                if let Ok(version) = chosen(&event) {
                    choose(old, version);
                }
            }>{move || options(new, old)}</select>
        </label>
    }
}

const VIEWS: [(View, &str); 2] = [
    (View::Sides, english!("Side by side")),
    (View::Column, english!("One column")),
];

#[component]
fn Lines(comparison: Comparison, changed: ChangedLines) -> impl IntoView {
    let view = RwSignal::new(widest_view());
    let words = match changed {
        ChangedLines {
            removed: 0,
            added: 0,
        } => t("No line differs").to_owned(),
        ChangedLines { removed, added } => {
            let added = count(added, "line", "lines");
            say!("{added} added, {removed} removed", added, removed)
        }
    };
    let views = VIEWS.map(|(view, words)| (view, t(words))).to_vec();
    let travel = move |back| spawn_local(comparison.seek(Seek::Change, back));
    view! {
        <div class="merge history-lines" data-testid="changed-lines">
            <div class="merge-bar" role="toolbar" aria-label=t("Changes")>
                <span class="merge-count" role="status">
                    {words}
                </span>
                <button type="button" class="icon-button" aria-label=t("Previous change") on:click=move |_| travel(true)>
                    <Glyph icon=Icon::ArrowUp />
                </button>
                <button type="button" class="icon-button" aria-label=t("Next change") on:click=move |_| travel(false)>
                    <Glyph icon=Icon::ArrowDown />
                </button>
                <Segmented label=t("View") options=views chosen=view />
            </div>
            <div class="merge-panes">
                <Pane comparison view=Signal::derive(move || view.get()) label=t("The two versions") />
            </div>
        </div>
    }
}

/// Where the bytes differ, from the start of the file on the left to its end on the right.
#[component]
fn Bytes(
    id: ItemId,
    old: Version,
    new: Version,
    map: Map,
    is_exact: bool,
    told: RwSignal<Option<Told>>,
) -> impl IntoView {
    let commands = use_commands();
    let work = Work::new();
    let load = (!is_exact).then(|| to_load(&map)).flatten();
    let (old_name, new_name) = (
        say!("Version {number}", number = old),
        say!("Version {number}", number = new),
    );
    let figures = words(map.second_size, &map.second, is_exact);
    let of_old: Vec<Range<u64>> = map.second.iter().map(|range| range.base.clone()).collect();
    let of_new: Vec<Range<u64>> = map.second.iter().map(|range| range.side.clone()).collect();
    let (old_size, new_size) = (map.base_size, map.second_size);
    let hint = match is_exact {
        true => t(
            "This kind of file is compared byte by byte. From its start on the left to its end on the right:",
        ),
        false => t(
            "This kind of file is compared by its blocks: what changed lies somewhere within them. From its start on the left to its end on the right:",
        ),
    };
    let compare = move |_| {
        let map = map.clone();
        let exact = async move {
            let merge = commands.merge_texts();
            let exact = merge.exactly_between(id, (old, new), map).await;
            exact.map_err(Failure::Device)
        };
        work.run(exact, move |map| {
            told.try_set(Some(Told::Bytes {
                map,
                is_exact: true,
            }));
        });
    };
    let exactly = load.map(|load| {
        view! {
            <p>
                <button type="button" class="button button-small" disabled=work.busy on:click=compare>
                    {move || match work.busy.get() {
                        true => t("Comparing…").to_owned(),
                        false => say!("Compare byte by byte (loads {size})", size = bytes(load)),
                    }}
                </button>
            </p>
            <WorkError work />
        }
    });
    view! {
        <p class="hint">{hint}</p>
        <div class="ranges" data-testid="ranges" data-exact=is_exact.to_string()>
            <span class="ranges-name">{old_name.clone()}</span>
            <div class="ranges-bar" role="img" aria-label=format!("{old_name}: {}", bytes(old_size))>
                {parts(old_size, &of_old, "second")}
            </div>
            <span class="ranges-figure">{bytes(old_size)}</span>
            <span class="ranges-name">{new_name.clone()}</span>
            <Bar size=new_size parts=of_new key="second" label=format!("{new_name}: {figures}") />
            <span class="ranges-figure">{figures.clone()}</span>
        </div>
        {exactly}
    }
}
