//! The reading worker: takes one question after another, in order.

use super::{Field, ReadReply, ReadRequest, markdown, table, zip_list};
use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::{Array, Uint8Array};
use merge::Text;
use platform::browser::js;
use platform::worker::scope::{listen, post};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// The number of what the worker says unasked.
const UNASKED: u64 = 0;

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    let (sender, mut asked) = mpsc::unbounded();
    listen(move |message| {
        let _ = sender.unbounded_send(message);
    });
    say(UNASKED, &ReadReply::Ready, None);
    spawn_local(async move {
        while let Some(message) = asked.next().await {
            let number = js::get_number(&message, "number").unwrap_or_default() as u64;
            let answer = answer(&message).await;
            let (answer, bytes) = answer.unwrap_or((ReadReply::Unreadable, None));
            say(number, &answer, bytes);
        }
    });
}

fn say(number: u64, what: &ReadReply, bytes: Option<Vec<u8>>) {
    let text = serde_json::to_string(what).unwrap_or_default();
    let message = js::object(&[
        ("number", JsValue::from_f64(number as f64)),
        ("say", JsValue::from_str(&text)),
    ]);
    if let Some(bytes) = bytes {
        let bytes = Uint8Array::from(bytes.as_slice());
        let _ = js_sys::Reflect::set(&message, &JsValue::from_str("bytes"), &bytes);
    }
    post(&message, &Array::new());
}

async fn answer(message: &JsValue) -> Option<(ReadReply, Option<Vec<u8>>)> {
    let ask = serde_json::from_str(&js::get_text(message, "ask")?).ok()?;
    let blob: Blob = js::get(message, "bytes").dyn_into().ok()?;
    let buffer = js::outcome(blob.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    let answer = match ask {
        ReadRequest::Write { typed } => {
            return Some(match Text::decode(&bytes).ok()?.typed_over(&typed) {
                Ok(bytes) => (ReadReply::Written, Some(bytes)),
                Err(unwritten) => (ReadReply::Unwritten(unwritten), None),
            });
        }
        ReadRequest::Field => {
            let text = Text::decode(&bytes).ok()?;
            ReadReply::Field(Field {
                text: text.field(),
                encoding: text.encoding,
                has_mixed_ends: text.has_mixed_ends(),
            })
        }
        ReadRequest::Text { is_whole } => ReadReply::Text(text(&bytes, is_whole)?),
        ReadRequest::Markdown { is_whole } => {
            ReadReply::Markdown(markdown::read(&text(&bytes, is_whole)?))
        }
        ReadRequest::Table { is_whole, has_tabs } => {
            let text = text(&bytes, is_whole)?;
            ReadReply::Table(table::read(&text, has_tabs, is_whole))
        }
        ReadRequest::ZipEnd { size } => ReadReply::ZipEnd(zip_list::end(&bytes, size)?),
        ReadRequest::ZipEntries { directory } => {
            ReadReply::ZipEntries(zip_list::entries(&bytes, directory)?)
        }
    };
    Some((answer, None))
}

/// The text of the bytes, up to the last whole line if they are not the whole file.
fn text(bytes: &[u8], is_whole: bool) -> Option<String> {
    let text = Text::decode(if is_whole { bytes } else { whole_lines(bytes) }).ok()?;
    Some(text.lines.as_str().to_owned())
}

fn whole_lines(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|byte| *byte == b'\n');
    let ends = last.map_or(bytes.len(), |last| last + 1);
    // In a wide encoding, the other half of the line's end may follow.
    let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    match is_wide {
        true => &bytes[..ends.next_multiple_of(2).min(bytes.len())],
        false => &bytes[..ends],
    }
}
