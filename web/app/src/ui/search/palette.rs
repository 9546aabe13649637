//! What is below the field of the dialog: filters, what is found as somebody types, and
//! what else the page can do. The keyboard stays in the field; its arrows choose.

use super::acts::{Hands, HitAct, PageAct, saved_fitting, use_hands};
use super::chips::Chips;
use super::finder::{Finder, Found};
use super::hit::{Shown, whole_name};
use super::palette_row::{Line, Rows};
use crate::state::Drive;
use crate::ui::typing::Typing;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::marks::SavedSearch;
use std::sync::Arc;
use sync::tree::Tree;
use web_sys::KeyboardEvent;

/// How many of the hits are listed here; all of them have a page.
const MOST_HITS: usize = 12;
/// How many recent files are listed before anything is typed.
const MOST_RECENT: usize = 6;
/// How many commands are listed beside hits.
const MOST_ACTS: usize = 5;
/// How many saved searches are listed beside hits.
const MOST_SAVED: usize = 3;
/// A text that begins so is of commands alone.
const COMMANDS_ONLY: char = '>';

/// Something that Enter can take.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Hit(Arc<Shown>),
    /// To the page of all results.
    All(String),
    Page(PageAct),
    /// A search that the person has saved.
    Saved(SavedSearch),
    /// With the hit that is looked at closely.
    With(Arc<Shown>, HitAct),
}

#[derive(Clone, Copy)]
struct State {
    typing: Typing,
    hands: Hands,
    finder: Finder,
    entries: Memo<Vec<Entry>>,
    /// The place of what Enter takes.
    active: RwSignal<usize>,
    /// Whose actions are listed.
    closely: RwSignal<Option<ItemId>>,
    /// What Enter is pressed for, before it is found.
    entered: StoredValue<Option<bool>>,
}

#[component]
pub fn Palette(typing: Typing) -> impl IntoView {
    let hands = use_hands();
    let finder = Finder::start(typing.text.into(), MOST_HITS);
    let closely = RwSignal::new(None);
    let entries = Memo::new(move |_| entries(hands.drive, typing, finder, closely.get()));
    let state = State {
        typing,
        hands,
        finder,
        entries,
        active: RwSignal::new(0),
        closely,
        entered: StoredValue::new(typing.is_entered.get_value().then_some(false)),
    };
    typing
        .keys
        .set_value(Some(Callback::new(move |event| state.pressed(&event))));
    state.keep_active();
    let change = Callback::new(move |text| typing.text.set(text));
    let lines = Signal::derive(move || {
        let entries = state.entries.get().into_iter().enumerate();
        entries
            .map(|(place, entry)| Line { place, entry })
            .collect::<Vec<_>>()
    });
    let press = Callback::new(move |(place, is_closely): (usize, bool)| {
        state.active.set(place);
        match is_closely {
            true => state.look_closely(),
            false => state.take(false),
        }
    });
    let words = move || state.words();
    // What the list is of, once nothing is missing in it.
    let listed = move || {
        finder
            .found
            .with(|found| found.is_whole.then(|| found.text.clone()))
    };
    view! {
        <Chips text=typing.text change />
        <p class="find-words" role="status" data-testid="find-words" data-found=listed>
            {words}
        </p>
        <Rows lines active=state.active press />
        <p class="find-keys" aria-hidden="true">
            <kbd>"↑"</kbd>
            <kbd>"↓"</kbd>
            " " {t("choose")} " · "
            <kbd>{t("Enter")}</kbd>
            " " {t("open")} " · "
            <kbd>{t("Ctrl Enter")}</kbd>
            " " {t("show in its folder")} " · "
            <kbd>"→"</kbd>
            " " {t("more")}
            <span>
                {t("size:>5MB · after:2026-01-31 · by:name · > for commands")}
            </span>
        </p>
    }
}

fn entries(drive: Drive, typing: Typing, finder: Finder, closely: Option<ItemId>) -> Vec<Entry> {
    let found = finder.found.get();
    let text = typing.text.get();
    let shown = |tree: &Tree, hit| Shown::of(drive, tree, hit, &found.query).map(Arc::new);
    if let Some(id) = closely {
        let shown = drive.tree.with(|tree| {
            let hit = found.hits.iter().find(|hit| hit.id == id);
            hit.and_then(|hit| shown(tree, *hit))
        });
        let acts = shown.map(|shown| {
            let acts = HitAct::of(&shown, drive).into_iter();
            acts.map(|act| Entry::With(shown.clone(), act)).collect()
        });
        return acts.unwrap_or_default();
    }
    if let Some(words) = text.trim_start().strip_prefix(COMMANDS_ONLY) {
        let acts = PageAct::fitting(drive, words);
        return acts.into_iter().map(Entry::Page).collect();
    }
    let is_recent = text.trim().is_empty();
    let most = match is_recent {
        true => MOST_RECENT,
        false => MOST_HITS,
    };
    let mut entries: Vec<Entry> = drive.tree.with(|tree| {
        let hits = found.hits.iter().take(most);
        hits.filter_map(|hit| shown(tree, *hit))
            .map(Entry::Hit)
            .collect()
    });
    if is_recent {
        // Files that came above them would move them from under a press.
        if found.is_whole && found.text == text {
            let saved = drive.marks.with(|marks| marks.searches.clone());
            entries.extend(saved.into_iter().map(Entry::Saved));
            entries.extend(PageAct::all(drive).into_iter().map(Entry::Page));
        }
        return entries;
    }
    if found.total > entries.len() && found.is_whole {
        entries.push(Entry::All(say_many!(
            found.total,
            "All 1 result",
            "All {n} results"
        )));
    }
    let saved = saved_fitting(drive, &text).into_iter().take(MOST_SAVED);
    entries.extend(saved.map(Entry::Saved));
    let acts = PageAct::fitting(drive, &text).into_iter().take(MOST_ACTS);
    entries.extend(acts.map(Entry::Page));
    entries
}

impl State {
    /// Names the option that Enter takes, and scrolls to it. Another text begins at the top
    /// again.
    fn keep_active(self) {
        let Self { typing, active, .. } = self;
        typing.is_listed.set(true);
        Effect::new(move |before: Option<()>| {
            typing.text.track();
            self.closely.set(None);
            active.set(0);
            // Enter was pressed for the text before.
            if before.is_some() {
                self.entered.set_value(None);
            }
        });
        Effect::new(move |_| {
            let last = self.entries.with(|entries| entries.len().checked_sub(1));
            let place = last.map(|last| active.get().min(last));
            typing.active.set(place.map(option_id));
        });
        Effect::new(move |_| {
            self.finder.found.track();
            self.take_if_found();
        });
        on_cleanup(move || {
            typing.keys.try_set_value(None);
            typing.is_listed.try_set(false);
            typing.active.try_set(None);
        });
    }

    fn pressed(self, event: &KeyboardEvent) {
        if event.is_composing() {
            return;
        }
        let is_command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "Enter" => self.enter(is_command),
            "ContextMenu" => self.look_closely(),
            "F10" if event.shift_key() => self.look_closely(),
            // Only where the arrow would do nothing in the field.
            "ArrowRight" if !is_command && !event.shift_key() && is_at_end(event) => {
                self.look_closely();
            }
            "ArrowLeft" | "Escape" if self.closely.get_untracked().is_some() => {
                self.closely.set(None);
                self.active.set(0);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn step(self, by: isize) {
        let count = self.entries.with_untracked(Vec::len) as isize;
        if count > 0 {
            let at = (self.active.get_untracked() as isize).min(count - 1);
            let next = (at + by).rem_euclid(count) as usize;
            self.active.set(next);
            request_animation_frame(move || {
                if let Some(option) = document().get_element_by_id(&option_id(next)) {
                    option.scroll_into_view_with_scroll_into_view_options(&nearest());
                }
            });
        }
    }

    /// Takes what is active; if what is listed is of an earlier text, once it is not.
    fn enter(self, is_command: bool) {
        self.entered.set_value(Some(is_command));
        self.take_if_found();
    }

    fn take_if_found(self) {
        let Some(is_command) = self.entered.get_value() else {
            return;
        };
        let text = self.typing.text.get_untracked();
        let is_of_commands = text.trim_start().starts_with(COMMANDS_ONLY);
        if is_of_commands || self.finder.is_of(&text) {
            self.entered.set_value(None);
            self.take(is_command);
        }
    }

    fn active_entry(self) -> Option<Entry> {
        self.entries.with_untracked(|entries| {
            let last = entries.len().checked_sub(1)?;
            entries.get(self.active.get_untracked().min(last)).cloned()
        })
    }

    /// With the command key, a hit is shown in its folder.
    fn take(self, is_command: bool) {
        match self.active_entry() {
            Some(Entry::Hit(shown)) => {
                let acts = HitAct::of(&shown, self.hands.drive);
                let wanted = acts.iter().find(|act| is_command && **act == HitAct::Show);
                if let Some(act) = wanted.or(acts.first()) {
                    act.run(self.hands, &shown.item);
                }
            }
            Some(Entry::With(shown, act)) => act.run(self.hands, &shown.item),
            Some(Entry::Page(act)) => act.run(self.hands),
            Some(Entry::Saved(search)) => {
                let router = self.hands.router;
                self.hands.leave_for(move || router.search(search.query));
            }
            Some(Entry::All(_)) => {
                let text = self.typing.text.get_untracked();
                let router = self.hands.router;
                self.hands.leave_for(move || router.search(text));
            }
            None => {}
        }
    }

    fn look_closely(self) {
        if let Some(Entry::Hit(shown)) = self.active_entry() {
            self.closely.set(Some(shown.item.id));
            self.active.set(0);
        }
    }

    /// What is listed, or why nothing is.
    fn words(self) -> String {
        let Found {
            text,
            total,
            is_whole,
            ..
        } = self.finder.found.get();
        let drive = self.hands.drive;
        if let Some(id) = self.closely.get() {
            let name = drive
                .tree
                .with(|tree| tree.get(id).map(|item| item.name.to_string()));
            return say!("What to do with “{name}”", name = name.unwrap_or_default());
        }
        let typed = self.typing.text.get();
        if typed.trim_start().starts_with(COMMANDS_ONLY) {
            return match self.entries.with(Vec::is_empty) {
                true => t("No command is called so").to_owned(),
                false => t("Commands").to_owned(),
            };
        }
        let whole = whole_name(drive);
        if !is_whole {
            return say!("Searching in “{whole}”…", whole);
        }
        let said = match (typed.trim().is_empty(), total) {
            (true, 0) => say!("No files in “{whole}” yet", whole),
            (true, _) => say!("Changed last in “{whole}”", whole),
            (false, 0) => say!(
                "Nothing in “{whole}” fits “{text}”",
                whole,
                text = text.trim()
            ),
            (false, total) => say_many!(
                total,
                "1 result in “{whole}”",
                "{n} results in “{whole}”",
                whole
            ),
        };
        match drive.tree.with(|tree| tree.complete) {
            true => said,
            false => say!("{said}. The list of your files is still on its way", said),
        }
    }
}

/// The element id of an option.
pub fn option_id(place: usize) -> String {
    format!("found-{place}")
}

fn is_at_end(event: &KeyboardEvent) -> bool {
    let input = crate::ui::dom::closest_to(event, "input");
    let input = input.as_ref().map(AsRef::as_ref);
    let end = input.and_then(|input| platform::browser::js::get_number(input, "selectionEnd"));
    let text = input.and_then(|input| platform::browser::js::get_text(input, "value"));
    let length = text.map(|text| text.encode_utf16().count() as f64);
    end.is_some() && end == length
}

/// As little as is needed.
fn nearest() -> web_sys::ScrollIntoViewOptions {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options
}
