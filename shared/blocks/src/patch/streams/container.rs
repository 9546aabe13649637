//! Where in a file there are deflate streams: in a zip, as its directory says, and in a
//! gzip. Nothing here is believed: what is found is taken apart, and what does not come out
//! is left as it is.

use std::collections::HashMap;
use std::ops::Range;

const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
const DEFLATED: u16 = 8;
const GZIP: &[u8] = &[0x1F, 0x8B, 8];
const GZIP_BYTES: usize = 10;
/// The sums after a gzip's stream.
const GZIP_END_BYTES: usize = 8;

/// Whether a file that begins with these bytes may have streams that are found.
pub fn may_have_streams(start: &[u8]) -> bool {
    start.starts_with(LOCAL) || start.starts_with(GZIP)
}

/// The streams of a file, by their names: the bytes where each stands.
pub fn streams(file: &[u8]) -> HashMap<&[u8], Range<usize>> {
    if file.starts_with(LOCAL) {
        return zip(file).unwrap_or_default();
    }
    match gzip(file) {
        Some(start) if start + GZIP_END_BYTES < file.len() => {
            let stream = start..file.len() - GZIP_END_BYTES;
            HashMap::from([(&[][..], stream)])
        }
        _ => HashMap::new(),
    }
}

fn zip(file: &[u8]) -> Option<HashMap<&[u8], Range<usize>>> {
    // A comment of at most 64 KiB may follow.
    let last = file.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last)
        .rev()
        .find(|&at| file[at..].starts_with(END))?;
    let count = short(file, end + 10)?;
    let mut at = long(file, end + 16)?;
    let mut found = HashMap::new();
    for _ in 0..count {
        let entry = file.get(at..)?;
        if !entry.starts_with(ENTRY) {
            break;
        }
        let name_length = usize::from(short(entry, 28)?);
        let more = usize::from(short(entry, 30)?) + usize::from(short(entry, 32)?);
        let name = entry.get(ENTRY_BYTES..ENTRY_BYTES + name_length)?;
        let (length, local) = (long(entry, 20)?, long(entry, 42)?);
        if short(entry, 10)? == DEFLATED
            && let Some(stream) = stream_of(file, local, length)
        {
            found.insert(name, stream);
        }
        at += ENTRY_BYTES + name_length + more;
    }
    Some(found)
}

fn stream_of(file: &[u8], local: usize, length: usize) -> Option<Range<usize>> {
    let header = file.get(local..)?;
    if !header.starts_with(LOCAL) {
        return None;
    }
    let names = usize::from(short(header, 26)?) + usize::from(short(header, 28)?);
    let start = local + LOCAL_BYTES + names;
    let end = start.checked_add(length)?;
    (length > 0 && end <= file.len()).then_some(start..end)
}

/// Where the stream of a gzip begins (RFC 1952).
fn gzip(file: &[u8]) -> Option<usize> {
    if !file.starts_with(GZIP) {
        return None;
    }
    let flags = *file.get(3)?;
    let mut at = GZIP_BYTES;
    if flags & 4 != 0 {
        at += 2 + usize::from(short(file, at)?);
    }
    for text in [8, 16] {
        if flags & text != 0 {
            at += file.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Some(at)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}
