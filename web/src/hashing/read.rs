//! Reads a file piece by piece and hashes it on the way. Runs in the worker;
//! the tests call the same code.
//!
//! Reading is the bottleneck, not hashing: small slices would cost three times
//! what hashing does. So a file is read by large slices, and the next one is on
//! its way while the last one is hashed. At most two slices are held, whatever
//! the file's size.

use super::wire::pack_block;
use crate::browser::js;
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use shared::chunk::{Chunker, SizeClass};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// Bytes read at once.
const SLICE_BYTES: f64 = (8 << 20) as f64;

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

/// Cuts and hashes; returns the packed list of blocks. `progress` gets the
/// bytes hashed so far after each piece.
pub async fn hash_blob(
    blob: &Blob,
    class: SizeClass,
    mut progress: impl FnMut(u64) -> GoOn,
) -> Result<Vec<u8>, NotHashed> {
    let size = blob.size();
    let mut chunker = Chunker::new(class);
    let mut packed = Vec::new();
    let mut piece = Vec::new();
    let mut read_to = 0.0;
    let mut hashed: u64 = 0;
    let mut next = slice_after(blob, &mut read_to, size)?;
    while let Some(slice) = next {
        let buffer = js::outcome(slice).await.map_err(NotHashed::Unreadable)?;
        next = slice_after(blob, &mut read_to, size)?;
        let buffer: ArrayBuffer = buffer.dyn_into().map_err(NotHashed::Unreadable)?;
        let bytes = Uint8Array::new(&buffer);
        // One copy into this module's memory, and the buffer is reused.
        piece.resize(bytes.length() as usize, 0);
        bytes.copy_to(&mut piece);
        chunker.feed(&piece, |block| pack_block(&mut packed, block));
        hashed += piece.len() as u64;
        if progress(hashed) == GoOn::No {
            return Err(NotHashed::Cancelled);
        }
    }
    // A file that was cut short since it was picked reads as fewer bytes in
    // some browsers, without an error.
    if hashed as f64 != size {
        return Err(NotHashed::Unreadable("it has another size now".into()));
    }
    chunker.finish(|block| pack_block(&mut packed, block));
    Ok(packed)
}

/// Starts to read the next slice, if there is one.
fn slice_after(blob: &Blob, read_to: &mut f64, size: f64) -> Result<Option<Promise>, NotHashed> {
    if *read_to >= size {
        return Ok(None);
    }
    let end = (*read_to + SLICE_BYTES).min(size);
    let slice = blob
        .slice_with_f64_and_f64(*read_to, end)
        .map_err(NotHashed::Unreadable)?;
    *read_to = end;
    Ok(Some(slice.array_buffer().unchecked_into()))
}
