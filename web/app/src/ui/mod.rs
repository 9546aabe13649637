//! Everything that is seen. A view reads [`Drive`](crate::state::Drive) and
//! calls [`commands`](crate::commands); it never fetches and never stores,
//! but for the choice of light or dark.

mod activity;
mod administration;
mod app;
mod around;
mod clock;
pub mod collate;
mod compared;
mod confirm;
mod conflicts;
mod damaged;
mod dialog;
mod dialog_foot;
mod dialogs;
mod dom;
mod door;
mod downloads;
mod drop_zone;
mod each;
mod ending;
mod files;
mod find;
mod first_sight;
mod icon;
mod keys_help;
mod menu;
mod news;
mod offline;
mod open_dialog;
mod openings;
pub mod part_views;
pub mod parts;
mod past;
mod progress_bar;
mod quiet_mark;
mod recovery_form;
mod refusal;
mod retention;
mod route;
mod search;
mod segmented;
mod sentence;
mod settings;
mod shares;
mod shell;
mod shown_once;
mod sign_in;
mod sign_out;
mod space;
mod speak;
mod star;
mod storage;
mod theme;
mod thumbnail;
mod toasts;
mod transfer;
mod trash;
mod typing;
mod uploads;
mod versions;
mod viewer;
mod virtual_list;
mod visit;
mod who;
mod work;

use crate::commands;
use crate::language;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Starts the app, below what the document shows until it is known whose page this is.
/// What is in parts of the page is begun by these functions.
pub fn mount(driver_parts: commands::DriverParts, view_parts: parts::ViewParts) {
    let Some(place) = document().get_element_by_id("app") else {
        return;
    };
    language::speak();
    let app = move || view! { <app::App driver_parts view_parts /> };
    mount_to(place.unchecked_into(), app).forget();
}
