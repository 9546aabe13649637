//! Keys of what belongs to one tab: `tab/id`, so that a tab's own are a range.

use idb::{Error, KeyRange};
use std::fmt::Display;
use wasm_bindgen::JsValue;

const SEPARATOR: char = '/';
/// The character after the separator.
const AFTER: char = '0';

pub fn key(tab: &str, id: impl Display) -> JsValue {
    JsValue::from_str(&format!("{tab}{SEPARATOR}{id}"))
}

/// Everything of one tab.
///
/// # Errors
/// None: the bounds are in order.
pub fn of_tab(tab: &str) -> Result<KeyRange, Error> {
    let bound = |end: char| JsValue::from_str(&format!("{tab}{end}"));
    KeyRange::bound(&bound(SEPARATOR), &bound(AFTER), None, Some(true))
}

/// The tab in a key.
pub fn tab(key: &JsValue) -> Option<String> {
    let text = key.as_string()?;
    let (tab, _) = text.rsplit_once(SEPARATOR)?;
    Some(tab.to_owned())
}
