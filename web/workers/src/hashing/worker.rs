//! The hashing worker: takes one message after another. They are plain objects,
//! because a `File` and a buffer travel by reference in them.
//!
//! | to the worker | |
//! | --- | --- |
//! | `{job, file, from, to, sizeClass}` | hash these bytes of this file, as a segment |
//! | `{cancel: job}` | stop |
//!
//! | from the worker | |
//! | --- | --- |
//! | `{ready: true}` | the module has been compiled; what is sent earlier is lost |
//! | `{job, hashedBytes}` | progress, now and then |
//! | `{job, blocks: Uint8Array}` | done; a [packed list](platform::packed), transferred |
//! | `{job, unreadable: text}` | the file can't be read any more |

use super::read::{GoOn, NotHashed, hash_segment};
use blocks::chunk::SizeClass;
use js_sys::{Array, Uint8Array};
use platform::browser::{clock, js};
use platform::worker::scope::{listen, post};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// Progress is told at most this often, in milliseconds.
const REPORT_MILLIS: u64 = 50;

/// Jobs that are not wanted any more but still run.
type Cancelled = Rc<RefCell<HashSet<u64>>>;

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    let cancelled = Cancelled::default();
    listen(move |message| take(&cancelled, &message));
    say(&[("ready", JsValue::TRUE)]);
}

fn take(cancelled: &Cancelled, message: &JsValue) {
    if let Some(job) = js::get_number(message, "cancel") {
        cancelled.borrow_mut().insert(job as u64);
        return;
    }
    let number = |name| js::get_number(message, name);
    let class = number("sizeClass").and_then(|class| SizeClass::try_from(class as u8).ok());
    let (Some(job), Some(from), Some(to), Some(class)) =
        (number("job"), number("from"), number("to"), class)
    else {
        return;
    };
    let segment = from as u64..to as u64;
    let Ok(file) = js::get(message, "file").dyn_into::<Blob>() else {
        return;
    };
    let cancelled = cancelled.clone();
    spawn_local(async move {
        hash(&cancelled, job as u64, &file, segment, class).await;
        cancelled.borrow_mut().remove(&(job as u64));
    });
}

async fn hash(cancelled: &Cancelled, job: u64, file: &Blob, segment: Range<u64>, class: SizeClass) {
    let number = JsValue::from_f64(job as f64);
    let mut reported_at = clock::running_ms();
    let progress = |hashed: u64| {
        if cancelled.borrow().contains(&job) {
            return GoOn::No;
        }
        let now = clock::running_ms();
        if now.saturating_sub(reported_at) >= REPORT_MILLIS {
            reported_at = now;
            let hashed = JsValue::from_f64(hashed as f64);
            say(&[("job", number.clone()), ("hashedBytes", hashed)]);
        }
        GoOn::Yes
    };
    match hash_segment(file, segment, class, progress).await {
        Ok(packed) => {
            let blocks = Uint8Array::from(packed.as_slice());
            let message = js::object(&[("job", number), ("blocks", blocks.clone().into())]);
            post(&message, &Array::of1(&blocks.buffer()));
        }
        Err(NotHashed::Cancelled) => {}
        Err(NotHashed::Unreadable(error)) => {
            let text = JsValue::from_str(&js::error_text(&error));
            say(&[("job", number), ("unreadable", text)]);
        }
    }
}

fn say(properties: &[(&str, JsValue)]) {
    post(&js::object(properties), &Array::new());
}
