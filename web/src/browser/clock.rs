//! Time, as the browser tells it.

use gloo_timers::future::TimeoutFuture;
use shared::ids::UnixMillis;

/// Now.
pub fn now_ms() -> UnixMillis {
    js_sys::Date::now() as UnixMillis
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

pub async fn sleep(millis: u64) {
    TimeoutFuture::new(u32::try_from(millis).unwrap_or(u32::MAX)).await;
}

/// Lets the page draw and answer before going on with long work.
pub async fn breathe() {
    TimeoutFuture::new(0).await;
}
