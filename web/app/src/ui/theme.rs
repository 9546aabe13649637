//! Light, dark, or as the system has it. `static/theme.js` applies the stored
//! choice before the first paint.

use super::dom;
use leptos::prelude::*;

const KEY: &str = "theme";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Shade>);

impl Theme {
    pub fn start() -> Self {
        let stored = dom::storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let shade = match stored.as_deref() {
            Some("light") => Shade::Light,
            Some("dark") => Shade::Dark,
            _ => Shade::System,
        };
        let chosen = RwSignal::new(shade);
        Effect::new(move |before: Option<()>| {
            let shade = chosen.get();
            if before.is_some() {
                show(shade);
            }
        });
        Self(chosen)
    }

    /// What is chosen, to be chosen anew.
    pub fn chosen(self) -> RwSignal<Shade> {
        self.0
    }
}

fn show(shade: Shade) {
    let name = match shade {
        Shade::System => None,
        Shade::Light => Some("light"),
        Shade::Dark => Some("dark"),
    };
    let storage = dom::storage();
    let root = document().document_element();
    // A choice that can't be kept still holds until the page is closed.
    match name {
        Some(name) => {
            root.map(|root| root.set_attribute("data-theme", name));
            storage.map(|storage| storage.set_item(KEY, name));
        }
        None => {
            root.map(|root| root.remove_attribute("data-theme"));
            storage.map(|storage| storage.remove_item(KEY));
        }
    }
}
