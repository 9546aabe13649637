//! What the browser throws, as a failure of the client.

use crate::browser::js;
use wasm_bindgen::JsValue;

pub use client::Failure;

/// The browser refused something: storage, a worker.
pub fn refused(why: impl Into<String>) -> Failure {
    Failure::Device(format!("The browser refused: {}", why.into()))
}

/// What the browser threw.
pub fn thrown(error: &JsValue) -> Failure {
    refused(js::error_text(error))
}
