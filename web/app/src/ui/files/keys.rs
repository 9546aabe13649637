//! The keyboard in the list of files.

use super::browse::Browse;
use super::choosing::{How, Step, open};
use super::clip::take_up;
use super::layout::Way;
use super::place::trash_or_ask;
use super::row::row_id;
use crate::commands::Commands;
use crate::state::marks::is_starred;
use crate::ui::dialogs::Dialogs;
use crate::ui::dom;
use crate::ui::route::Router;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::marks::Marks;
use protocol::unicode::case_folded;
use std::collections::BTreeSet;
use web_sys::KeyboardEvent;

/// Everything that a key may act upon.
#[derive(Clone, Copy)]
pub struct Keys {
    pub browse: Browse,
    pub commands: Commands,
    pub dialogs: Dialogs,
    pub router: Router,
}

impl Keys {
    pub fn pressed(self, event: &KeyboardEvent) {
        let taken = self.travel(event) || self.act(event);
        if taken {
            event.prevent_default();
        }
    }

    fn travel(self, event: &KeyboardEvent) -> bool {
        let tiles = self.browse.arrangement.with_untracked(|list| list.tiles);
        let step = match event.key().as_str() {
            "ArrowDown" => Step::To(Way::Down),
            "ArrowUp" => Step::To(Way::Up),
            "ArrowLeft" if tiles => Step::To(Way::Left),
            "ArrowRight" if tiles => Step::To(Way::Right),
            "PageDown" => Step::Page(Way::Down),
            "PageUp" => Step::Page(Way::Up),
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return false,
        };
        self.browse.step(step, event.shift_key());
        true
    }

    fn act(self, event: &KeyboardEvent) -> bool {
        // A button in a row has keys of its own.
        if dom::closest_to(event, "button, a").is_some() {
            return false;
        }
        let browse = self.browse;
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if is_command && !event.shift_key() && self.command(&dom::shortcut(event)) {
            return true;
        }
        match event.key().as_str() {
            "Escape" if browse.stop_renaming() => {}
            "Escape" if self.commands.drive().clip.with_untracked(Option::is_some) => {
                self.commands.put_down();
            }
            "Escape" => browse.chosen.set(BTreeSet::new()),
            "Enter" => self.at_active(|item| open(self.commands, self.router, &item)),
            "F2" => self.at_active(|item| {
                if self.commands.may_change(None) {
                    browse.start_renaming(item.id);
                }
            }),
            // What a file looks like; with the control key, and of a folder, its choice.
            " " => self.at_active(|item| match item.file.is_some() && !event.ctrl_key() {
                true => open(self.commands, self.router, &item),
                false => browse.choose(item.id, How::Toggle),
            }),
            "Delete" => {
                let meant = self.meant();
                if !meant.is_empty() && self.commands.may_change(None) {
                    let here = (self.commands.drive(), self.commands);
                    trash_or_ask(here, self.dialogs, meant);
                }
            }
            // Letters go to names.
            "*" => self.star(),
            "ContextMenu" => self.at_active(|item| self.open_menu(item)),
            "F10" if event.shift_key() => self.at_active(|item| self.open_menu(item)),
            _ => return self.jump(event),
        }
        true
    }

    /// What a key does with Ctrl.
    fn command(self, key: &str) -> bool {
        match key {
            "a" => self.browse.choose_all(),
            "x" => self.take_up(true),
            "c" => self.take_up(false),
            _ => return false,
        }
        true
    }

    fn at_active(self, act: impl FnOnce(Item)) {
        let active = self.browse.active.get_untracked();
        if let Some(item) = active.and_then(|id| self.browse.item(id)) {
            act(item);
        }
    }

    /// What is chosen, or else the active row. That one may be gone from here.
    fn meant(self) -> Vec<ItemId> {
        let browse = self.browse;
        let active = browse.active.get_untracked();
        match active.filter(|id| browse.item(*id).is_some()) {
            Some(id) => browse.meant(id),
            None => browse.chosen.get_untracked().into_iter().collect(),
        }
    }

    /// Cuts or copies that.
    fn take_up(self, cut: bool) {
        take_up(self.commands, self.meant(), cut);
    }

    /// Gives what is meant a star, or takes it away where all of it has one.
    fn star(self) {
        let (meant, drive) = (self.meant(), self.commands.drive());
        if !untrack(|| drive.is_visited()) {
            let lacks = |marks: &Marks| !meant.iter().all(|id| is_starred(marks, *id));
            let on = drive.marks.with_untracked(lacks);
            self.commands.star(meant, on);
        }
    }

    fn open_menu(self, item: Item) {
        let row = document().get_element_by_id(&row_id(item.id));
        if let Some(button) = row.and_then(|row| row.query_selector(".row-menu").ok().flatten()) {
            self.browse.menu_item.set(Some(item));
            self.browse.menu.open_beside(&button);
            self.browse.menu_ends_in_list();
        }
    }

    /// A letter goes to the next name that starts with it.
    fn jump(self, event: &KeyboardEvent) -> bool {
        let pressed = event.key();
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if !plain || pressed.chars().count() != 1 {
            return false;
        }
        let key = case_folded(&pressed);
        let browse = self.browse;
        let at = browse
            .active
            .get_untracked()
            .and_then(|id| browse.place_of(id));
        let found = browse.rows.with_untracked(|rows| {
            let start = at.map_or(0, |at| at + 1);
            let mut places = (start..rows.len()).chain(0..start.min(rows.len()));
            places
                .find(|&place| rows[place].name.key().starts_with(&key))
                .map(|place| (place, rows[place].id))
        });
        if let Some((place, id)) = found {
            browse.choose(id, How::Only);
            browse.reveal(place);
        }
        found.is_some()
    }
}
