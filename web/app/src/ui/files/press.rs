//! What the mouse or a finger does to a row.

use super::browse::{Browse, use_browse};
use super::choosing::{How, open};
use crate::commands::{Commands, use_commands};
use crate::ui::dom;
use crate::ui::drop_zone::{Drops, use_drops};
use crate::ui::route::{Router, use_router};
use leptos::ev;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::paths;

#[derive(Clone, Copy)]
pub struct Press {
    item: StoredValue<Item>,
    browse: Browse,
    drops: Drops,
    commands: Commands,
    router: Router,
}

impl Press {
    pub fn new(item: Item) -> Self {
        Self {
            item: StoredValue::new(item),
            browse: use_browse(),
            drops: use_drops(),
            commands: use_commands(),
            router: use_router(),
        }
    }

    fn id(self) -> ItemId {
        self.item.with_value(|item| item.id)
    }

    pub fn click(self, event: &ev::MouseEvent) {
        if dom::closest_to(event, "button, .row-icon, .row-naming").is_some() {
            return;
        }
        let choosing = self
            .browse
            .chosen
            .with_untracked(|chosen| !chosen.is_empty());
        match (dom::is_touch(event), choosing) {
            (true, true) => self.browse.choose(self.id(), How::Toggle),
            (true, false) => self.open(),
            (false, _) => {
                let how = How::of(event.shift_key(), event.ctrl_key() || event.meta_key());
                self.browse.choose(self.id(), how);
                if how == How::Only && self.is_opened_by_name(event) {
                    self.open();
                }
            }
        }
    }

    /// The name of a file leads to it as a link does, but for a visitor, for whom a page
    /// would stand where the second press of two goes.
    fn is_opened_by_name(self, event: &ev::MouseEvent) -> bool {
        let is_file = self.item.with_value(|item| item.file.is_some());
        is_file
            && !untrack(|| self.router.is_visit())
            && dom::closest_to(event, ".row-name").is_some()
    }

    fn open(self) {
        self.item
            .with_value(|item| open(self.commands, self.router, item));
    }

    pub fn toggle(self, event: &ev::MouseEvent) {
        let how = if event.shift_key() {
            How::Range
        } else {
            How::Toggle
        };
        self.browse.choose(self.id(), how);
    }

    pub fn double(self, event: &ev::MouseEvent) {
        let elsewhere = dom::closest_to(event, "button, .row-icon, .row-naming").is_some();
        if !elsewhere && !dom::is_touch(event) {
            self.open();
        }
    }

    pub fn menu_at_pointer(self, event: &ev::MouseEvent) {
        event.prevent_default();
        let id = self.id();
        if self
            .browse
            .chosen
            .with_untracked(|chosen| !chosen.contains(&id))
        {
            self.browse.choose(id, How::Only);
        }
        self.browse.menu_item.set(Some(self.item.get_value()));
        self.browse
            .menu
            .open_at(event.client_x().into(), event.client_y().into());
    }

    pub fn menu_at_button(self, event: &ev::MouseEvent) {
        let id = self.id();
        let menu = self.browse.menu;
        let same = self
            .browse
            .menu_item
            .with_untracked(|item| item.as_ref().is_some_and(|item| item.id == id));
        if menu.is_open() && same {
            return menu.close();
        }
        if let Some(button) = dom::closest_to(event, "button") {
            self.browse.menu_item.set(Some(self.item.get_value()));
            self.browse.active.set(Some(id));
            menu.open_beside(&button);
            self.browse.menu_ends_in_list();
        }
    }

    /// Where Chromium takes a file that is dragged out of the window from: its type, its name
    /// and its address. It is for one file, and for one that the server has.
    fn address_out_of_window(self) -> Option<String> {
        let [only] = self.browse.meant(self.id())[..] else {
            return None;
        };
        let item = self.browse.item(only)?;
        let version = item.file.as_ref()?.version;
        let origin = window().location().origin().ok().filter(|_| version > 0)?;
        let path = paths::content_named(item.id, version, &item.name);
        // A colon ends the name.
        let name = item.name.to_string().replace(':', "_");
        let address = self.commands.address(&path);
        Some(format!("application/octet-stream:{name}:{origin}{address}"))
    }

    pub fn drag(self, event: &ev::DragEvent) {
        if self.browse.draws_band.get_value() {
            return event.prevent_default();
        }
        let id = self.id();
        if self
            .browse
            .chosen
            .with_untracked(|chosen| !chosen.contains(&id))
        {
            self.browse.choose(id, How::Only);
        }
        if let Some(transfer) = event.data_transfer() {
            let out = self.address_out_of_window();
            transfer.set_effect_allowed(if out.is_some() { "copyMove" } else { "move" });
            if let Some(out) = out {
                let _ = transfer.set_data("DownloadURL", &out);
            }
            // Firefox drags nothing that holds no data.
            let _ = transfer.set_data(
                "text/plain",
                &self.item.with_value(|item| item.name.to_string()),
            );
        }
        self.drops.moving.set(self.browse.meant(id));
    }
}
