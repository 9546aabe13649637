//! Web locks: one holder at a time, and freed with it.

use platform::browser::locks;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_lock_has_one_holder_and_the_next_after_it() {
    let name = format!("test-{}", js_sys::Math::random());
    let held = locks::take(&name).await;
    assert!(locks::held().await.contains(&name));
    assert!(locks::take_within(&name, 50).await.is_none());
    drop(held);
    let next = locks::take_within(&name, 2_000).await;
    assert!(next.is_some());
    // Whoever gave up waiting holds nothing.
    drop(next);
    assert!(locks::take_within(&name, 2_000).await.is_some());
}
