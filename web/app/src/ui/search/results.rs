//! All that was found, at an address that a reload keeps.

use super::acts::{HitAct, use_hands};
use super::chips::Chips;
use super::finder::Finder;
use super::hit::{Marked, Shown, whole_name};
use super::saved::SaveThis;
use crate::format::{ago, bytes, moment, px};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::dom;
use crate::ui::each::Each;
use crate::ui::files::modified_at_ms;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::{Menu, MenuPopover};
use crate::ui::route::use_router;
use crate::ui::sentence::Sentence;
use crate::ui::star::StarMark;
use crate::ui::thumbnail::Thumbnail;
use crate::ui::virtual_list::Viewport;
use crate::words::{say, say_many, t};
use leptos::ev;
use leptos::prelude::*;
use protocol::units::grouped;
use sync::search::scan::MAX_HITS;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// `--row-tall` in the stylesheet.
const ROW_PIXELS: f64 = 60.0;

/// The actions of one of the results.
#[derive(Clone, Copy)]
pub struct Actions {
    menu: Menu,
    of: RwSignal<Option<Shown>>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            menu: Menu::new(),
            of: RwSignal::new(None),
        }
    }
}

#[component]
pub fn ResultsView() -> impl IntoView {
    let (drive, router): (Drive, _) = (expect_context(), use_router());
    let text = Signal::derive(move || router.query());
    let finder = Finder::start(text, MAX_HITS);
    let results = Memo::new(move |_| {
        let found = finder.found.get();
        let shown = |hit| {
            drive
                .tree
                .with(|tree| Shown::of(drive, tree, hit, &found.query))
        };
        found
            .hits
            .iter()
            .filter_map(|hit| shown(*hit))
            .collect::<Vec<Shown>>()
    });
    let words = move || {
        let (total, is_whole) = finder.found.with(|found| (found.total, found.is_whole));
        let (whole, text) = (whole_name(drive), text.get());
        match (is_whole, total) {
            (false, _) => say!("Searching in “{whole}”…", whole),
            (true, 0) => say!(
                "Nothing in “{whole}” fits “{text}”",
                whole,
                text = text.trim()
            ),
            (true, total) if text.trim().is_empty() => match total > MAX_HITS {
                true => say!(
                    "The {most} of {total} files in “{whole}” that were changed last",
                    most = grouped(MAX_HITS as u64),
                    total = grouped(total as u64),
                    whole
                ),
                false => say!("All files in “{whole}”, what was changed last first", whole),
            },
            (true, total) if total > MAX_HITS => say!(
                "The best {most} of {total} results in “{whole}”",
                most = grouped(MAX_HITS as u64),
                total = grouped(total as u64),
                whole
            ),
            (true, total) => say_many!(
                total,
                "1 result in “{whole}”",
                "{n} results in “{whole}”, the best first",
                whole
            ),
        }
    };
    let actions = Actions::new();
    view! {
        <section class="page page-list page-search">
            <header class="page-head">
                <h1>{t("Search")}</h1>
                <p role="status" data-testid="results-words">
                    {move || view! { <Sentence text=words() /> }}
                </p>
            </header>
            <div class="find-field">
                <Glyph icon=Icon::Search />
                <input
                    type="text"
                    aria-label=t("Search in files and folders")
                    placeholder=t("Names, or kind:picture changed:week size:>10MB by:name")
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    data-testid="results-field"
                    prop:value=move || router.query()
                    on:input=move |event| router.search(event_target_value(&event))
                />
            </div>
            <Chips text change=Callback::new(move |text| router.search(text)) />
            <SaveThis text />
            <Results label=t("Results") results actions />
            <Acts actions />
        </section>
    }
}

/// A list of what was found, or starred.
#[component]
pub fn Results(label: &'static str, results: Memo<Vec<Shown>>, actions: Actions) -> impl IntoView {
    let viewport = Viewport::new(ROW_PIXELS, 0.0);
    let count = Memo::new(move |_| results.with(Vec::len));
    let range = Memo::new(move |_| viewport.in_sight(count.get()));
    let shown = move || {
        results.with(|results| {
            let of = results.get(range.get());
            of.map(<[_]>::to_vec).unwrap_or_default()
        })
    };
    // All that a row shows.
    let key = |shown: &Shown| {
        let item = &shown.item;
        let marked: Vec<(usize, usize)> =
            shown.marked.iter().map(|of| (of.start, of.end)).collect();
        let version = (item.version(), item.place_version, shown.is_trashed);
        (
            item.id,
            item.name.clone(),
            shown.place.clone(),
            marked,
            version,
        )
    };
    view! {
        <div
            node_ref=viewport.node
            class="scroll"
            role="region"
            aria-label=label
            on:scroll=move |_| viewport.scrolled()
            on:keydown=move |event| step(&event)
        >
            <div class="tall" style:height=move || px(viewport.pixels(count.get()))>
                <ul
                    class="lines"
                    style:transform=move || {
                        format!("translateY({})", px(viewport.pixels(range.get().start)))
                    }
                >
                    <Each each=shown key children=move |shown| view! { <ResultRow shown actions /> } />
                </ul>
            </div>
        </div>
    }
}

#[component]
fn ResultRow(shown: Shown, actions: Actions) -> impl IntoView {
    let clock = use_clock();
    let hands = use_hands();
    let item = &shown.item;
    let (changed, name, icon) = (modified_at_ms(item), item.name.to_string(), shown.icon());
    let (id, is_folder) = (item.id, item.file.is_none());
    let size = item
        .file
        .as_ref()
        .map(|file| format!("{} · ", bytes(file.size)));
    let by = item
        .file
        .as_ref()
        .map(|file| format!(" · {}", file.committed.user_name));
    let first = HitAct::of(&shown, hands.drive).first().copied();
    let (place, marked, is_trashed) = (shown.place.clone(), shown.marked.clone(), shown.is_trashed);
    let thumbnail = view! { <Thumbnail item=item.clone() /> };
    let kept = StoredValue::new(shown);
    let open = move |_| {
        if let Some(act) = first {
            kept.with_value(|shown| act.run(hands, &shown.item));
        }
    };
    let more = move |event: ev::MouseEvent| {
        if let Some(button) = dom::closest_to(&event, "button") {
            actions.of.set(Some(kept.get_value()));
            actions.menu.open_beside(&button);
        }
    };
    view! {
        <li class="line" data-testid="result" data-name=name.clone()>
            <span class="row-icon" class:row-icon-folder=is_folder>
                <Glyph icon />
                {thumbnail}
            </span>
            <span class="line-words">
                <button type="button" class="result-name" title=first.map(HitAct::label) on:click=open>
                    <Marked name=name.clone() marked />
                </button>
                <span>
                    {is_trashed.then(|| format!("{} · ", t("In the trash")))} <bdi>{place}</bdi>
                </span>
            </span>
            <StarMark item=id />
            <span class="found-time" title=moment(changed)>
                {size} {move || ago(changed, clock.now_ms())} <bdi class="result-by">{by}</bdi>
            </span>
            <button
                type="button"
                class="icon-button"
                aria-label=say!("Actions for {name}", name)
                aria-haspopup="menu"
                on:click=more
            >
                <Glyph icon=Icon::More />
            </button>
        </li>
    }
}

/// The menu of what can be done with one of them.
#[component]
pub fn Acts(actions: Actions) -> impl IntoView {
    let hands = use_hands();
    let label = Signal::derive(move || {
        let of = actions.of.get();
        let name = of.map(|shown| shown.item.name.to_string());
        say!("Actions for {name}", name = name.unwrap_or_default())
    });
    view! {
        <MenuPopover menu=actions.menu label>
            {move || {
                let shown = actions.of.get()?;
                let acts = HitAct::of(&shown, hands.drive).into_iter();
                let entry = |act: HitAct| {
                    let item = shown.item.clone();
                    view! {
                        <button type="button" role="menuitem" on:click=move |_| act.run(hands, &item)>
                            <Glyph icon=act.icon() />
                            {act.label()}
                        </button>
                    }
                };
                Some(acts.map(entry).collect::<Vec<_>>())
            }}
        </MenuPopover>
    }
}

/// The arrows go from name to name. Rows that are out of sight but near are drawn, so there
/// is a next one until the last.
fn step(event: &ev::KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let names = event
        .current_target()
        .and_then(|list| list.dyn_into::<HtmlElement>().ok())
        .and_then(|list| list.query_selector_all(".result-name").ok());
    let Some(names) = names else { return };
    let focused = dom::closest_to(event, "li")
        .and_then(|row| row.query_selector(".result-name").ok().flatten());
    let at = (0..names.length())
        .find(|&at| names.get(at).as_ref() == focused.as_ref().map(AsRef::as_ref));
    let next = at.and_then(|at| at.checked_add_signed(by));
    if let Some(next) = next.and_then(|next| names.get(next))
        && let Ok(next) = next.dyn_into::<HtmlElement>()
    {
        event.prevent_default();
        let _ = next.focus();
    }
}
