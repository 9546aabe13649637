//! Words for whoever looks for a fault.

use wasm_bindgen::JsValue;

/// Nothing that a person has to know.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(text));
}
