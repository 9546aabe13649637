//! Reads a segment of a file piece by piece and hashes it on the way. Runs in
//! the worker; the tests call the same code.
//!
//! Reading is the bottleneck, not hashing. A stream is what reads ahead: while a
//! piece is hashed, the browser fills the pipe with the next one. A slice that
//! is read whole does not, because its bytes arrive on the worker's own thread,
//! which hashes. A file that is no longer than a piece is read whole all the same.
//!
//! Memory is bounded whatever the file's size: the browser's pipe, a buffer and a
//! piece of 2 MiB each, four times the largest block of the file's size class
//! (1 MiB up to 2 GiB, 16 MiB at 32 GiB), and 36 bytes for each block.

use blocks::chunk::SizeClass;
use blocks::segment::{SegmentChunker, Wants};
use js_sys::{ArrayBuffer, Uint8Array};
use platform::browser::js;
use platform::packed::pack_block;
use std::ops::Range;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, ReadableStreamByobReader, ReadableStreamDefaultReader};

/// The most that is read at once: as much as Chromium's pipe holds.
const PIECE_BYTES: u32 = 2 << 20;

/// What the owner of the work wants between two pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoOn {
    Yes,
    No,
}

/// Why there is no block list.
#[derive(Debug)]
pub enum NotHashed {
    Cancelled,
    /// What the browser said: moved, deleted, or changed since it was picked.
    Unreadable(JsValue),
}

/// Cuts and hashes one segment; returns the packed list of blocks. `progress`
/// gets the bytes read so far after each piece, which may be more than the
/// segment has: see [`SegmentChunker`].
pub async fn hash_segment(
    blob: &Blob,
    segment: Range<u64>,
    class: SizeClass,
    mut progress: impl FnMut(u64) -> GoOn,
) -> Result<Vec<u8>, NotHashed> {
    let mut chunker = SegmentChunker::new(class, segment.end - segment.start);
    let mut packed = Vec::new();
    let mut pieces = Pieces::from(blob, segment.start)?;
    let mut read: u64 = 0;
    while let Some(piece) = pieces.next().await? {
        let wants = chunker.feed(piece, |block| pack_block(&mut packed, block));
        read += piece.len() as u64;
        if progress(read) == GoOn::No {
            pieces.give_up().await;
            return Err(NotHashed::Cancelled);
        }
        if wants == Wants::Nothing {
            pieces.give_up().await;
            return Ok(packed);
        }
    }
    // A file that was cut short since it was picked reads as fewer bytes in
    // some browsers, without an error.
    if (segment.start + read) as f64 != blob.size() {
        return Err(NotHashed::Unreadable("it has another size now".into()));
    }
    chunker.finish(|block| pack_block(&mut packed, block));
    Ok(packed)
}

/// A blob's bytes from some place on.
struct Pieces {
    reader: Reader,
    /// The last piece in this module's memory, perhaps with more behind it.
    piece: Vec<u8>,
}

/// How the bytes come.
enum Reader {
    /// All of them at once: what is no longer than a piece, which a stream with its buffer
    /// of a piece would take far longer for.
    Whole(Blob),
    /// All of them have come.
    Nothing,
    /// It reads into one buffer, again and again.
    Into(ReadableStreamByobReader, ArrayBuffer),
    /// Where a browser can't do that, each piece is a new one, which takes the
    /// worker's own thread half as long again.
    Each(ReadableStreamDefaultReader),
}

impl Pieces {
    fn from(blob: &Blob, start: u64) -> Result<Self, NotHashed> {
        let rest = blob
            .slice_with_f64(start as f64)
            .map_err(NotHashed::Unreadable)?;
        if rest.size() <= f64::from(PIECE_BYTES) {
            return Ok(Self {
                reader: Reader::Whole(rest),
                piece: Vec::new(),
            });
        }
        let stream = rest.stream();
        let reader = match ReadableStreamByobReader::new(&stream) {
            Ok(reader) => Reader::Into(reader, ArrayBuffer::new(PIECE_BYTES)),
            Err(_) => Reader::Each(stream.get_reader().unchecked_into()),
        };
        Ok(Self {
            reader,
            piece: Vec::new(),
        })
    }

    async fn next(&mut self) -> Result<Option<&[u8]>, NotHashed> {
        let read = match &self.reader {
            Reader::Whole(_) => return self.whole().await,
            Reader::Nothing => return Ok(None),
            Reader::Into(reader, buffer) => {
                reader.read_with_array_buffer_view(&Uint8Array::new(buffer))
            }
            Reader::Each(reader) => reader.read(),
        };
        let read = js::outcome(read).await.map_err(NotHashed::Unreadable)?;
        if js::get(&read, "done").is_truthy() {
            return Ok(None);
        }
        let bytes: Uint8Array = js::get(&read, "value")
            .dyn_into()
            .map_err(NotHashed::Unreadable)?;
        let length = bytes.length() as usize;
        self.piece.resize(self.piece.len().max(length), 0);
        let piece = &mut self.piece[..length];
        bytes.copy_to(piece);
        if let Reader::Into(_, buffer) = &mut self.reader {
            // The one that was lent, under a new name.
            *buffer = bytes.buffer();
        }
        Ok(Some(piece))
    }

    async fn whole(&mut self) -> Result<Option<&[u8]>, NotHashed> {
        let Reader::Whole(rest) = std::mem::replace(&mut self.reader, Reader::Nothing) else {
            return Ok(None);
        };
        if rest.size() == 0.0 {
            return Ok(None);
        }
        let bytes = js::outcome(rest.array_buffer()).await;
        let bytes = bytes.map_err(NotHashed::Unreadable)?;
        self.piece = Uint8Array::new(&bytes).to_vec();
        Ok(Some(&self.piece)
            .filter(|piece| !piece.is_empty())
            .map(Vec::as_slice))
    }

    /// Lets the browser stop reading.
    async fn give_up(self) {
        let cancelled = match self.reader {
            Reader::Whole(_) | Reader::Nothing => return,
            Reader::Into(reader, _) => reader.cancel(),
            Reader::Each(reader) => reader.cancel(),
        };
        // A stream that fails now is of no interest any more.
        let _ = js::outcome(cancelled).await;
    }
}
