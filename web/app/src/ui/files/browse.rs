//! The state of the files view: which folder, in which order, its rows, and
//! what of them is chosen.

use super::arrangement::{Arrangement, Grouping};
use super::groups::grouped;
use super::layout::{Group, HEAD_PIXELS, Layout, ROW_PIXELS};
use super::names::{Names, Sorting, in_their_language};
use super::order::Order;
use super::rename::Renaming;
use crate::state::Drive;
use crate::ui::menu::Menu;
use crate::ui::route::{Router, use_router};
use crate::ui::virtual_list::Viewport;
use crate::ui::who::Who;
use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A listing that took a millisecond to make is not made anew for this many:
/// while 30,000 files arrive, the page stays usable.
const REST_FACTOR: u64 = 6;
/// How long names are sorted before the page may draw and answer.
const SLICE_MS: u64 = 12;

#[derive(Clone, Copy)]
pub struct Browse {
    pub folder: Memo<Option<ItemId>>,
    pub order: RwSignal<Order>,
    pub arrangement: RwSignal<Arrangement>,
    /// In the order in which they are shown.
    pub rows: RwSignal<Arc<Vec<Arc<Item>>>>,
    pub groups: RwSignal<Vec<Group>>,
    /// Where each row stands.
    pub layout: Memo<Layout>,
    pub viewport: Viewport,
    pub chosen: RwSignal<BTreeSet<ItemId>>,
    /// The row that the keyboard is at.
    pub active: RwSignal<Option<ItemId>>,
    /// The rows' order by name.
    names: StoredValue<Names>,
    /// Whether the names of a large folder are brought into their order: it is not known yet
    /// what stands where.
    pub is_sorting: RwSignal<bool>,
    /// Where a range starts that is chosen with the shift key.
    pub anchor: StoredValue<Option<ItemId>>,
    pub menu: Menu,
    /// The menu that says how the list is shown.
    pub arrange_menu: Menu,
    /// Whether a press has begun that chooses rows with a rectangle, and drags none.
    pub draws_band: StoredValue<bool>,
    /// Whether somebody is at the rows.
    is_used: RwSignal<bool>,
    /// The name that is being typed in a row.
    pub renaming: RwSignal<Option<Renaming>>,
    /// The row whose menu is open.
    pub menu_item: RwSignal<Option<Item>>,
}

pub fn use_browse() -> Browse {
    expect_context()
}

impl Browse {
    pub fn start() -> Self {
        let (router, drive): (_, Drive) = (use_router(), expect_context());
        let is_file = move |id| {
            drive
                .tree
                .with(|tree| tree.get(id).is_some_and(|item| !item.is_folder()))
        };
        let viewport = Viewport::new(ROW_PIXELS, HEAD_PIXELS);
        let (groups, arrangement) = (
            RwSignal::new(Vec::<Group>::new()),
            RwSignal::new(Arrangement::read()),
        );
        let browse = Self {
            // A single file that is shared is in no folder.
            folder: Memo::new(move |_| {
                router
                    .folder()
                    .filter(|id| drive.root != Some(*id) || !is_file(*id))
            }),
            order: RwSignal::new(Order::by_name()),
            arrangement,
            rows: RwSignal::new(Arc::default()),
            groups,
            layout: Memo::new(move |_| {
                let tiles = arrangement.with(|arrangement| arrangement.tiles);
                let width = if tiles { viewport.width() } else { 0.0 };
                groups.with(|groups| Layout::new(groups, tiles, width))
            }),
            viewport,
            chosen: RwSignal::new(BTreeSet::new()),
            active: RwSignal::new(None),
            names: StoredValue::new(Names::default()),
            is_sorting: RwSignal::new(false),
            anchor: StoredValue::new(None),
            menu: Menu::new(),
            arrange_menu: Menu::new(),
            draws_band: StoredValue::new(false),
            is_used: RwSignal::new(false),
            renaming: RwSignal::new(None),
            menu_item: RwSignal::new(None),
        };
        browse.keep_listed(expect_context());
        browse.follow_pointer(router);
        browse
    }

    /// The row that an item is in.
    pub fn place_of(self, id: ItemId) -> Option<usize> {
        self.rows
            .with_untracked(|rows| rows.iter().position(|item| item.id == id))
    }

    pub fn item(self, id: ItemId) -> Option<Item> {
        let place = self.place_of(id)?;
        let item = |rows: &Arc<Vec<Arc<Item>>>| rows.get(place).map(|item| Item::clone(item));
        self.rows.with_untracked(item)
    }

    /// To be called whenever somebody comes to the rows or what is around them.
    pub fn is_come_to(self) {
        if !self.is_used.get_untracked() {
            self.is_used.set(true);
        }
    }

    /// Whether [what is beside the rows](super::beside) is needed.
    pub fn needs_beside(self, drive: Drive) -> bool {
        self.is_used.get() || drive.clip.with(Option::is_some)
    }

    /// Scrolls as little as is needed to show a row.
    pub fn reveal(self, place: usize) {
        self.layout.with_untracked(|layout| {
            self.viewport.reveal_at(
                layout.top_of(place),
                layout.line_pixels(),
                layout.heading_pixels(),
            );
        });
    }

    /// Shows the list in another way, from now on.
    pub fn arrange(self, arrangement: Arrangement) {
        let active = self.active.get_untracked();
        self.arrangement.set(arrangement);
        arrangement.keep();
        // What the person was at stays in sight.
        request_animation_frame(move || {
            let is_there = self.rows.try_with_untracked(|_| ()).is_some();
            if let Some(place) = active.filter(|_| is_there).and_then(|id| self.place_of(id)) {
                self.reveal(place);
            }
        });
    }

    /// Gives the keyboard to the list.
    pub fn focus(self) {
        if let Some(list) = self.viewport.node.get_untracked() {
            let _ = list.focus();
        }
    }

    /// When the menu of a row closes, the list has the keyboard: its keys are about the row.
    pub fn menu_ends_in_list(self) {
        if let Some(list) = self.viewport.node.get_untracked() {
            self.menu.ends_in(list.into());
        }
    }

    /// Whoever comes to the list by the keyboard sees where they are in it: at a row that
    /// is chosen, or at the first.
    pub fn show_active(self) {
        let list = self.viewport.node.get_untracked();
        let by_key = list.is_some_and(|list| list.matches(":focus-visible").unwrap_or(false));
        let active = self.active.get_untracked();
        if !by_key || active.is_some_and(|id| self.place_of(id).is_some()) {
            return;
        }
        let first = self.rows.with_untracked(|rows| {
            let chosen = self.chosen.with_untracked(|chosen| {
                let mut rows = rows.iter();
                rows.find(|item| chosen.contains(&item.id))
                    .map(|item| item.id)
            });
            chosen.or_else(|| rows.first().map(|item| item.id))
        });
        self.active.set(first);
    }

    /// Goes to the row of a file that was looked at, with the keyboard.
    pub fn come_back(self, id: ItemId) {
        if let Some(place) = self.place_of(id) {
            self.active.set(Some(id));
            self.reveal(place);
        }
        let list = self.viewport.node;
        request_animation_frame(move || {
            if let Some(Some(list)) = list.try_get_untracked() {
                let _ = list.focus();
            }
        });
    }

    fn keep_listed(self, drive: Drive) {
        let rest_until = StoredValue::new(0);
        let waiting = StoredValue::new(false);
        let more = RwSignal::new(());
        let list = move || {
            let started = clock::running_ms();
            self.list_in_time(drive);
            let ended = clock::running_ms();
            rest_until.set_value(ended + (ended - started) * REST_FACTOR);
            if self.names.with_value(Names::waits) {
                more.set(());
            }
        };
        let grouping = Memo::new(move |_| self.arrangement.with(|arranged| arranged.grouping));
        Effect::new(move |before: Option<(Option<ItemId>, Order, Grouping)>| {
            drive.tree.track();
            more.track();
            let now = (self.folder.get(), self.order.get(), grouping.get());
            let rest = rest_until.get_value().saturating_sub(clock::running_ms());
            if before.is_some_and(|before| before.0 != now.0) {
                self.forget_choice();
            }
            if before != Some(now) || rest == 0 {
                list();
            } else if !waiting.get_value() {
                waiting.set_value(true);
                let later = move || {
                    // The view may be gone by then.
                    if waiting.try_set_value(false).is_none() {
                        list();
                    }
                };
                set_timeout(later, Duration::from_millis(rest + 1));
            }
            now
        });
    }

    /// Chooses what the person is led to, once it is listed.
    fn follow_pointer(self, router: Router) {
        Effect::new(move |_| {
            let Some(id) = router.pointed() else { return };
            if !self.rows.with(|rows| rows.iter().any(|item| item.id == id)) {
                return;
            }
            router.has_pointed();
            self.choose_only(id);
            // The list may be drawn for the first time.
            request_animation_frame(move || {
                let place = self
                    .rows
                    .try_with_untracked(|rows| rows.iter().position(|item| item.id == id));
                if let Some(place) = place.flatten() {
                    self.reveal(place);
                    self.viewport.focus();
                }
            });
        });
    }

    /// Lists at once, or, where that would take the thread for long, after names have been
    /// brought into their order in slices.
    fn list_in_time(self, drive: Drive) {
        if self.is_sorting.get_untracked() {
            return;
        }
        let folder = self.folder.get_untracked();
        let sorting = in_their_language(|collator| {
            drive.tree.with_untracked(|tree| {
                let names = self.names.read_value();
                names.sorting(collator, folder, tree)
            })
        });
        let Some(sorting) = sorting else {
            return self.list(drive);
        };
        let is_elsewhere = |item: &Arc<Item>| item.parent != folder;
        if self
            .rows
            .with_untracked(|rows| rows.first().is_some_and(is_elsewhere))
        {
            self.groups.set(Vec::new());
            self.rows.set(Arc::default());
        }
        self.is_sorting.set(true);
        spawn_local(self.sort(drive, sorting));
    }

    async fn sort(self, drive: Drive, mut sorting: Sorting<JsString>) {
        loop {
            clock::breathe().await;
            // The view may be gone by then.
            let Some(folder) = self.folder.try_get_untracked() else {
                return;
            };
            if folder != sorting.folder() {
                break;
            }
            let until = clock::running_ms() + SLICE_MS;
            let mut sorted = None;
            while sorted.is_none() && clock::running_ms() < until {
                sorted = in_their_language(|collator| {
                    let tree = drive.tree;
                    tree.with_untracked(|tree| sorting.go_on(collator, tree))
                });
            }
            if let Some(names) = sorted {
                self.names.set_value(names);
                break;
            }
        }
        self.is_sorting.set(false);
        self.list_in_time(drive);
    }

    fn list(self, drive: Drive) {
        let (folder, order) = (self.folder.get_untracked(), self.order.get_untracked());
        let mut names = self.names.write_value();
        let mut items = in_their_language(|collator| {
            drive
                .tree
                .with_untracked(|tree| names.list(collator, folder, tree))
        });
        drop(names);
        let who = untrack(|| Who::reads(drive));
        drive.tree.with_untracked(|tree| {
            order.apply(&mut items, &who, &|item| tree.below(item.id).weight.bytes);
        });
        let by = self
            .arrangement
            .with_untracked(|arranged| arranged.grouping);
        let (items, groups) = grouped(items, by, order);
        if self.groups.with_untracked(|shown| *shown != groups) {
            self.groups.set(groups);
        }
        if self.rows.with_untracked(|rows| **rows != items) {
            self.keep_only(&items);
            let renaming = self
                .renaming
                .with_untracked(|renaming| renaming.as_ref().map(|renaming| renaming.item));
            if renaming.is_some_and(|id| items.iter().all(|item| item.id != id)) {
                self.stop_renaming();
            }
            self.rows.set(Arc::new(items));
        }
    }

    /// Chooses this one and no other.
    pub fn choose_only(self, id: ItemId) {
        self.active.set(Some(id));
        self.chosen.set(BTreeSet::from([id]));
        self.anchor.set_value(Some(id));
    }

    /// What is no longer listed is no longer chosen.
    fn keep_only(self, items: &[Arc<Item>]) {
        if self.chosen.with_untracked(BTreeSet::is_empty) {
            return;
        }
        let (here, chosen) = self.chosen.with_untracked(|chosen| {
            let here = items.iter().map(|item| item.id);
            let here = here.filter(|id| chosen.contains(id));
            (here.collect::<BTreeSet<ItemId>>(), chosen.len())
        });
        if here.len() < chosen {
            self.chosen.set(here);
        }
    }

    fn forget_choice(self) {
        self.chosen.set(BTreeSet::new());
        self.active.set(None);
        self.anchor.set_value(None);
        self.menu.close();
        self.stop_renaming();
        self.viewport.to_top();
    }
}
