//! Keys, as text. What the server said of an item is under its id. What belongs to one tab
//! is under `tab/id`, so that a tab's own are a range. What is shared with the person and
//! is not of their own drive has `~root/` before that: one more range for each root, after
//! all that is of the drive.

use idb::{Error, KeyRange};
use protocol::ids::ItemId;
use std::fmt::Display;
use wasm_bindgen::JsValue;

const SEPARATOR: char = '/';
/// The character after the separator.
const AFTER: char = '0';
/// Comes after all that ids and the names of tabs and texts are made of.
const SHARED: char = '~';

/// Whose the keys are: the person's own drive, or something that is shared with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootKey(pub Option<ItemId>);

impl RootKey {
    fn prefix(self) -> String {
        self.0
            .map_or_else(String::new, |root| format!("{SHARED}{root}{SEPARATOR}"))
    }

    pub fn key(self, id: impl Display) -> JsValue {
        JsValue::from_str(&format!("{}{id}", self.prefix()))
    }

    /// Of what is one tab's own.
    pub fn own(self, tab: &str, id: impl Display) -> JsValue {
        self.key(format_args!("{tab}{SEPARATOR}{id}"))
    }

    /// Everything.
    ///
    /// # Errors
    /// None: the bounds are in order.
    pub fn all(self) -> Result<KeyRange, Error> {
        match self.0 {
            None => KeyRange::upper_bound(&JsValue::from_str(&SHARED.to_string()), Some(true)),
            Some(root) => between(&format!("{SHARED}{root}")),
        }
    }

    /// From one item to another.
    ///
    /// # Errors
    /// None if they are in order, as keys are in the order of ids.
    pub fn between(self, first: ItemId, last: ItemId) -> Result<KeyRange, Error> {
        KeyRange::bound(&self.key(first), &self.key(last), None, None)
    }

    /// What comes after a key of this root.
    ///
    /// # Errors
    /// None: the bounds are in order.
    pub fn after(self, key: &JsValue) -> Result<KeyRange, Error> {
        let end = match self.0 {
            None => SHARED.to_string(),
            Some(root) => format!("{SHARED}{root}{AFTER}"),
        };
        KeyRange::bound(key, &JsValue::from_str(&end), Some(true), Some(true))
    }

    /// Everything of one tab.
    ///
    /// # Errors
    /// None: the bounds are in order.
    pub fn of_tab(self, tab: &str) -> Result<KeyRange, Error> {
        between(&format!("{}{tab}", self.prefix()))
    }
}

/// Everything of all roots but the person's own drive.
///
/// # Errors
/// None.
pub fn all_shared() -> Result<KeyRange, Error> {
    KeyRange::lower_bound(&JsValue::from_str(&SHARED.to_string()), None)
}

const TYPED: &str = "typed";
const HANDED_IN: &str = "handed-in";

/// Of a text that was typed over a file. It is no root's: what ends with a session, or with
/// what the server says of a root, leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKey {
    Typed(ItemId),
    HandedIn(ItemId),
}

impl TextKey {
    pub fn key(self) -> JsValue {
        let (kind, item) = match self {
            Self::Typed(item) => (TYPED, item),
            Self::HandedIn(item) => (HANDED_IN, item),
        };
        JsValue::from_str(&format!("{kind}{SEPARATOR}{item}"))
    }
}

/// All texts that were typed and not saved.
///
/// # Errors
/// None: the bounds are in order.
pub fn typed_texts() -> Result<KeyRange, Error> {
    between(TYPED)
}

const OFFLINE: &str = "offline";

/// Of what is kept offline: which items a person has chosen, and each file that is here. Like
/// the texts it is no root's, but it goes with the session.
pub fn offline(what: impl Display) -> JsValue {
    JsValue::from_str(&format!("{OFFLINE}{SEPARATOR}{what}"))
}

/// All of that.
///
/// # Errors
/// None: the bounds are in order.
pub fn all_offline() -> Result<KeyRange, Error> {
    between(OFFLINE)
}

/// The tab in a key.
pub fn tab(key: &JsValue) -> Option<String> {
    let text = key.as_string()?;
    let own = match text.strip_prefix(SHARED) {
        Some(shared) => shared.split_once(SEPARATOR)?.1,
        None => &text,
    };
    let (tab, _) = own.rsplit_once(SEPARATOR)?;
    Some(tab.to_owned())
}

/// The item in a key of what is one tab's own.
pub fn item(key: &JsValue) -> Option<ItemId> {
    key.as_string()?.rsplit(SEPARATOR).next()?.parse().ok()
}

/// The root in a key, if it is not the person's own drive.
pub fn root(key: &JsValue) -> Option<ItemId> {
    let text = key.as_string()?;
    let (root, _) = text.strip_prefix(SHARED)?.split_once(SEPARATOR)?;
    root.parse().ok()
}

/// All that begins with this and the separator.
fn between(start: &str) -> Result<KeyRange, Error> {
    let bound = |end: char| JsValue::from_str(&format!("{start}{end}"));
    KeyRange::bound(&bound(SEPARATOR), &bound(AFTER), None, Some(true))
}
