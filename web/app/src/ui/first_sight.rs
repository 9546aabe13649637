//! What the document shows before this module is here: `web/index.html` and
//! `static/first-sight.js`. It stays until the page knows what to show in its place, and
//! what somebody has typed and pressed there goes on here.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

const FIELDS: [&str; 2] = ["[name=username]", "[name=password]"];
/// What was pressed, in the document's root.
const PRESS: &str = "data-press";

/// What was done at the way in.
#[derive(Default)]
pub struct AtDoor {
    pub name: String,
    pub password: String,
    /// The field that has the keyboard.
    focused: Option<&'static str>,
    /// "enter", "sign-up", "forgot", or several.
    press: Option<String>,
}

impl AtDoor {
    /// What the document has of it. It has it once.
    pub fn take() -> Self {
        let Some(shown) = document().get_element_by_id("first-sight") else {
            return Self::default();
        };
        let [name, password] = FIELDS.map(|field| input(&shown, field));
        let active = document().active_element();
        let mut fields = FIELDS.into_iter().zip([&name, &password]);
        let focused = fields.find(|(_, input)| match (input, &active) {
            (Some(input), Some(active)) => input.is_same_node(Some(active)),
            _ => false,
        });
        let root = document().document_element();
        let press = root.as_ref().and_then(|root| root.get_attribute(PRESS));
        if let Some(root) = root {
            let _ = root.remove_attribute(PRESS);
        }
        let typed = |input: &Option<HtmlInputElement>| {
            let value = input.as_ref().map(HtmlInputElement::value);
            value.unwrap_or_default()
        };
        Self {
            name: typed(&name),
            password: typed(&password),
            focused: focused.map(|(field, _)| field),
            press,
        }
    }

    pub fn pressed(&self, what: &str) -> bool {
        let presses = self.press.as_deref().unwrap_or_default();
        presses.split(' ').any(|press| press == what)
    }

    /// Gives the keyboard to the field of this form that stands for the one that had it.
    pub fn focus_in(&self, form: &Element) {
        let field = self.focused.and_then(|field| input(form, field));
        if let Some(field) = field {
            let end = field.value().encode_utf16().count();
            let end = u32::try_from(end).unwrap_or_default();
            let _ = field.focus();
            let _ = field.set_selection_range(end, end);
        }
    }
}

fn input(parent: &Element, field: &str) -> Option<HtmlInputElement> {
    parent.query_selector(field).ok()??.dyn_into().ok()
}

/// The page is shown, and nothing in its place.
pub fn end() {
    if let Some(shown) = document().get_element_by_id("first-sight") {
        shown.unchecked_into::<HtmlElement>().remove();
    }
}
