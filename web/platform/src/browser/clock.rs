//! Time, as the browser tells it.

use super::js;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise};
use protocol::ids::UnixMillis;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Now. A person or the system may set this clock at any time, back too: it is
/// for what is shown or sent, and how long something took is told by
/// [`running_ms`].
pub fn now_ms() -> UnixMillis {
    js_sys::Date::now() as UnixMillis
}

/// Since this page or worker began. Never runs back.
pub fn running_ms() -> u64 {
    performance_now() as u64
}

/// Today where this browser is: `2026-11-23`.
pub fn local_date() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{:04}-{:02}-{:02}",
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date()
    )
}

/// A browser's timer runs for less than 25 days: what is longer ends then.
pub async fn sleep(millis: u64) {
    TimeoutFuture::new(millis.min(i32::MAX as u64) as u32).await;
}

/// Lets the page draw and answer before going on with long work.
pub async fn breathe() {
    // A timer that others have set in turn waits 4 ms, which a large drop does many hundred
    // times. Where a browser has no such tasks, it is the timer.
    let scheduler = js::get(&js_sys::global(), "scheduler");
    let mut post = |resolve: Function, reject: Function| {
        if let Err(error) = js::call(&scheduler, "postTask", &Array::of1(&resolve)) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    };
    if scheduler.is_undefined() || js::outcome(Promise::new(&mut post)).await.is_err() {
        TimeoutFuture::new(0).await;
    }
}
