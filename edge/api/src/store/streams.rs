//! Bytes on their way from packs to the client, and from the client. Plain content does
//! not pass through this program's memory; what has to be decoded or gathered does,
//! piece after piece.

use crate::error::platform;
use driftless_core::error::Failure;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::ports::Packs;
use driftless_core::range::Span;
use driftless_core::reads::content::{Opened, open_run};
use driftless_core::store::places::Run;
use futures_util::future::join;
use protocol::ids::SpaceId;
use protocol::problem::Problem;
use std::time::Duration;
use worker::js_sys::{Array, ArrayBuffer, BigInt, Function, Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, StreamPipeOptions, TransformStream, WritableStream};
use worker::worker_sys::FixedLengthStream;
use worker::{Context, Delay, ResponseBody, console_error};

/// How long a download that is under way waits for memory that others hold, in
/// milliseconds and times.
const WAIT_MILLIS: u64 = 250;
const MAX_WAITS: u32 = 80;

/// Opens runs as one body. A single plain run is handed to the client as it is;
/// otherwise one is piped after another while the client reads, the next one
/// being opened meanwhile.
///
/// # Errors
/// The first run can't be opened. If a later one can't, the client sees the
/// connection break: a short body never looks whole.
pub async fn open(
    packs: impl Packs<Body = ReadableStream> + 'static,
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
    packs: &impl Packs<Body = ReadableStream>,
    space: SpaceId,
    first: Opened<ReadableStream>,
    rest: impl Iterator<Item = Run>,
    writable: &WritableStream,
) -> Result<(), Failure> {
    let mut run = first;
    for next in rest {
        let (sent, next) = join(send(run, writable), open_patiently(packs, space, next)).await;
        sent?;
        run = next?;
    }
    send(run, writable).await?;
    done(writable.close()).await
}

/// Opens the next run of a download. The client has a part of the body already, and
/// can't be told to come back.
async fn open_patiently(
    packs: &impl Packs<Body = ReadableStream>,
    space: SpaceId,
    run: Run,
) -> Result<Opened<ReadableStream>, Failure> {
    let mut waits = 0;
    loop {
        match open_run(packs, space, run.clone()).await {
            Err(Failure::Problem(Problem::HandsFull { .. })) if waits < MAX_WAITS => {
                waits = waits.saturating_add(1);
                Delay::from(Duration::from_millis(WAIT_MILLIS)).await;
            }
            opened => return opened,
        }
    }
}

/// Sends pieces as one body, each when the client has taken the last one.
///
/// # Errors
/// The runtime refuses. If a piece can't be made, the client sees the connection break.
pub fn pieces(
    context: &Context,
    length: u64,
    pieces: impl Iterator<Item = Result<Vec<u8>, Failure>> + 'static,
) -> Result<ResponseBody, Failure> {
    let pipe = fixed_length(length)?;
    let (readable, writable) = (pipe.readable(), pipe.writable());
    context.wait_until(async move {
        let sent = async {
            write(pieces, &writable).await?;
            done(writable.close()).await
        };
        if let Err(why) = sent.await {
            break_off(&writable, &why).await;
        }
    });
    Ok(ResponseBody::Stream(readable))
}

/// Reads a stream of so many bytes, or fewer, into one buffer of that size. The bytes
/// arrive in a small one that the runtime lends again and again: all of them at once
/// would be in memory twice.
///
/// # Errors
/// The stream breaks.
pub async fn read_whole(stream: &ReadableStream, length: usize) -> worker::Result<Vec<u8>> {
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"byob".into())?;
    let get: Function = Reflect::get(stream, &"getReader".into())?.dyn_into()?;
    let reader = Reflect::apply(&get, stream, &Array::of1(&options))?;
    let read: Function = Reflect::get(&reader, &"read".into())?.dyn_into()?;
    let mut bytes = vec![0; length];
    let mut at = 0_usize;
    let mut lent = ArrayBuffer::new(u32::try_from(length.min(PIECE_BYTES)).unwrap_or(0));
    while at < length {
        let room = length.saturating_sub(at).min(PIECE_BYTES);
        let room = u32::try_from(room).unwrap_or(0);
        let view = Uint8Array::new_with_byte_offset_and_length(&lent, 0, room);
        let answer = Promise::from(Reflect::apply(&read, &reader, &Array::of1(&view))?);
        let answer = JsFuture::from(answer).await?;
        let value = Reflect::get(&answer, &"value".into())?;
        if Reflect::get(&answer, &"done".into())?.is_truthy() || value.is_undefined() {
            break;
        }
        let piece: Uint8Array = value.dyn_into()?;
        let end = at.saturating_add(piece.length() as usize);
        let Some(free) = bytes.get_mut(at..end) else {
            break;
        };
        piece.copy_to(free);
        at = end;
        lent = piece.buffer();
    }
    bytes.truncate(at);
    Ok(bytes)
}

async fn send(run: Opened<ReadableStream>, writable: &WritableStream) -> Result<(), Failure> {
    match run {
        Opened::Plain(body) => pipe_to(body, writable).await,
        Opened::Gathered(blocks) => write(blocks, writable).await,
    }
}

/// Makes the next piece when the client has taken the last one.
async fn write(
    pieces: impl Iterator<Item = Result<Vec<u8>, Failure>>,
    writable: &WritableStream,
) -> Result<(), Failure> {
    let writer = writable.get_writer().map_err(|why| platform(why.into()))?;
    for piece in pieces {
        let bytes = Uint8Array::from(piece?.as_slice());
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
        .map_err(|why| platform(why.into()))
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
    let pipe = pipe.map_err(|why| platform(why.into()))?;
    Ok(pipe.unchecked_into())
}
