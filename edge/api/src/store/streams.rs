//! Content on its way from packs to the client, without passing through this
//! program's memory.

use crate::error::Failure;
use crate::ports::{DbError, Packs};
use crate::range::Span;
use crate::store::r2::R2;
use futures_util::future::join;
use serde::Deserialize;
use shared::ids::{PackId, SpaceId};
use worker::js_sys::BigInt;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, StreamPipeOptions, TransformStream, WritableStream};
use worker::worker_sys::FixedLengthStream;
use worker::{Context, ResponseBody, console_error};

/// Where a block is stored: `[pack, offset, length]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(PackId, u64, u64)")]
pub struct Place {
    pub pack: PackId,
    pub offset: u64,
    pub length: u64,
}

impl From<(PackId, u64, u64)> for Place {
    fn from((pack, offset, length): (PackId, u64, u64)) -> Self {
        Self {
            pack,
            offset,
            length,
        }
    }
}

/// The name of a pack's object.
pub fn pack_key(space: SpaceId, pack: PackId) -> String {
    format!("{space}/{pack}")
}

/// What of the packs makes up `span` of the content that `blocks` make up
/// whole. Neighbours in a pack become one run.
pub fn runs(blocks: &[Place], span: Span) -> Vec<Place> {
    let mut runs: Vec<Place> = Vec::new();
    let mut start = 0_u64;
    for block in blocks {
        let end = start.saturating_add(block.length);
        let (from, to) = (start.max(span.start), end.min(span.end));
        let skipped = from.saturating_sub(start);
        start = end;
        if from >= to {
            continue;
        }
        let run = Place {
            pack: block.pack,
            offset: block.offset.saturating_add(skipped),
            length: to.saturating_sub(from),
        };
        match runs.last_mut() {
            Some(last)
                if last.pack == run.pack
                    && last.offset.saturating_add(last.length) == run.offset =>
            {
                last.length = last.length.saturating_add(run.length);
            }
            _ => runs.push(run),
        }
    }
    runs
}

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

async fn open_run(packs: &R2, space: SpaceId, run: Place) -> Result<ReadableStream, Failure> {
    let key = pack_key(space, run.pack);
    let body = packs.open(&key, run.offset, run.length).await?;
    let lost = || DbError::Fault(format!("pack {key} is lost or shorter than recorded"));
    Ok(body.ok_or_else(lost)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pack: u8, offset: u64, length: u64) -> Place {
        Place {
            pack: PackId::from_random([pack; 16]),
            offset,
            length,
        }
    }

    #[test]
    fn neighbours_are_read_at_once() {
        let blocks = [
            place(1, 0, 10),
            place(1, 10, 5),
            place(2, 0, 7),
            place(1, 15, 1),
        ];
        let whole = runs(&blocks, Span::whole(23));
        assert_eq!(whole, [place(1, 0, 15), place(2, 0, 7), place(1, 15, 1)]);
    }

    #[test]
    fn a_range_cuts_the_runs_at_both_ends() {
        let blocks = [place(1, 100, 10), place(2, 0, 10), place(3, 50, 10)];
        let span = |start, end| Span { start, end };
        assert_eq!(runs(&blocks, span(12, 15)), [place(2, 2, 3)]);
        assert_eq!(
            runs(&blocks, span(9, 21)),
            [place(1, 109, 1), place(2, 0, 10), place(3, 50, 1)]
        );
        assert_eq!(runs(&blocks, span(30, 30)), []);
    }
}
