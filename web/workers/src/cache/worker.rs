//! The block worker: takes one message after another and answers as
//! [`super::wire`] says.

use super::received;
use super::wire::{self, Fields};
use super::work::{self, Against, KeptBundle};
use crate::archive;
use blocks::patch::{Signature, base_runs};
use js_sys::{Array, Uint8Array};
use platform::browser::js;
use platform::browser::opfs::NotWritten;
use platform::packed::{pack, unpack};
use platform::worker::scope::{listen, post};
use std::collections::BTreeSet;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    listen(|message| {
        spawn_local(async move {
            let mut fields = match answer(&message).await {
                Some(fields) => fields,
                None => vec![("failed", "an unknown question".into())],
            };
            fields.push(("job", js::get(&message, "job")));
            say(&fields);
        });
    });
    say(&[("ready", JsValue::TRUE)]);
}

fn say(fields: &[(&str, JsValue)]) {
    let buffers: Array = fields
        .iter()
        .filter_map(|(_, value)| value.dyn_ref::<Uint8Array>())
        .map(Uint8Array::buffer)
        .collect();
    post(&js::object(fields), &buffers);
}

/// `None` for a message that is not one of this page's.
async fn answer(message: &JsValue) -> Option<Fields> {
    let list = |name| {
        Some(
            js::get(message, name)
                .dyn_into::<Uint8Array>()
                .ok()?
                .to_vec(),
        )
    };
    let places = |name| wire::unpack_places(&list(name)?);
    let into = || js::get_number(message, "into").map(|id| id as u64);
    Some(match js::get_text(message, "ask")?.as_str() {
        "runs" => {
            let runs = base_runs(&unpack(&list("old")?)?, &unpack(&list("new")?)?);
            vec![("runs", bytes(&wire::pack_runs(&runs)))]
        }
        "frames" => {
            let file: Blob = js::get(message, "file").dyn_into().ok()?;
            let against = match (places("base")?, list("signatures")?) {
                (near, _) if !near.is_empty() => Against::Cached {
                    near,
                    all: places("all")?,
                    document: places("document")?,
                },
                (_, signatures) if signatures.is_empty() => Against::Nothing,
                (_, signatures) => Against::Signed(Signature::parse_all(&signatures).ok()?),
            };
            let frames = work::frames(file, &places("wanted")?, against).await;
            vec![
                ("frames", bytes(&frames.bytes)),
                ("made", bytes(&wire::pack_made(&frames.made))),
                ("damaged", ids(frames.damaged)),
            ]
        }
        "solid" => {
            let lengths = wire::unpack_lengths(&list("lengths")?)?;
            vec![("solid", bytes(&work::solid(&list("patches")?, &lengths)?))]
        }
        "keep" => {
            let files = Array::from(&js::get(message, "files"));
            let files = files
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect();
            outcome(work::keep(files, &places("wanted")?, into()?).await)
        }
        "receive" => {
            let received = received::receive(&list("body")?, &places("bases")?, into()?).await;
            outcome(received)
        }
        "check" => vec![("damaged", ids(work::check(&places("places")?).await))],
        "zip" => archive::work::step(message).await?,
        _ => return None,
    })
}

fn outcome(kept: Result<KeptBundle, NotWritten>) -> Fields {
    match kept {
        Ok(kept) => vec![
            ("kept", bytes(&pack(&kept.blocks))),
            ("damaged", ids(kept.damaged)),
            ("wrong", JsValue::from_bool(!kept.wrong.is_empty())),
        ],
        Err(NotWritten::Full) => vec![("full", JsValue::TRUE)],
        Err(NotWritten::Failed(failure)) => vec![("failed", failure.to_string().into())],
    }
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn ids(ids: BTreeSet<u64>) -> JsValue {
    bytes(&wire::pack_ids(ids))
}
