//! Everything that is seen. A view reads [`Drive`](crate::state::Drive) and
//! calls [`commands`](crate::commands); it never fetches and never stores,
//! but for the choice of light or dark.

mod app;
mod clock;
pub mod collate;
mod confirm;
mod conflicts;
mod damaged;
mod devices;
mod dialog;
mod dialogs;
mod dom;
mod door;
mod downloads;
mod each;
mod files;
pub mod format;
mod icon;
mod menu;
pub mod parts;
mod route;
mod segmented;
mod sentence;
mod shell;
mod sign_in;
mod space;
mod theme;
mod toasts;
mod trash;
mod uploads;
mod virtual_list;
mod work;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Puts the app in place of the loading skeleton.
pub fn mount() {
    let Some(place) = document().get_element_by_id("app") else {
        return;
    };
    place.set_text_content(None);
    mount_to(place.unchecked_into(), app::App).forget();
}
