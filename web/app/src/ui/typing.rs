//! What is typed into the field of the search, which is there before what finds anything.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

#[derive(Clone, Copy)]
pub struct Typing {
    pub text: RwSignal<String>,
    /// The element id of the option that Enter takes, once there are options.
    pub active: RwSignal<Option<String>>,
    /// What takes the keys of the field, once it is here.
    pub keys: StoredValue<Option<Callback<KeyboardEvent>>>,
    /// Whether there is a list of options.
    pub is_listed: RwSignal<bool>,
    /// Whether Enter was pressed before there was one.
    pub is_entered: StoredValue<bool>,
}

impl Typing {
    pub fn new(text: String) -> Self {
        Self {
            text: RwSignal::new(text),
            active: RwSignal::new(None),
            keys: StoredValue::new(None),
            is_listed: RwSignal::new(false),
            is_entered: StoredValue::new(false),
        }
    }
}

/// The element that lists what is found.
pub const LIST_ID: &str = "found";
