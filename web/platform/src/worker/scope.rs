//! The page, as the worker sees it: who asks, and is answered.

use js_sys::Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Takes each message of the page, for as long as the worker lives.
pub fn listen(mut take: impl FnMut(JsValue) + 'static) {
    let take = move |event: MessageEvent| take(event.data());
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(take);
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

/// Says something; buffers in `lent` go to the page.
pub fn post(message: &JsValue, lent: &Array) {
    // Fails for what can't be cloned and for a buffer that was transferred already:
    // workers send numbers, text and new buffers.
    let _ = scope().post_message_with_transfer(message, lent);
}
