//! The order of texts in the person's language, as the browser knows it: `2` comes
//! before `10`, `Ä` beside `A`, and a difference in case or accent decides only
//! where nothing else does.

use super::js;
use js_sys::{Array, Function, JsString, Reflect};
use std::cmp::Ordering;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// An `Intl.Collator`, or whatever else compares texts.
    type Native;
    #[wasm_bindgen(method)]
    fn compare(this: &Native, one: &JsString, other: &JsString) -> f64;
}

pub struct Collator(Native);

impl Collator {
    /// Of the languages that the person has told their browser.
    pub fn new() -> Self {
        let global = js_sys::global();
        let languages = js::get(&js::get(&global, "navigator"), "languages");
        let options = js::object(&[("numeric", JsValue::TRUE)]);
        let maker: Option<Function> = js::get(&js::get(&global, "Intl"), "Collator")
            .dyn_into()
            .ok();
        let make = |languages: &JsValue| {
            let arguments = Array::of2(languages, &options);
            Reflect::construct(maker.as_ref()?, &arguments).ok()
        };
        // A browser may name a language that it can't read.
        let native = make(&languages).or_else(|| make(&JsValue::UNDEFINED));
        Self(native.unwrap_or_default().unchecked_into())
    }

    pub fn compare(&self, one: &JsString, other: &JsString) -> Ordering {
        self.0.compare(one, other).total_cmp(&0.0)
    }
}

impl Default for Collator {
    fn default() -> Self {
        Self::new()
    }
}
