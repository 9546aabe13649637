//! Choosing rows, with the mouse and with the keyboard.

use super::browse::Browse;
use super::layout::Way;
use crate::commands::Commands;
use crate::ui::route::{InShared, Route, Router};
use crate::words::say;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use sync::one_by_one::one_by_one;

/// What else a press or a key asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// This one and no other.
    Only,
    /// This one too, or no longer.
    Toggle,
    /// Everything from the last one to this one.
    Range,
}

impl How {
    pub fn of(shift: bool, control: bool) -> Self {
        match (shift, control) {
            (true, _) => How::Range,
            (_, true) => How::Toggle,
            _ => How::Only,
        }
    }
}

/// Where a key leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    To(Way),
    /// As far as what is in sight.
    Page(Way),
    First,
    Last,
}

impl Browse {
    pub fn choose(self, id: ItemId, how: How) {
        self.active.set(Some(id));
        match how {
            How::Only => return self.choose_only(id),
            How::Toggle => self.chosen.update(|chosen| {
                if !chosen.remove(&id) {
                    chosen.insert(id);
                }
            }),
            How::Range => return self.choose_range(id),
        }
        self.anchor.set_value(Some(id));
    }

    fn choose_range(self, id: ItemId) {
        let anchor = self
            .anchor
            .get_value()
            .and_then(|anchor| self.place_of(anchor));
        let Some(place) = self.place_of(id) else {
            return;
        };
        let from = anchor.unwrap_or(place);
        let range = from.min(place)..=from.max(place);
        let chosen = self
            .rows
            .with_untracked(|rows| one_by_one(rows[range].iter().map(|item| item.id)));
        self.chosen.set(chosen);
    }

    pub fn choose_all(self) {
        let all = self
            .rows
            .with_untracked(|rows| one_by_one(rows.iter().map(|item| item.id)));
        self.chosen.set(all);
    }

    /// Goes to the row that a key leads to from the active one.
    pub fn step(self, step: Step, shift: bool) {
        let count = self.rows.with_untracked(|rows| rows.len());
        let Some(last) = count.checked_sub(1) else {
            return;
        };
        let at = self.active.get_untracked().and_then(|id| self.place_of(id));
        let place = match (at, step) {
            (_, Step::First) => 0,
            (_, Step::Last) => last,
            (Some(at), Step::To(way)) => self.layout.with_untracked(|layout| layout.step(at, way)),
            (Some(at), Step::Page(way)) => self.layout.with_untracked(|layout| {
                let lines = self.viewport.page(layout.line_pixels());
                (0..lines).fold(at, |at, _| layout.step(at, way))
            }),
            (None, _) => 0,
        };
        let Some(id) = self
            .rows
            .with_untracked(|rows| rows.get(place).map(|item| item.id))
        else {
            return;
        };
        self.choose(id, How::of(shift, false));
        self.reveal(place);
    }

    /// What an action on this row is meant for: all that is chosen if the row
    /// is among it, else the row alone.
    pub fn meant(self, id: ItemId) -> Vec<ItemId> {
        let chosen = self.chosen.get_untracked();
        if chosen.contains(&id) {
            chosen.into_iter().collect()
        } else {
            vec![id]
        }
    }
}

/// A folder is gone into, a mount leads to what is shared, a file is shown over the list. For
/// a visitor, a file has a page.
pub fn open(commands: Commands, router: Router, item: &Item) {
    if let Some(mount) = item.mount {
        let drive = commands.drive();
        match untrack(|| drive.shares.mounted(mount)) {
            Some(grant) => router.go(Route::Shared(grant.item, InShared::Folder(None))),
            None => drive.notices.bad(say!(
                "“{name}” leads to nothing that is shared with you now",
                name = item.name
            )),
        }
    } else if item.is_folder() || untrack(|| router.is_visit()) {
        router.go(Route::Folder(Some(item.id)));
    } else {
        router.open_file(item.id);
    }
}
