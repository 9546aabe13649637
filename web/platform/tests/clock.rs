//! Breathing, in a real browser.

use platform::browser::clock;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const TIMES: usize = 100;

#[wasm_bindgen_test]
async fn whoever_breathes_lets_a_timer_go_on() {
    let rang = Rc::new(Cell::new(false));
    let ring = rang.clone();
    spawn_local(async move {
        clock::sleep(5).await;
        ring.set(true);
    });
    let since = clock::running_ms();
    while !rang.get() {
        assert!(
            clock::running_ms() < since + 10_000,
            "nobody else had the thread"
        );
        clock::breathe().await;
    }
}

#[wasm_bindgen_test]
async fn many_breaths_do_not_wait_for_timers() {
    let since = clock::running_ms();
    for _ in 0..TIMES {
        clock::sleep(0).await;
    }
    let timers = clock::running_ms() - since;
    let since = clock::running_ms();
    for _ in 0..TIMES {
        clock::breathe().await;
    }
    let breaths = clock::running_ms() - since;
    assert!(breaths < timers / 2, "{breaths} ms, and timers {timers} ms");
}
