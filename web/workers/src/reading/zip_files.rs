//! Where the bytes of a zip's files are. Pure, and it believes nothing: a zip may be made by
//! anybody.

use super::zip_list::Directory;

/// Hard. A list is not read beyond so many bytes, which is some hundred thousand files.
pub const MAX_LIST_BYTES: u64 = 64 << 20;
/// The part of a local header that has a fixed length.
pub const LOCAL_HEADER_BYTES: u64 = 30;

const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const IS_ENCRYPTED: u16 = 1;
/// The bytes are as they are.
const STORED: u16 = 0;
/// The field of the extra ones that has numbers of 64 bits.
const LARGE: u64 = 1;
const NOT_HERE: u64 = u32::MAX as u64;

/// An entry as the list at the zip's end tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// With its folders; what is no UTF-8 has stand-ins.
    pub path: String,
    /// Whether its bytes are as they are.
    pub is_stored: bool,
    pub is_encrypted: bool,
    pub crc: u32,
    /// In the zip.
    pub packed_size: u64,
    pub size: u64,
    /// Where its header is.
    pub header_at: u64,
}

/// Reads the whole list; `None` if it is none, or has another number of entries than it says.
pub fn listed(bytes: &[u8], directory: Directory) -> Option<Vec<ListedFile>> {
    let mut files = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(&ENTRY) {
        let number = |at, length| number(rest, at, length);
        let name_end = 46 + number(28, 2)? as usize;
        let extra_end = name_end + number(30, 2)? as usize;
        let end = extra_end + number(32, 2)? as usize;
        let flags = number(8, 2)? as u16;
        let extra = rest.get(name_end..extra_end)?;
        let mut large = large(extra);
        let mut whole = |short: u64| match short == NOT_HERE {
            true => {
                let (long, after) = large.split_at_checked(8)?;
                large = after;
                number_of(long)
            }
            false => Some(short),
        };
        // In this order, each only where the short one has no room.
        let size = whole(number(24, 4)?)?;
        let packed_size = whole(number(20, 4)?)?;
        let header_at = whole(number(42, 4)?)?;
        files.push(ListedFile {
            path: String::from_utf8_lossy(rest.get(46..name_end)?).into_owned(),
            is_stored: number(10, 2)? as u16 == STORED,
            is_encrypted: flags & IS_ENCRYPTED != 0,
            crc: number(16, 4)? as u32,
            packed_size,
            size,
            header_at,
        });
        rest = rest.get(end..)?;
    }
    (files.len() as u64 == directory.entries).then_some(files)
}

/// Where the bytes begin behind a local header that stands there; `None` if it is none.
pub fn bytes_begin(header: &[u8], header_at: u64) -> Option<u64> {
    if !header.starts_with(&LOCAL) {
        return None;
    }
    let behind = number(header, 26, 2)? + number(header, 28, 2)?;
    header_at.checked_add(LOCAL_HEADER_BYTES + behind)
}

/// The numbers of 64 bits, of as many as there are.
fn large(mut extra: &[u8]) -> &[u8] {
    while let (Some(kind), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let end = 4 + length as usize;
        if kind == LARGE {
            return extra.get(4..end).unwrap_or_default();
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    &[]
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    number_of(bytes.get(at..at + length)?)
}

/// The lowest byte first.
fn number_of(bytes: &[u8]) -> Option<u64> {
    let bytes = bytes.iter().rev();
    Some(bytes.fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}
