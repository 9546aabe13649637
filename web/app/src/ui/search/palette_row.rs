//! The options of the dialog, of which the field names the active one.

use super::acts::use_hands;
use super::hit::{Marked, Shown};
use super::palette::{Entry, option_id};
use crate::format::{ago, moment};
use crate::ui::clock::use_clock;
use crate::ui::dom;
use crate::ui::files::modified_at_ms;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::star::StarMark;
use crate::ui::thumbnail::Thumbnail;
use crate::ui::typing::LIST_ID;
use crate::words::t;
use leptos::ev;
use leptos::prelude::*;

/// An option and where it stands.
#[derive(Clone, PartialEq)]
pub struct Line {
    pub place: usize,
    pub entry: Entry,
}

#[component]
pub fn Rows(
    lines: Signal<Vec<Line>>,
    active: RwSignal<usize>,
    /// A press on an option, and whether on what shows its actions.
    press: Callback<(usize, bool)>,
) -> impl IntoView {
    view! {
        <div id=LIST_ID class="found" role="listbox" aria-label=t("What was found")>
            {move || {
                let lines = lines.get();
                let last = lines.len().saturating_sub(1);
                let rows = lines.into_iter();
                rows.map(|line| view! { <FoundOption line active last press /> }.into_any()).collect::<Vec<_>>()
            }}
        </div>
    }
}

#[component]
fn FoundOption(
    line: Line,
    active: RwSignal<usize>,
    last: usize,
    press: Callback<(usize, bool)>,
) -> impl IntoView {
    let Line { place, entry } = line;
    let is_active = Memo::new(move |_| active.get().min(last) == place);
    let (kind, name) = match &entry {
        Entry::Hit(shown) => ("hit", shown.item.name.to_string()),
        Entry::All(words) => ("all", words.clone()),
        Entry::Page(act) => ("command", act.label()),
        Entry::Saved(search) => ("saved", search.name.clone()),
        Entry::With(_, act) => ("act", act.label().to_owned()),
    };
    view! {
        <div
            id=option_id(place)
            class="found-one"
            role="option"
            aria-selected=move || is_active.get().to_string()
            data-testid="found"
            data-kind=kind
            data-name=name.clone()
            // A press leaves the keyboard in the field.
            on:mousedown=|event: ev::MouseEvent| event.prevent_default()
            on:click=move |event| {
                press.run((place, dom::closest_to(&event, ".found-more").is_some()));
            }
        >
            {match entry {
                Entry::Hit(shown) => view! { <HitCells shown=(*shown).clone() /> }.into_any(),
                Entry::All(_) => plain(Icon::Search, name.clone(), None).into_any(),
                Entry::Page(act) => plain(act.icon(), name.clone(), act.place(use_hands())).into_any(),
                Entry::Saved(search) => {
                    plain(Icon::Search, name.clone(), Some(search.query)).into_any()
                }
                Entry::With(_, act) => plain(act.icon(), name.clone(), None).into_any(),
            }}
        </div>
    }
}

fn plain(icon: Icon, words: String, note: Option<String>) -> impl IntoView {
    view! {
        <span class="row-icon found-act">
            <Glyph icon />
        </span>
        <span class="found-words">
            <span class="found-name">{words}</span>
        </span>
        <span class="found-time"><bdi>{note}</bdi></span>
    }
}

#[component]
fn HitCells(shown: Shown) -> impl IntoView {
    let clock = use_clock();
    let changed = modified_at_ms(&shown.item);
    let icon = shown.icon();
    let is_folder = shown.item.file.is_none();
    let name = shown.item.name.to_string();
    view! {
        <span class="row-icon" class:row-icon-folder=is_folder>
            <Glyph icon />
            <Thumbnail item=shown.item.clone() />
        </span>
        <span class="found-words">
            <span class="found-name" title=name.clone()>
                <Marked name=name.clone() marked=shown.marked />
            </span>
            <span class="found-place">
                {shown.is_trashed.then(|| format!("{} · ", t("In the trash")))} <bdi>{shown.place}</bdi>
            </span>
        </span>
        <StarMark item=shown.item.id />
        <span class="found-time" title=moment(changed)>
            {move || ago(changed, clock.now_ms())}
        </span>
        <span class="found-more" aria-hidden="true" title=t("What to do with it")>
            <Glyph icon=Icon::More />
        </span>
    }
}
