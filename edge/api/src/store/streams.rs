//! Content on its way from packs to the client, without passing through this
//! program's memory.

use crate::error::Failure;
use crate::reads::content::open_run;
use crate::store::places::Place;
use crate::store::r2::R2;
use futures_util::future::join;
use shared::ids::SpaceId;
use worker::js_sys::BigInt;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, StreamPipeOptions, TransformStream, WritableStream};
use worker::worker_sys::FixedLengthStream;
use worker::{Context, ResponseBody, console_error};

/// Opens runs as one body. A single run is handed to the client as it is;
/// several are piped one after another while the client reads, the next one
/// being opened meanwhile.
///
/// # Errors
/// The first run can't be opened. If a later one can't, the client sees the
/// connection break: a short body never looks whole.
pub async fn open(
    packs: R2,
    context: &Context,
    space: SpaceId,
    runs: Vec<Place>,
) -> Result<ResponseBody, Failure> {
    let length = runs
        .iter()
        .fold(0_u64, |sum, run| sum.saturating_add(run.length));
    let mut rest = runs.into_iter();
    let Some(first) = rest.next() else {
        return Ok(ResponseBody::Empty);
    };
    let first = open_run(&packs, space, first).await?;
    if rest.len() == 0 {
        return Ok(ResponseBody::Stream(first));
    }
    let pipe = fixed_length(length)?;
    let (readable, writable) = (pipe.readable(), pipe.writable());
    context.wait_until(async move {
        if let Err(why) = pipe_all(&packs, space, first, rest, &writable).await {
            console_error!("a download broke off: {why}");
            let aborted = writable.abort_with_reason(&JsValue::from_str("a pack can't be read"));
            // The client may be gone already; nobody is left to tell.
            let _ = JsFuture::from(aborted).await;
        }
    });
    Ok(ResponseBody::Stream(readable))
}

async fn pipe_all(
    packs: &R2,
    space: SpaceId,
    first: ReadableStream,
    rest: impl Iterator<Item = Place>,
    writable: &WritableStream,
) -> Result<(), Failure> {
    let mut body = first;
    for run in rest {
        let (piped, next) = join(pipe(&body, writable, true), open_run(packs, space, run)).await;
        piped?;
        body = next?;
    }
    pipe(&body, writable, false).await
}

async fn pipe(
    body: &ReadableStream,
    writable: &WritableStream,
    more_follows: bool,
) -> Result<(), Failure> {
    let options = StreamPipeOptions::new();
    options.set_prevent_close(more_follows);
    JsFuture::from(body.pipe_to_with_options(writable, &options))
        .await
        .map(drop)
        .map_err(|why| worker::Error::from(why).into())
}

/// A pipe of known length, so that the answer has a `Content-Length`.
fn fixed_length(length: u64) -> Result<TransformStream, Failure> {
    let pipe = match u32::try_from(length) {
        Ok(length) => FixedLengthStream::new(length),
        Err(_) => FixedLengthStream::new_big_int(BigInt::from(length)),
    };
    let pipe = pipe.map_err(worker::Error::from)?;
    Ok(pipe.unchecked_into())
}
