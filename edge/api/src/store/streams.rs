//! Content on its way from packs to the client. Plain bytes do not pass through
//! this program's memory; what has to be decoded or gathered does, block after block.

use crate::error::Failure;
use crate::range::Span;
use crate::reads::content::{Opened, Parts, open_run};
use crate::store::places::Run;
use crate::store::r2::R2;
use futures_util::future::join;
use shared::ids::SpaceId;
use worker::js_sys::{BigInt, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, StreamPipeOptions, TransformStream, WritableStream};
use worker::worker_sys::FixedLengthStream;
use worker::{Context, ResponseBody, console_error};

/// Opens runs as one body. A single plain run is handed to the client as it is;
/// otherwise one is piped after another while the client reads, the next one
/// being opened meanwhile.
///
/// # Errors
/// The first run can't be opened. If a later one can't, the client sees the
/// connection break: a short body never looks whole.
pub async fn open(
    packs: R2,
    context: &Context,
    space: SpaceId,
    runs: Vec<Run>,
) -> Result<ResponseBody, Failure> {
    let length = runs
        .iter()
        .fold(0_u64, |sum, run| sum.saturating_add(run.length()));
    let mut rest = runs.into_iter();
    let Some(first) = rest.next() else {
        return Ok(ResponseBody::Empty);
    };
    let first = match open_run(&packs, space, first).await? {
        Opened::Plain(body) if rest.len() == 0 => return Ok(ResponseBody::Stream(body)),
        first => first,
    };
    let pipe = fixed_length(length)?;
    let (readable, writable) = (pipe.readable(), pipe.writable());
    context.wait_until(async move {
        if let Err(why) = pipe_all(&packs, space, first, rest, &writable).await {
            break_off(&writable, &why).await;
        }
    });
    Ok(ResponseBody::Stream(readable))
}

async fn pipe_all(
    packs: &R2,
    space: SpaceId,
    first: Opened<ReadableStream>,
    rest: impl Iterator<Item = Run>,
    writable: &WritableStream,
) -> Result<(), Failure> {
    let mut run = first;
    for next in rest {
        let (sent, next) = join(send(run, writable), open_run(packs, space, next)).await;
        sent?;
        run = next?;
    }
    send(run, writable).await?;
    done(writable.close()).await
}

async fn send(run: Opened<ReadableStream>, writable: &WritableStream) -> Result<(), Failure> {
    match run {
        Opened::Plain(body) => pipe_to(body, writable).await,
        Opened::Gathered(blocks) => write(blocks, writable).await,
    }
}

/// Decodes the next block when the client has taken the last one.
async fn write(blocks: Parts, writable: &WritableStream) -> Result<(), Failure> {
    let writer = writable.get_writer().map_err(worker::Error::from)?;
    for block in blocks {
        let bytes = Uint8Array::from(block?.as_slice());
        done(writer.write_with_chunk(&bytes)).await?;
    }
    writer.release_lock();
    Ok(())
}

async fn done(promise: impl Into<JsFuture>) -> Result<(), Failure> {
    promise
        .into()
        .await
        .map(drop)
        .map_err(|why| worker::Error::from(why).into())
}

/// A part of a content that another request answers.
pub trait Answers {
    /// Opens the part.
    fn open(&self, span: Span) -> impl Future<Output = Result<ReadableStream, Failure>>;
}

/// Parts as one body, each asked for with a request of its own, since all of them
/// together take more calls than one request may make.
///
/// # Errors
/// The first part can't be opened. If a later one can't, the client sees the
/// connection break.
pub async fn join_requests(
    answers: impl Answers + 'static,
    context: &Context,
    spans: Vec<Span>,
) -> Result<ResponseBody, Failure> {
    let length = spans
        .iter()
        .fold(0_u64, |sum, span| sum.saturating_add(span.length()));
    let mut rest = spans.into_iter();
    let Some(first) = rest.next() else {
        return Ok(ResponseBody::Empty);
    };
    let first = answers.open(first).await?;
    let pipe = fixed_length(length)?;
    let (readable, writable) = (pipe.readable(), pipe.writable());
    context.wait_until(async move {
        if let Err(why) = pipe_requests(&answers, first, rest, &writable).await {
            break_off(&writable, &why).await;
        }
    });
    Ok(ResponseBody::Stream(readable))
}

async fn pipe_requests(
    answers: &impl Answers,
    first: ReadableStream,
    rest: impl Iterator<Item = Span>,
    writable: &WritableStream,
) -> Result<(), Failure> {
    let mut part = first;
    for span in rest {
        let (sent, next) = join(pipe_to(part, writable), answers.open(span)).await;
        sent?;
        part = next?;
    }
    pipe_to(part, writable).await?;
    done(writable.close()).await
}

async fn pipe_to(body: ReadableStream, writable: &WritableStream) -> Result<(), Failure> {
    let options = StreamPipeOptions::new();
    options.set_prevent_close(true);
    done(body.pipe_to_with_options(writable, &options)).await
}

async fn break_off(writable: &WritableStream, why: &Failure) {
    console_error!("a download broke off: {why}");
    let aborted = writable.abort_with_reason(&JsValue::from_str("a pack can't be read"));
    // The client may be gone already; nobody is left to tell.
    let _ = JsFuture::from(aborted).await;
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
