//! The worker: takes one question after another, in order, about one file.

use super::book::Book;
use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::{Array, Uint8Array};
use platform::browser::js;
use platform::worker::scope::{listen, post};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use workers::sheets::{SheetsReply, SheetsRequest};

/// The number of what the worker says unasked.
const UNASKED: u64 = 0;

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    let (sender, mut asked) = mpsc::unbounded();
    listen(move |message| {
        let _ = sender.unbounded_send(message);
    });
    say(UNASKED, &SheetsReply::Ready);
    spawn_local(async move {
        let mut book = None;
        while let Some(message) = asked.next().await {
            let number = js::get_number(&message, "number").unwrap_or_default() as u64;
            let answer = answer(&mut book, &message).await;
            say(number, &answer.unwrap_or(SheetsReply::Unreadable));
        }
    });
}

fn say(number: u64, what: &SheetsReply) {
    let text = serde_json::to_string(what).unwrap_or_default();
    let message = js::object(&[
        ("number", JsValue::from_f64(number as f64)),
        ("say", JsValue::from_str(&text)),
    ]);
    post(&message, &Array::new());
}

async fn answer(book: &mut Option<Book>, message: &JsValue) -> Option<SheetsReply> {
    let ask = serde_json::from_str(&js::get_text(message, "ask")?).ok()?;
    match ask {
        SheetsRequest::Open => {
            let blob: Blob = js::get(message, "bytes").dyn_into().ok()?;
            let buffer = js::outcome(blob.array_buffer()).await.ok()?;
            let opened = Book::open(Uint8Array::new(&buffer).to_vec())?;
            let (names, all) = (opened.names.clone(), opened.all);
            *book = Some(opened);
            Some(SheetsReply::Opened { names, all })
        }
        SheetsRequest::Sheet(nth) => Some(SheetsReply::Sheet(book.as_mut()?.sheet(nth)?)),
    }
}
