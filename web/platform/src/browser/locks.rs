//! Web locks: one holder in all tabs of a browser, and freed when its tab is
//! gone, however that came.

use super::{clock, js};
use client::bell::Latch;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::Array;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::AbortController;

/// A lock that is held until this is dropped.
pub struct HeldLock(Latch);

impl HeldLock {
    /// Holds it for as long as the page lives.
    pub fn forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// Whether this browser and this page have locks at all.
pub fn exist() -> bool {
    manager().is_some()
}

/// Waits for a lock. Dropping the future takes it out of the queue. Never ends
/// where there are no locks.
pub async fn take(name: &str) -> HeldLock {
    let (granted, waiting) = oneshot::channel();
    let mut queued = Queued::ask(name, granted);
    if waiting.await.is_err() {
        std::future::pending::<()>().await;
    }
    queued.is_held = true;
    HeldLock(queued.release.clone())
}

/// The lock, if it is free within this many milliseconds.
pub async fn take_within(name: &str, millis: u64) -> Option<HeldLock> {
    match select(pin!(take(name)), pin!(clock::sleep(millis))).await {
        Either::Left((held, _)) => Some(held),
        Either::Right(_) => None,
    }
}

/// The names of all locks that somebody holds.
pub async fn held() -> Vec<String> {
    let Some(manager) = manager() else {
        return Vec::new();
    };
    let Ok(promise) = js::call(&manager, "query", &Array::new()) else {
        return Vec::new();
    };
    let state = js::outcome(promise).await.unwrap_or_default();
    let held = Array::from(&js::get(&state, "held"));
    held.iter()
        .filter_map(|lock| js::get_text(&lock, "name"))
        .collect()
}

/// A place in a lock's queue, given up on drop unless somebody holds the lock
/// by then.
struct Queued {
    abort: Option<AbortController>,
    release: Latch,
    is_held: bool,
}

impl Queued {
    fn ask(name: &str, granted: oneshot::Sender<()>) -> Self {
        let abort = AbortController::new().ok();
        let release = Latch::default();
        if let (Some(manager), Some(abort)) = (manager(), &abort) {
            let granted = Rc::new(RefCell::new(Some(granted)));
            let turn = {
                let release = release.clone();
                Closure::once_into_js(move || {
                    if let Some(granted) = granted.borrow_mut().take() {
                        let _ = granted.send(());
                    }
                    future_to_promise(async move {
                        release.wait().await;
                        Ok(JsValue::UNDEFINED)
                    })
                })
            };
            let options = js::object(&[("signal", abort.signal().into())]);
            let arguments = Array::of3(&JsValue::from_str(name), &options, &turn);
            if let Ok(request) = js::call(&manager, "request", &arguments) {
                spawn_local(async move {
                    // Ends with the lock, or as aborted.
                    let _ = js::outcome(request).await;
                });
            }
        }
        Self {
            abort,
            release,
            is_held: false,
        }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        if self.is_held {
            return;
        }
        self.release.set();
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

fn manager() -> Option<JsValue> {
    let locks = js::get(&web_sys::window()?.navigator(), "locks");
    locks.is_object().then_some(locks)
}
