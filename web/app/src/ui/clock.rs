//! "Now", for words such as "2 minutes ago".

use leptos::prelude::*;
use std::time::Duration;

const TICK: Duration = Duration::from_secs(20);

/// Milliseconds since 1970, refreshed a few times a minute.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<u64>);

impl Clock {
    pub fn start() -> Self {
        let now = RwSignal::new(now_ms());
        // Runs as long as the page does.
        let _ = set_interval_with_handle(move || now.set(now_ms()), TICK);
        Self(now)
    }

    pub fn now_ms(self) -> u64 {
        // A change that arrived since the last tick is not in the future.
        self.0.track();
        now_ms()
    }
}

fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

pub fn use_clock() -> Clock {
    expect_context()
}
