//! The colours of source text, from a web worker of its own with highlight.js
//! (`web/highlight/`): a text that takes it for ever costs the page nothing, and has no
//! colours.

use futures_util::future::{Either, select};
use js_sys::Array;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused};
use platform::worker::link::{Program, WorkerLink};
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};

const PROGRAM: Program = Program {
    loader: "/highlight/worker.js",
    name: "the colouring worker",
    number: "number",
};

/// How long a text may take, in milliseconds.
const MOST_MILLIS: u64 = 10_000;

/// A stretch of a line and what it is, by the name that highlight.js has for that; none
/// for what is nothing special.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub kind: String,
    pub text: String,
}

/// Colours a text, and hands each lot of lines to `take`, in order. Returns whether it
/// could: there are languages that nobody here knows.
///
/// # Errors
/// `Unreachable` where the worker does not arrive, `Device` where it breaks or takes too
/// long.
pub async fn colour(
    ending: &str,
    text: &str,
    mut take: impl FnMut(Vec<Vec<Stretch>>),
) -> Result<bool, Failure> {
    let link = WorkerLink::launch(PROGRAM).await?;
    let fields = [("ending", ending.into()), ("text", text.into())];
    let mut job = link.begin(&fields, &Array::new())?;
    let mut deadline = pin!(clock::sleep(MOST_MILLIS));
    loop {
        let said = match select(pin!(job.next()), deadline.as_mut()).await {
            Either::Left((said, _)) => said?,
            Either::Right(_) => return Err(refused("that takes too long")),
        };
        let Ok(lines) = js::get(&said, "lines").dyn_into::<Array>() else {
            return Ok(js::get(&said, "done").is_truthy());
        };
        take(lines.iter().map(|line| stretches(&line)).collect());
    }
}

/// A line is an array in which kinds and texts take turns.
fn stretches(line: &JsValue) -> Vec<Stretch> {
    let line: Vec<String> = Array::from(line)
        .iter()
        .map(|part| part.as_string().unwrap_or_default())
        .collect();
    let pairs = line.chunks_exact(2).map(|pair| Stretch {
        kind: pair[0].clone(),
        text: pair[1].clone(),
    });
    pairs.collect()
}
