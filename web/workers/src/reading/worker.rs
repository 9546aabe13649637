//! The reading worker: takes one question after another, in order.

use super::unpack::{MAX_MANIFEST_BYTES, NoExport, Unpacked, manifest, unpacked, wanted};
use super::zip_files::{LOCAL_HEADER_BYTES, MAX_LIST_BYTES, bytes_begin, listed};
use super::{Field, ReadReply, ReadRequest, markdown, table, zip_list};
use crate::archive::manifest::MANIFEST_PATH;
use crc32fast::Hasher;
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
    match ask {
        ReadRequest::Unpack => {
            return Some(match unpack(&blob).await {
                Ok(unpacked) => (ReadReply::Unpacked(unpacked), None),
                Err(why) => (ReadReply::NoExport(why), None),
            });
        }
        ReadRequest::Checksum => {
            let sum = checksum(&blob).await?;
            return Some((ReadReply::Checksum(sum), None));
        }
        _ => {}
    }
    let bytes = part(&blob, 0, blob.size() as u64).await?;
    let answer = match ask {
        ReadRequest::Unpack | ReadRequest::Checksum => return None,
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

/// So many bytes of a file are in memory at a time.
const PIECE_BYTES: u64 = 1 << 20;

/// Some bytes of a file; `None` if it can't be read any more, or is shorter.
async fn part(blob: &Blob, from: u64, to: u64) -> Option<Vec<u8>> {
    let slice = blob.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let buffer = js::outcome(slice.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    (bytes.len() as u64 == to.saturating_sub(from)).then_some(bytes)
}

async fn checksum(blob: &Blob) -> Option<u32> {
    let (mut crc, mut at, size) = (Hasher::new(), 0, blob.size() as u64);
    while at < size {
        let end = (at + PIECE_BYTES).min(size);
        crc.update(&part(blob, at, end).await?);
        at = end;
    }
    Some(crc.finalize())
}

/// Reads the zip's list, what the export says of itself, and the header before each file.
async fn unpack(zip: &Blob) -> Result<Unpacked, NoExport> {
    let size = zip.size() as u64;
    let tail = part(zip, size.saturating_sub(zip_list::END_BYTES), size).await;
    let tail = tail.ok_or(NoExport::NoZip)?;
    let directory = zip_list::end(&tail, size).ok_or(NoExport::NoZip)?;
    if directory.bytes > MAX_LIST_BYTES {
        return Err(NoExport::TooMany);
    }
    let ends_at = directory.start;
    let list = part(zip, ends_at, ends_at + directory.bytes).await;
    let list = list.and_then(|list| listed(&list, directory));
    let list = list.ok_or(NoExport::NoZip)?;
    let about = list.iter().find(|file| file.path == MANIFEST_PATH);
    let about = about.ok_or(NoExport::NoManifest)?;
    let is_plain = about.is_stored && !about.is_encrypted && about.packed_size == about.size;
    let start = bytes_at(zip, about.header_at).await;
    let (true, Some(start)) = (is_plain && about.size <= MAX_MANIFEST_BYTES, start) else {
        return Err(NoExport::NoManifest);
    };
    let text = part(zip, start, start.saturating_add(about.size)).await;
    let mut about = manifest(&text.ok_or(NoExport::NoZip)?)?;
    let mut left = Vec::new();
    let files = std::mem::take(&mut about.files);
    let mut found = Vec::new();
    for wanted in wanted(files, list, &mut left) {
        let start = bytes_at(zip, wanted.listed.header_at).await;
        found.push((wanted, start));
    }
    Ok(unpacked(about, found, ends_at, left))
}

/// Where the bytes begin behind the header that is to stand here.
async fn bytes_at(zip: &Blob, header_at: u64) -> Option<u64> {
    let end = header_at.checked_add(LOCAL_HEADER_BYTES)?;
    bytes_begin(&part(zip, header_at, end).await?, header_at)
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
